"""The rules of pricing."""

from baselines.agents import AgentSpec
from baselines.rules import pricing_lookahead, pricing_predict, pricing_season, pricing_shelf

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "PricingSeason": (*pricing_season.RULES, pricing_lookahead.SEASON, pricing_predict.SEASON),
    "PricingShelf": (*pricing_shelf.RULES, pricing_lookahead.SHELF, pricing_predict.SHELF),
}
