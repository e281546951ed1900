"""Bidding for impressions: what happens in auctions, and the tables they leave."""
