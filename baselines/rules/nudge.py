"""The rules of nudging."""

from baselines.agents import Rung
from baselines.rules import nudge_activity, nudge_budget, nudge_habit

RULES: dict[str, tuple[Rung, ...]] = {
    "NudgeActivity": nudge_activity.RULES,
    "NudgeBudget": nudge_budget.RULES,
    "NudgeHabit": nudge_habit.RULES,
}
