"""Revenue from several resources, and from choice among fares: published instances that check a solver.

A period brings at most one request. The seller accepts it or not (`Network`), or offers a set of fares (`FareSets`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from envs_data.arrays import Floats


class Network:
    """Products that use up resources.

    Args:
        uses: for each product the resources it takes a unit of.
        fares: for each product its fare.
        chances: for each product the probability that a period brings a request for it.
        capacities: units of each resource.
        periods: length of the sale.
    """

    def __init__(
        self,
        uses: Sequence[Sequence[int]],
        fares: Sequence[float],
        chances: Sequence[float],
        capacities: Sequence[int],
        periods: int,
    ) -> None:
        self.uses = [tuple(resources) for resources in uses]
        self.fares, self.chances = np.array(fares), np.array(chances)
        self.capacities, self.periods = list(capacities), periods

    def value(self) -> float:
        """Best expected revenue, by dynamic programming over the units of all resources."""
        after = np.zeros([units + 1 for units in self.capacities])
        for _ in range(self.periods):
            best = after.copy()
            for resources, fare, chance in zip(self.uses, self.fares, self.chances, strict=True):
                less, room = after, np.ones(after.shape, dtype=bool)
                for resource in resources:
                    less = np.roll(less, 1, axis=resource)
                    room &= np.indices(after.shape)[resource] > 0
                best += chance * np.where(room, np.maximum(fare + less - after, 0.0), 0.0)
            after = best
        return float(after[tuple(self.capacities)])

    def fluid(self) -> tuple[float, Floats]:
        """Value of the fluid linear programme, an upper bound, and the price of a unit of each resource in it."""
        found = self.accepted(self.chances * self.periods)
        return float(-found.fun), np.asarray(-found.ineqlin.marginals)

    def accepted(self, requests: Floats) -> Any:
        """The linear programme of how many to accept of so many requests of each kind, solved."""
        takes = np.array([[resource in uses for uses in self.uses] for resource in range(len(self.capacities))])
        limits = list(zip(np.zeros(len(requests)), requests, strict=True))
        return optimize.linprog(
            -self.fares, A_ub=takes.astype(float), b_ub=self.capacities, bounds=limits, method="highs"
        )

    def prorated(self) -> float:
        """The bound of the best fare proration, one resource at a time.

        A product's fare is split among the resources it takes, in shares that may change from period to period; each
        resource is then sold for itself, and accepts what the others refuse. Whatever the split, the sum is an upper
        bound; it is convex in the split, and is lowered by subgradients: how much likelier one resource accepts.
        """
        shared = [k for k, uses in enumerate(self.uses) if len(uses) > 1]
        _, prices = self.fluid()
        splits = np.zeros((self.periods, len(self.fares), len(self.capacities)))
        for k, uses in enumerate(self.uses):
            weights = prices[list(uses)] + 1e-9
            splits[:, k, list(uses)] = self.fares[k] * weights / weights.sum()
        best, length = np.inf, 0.2 * float(self.fares.mean())
        for turn in range(400):
            total, accepted = self._separate(splits)
            best = min(best, total)
            for k in shared:
                sharing = list(self.uses[k])
                pull = accepted[:, k, sharing] - accepted[:, k, sharing].mean(axis=1, keepdims=True)
                splits[:, k, sharing] -= length / np.sqrt(1 + turn) * pull
        return float(best)

    def _separate(self, splits: Floats) -> tuple[float, Floats]:
        """Sum of the resources' own values, and [periods, products, resources] how likely each accepts a request."""
        total, accepted = 0.0, np.zeros(splits.shape)
        for resource, units in enumerate(self.capacities):
            asking = [k for k, uses in enumerate(self.uses) if resource in uses]
            after, takes = np.zeros(units + 1), []
            for period in reversed(range(self.periods)):
                gain = splits[period, asking, resource][:, None] - np.diff(after)
                takes.append(gain > 0)
                after = after + np.append(0.0, self.chances[asking] @ np.maximum(gain, 0.0))
            total += float(after[-1])
            left = np.zeros(units + 1)
            left[-1] = 1.0
            for period, taking in enumerate(reversed(takes)):
                accepted[period, asking, resource] = taking @ left[1:]
                moving = (self.chances[asking] @ taking) * left[1:]
                left[1:] -= moving
                left[:-1] += moving
        return total, accepted


def fare_sets_value(sets: Mapping[str, Sequence[float]], capacity: int, periods: int, arrival: float) -> float:
    """Best expected revenue of a single leg where each period a set of fares is offered.

    Args:
        sets: set to the probability that an arrival buys something of it, and its mean fare a purchase times that
            probability.
        capacity: seats.
        periods: length of the sale.
        arrival: probability of an arrival in a period.
    """
    after = np.zeros(capacity + 1)
    for _ in range(periods):
        lost = np.diff(after)
        worth = [arrival * (revenue - buying * lost) for buying, revenue in sets.values()]
        after = after + np.append(0.0, np.maximum(np.max(worth, axis=0), 0.0))
    return float(after[-1])


def fare_sets_fluid(sets: Mapping[str, Sequence[float]], capacity: int, periods: int, arrival: float) -> float:
    """Value of the choice-based linear programme: how long to offer each set."""
    offers = np.array([*sets.values()])
    found = optimize.linprog(
        -arrival * offers[:, 1],
        A_ub=np.vstack([arrival * offers[:, 0], np.ones(len(offers))]),
        b_ub=[capacity, periods],
        method="highs",
    )
    return float(-found.fun)


def network_value(**instance: Any) -> float:
    """Best expected revenue of a network; its arguments as those of `Network`."""
    return Network(**instance).value()


def fluid_excess(**instance: Any) -> float:
    """How far the fluid bound is above the best expected revenue, in per cent."""
    network = Network(**instance)
    return 100 * (network.fluid()[0] / network.value() - 1)


def prorated_excess(**instance: Any) -> float:
    """How far the bound by fare proration is above the best expected revenue, in per cent."""
    network = Network(**instance)
    return 100 * (network.prorated() / network.value() - 1)


def hindsight(network: Network, rng: np.random.Generator, samples: int) -> Floats:
    """[samples] revenue of a seller who knows all requests: an upper bound in the mean.

    Args:
        network: the network, its requests drawn period by period.
        rng: source of the requests.
        samples: how many sales.
    """
    rest = max(1 - float(network.chances.sum()), 0.0)
    drawn = rng.multinomial(network.periods, [*network.chances, rest], size=samples)[:, :-1]
    return np.array([-network.accepted(requests).fun for requests in drawn])
