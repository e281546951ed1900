"""Logs of what customers were shown and clicked, made by the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from envs_data.recommend.lifetime import LifetimeParameters, LifetimeWorld, draw, tables

# A policy looks at a customer's world and returns a slate, and for each place the probability of just that item there.
Policy = Callable[[LifetimeWorld], tuple[Sequence[int], Sequence[float]]]
EPSILON = 0.5
CUSTOMERS = 400
START = np.datetime64("2024-01-01")


def soft_popular(parameters: LifetimeParameters, rng: np.random.Generator) -> Policy:
    """The most clicked items in stock, and half the time random items in random order.

    Args:
        parameters: the shop.
        rng: source of the random slates.
    """
    popularity = parameters.shares() @ tables(parameters).weights[0]
    order = np.argsort(-popularity, kind="stable").tolist()

    def policy(world: LifetimeWorld) -> tuple[list[int], list[float]]:
        there = [item for item in order if world.there[item]]
        usual = there[: parameters.slate]
        anything = rng.random() < EPSILON
        slate = rng.permutation(there)[: parameters.slate].tolist() if anything else usual
        by_chance = EPSILON / max(len(there), 1)
        return slate, [by_chance + (1 - EPSILON) * (a == b) for a, b in zip(slate, usual, strict=True)]

    return policy


def generate(
    parameters: LifetimeParameters,
    policy: Policy | None = None,
    seed: int = 0,
    days: int | None = None,
    customers: int = CUSTOMERS,
) -> pd.DataFrame:
    """The log a shop with these customers would keep, lived visit by visit in the SimPy world.

    Args:
        parameters: the shop and its customers.
        policy: what is shown; by default `soft_popular`.
        seed: same seed, same table.
        days: days of the log, by default the scenario's.
        customers: how many customers; all come first on the first day.

    Returns:
        A row for each place of each visit: customer, visit, date, position, item, topic, clicked, bought, returned,
        margin, rating, propensity.
    """
    lived = parameters.replace(days=days or parameters.days)
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_popular(lived, for_policy)
    luck = draw(lived, for_luck, customers)
    rows = [row for who in range(customers) for row in _life(LifetimeWorld(lived, luck, who), who, policy)]
    return pd.DataFrame(rows)


def _life(world: LifetimeWorld, who: int, policy: Policy) -> Iterator[dict[str, Any]]:
    p = world.parameters
    world.start()
    while not world.over:
        slate, propensities = policy(world)
        visit, date = world.visit, START + np.timedelta64(int(world.clock.now // 24), "D")
        empty = (-1,) * (p.slate - len(slate))
        world.play((*slate, *empty))
        for place, (item, propensity) in enumerate(zip(slate, propensities, strict=True)):
            clicked = place == world.place
            bought = clicked and world.bought
            shown = p.items[item]
            yield {
                "customer": f"c{who:05d}",
                "visit": visit,
                "date": pd.Timestamp(date),
                "position": place + 1,
                "item": shown.name,
                "topic": shown.topic,
                "clicked": int(clicked),
                "bought": int(bought),
                "returned": int(bought and world.comes_back),
                "margin": shown.margin,
                "rating": shown.quality,
                "propensity": propensity,
            }
