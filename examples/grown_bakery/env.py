"""Step 1: what is decided, seen and paid."""

from typing import ClassVar

import gymnasium

from bizgyms.env import BusinessEnv
from bizgyms.view import Feature, View

from .world import GrownBakeryWorld


class GrownBakeryView(View):
    """The shelf and the sky, every morning."""

    terms: ClassVar = ("sales", "flour")
    figures: ClassVar = ("customers", "sold")
    ratios: ClassVar = {"service level": ("sold", "customers")}

    def _features(self):
        p = self.parameters
        return (
            Feature("shelf", "loaves", "kept from yesterday", 0, p.shelf, 0, max(p.shelf, 1)),
            Feature("rains", "yes or no", "whether it rains today", 0, 1),
            Feature("days_left", "days", "today included", 0, p.days, p.days / 2, p.days),
        )

    def _action_space(self):
        return gymnasium.spaces.Discrete(self.parameters.oven + 1)


class GrownBakery(BusinessEnv):
    """How many loaves to bake today."""

    case_id: ClassVar = "examples/GrownBakery-v0"
    view_type: ClassVar = GrownBakeryView
    world_type: ClassVar = GrownBakeryWorld
