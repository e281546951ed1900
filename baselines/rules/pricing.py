"""The rules of pricing, and the analyst who predicts demand and then decides."""

from baselines.agents import Rung
from baselines.rules import pricing_season

RULES: dict[str, tuple[Rung, ...]] = {
    "PricingSeason": pricing_season.RULES,
}
