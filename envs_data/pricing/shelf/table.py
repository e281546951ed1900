"""The tables of a shelf, made by the simulated world: sales by period and product, or visit by visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from envs_data.pricing.shelf.luck import ShelfLuck, draw
from envs_data.pricing.shelf.parameters import ShelfParameters
from envs_data.pricing.shelf.world import ShelfWorld

# A policy looks at the world and returns a price step for each product and the probability of each step.
Policy = Callable[[ShelfWorld], tuple[tuple[int, ...], tuple[float, ...]]]

EPSILON = 0.3
EPISODES = 8
START = "2023-01-02"


def soft_labels(parameters: ShelfParameters, rng: np.random.Generator, epsilon: float = EPSILON) -> Policy:
    """Keeps the first prices, and now and then, product by product, charges anything.

    Where changes are limited it continues until none is left.

    Args:
        parameters: the shelf.
        rng: source of the random prices.
        epsilon: probability of a step drawn evenly from all.
    """

    def policy(world: ShelfWorld) -> tuple[tuple[int, ...], tuple[float, ...]]:
        left = parameters.max_changes - world.changed if parameters.max_changes else len(world.step)
        steps, chances = [], []
        for product, last in zip(parameters.products, world.step, strict=True):
            count, usual = len(product.prices), product.start_step if not parameters.max_changes else last
            wanted = int(rng.integers(count)) if rng.random() < epsilon else usual
            chance = epsilon / count + (1 - epsilon) * (wanted == usual)
            allowed = wanted == last or left > 0
            left -= allowed and wanted != last
            steps.append(wanted if allowed else last)
            chances.append(chance if allowed else 1.0)
        return tuple(steps), tuple(chances)

    return policy


def generate(
    parameters: ShelfParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The table a shop with this shelf would keep, lived period by period in the SimPy world.

    Args:
        parameters: the shelf.
        policy: what is charged; by default `soft_labels`.
        seed: same seed, same table.
        days: length of the table, in whole episodes; by default `EPISODES` of them, one after the other.

    Returns:
        A row a period and product: date (first day), product, price, units (sold), stock (at the beginning), visitors
        (customers who came to the shelf) and propensity.
    """
    return pd.DataFrame(
        [row for world, first in _worlds(parameters, policy, seed, days) for row in _periods(world, first)]
    )


def generate_visits(
    parameters: ShelfParameters, policy: Policy | None = None, seed: int = 0, days: int | None = None
) -> pd.DataFrame:
    """The same shop's log of visits.

    Args:
        parameters: the shelf.
        policy: what is charged; by default `soft_labels`.
        seed: same seed, same table.
        days: length of the table, in whole episodes; by default `EPISODES` of them.

    Returns:
        A row a visit and product in stock: visit, date, product, price, chosen (0 or 1) and propensity of the price.
        A visit with no 1 bought nothing; visitors who found an empty shelf are not in it.
    """
    rows = [row for world, first in _worlds(parameters, policy, seed, days) for row in _visits(world, first)]
    frame = pd.DataFrame(rows)
    frame["visit"] = pd.factorize(pd.Series(list(zip(frame["date"], frame["visit"], strict=True))))[0]
    return frame


class _Watched(ShelfWorld):
    """A shelf whose visits are written down.

    Attributes:
        policy: sets the prices.
        visits: of the last period: products in stock, and the one taken, if any.
    """

    def __init__(self, parameters: ShelfParameters, luck: ShelfLuck, row: int, policy: Policy) -> None:
        super().__init__(parameters, luck, row)
        self.policy = policy
        self.visits: list[tuple[list[int], int | None]] = []

    def customer(self, wish: int) -> None:
        """A customer comes, is served, and noted."""
        there, before = [k for k, units in enumerate(self.stock) if units > 0], list(self.sold)
        super().customer(wish)
        taken = next((k for k, (old, new) in enumerate(zip(before, self.sold, strict=True)) if new > old), None)
        self.visits.append((there, taken))


def _worlds(
    p: ShelfParameters, policy: Policy | None, seed: int, days: int | None
) -> Iterator[tuple[_Watched, pd.Timestamp]]:
    """Episode after episode, each with its first day."""
    lasting = p.periods * p.period_days
    episodes = EPISODES if days is None else max(1, round(days / lasting))
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    policy = policy or soft_labels(p, for_policy)
    luck = draw(p, for_luck, episodes)
    for episode in range(episodes):
        yield _Watched(p, luck, episode, policy), pd.Timestamp(START) + pd.Timedelta(days=int(episode * lasting))


def _lived(world: _Watched, first: pd.Timestamp) -> Iterator[tuple[pd.Timestamp, list[int], tuple[float, ...]]]:
    """Period after period: its first day, the stock before it and the propensities of its prices."""
    world.start()
    while not world.over:
        steps, chances = world.policy(world)
        date = first + pd.Timedelta(days=int(world.period * world.parameters.period_days))
        stock, world.visits = list(world.stock), []
        world.play(steps)
        yield date, stock, chances


def _periods(world: _Watched, first: pd.Timestamp) -> Iterator[dict[str, Any]]:
    for date, stock, chances in _lived(world, first):
        for k, product in enumerate(world.parameters.products):
            yield {
                "date": date,
                "product": product.name,
                "price": product.prices[world.step[k]],
                "units": world.sold[k],
                "stock": stock[k],
                "visitors": world.came,
                "propensity": chances[k],
            }


def _visits(world: _Watched, first: pd.Timestamp) -> Iterator[dict[str, Any]]:
    products = world.parameters.products
    for date, _, chances in _lived(world, first):
        for number, (there, taken) in enumerate(world.visits):
            for k in there:
                yield {
                    "visit": number,
                    "date": date,
                    "product": products[k].name,
                    "price": products[k].prices[world.step[k]],
                    "chosen": int(k == taken),
                    "propensity": chances[k],
                }
