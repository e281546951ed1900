"""The rules of pricing."""

from baselines.agents import AgentSpec
from baselines.rules import pricing_lookahead, pricing_markdown, pricing_predict, pricing_season, pricing_shelf

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "PricingSeason": (*pricing_season.RULES, pricing_markdown.SEASON, pricing_lookahead.SEASON, pricing_predict.SEASON),
    "PricingShelf": (*pricing_shelf.RULES, pricing_markdown.SHELF, pricing_lookahead.SHELF, pricing_predict.SHELF),
}
