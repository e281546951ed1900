"""Customers who come back or do not: laws, tables and simulated worlds of recommendation."""
