"""The table a seller with a finite stock keeps, made by the simulated world: season after season, period by period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.pricing.season.luck import draw
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.pricing.season.world import SeasonWorld

# A policy looks at the world and returns a price step and the probability of exactly that.
Policy = Callable[[SeasonWorld], tuple[int, float]]

EPSILON = 0.5
SEASONS = 30
START = "2023-01-02"


def soft_markdown(parameters: SeasonParameters, rng: np.random.Generator, epsilon: float = EPSILON) -> Policy:
    """Marks down in three equal stages, and now and then charges anything, so that the table shows what that sells.

    Args:
        parameters: the season.
        rng: source of the random prices.
        epsilon: probability of a step drawn evenly from all.
    """
    count = len(parameters.prices)
    stages = [round(share * (count - 1)) for share in (0.75, 0.5, 0.25)]

    def policy(world: SeasonWorld) -> tuple[int, float]:
        usual = stages[3 * world.period // parameters.periods]
        step = int(rng.integers(count)) if rng.random() < epsilon else usual
        return step, epsilon / count + (1 - epsilon) * (step == usual)

    return policy


def generate(
    parameters: SeasonParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The table a seller with these parameters would keep, lived period by period in the SimPy world.

    Args:
        parameters: the season.
        policy: what is charged; by default `soft_markdown`.
        seed: same seed, same table.
        days: length of the table, in whole seasons; by default `SEASONS` of them.

    Returns:
        One row a period: date (its first day), season (its number), price, units (sold), stock (at the beginning),
        visitors (customers who came, buying or not) and propensity.
    """
    lasting = parameters.periods * parameters.period_days
    seasons = SEASONS if days is None else max(1, round(days / lasting))
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_markdown(parameters, for_policy)
    luck = draw(parameters, for_luck, seasons)
    rows = [row for season in range(seasons) for row in _season(SeasonWorld(parameters, luck, season), season, policy)]
    return pd.DataFrame(rows)


def _season(world: SeasonWorld, season: int, policy: Policy) -> Iterator[dict[str, Any]]:
    p = world.parameters
    world.start()
    while not world.over:
        step, propensity = policy(world)
        days = (season * p.periods + world.period) * p.period_days
        stock = world.stock
        world.play(step)
        yield {
            "date": pd.Timestamp(START) + pd.Timedelta(days=int(days)),
            "season": season,
            "price": p.prices[step],
            "units": world.sold,
            "stock": stock,
            "visitors": world.came,
            "propensity": propensity,
        }
