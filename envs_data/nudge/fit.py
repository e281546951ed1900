"""The fit of one person who habituates, under the name users import."""

from envs_data.nudge.habit.fit import fit

__all__ = ["fit"]
