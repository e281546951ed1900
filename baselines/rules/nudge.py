"""The rules of nudging."""

from baselines.agents import Rung
from baselines.rules import nudge_habit

RULES: dict[str, tuple[Rung, ...]] = {
    "NudgeHabit": nudge_habit.RULES,
}
