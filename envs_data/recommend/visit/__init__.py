"""One customer, visit by visit: parameters, scenarios, luck and SimPy world."""

from envs_data.recommend.visit.luck import VisitLuck, draw, redraw
from envs_data.recommend.visit.parameters import Kind, VisitParameters
from envs_data.recommend.visit.scenarios import SCENARIOS
from envs_data.recommend.visit.world import VisitWorld

__all__ = ["SCENARIOS", "Kind", "VisitLuck", "VisitParameters", "VisitWorld", "draw", "redraw"]
