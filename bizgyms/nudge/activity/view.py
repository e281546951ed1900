"""What is decided, seen and paid when one person is nudged to walk."""

from __future__ import annotations

from typing import ClassVar

from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.nudge.activity import ActivityParameters

# A normal number as far out as this has never been drawn and never will be.
FARTHEST = 12.0


@jit
def reward_terms(base: float, gain: float, habituation: float, walked: float) -> tuple[float, float]:
    """The parts of a step's reward, in the order of `ActivityView.terms`.

    Args:
        base: steps walked without any message.
        gain: what the message adds for a person without habituation.
        habituation: after the message.
        walked: factor around the mean.
    """
    return base * walked, gain * (1.0 - habituation) * walked


class ActivityView(View[ActivityParameters]):
    """Spaces, features and names of `NudgeActivity`."""

    clock: ClassVar = "steps_left"
    terms: ClassVar = ("base", "nudged")
    figures: ClassVar = ("sent", "wrong", "left")
    ratios: ClassVar = {"wrong messages": ("wrong", "sent")}

    def __init__(self, parameters: ActivityParameters) -> None:
        super().__init__(parameters)
        self.hidden = parameters.sigma > 0
        self.steps_per_year = 365.0 / parameters.step_days

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        spread = FARTHEST * p.sigma
        seen = Feature.count("belief", "probability", "that the context is 1, given what is seen", 1)
        if p.observed == "signal":
            meaning = "the context, seen through noise"
            seen = Feature("signal", "context", meaning, -spread, 1 + spread, 0.5, 0.5 + p.sigma)
        return (
            Feature.count("habituation", "share", "how used to messages", 1),
            Feature.count("disengagement", "share", "how near to leaving", 1),
            seen,
            Feature.count("steps_left", "steps", "steps left, this one included", p.steps),
        )

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(4)
