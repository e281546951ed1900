"""The rules of pricing."""

from baselines.agents import Rung
from baselines.rules import pricing_predict, pricing_season, pricing_shelf

RULES: dict[str, tuple[Rung, ...]] = {
    "PricingSeason": (*pricing_season.RULES, pricing_predict.SEASON),
    "PricingShelf": (*pricing_shelf.RULES, pricing_predict.SHELF),
}
