"""Logs of messages, read and generated, under the names users import."""

from envs_data.nudge.habit.table import generate
from envs_data.nudge.reading import CONTRACT, read_table

__all__ = ["CONTRACT", "generate", "read_table"]
