"""Agents play, are tuned and are trained; nothing is judged here."""
