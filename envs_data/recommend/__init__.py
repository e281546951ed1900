"""Recommendation: laws of customers who come back or stop, their tables and simulated worlds."""
