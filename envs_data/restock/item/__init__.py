"""One item: parameters, scenarios, luck and SimPy world."""

from envs_data.restock.item.luck import ItemLuck, draw, redraw
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.item.scenarios import SCENARIOS
from envs_data.restock.item.world import ItemWorld

__all__ = ["SCENARIOS", "ItemLuck", "ItemParameters", "ItemWorld", "draw", "redraw"]
