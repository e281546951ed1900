"""The rules of nudging, and the marketer who predicts and then decides."""

from baselines.agents import AgentSpec
from baselines.rules import nudge_activity, nudge_budget, nudge_habit
from baselines.rules.nudge_uplift import uplift_then_message
from baselines.rules.rule_specs import predictor

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "NudgeActivity": nudge_activity.RULES,
    "NudgeBudget": nudge_budget.RULES,
    "NudgeHabit": (*nudge_habit.RULES, predictor("uplift then message", uplift_then_message)),
}
