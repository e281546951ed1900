"""A box of items: parameters, scenarios, luck and SimPy world."""

from envs_data.restock.box.luck import BoxLuck, draw, redraw
from envs_data.restock.box.parameters import BoxItem, BoxParameters
from envs_data.restock.box.scenarios import SCENARIOS
from envs_data.restock.box.world import BoxWorld

__all__ = ["SCENARIOS", "BoxItem", "BoxLuck", "BoxParameters", "BoxWorld", "draw", "redraw"]
