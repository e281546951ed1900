"""Steps walked, messages and a context seen through noise: parameters, scenarios, luck and SimPy world."""

from envs_data.nudge.activity.luck import ActivityLuck, belief_of, draw, draw_steps, redraw
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.scenarios import SCENARIOS
from envs_data.nudge.activity.world import ActivityWorld

__all__ = [
    "SCENARIOS",
    "ActivityLuck",
    "ActivityParameters",
    "ActivityWorld",
    "belief_of",
    "draw",
    "draw_steps",
    "redraw",
]
