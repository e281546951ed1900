"""The log of visits a shop keeps: what was shown, with which probability, and how often it was clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.recommend.visit.luck import draw
from envs_data.recommend.visit.parameters import VisitParameters
from envs_data.recommend.visit.world import VisitWorld

# A policy looks at a customer and returns a kind and the probability of showing exactly that.
Policy = Callable[[VisitWorld], tuple[int, float]]
CUSTOMERS = 400


def at_random(parameters: VisitParameters, rng: np.random.Generator) -> Policy:
    """Every kind with the same probability."""
    kinds = len(parameters.kinds)
    return lambda world: (int(rng.integers(kinds)), 1 / kinds)


def generate(
    parameters: VisitParameters, policy: Policy | None = None, seed: int = 0, customers: int = CUSTOMERS
) -> pd.DataFrame:
    """The log a shop with these customers would keep, lived visit by visit in the SimPy world.

    Args:
        parameters: what customers are like.
        policy: what is shown; by default `at_random`.
        seed: same seed, same table.
        customers: how many of them.

    Returns:
        A row a visit: customer, visit (from 0), satisfaction (as a survey tells), repeats (visits in a row, this one
        included, at which the kind had been shown just before), shown, propensity, clicks (drawn around what is
        expected), margin, left (1 at the last visit).
    """
    for_luck, for_policy, for_clicks = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    policy = policy or at_random(parameters, for_policy)
    luck = draw(parameters, for_luck, customers)
    rows = [row for number in range(customers) for row in _life(VisitWorld(parameters, luck, number), number, policy)]
    frame = pd.DataFrame(rows)
    frame["clicks"] = for_clicks.poisson(frame["clicks"])
    worth = {kind.name: kind.worth for kind in parameters.kinds}
    frame.insert(len(frame.columns) - 1, "margin", frame["clicks"] * frame["shown"].map(worth))
    return frame


def _life(world: VisitWorld, number: int, policy: Policy) -> Iterator[dict[str, Any]]:
    names = [kind.name for kind in world.parameters.kinds]
    world.start()
    while not world.over:
        (kind, propensity), satisfaction, visit = policy(world), world.satisfaction, world.visits
        world.play(kind)
        yield {
            "customer": f"c{number:04d}",
            "visit": visit,
            "satisfaction": satisfaction,
            "repeats": world.repeats,
            "shown": names[kind],
            "propensity": propensity,
            "clicks": world.clicks,
            "left": int(world.left),
        }
