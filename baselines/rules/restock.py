"""The rules of restocking, and the planner who predicts and then decides."""

from baselines.agents import AgentSpec, Kind
from baselines.rules import restock_box, restock_box_forecast, restock_forecast, restock_item
from baselines.rules.restock_imitation import imitate

__all__ = ["RULES", "imitate"]

FORECAST = AgentSpec(
    "forecast then order",
    Kind.PREDICT,
    "the table",
    restock_forecast.forecast_then_order,
    fits=restock_forecast.has_table,
)

BOX_FORECAST = AgentSpec(
    "forecast then order",
    Kind.PREDICT,
    "the table",
    restock_box_forecast.forecast_then_order,
    fits=restock_box_forecast.has_table,
)

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "RestockBox": (*restock_box.RULES, BOX_FORECAST),
    "RestockItem": (*restock_item.RULES, FORECAST),
}
