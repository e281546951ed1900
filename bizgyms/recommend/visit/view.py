"""What is decided, seen and paid when one customer is shown content."""

from __future__ import annotations

from typing import ClassVar

from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.recommend.visit import VisitParameters


@jit
def margin_of(clicks: float, worth: float) -> float:
    """The one part of a visit's reward."""
    return worth * clicks


class VisitView(View[VisitParameters]):
    """Spaces, features and names of `RecommendVisit`."""

    terms: ClassVar = ("margin",)
    figures: ClassVar = ("visits", "clicks", "churned")
    ratios: ClassVar = {"clicks a visit": ("clicks", "visits"), "churn a visit": ("churned", "visits")}

    def __init__(self, parameters: VisitParameters) -> None:
        super().__init__(parameters)
        # An episode is a customer: steps a year are newcomers times their mean visits at the satisfaction they came
        # with.
        self.episodes_per_year = parameters.newcomers
        self.steps_per_year = parameters.newcomers / float(parameters.leaves()[parameters.start, 1])

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        top, most = max(p.levels - 1, 1), max(p.boredom, 1)
        names = ("none", *(kind.name for kind in p.kinds))
        return (
            Feature.count("satisfaction", "levels", "how satisfied the customer is", top),
            Feature.count("shown", "kind", "what was shown last, 0 before", len(p.kinds), names),
            Feature.count("repeats", "visits", "visits in a row it had been shown before", most),
        )

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(len(self.parameters.kinds))
