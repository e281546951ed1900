"""How a bandit chooses: epsilon-greedy, UCB1, Thompson sampling. Each says how probable its choices were."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from bizgyms.compiled import jit
from envs_data.arrays import Floats, Ints

Arms = Ints
# Draws from the posterior with which the probability of each arm is estimated.
PROPENSITY_DRAWS = 512
LEAST_EPSILON = 0.05
# Pulls of each arm while epsilon-greedy still explores always.
FIRST_PULLS = 5.0


class Earned:
    """Earnings of the arms so far.

    Args:
        arms: number of arms.

    Attributes:
        count: [arms] pulls.
        total: [arms] sum of earnings.
        squares: [arms] sum of squares.
        low: least that any pull earned.
        high: most.
    """

    def __init__(self, arms: int) -> None:
        self.count, self.total, self.squares = np.zeros((3, arms))
        self.low, self.high = np.inf, -np.inf

    def add(self, arm: Arms, earned: Floats) -> None:
        """Adds pulls: [pulls] which arm, and its earnings."""
        arms = len(self.count)
        self.count += np.bincount(arm, minlength=arms)
        self.total += np.bincount(arm, weights=earned, minlength=arms)
        self.squares += np.bincount(arm, weights=earned**2, minlength=arms)
        self.low, self.high = min(self.low, float(earned.min())), max(self.high, float(earned.max()))

    @property
    def pulls(self) -> float:
        """Pulls of all arms."""
        return float(self.count.sum())

    @property
    def middle(self) -> float:
        """Mean of all pulls; 0 before the first."""
        return float(self.total.sum()) / max(self.pulls, 1.0)

    @property
    def spread(self) -> float:
        """Variance of all pulls; never quite 0."""
        variance = float(self.squares.sum()) / max(self.pulls, 1.0) - self.middle**2
        return max(variance, 1e-12 + 1e-9 * self.middle**2)

    @property
    def means(self) -> Floats:
        """[arms] mean earnings of a pull, under a prior worth one pull at the mean of all."""
        return np.asarray((self.total + self.middle) / (self.count + 1.0))

    def to_dict(self) -> dict[str, Any]:
        """Everything, for a JSON file."""
        sums = {name: getattr(self, name).tolist() for name in ("count", "total", "squares")}
        return {**sums, "range": [self.low, self.high] if self.pulls else []}

    @classmethod
    def from_dict(cls, about: Mapping[str, Any]) -> Earned:
        """Undoes `to_dict`."""
        earned = cls(len(about["count"]))
        earned.count, earned.total, earned.squares = (np.array(about[name]) for name in ("count", "total", "squares"))
        earned.low, earned.high = about["range"] or (np.inf, -np.inf)
        return earned


class Strategy(Protocol):
    """Chooses arms for a batch of worlds that are pulled at once."""

    def choose(self, earned: Earned, worlds: int, rng: np.random.Generator) -> tuple[Arms, Floats]:
        """Chooses.

        Args:
            earned: earnings of the arms so far.
            worlds: how many choices.
            rng: where chance comes from.

        Returns:
            [worlds] arms, and [worlds] the probability with which each was chosen.
        """


@dataclasses.dataclass(frozen=True)
class EpsilonGreedy:
    """The arm with the largest mean; with probability epsilon, which falls as one over the pulls, any (Auer 2002)."""

    def choose(self, earned: Earned, worlds: int, rng: np.random.Generator) -> tuple[Arms, Floats]:
        """See `Strategy`."""
        arms = len(earned.count)
        epsilon = min(1.0, max(LEAST_EPSILON, FIRST_PULLS * arms / max(earned.pulls, 1.0)))
        best = int(np.argmax(earned.means))
        explores = rng.random(worlds) < epsilon
        arm = np.where(explores, rng.integers(0, arms, size=worlds), best)
        return arm, epsilon / arms + (1.0 - epsilon) * (arm == best)


@dataclasses.dataclass(frozen=True)
class UCB1:
    """The arm with the largest upper bound (Auer, Cesa-Bianchi and Fischer 2002, figure 1).

    The bound is for earnings between 0 and 1; it is scaled by the range of earnings so far. A batch is chosen
    one by one, each choice counting as a pull at once, for its earnings come only after the batch.
    """

    def choose(self, earned: Earned, worlds: int, rng: np.random.Generator) -> tuple[Arms, Floats]:
        """See `Strategy`; there is no randomness."""
        count, means = earned.count.copy(), earned.means
        width = max(earned.high - earned.low, 0.0) if earned.pulls else 1.0
        return _largest_bounds(means, count, width, worlds), np.ones(worlds)


@dataclasses.dataclass(frozen=True)
class ThompsonNormal:
    """An arm as often as it may be the best, earnings assumed to be normal with unknown mean and variance.

    Under a prior worth one pull for the mean and two for the variance, at mean and variance over all pulls.
    """

    def choose(self, earned: Earned, worlds: int, rng: np.random.Generator) -> tuple[Arms, Floats]:
        """See `Strategy`."""
        location, scale, freedom = _posterior(earned)
        draws = location + scale * rng.standard_t(freedom, size=(PROPENSITY_DRAWS + worlds, len(freedom)))
        return _best_drawn(draws, worlds)


@dataclasses.dataclass(frozen=True)
class ThompsonBeta:
    """An arm as often as it may be the best, earnings read as shares of successes (Agrawal and Goyal 2012).

    Earnings are scaled to 0 to 1 by the range seen so far, which changes nothing for clicks and responses.
    """

    def choose(self, earned: Earned, worlds: int, rng: np.random.Generator) -> tuple[Arms, Floats]:
        """See `Strategy`."""
        width = earned.high - earned.low
        wins = (earned.total - earned.low * earned.count) / width if earned.pulls and width > 0 else 0 * earned.count
        wins = np.clip(wins, 0.0, earned.count)
        draws = rng.beta(1.0 + wins, 1.0 + earned.count - wins, size=(PROPENSITY_DRAWS + worlds, len(wins)))
        return _best_drawn(draws, worlds)


@jit
def _largest_bounds(means: Floats, count: Floats, width: float, worlds: int) -> Arms:
    """[worlds] arms, one after the other; the first that was never pulled goes first."""
    arm = np.empty(worlds, dtype=np.int64)
    for world in range(worlds):
        doubled, best, largest = 2.0 * np.log(count.sum() + 1.0), 0, -np.inf
        for k in range(len(means)):
            bound = means[k] + width * np.sqrt(doubled / count[k]) if count[k] > 0 else np.inf
            if bound > largest:
                best, largest = k, bound
        arm[world] = best
        count[best] += 1
    return arm


def _best_drawn(draws: Floats, worlds: int) -> tuple[Arms, Floats]:
    """The first ``worlds`` draws decide; all together tell how probable each arm was."""
    best = draws.argmax(axis=1)
    share = np.bincount(best, minlength=draws.shape[1]) / len(draws)
    return best[:worlds], share[best[:worlds]]


def _posterior(earned: Earned) -> tuple[Floats, Floats, Floats]:
    """Location, scale and degrees of freedom of each arm's mean, a Student-t.

    The normal-inverse-gamma posterior (Gelman et al. 2013, Bayesian Data Analysis, section 3.3).
    """
    pulled = np.maximum(earned.count, 1.0)
    weight = earned.count + 1.0
    freedom = earned.count + 2.0
    inside = np.maximum(earned.squares - earned.total**2 / pulled, 0.0)
    gap = (earned.total / pulled - earned.middle) ** 2 * earned.count / weight
    scale = np.sqrt((2.0 * earned.spread + inside + gap) / freedom / weight)
    return earned.means, scale, freedom
