"""One user between clickbait and wholesome items: parameters, scenarios, luck and SimPy world."""

from envs_data.recommend.satisfaction.luck import SatisfactionLuck, draw, redraw
from envs_data.recommend.satisfaction.parameters import SatisfactionParameters
from envs_data.recommend.satisfaction.scenarios import SCENARIOS
from envs_data.recommend.satisfaction.world import SatisfactionWorld

__all__ = ["SCENARIOS", "SatisfactionLuck", "SatisfactionParameters", "SatisfactionWorld", "draw", "redraw"]
