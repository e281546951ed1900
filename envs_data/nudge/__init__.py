"""Nudging: the right message to the right person at the right moment, or none."""
