"""The rules of nudging, and the marketer who predicts and then decides."""

from baselines.agents import Rung
from baselines.rules import nudge_activity, nudge_budget, nudge_habit, nudge_uplift

UPLIFT = Rung(
    "uplift then message", "predict", "the table", nudge_uplift.uplift_then_message, fits=nudge_uplift.has_table
)

RULES: dict[str, tuple[Rung, ...]] = {
    "NudgeActivity": nudge_activity.RULES,
    "NudgeBudget": nudge_budget.RULES,
    "NudgeHabit": (*nudge_habit.RULES, UPLIFT),
}
