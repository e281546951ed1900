"""The rules of nudging, and the marketer who predicts and then decides."""

from baselines.agents import AgentSpec, Kind
from baselines.rules import nudge_activity, nudge_budget, nudge_habit, nudge_uplift

UPLIFT = AgentSpec(
    "uplift then message", Kind.PREDICT, "the table", nudge_uplift.uplift_then_message, fits=nudge_uplift.has_table
)

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "NudgeActivity": nudge_activity.RULES,
    "NudgeBudget": nudge_budget.RULES,
    "NudgeHabit": (*nudge_habit.RULES, UPLIFT),
}
