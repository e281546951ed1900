"""Nudging as a decision problem."""
