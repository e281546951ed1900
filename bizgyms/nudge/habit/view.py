"""What is decided, seen and paid when one person is sent messages."""

from __future__ import annotations

from typing import ClassVar

from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.nudge.habit import HabitParameters


@jit
def reward_terms(responded: float, worth: float, cost: float) -> tuple[float, float]:
    """The parts of a step's reward, in the order of `HabitView.terms`."""
    return worth * responded, -cost


class HabitView(View[HabitParameters]):
    """Spaces, features and names of `NudgeHabit`."""

    clock: ClassVar = "steps_left"
    terms: ClassVar = ("responses", "messages")
    figures: ClassVar = ("responded", "sent", "wrong", "left")
    ratios: ClassVar = {"wrong messages": ("wrong", "sent")}

    def __init__(self, parameters: HabitParameters) -> None:
        super().__init__(parameters)
        self.steps_per_year = 365.0 / parameters.step_days

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        return (
            Feature.count("habituation", "levels", "how used to messages", p.levels),
            Feature.count("disengagement", "levels", "how near to leaving", p.patience),
            Feature.count("steps_left", "steps", "steps left, this one included", p.steps),
        )

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(1 + len(self.parameters.messages))
