"""Bidding as a decision problem."""
