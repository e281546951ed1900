"""Bidding for impressions: auctions, campaigns, and the logs they leave."""
