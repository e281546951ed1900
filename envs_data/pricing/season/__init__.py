"""A season: parameters, scenarios, luck and SimPy world."""

from envs_data.pricing.season.luck import SeasonLuck, draw, layout, redraw
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.pricing.season.scenarios import SCENARIOS
from envs_data.pricing.season.world import SeasonWorld

__all__ = ["SCENARIOS", "SeasonLuck", "SeasonParameters", "SeasonWorld", "draw", "layout", "redraw"]
