"""Numbers of a season, for comparison with published ones."""

from __future__ import annotations

from bizgyms.pricing.season import continuous
from bizgyms.pricing.season.optimum import solve
from envs_data.pricing.season import SeasonParameters


def share_of_continuous(p: SeasonParameters) -> float:
    """Optimum of a scenario as a share of the optimum in continuous time."""
    best = continuous.value(p.start_stock, float(p.periods), p.customers, p.sensitivity)
    return solve(p).value / best
