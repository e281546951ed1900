"""A shelf of substitutes: parameters, scenarios, luck and SimPy world."""

from envs_data.pricing.shelf.choice import Tables, tables, weights_at
from envs_data.pricing.shelf.luck import ShelfLuck, draw, redraw
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct
from envs_data.pricing.shelf.scenarios import SCENARIOS
from envs_data.pricing.shelf.world import ShelfWorld

__all__ = [
    "SCENARIOS",
    "ShelfLuck",
    "ShelfParameters",
    "ShelfProduct",
    "ShelfWorld",
    "Tables",
    "draw",
    "redraw",
    "tables",
    "weights_at",
]
