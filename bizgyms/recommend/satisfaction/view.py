"""What is decided, seen and paid when one user is offered items."""

from __future__ import annotations

from typing import ClassVar

from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.recommend.satisfaction import SatisfactionParameters
from envs_data.recommend.satisfaction import parameters as formulas

# A normal number as far out as this has never been drawn and never will be.
FARTHEST = 12.0
# Columns of an observation before the candidates.
FIRST_CANDIDATE = 3

clickbait_of, satisfaction = jit(formulas.clickbait_of), jit(formulas.satisfaction)
minutes, moved = jit(formulas.minutes), jit(formulas.moved)


class SatisfactionView(View[SatisfactionParameters]):
    """Spaces, features and names of `RecommendSatisfaction`."""

    clock: ClassVar = "steps_left"
    terms: ClassVar = ("minutes",)
    figures: ClassVar = ("items", "clickbait", "satisfaction")
    ratios: ClassVar = {"mean clickbait": ("clickbait", "items"), "mean satisfaction": ("satisfaction", "items")}
    telling: ClassVar = ("exposure",)

    def __init__(self, parameters: SatisfactionParameters) -> None:
        super().__init__(parameters)
        self.money = "minutes"
        self.steps_per_year = 365.0 * 24 * 60 / parameters.item_minutes

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        far = p.reach * (1.0 + FARTHEST * p.noise)
        return (
            Feature("satisfaction", "share", "how satisfied the user is", 0, 1, 0.5, 0.25),
            Feature("exposure", "exposure", "to wholesome items, less clickbait", -far, far, 0, p.reach / 2),
            Feature.count("steps_left", "items", "items left, this one included", p.steps),
            *(
                Feature.count(f"candidate_{k}", "share", f"clickbait of candidate {k}; 0 at the end", 1)
                for k in range(p.candidates)
            ),
        )

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(self.parameters.candidates)
