"""What a world of auctions can hold."""

HIGHEST = 30_000
"""Highest price, in whole units of money."""
