"""Restocking: how much to order, for one item or for all items of a box."""
