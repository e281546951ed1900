"""Pricing: what a seller of a finite stock is, and the tables it leaves."""
