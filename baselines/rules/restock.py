"""The rules of restocking, and the planner who predicts and then decides."""

from baselines.agents import AgentSpec
from baselines.rules import restock_box_forecast, restock_box_settings, restock_forecast, restock_item
from baselines.rules.restock_imitation import imitate
from baselines.rules.rule_specs import predictor

__all__ = ["RULES", "imitate"]

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "RestockBox": (
        *restock_box_settings.RULES,
        predictor("forecast then order", restock_box_forecast.forecast_then_order),
    ),
    "RestockItem": (*restock_item.RULES, predictor("forecast then order", restock_forecast.forecast_then_order)),
}
