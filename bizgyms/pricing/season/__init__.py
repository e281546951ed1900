"""A finite stock in a finite season."""
