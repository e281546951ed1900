"""A customer's lifetime in a shop: parameters, scenarios, luck and SimPy world."""

from envs_data.recommend.lifetime.laws import Tables, tables
from envs_data.recommend.lifetime.luck import LifetimeLuck, draw, redraw
from envs_data.recommend.lifetime.parameters import Item, LifetimeParameters, Segment
from envs_data.recommend.lifetime.scenarios import SCENARIOS
from envs_data.recommend.lifetime.world import LifetimeWorld

__all__ = [
    "SCENARIOS",
    "Item",
    "LifetimeLuck",
    "LifetimeParameters",
    "LifetimeWorld",
    "Segment",
    "Tables",
    "draw",
    "redraw",
    "tables",
]
