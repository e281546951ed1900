"""The command line."""

from baselines.cli.entry import main

__all__ = ["main"]
