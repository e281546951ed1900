"""One person who habituates: parameters, scenarios, luck and SimPy world."""

from envs_data.nudge.habit.luck import HabitLuck, draw, draw_steps, redraw
from envs_data.nudge.habit.parameters import HabitParameters, Message
from envs_data.nudge.habit.scenarios import SCENARIOS
from envs_data.nudge.habit.world import HabitWorld

__all__ = ["SCENARIOS", "HabitLuck", "HabitParameters", "HabitWorld", "Message", "draw", "draw_steps", "redraw"]
