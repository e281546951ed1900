"""The rules of nudging."""

from baselines.agents import Rung
from baselines.rules import nudge_activity, nudge_habit

RULES: dict[str, tuple[Rung, ...]] = {
    "NudgeActivity": nudge_activity.RULES,
    "NudgeHabit": nudge_habit.RULES,
}
