"""Named scenarios of `SatisfactionParameters`: one model, three sensitivities."""

from __future__ import annotations

from envs_data.recommend.satisfaction.parameters import SatisfactionParameters

SCENARIOS: dict[str, SatisfactionParameters] = {
    # Between the two constant rules: each falls to 94 % of the optimum, and choosing at random beats both.
    "crossover": SatisfactionParameters(sensitivity=0.07),
    # Sensitive users: always the least clickbait is nearly optimal, always the most loses a sixth.
    "sensitive": SatisfactionParameters(sensitivity=0.1),
    # As published: satisfaction hardly moves, always the most clickbait is optimal, and there is nothing to learn.
    "published-default": SatisfactionParameters(sensitivity=0.01),
}
