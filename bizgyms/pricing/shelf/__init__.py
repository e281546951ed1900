"""A shelf of substitutes."""
