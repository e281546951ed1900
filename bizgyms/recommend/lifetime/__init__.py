"""A customer's lifetime in a shop."""
