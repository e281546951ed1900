"""The best possible in a season: exact where demand is known, a bound where it is hidden.

Known demand: dynamic programming over stock and time. Hidden demand: a seller who knows it cannot do worse, so the mean
of the optima over the demands is a bound (full information). With two demands the belief that it is the second is one
number, and the value is convex in it: interpolated between grid points it is a bound again, and a tight one (Lovejoy
1991, Operations Research 39(1)). Sales are enough to follow the belief: a season that sold out has nothing to decide.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy import linalg, stats

from bizgyms.pricing.season.view import SeasonView
from bizgyms.reference import Reference, Solution, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Places, Rows
from envs_data.pricing.season import SeasonParameters
from envs_data.pricing.season.parameters import Kind

MOST_WORK = 4e9
# Beliefs at which the value is computed: evenly spaced in log odds, with certainty at either end.
BELIEFS = np.concatenate([[0.0], 1 / (1 + np.exp(-np.linspace(-9, 9, 121))), [1.0]])


@dataclasses.dataclass(frozen=True)
class TablePolicy:
    """Price steps as a table [periods, stock]."""

    steps: Ints
    view: SeasonView

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        return self.steps[self.view.period(observations), self.view.stock(observations)]


@dataclasses.dataclass(frozen=True)
class BeliefPolicy:
    """The best price on average over the possible demands, weighted by how well they explain the sales so far.

    Attributes:
        worth: ``worth(period, stock, beliefs) -> [prices]`` value of each price step in one state.
        view: the features the observations come in.
    """

    worth: Worth
    view: SeasonView

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        beliefs = posterior(self.view, observations)
        worth = self.worth(self.view.period(observations), self.view.stock(observations), beliefs)
        return np.asarray(worth.argmax(axis=1), dtype=np.int64)


class Worth:
    """Value of each price step given stock, time and belief.

    Args:
        values: [beliefs, periods, stock + 1, prices] value of each price step at the beliefs of ``grid``; without a
            grid, at certainty of each demand.
        grid: beliefs that it is the second of two demands.
    """

    def __init__(self, values: Floats, grid: Floats | None = None) -> None:
        self.values, self.grid = values, grid

    def __call__(self, period: Places, stock: Places, beliefs: Floats) -> Floats:
        """[worlds, prices] for [worlds] periods and stocks and [worlds, demands] beliefs."""
        if self.grid is None:
            return np.asarray(np.einsum("wk,kwp->wp", beliefs, self.values[:, period, stock]))
        below, share = between(self.grid, beliefs[:, 1])
        low, high = self.values[below, period, stock], self.values[below + 1, period, stock]
        return np.asarray(low + share[:, None] * (high - low))


def posterior(view: SeasonView, observations: Rows) -> Floats:
    """[worlds, demands] probability of each demand given the sales so far (Poisson, equally likely at the start)."""
    p = view.parameters
    sold, time = view.learnt(observations)
    # A demand's rates differ between periods by the factor only, with which the time at each price is weighted.
    rates = np.array([p.customers * kind.customers * p.chances(kind) for kind in p.kinds()])
    score = sold @ np.log(rates).T - time @ rates.T
    weights = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def solve(parameters: SeasonParameters) -> Solution:
    """The exact optimum of a season whose demand is known: the total return of an episode.

    Raises:
        ValueError: demand is hidden.
        TooLargeError: too much work; the message says what to shrink.
    """
    if parameters.hidden:
        raise ValueError("demand is hidden: there is a bound, reference(parameters), and no exact solution")
    values = price_values(parameters, parameters.kinds()[0])
    policy = TablePolicy(values.argmax(axis=2), SeasonView(parameters))
    start = float(values[0, parameters.start_stock].max())
    return Solution(start, policy, "total", states=values.shape[0] * values.shape[1])


def reference(parameters: SeasonParameters) -> Reference:
    """The mean return of a season nobody can beat: exact where demand is known, else a bound.

    Raises:
        TooLargeError: too much work.
    """
    if not parameters.hidden:
        solution = solve(parameters)
        return solution.reference(f"dynamic programming over {solution.states:,} states")
    kinds, view = parameters.kinds(), SeasonView(parameters)
    known = np.array([price_values(parameters, kind) for kind in kinds])
    full = float(known[:, 0, parameters.start_stock].max(axis=1).mean())
    if len(kinds) != 2 or _belief_work(parameters) > MOST_WORK:
        method = f"full information: the mean of the optima of who knows which of {len(kinds)} demands it is"
        return Reference(full, "bound", 0.0, method, BeliefPolicy(Worth(known), view))
    values = belief_values(parameters)
    middle = Worth(values, BELIEFS)(np.array([0]), np.array([parameters.start_stock]), np.array([[0.5, 0.5]]))
    method = f"dynamic programming over stock, time and {len(BELIEFS)} beliefs, interpolated from above"
    policy = BeliefPolicy(Worth(values, BELIEFS), view)
    return Reference(min(full, float(middle.max())), "bound", 0.0, method, policy)


def price_values(p: SeasonParameters, kind: Kind) -> Floats:
    """[periods, stock + 1, prices] what each price step earns from here on, if the best is done after it.

    Raises:
        TooLargeError: too much work.
    """
    stock, prices = np.arange(p.start_stock + 1), np.array(p.prices)
    work = float(p.periods) * len(prices) * len(stock) ** 2
    if work > MOST_WORK:
        raise TooLargeError(
            f"{work:,.0f} additions are too many; use fewer price steps, or count stock in larger units"
        )
    moves = functools.lru_cache(maxsize=4)(lambda factor: _moves(p, kind, factor))
    values = np.empty((p.periods, len(stock), len(prices)))
    after = p.salvage * stock
    for period in reversed(range(p.periods)):
        chances = moves(p.factors()[period])
        revenue = prices[:, None] * (stock - chances @ stock)
        values[period] = (revenue + chances @ after).T
        after = values[period].max(axis=1)
    return values


def _moves(p: SeasonParameters, kind: Kind, factor: float) -> Floats:
    """[prices, stock, stock left] probabilities in a period with this factor on customers."""
    rates = p.customers * kind.customers * factor * p.chances(kind)
    return np.array([left_after(rate, p.start_stock) for rate in rates])


def left_after(rate: float, stock: int) -> Floats:
    """[stock + 1, stock + 1] probability of what is left of each stock after a Poisson demand."""
    sold = stats.poisson.pmf(np.arange(stock + 1), rate)
    moves = linalg.toeplitz(sold, np.zeros(stock + 1))
    moves[:, 0] = stats.poisson.sf(np.arange(stock + 1) - 1, rate)
    return np.asarray(moves)


def _belief_work(p: SeasonParameters) -> float:
    return float(p.periods) * len(p.prices) * p.start_stock**2 * len(BELIEFS)


def belief_values(p: SeasonParameters) -> Floats:
    """[beliefs, periods, stock + 1, prices] value of each price step with two demands, never below the true one."""
    values = np.zeros((len(BELIEFS), p.periods, p.start_stock + 1, len(p.prices)))
    after = np.tile(p.salvage * np.arange(p.start_stock + 1), (len(BELIEFS), 1))
    rates = np.array([p.rates(kind) for kind in p.kinds()])
    for period in reversed(range(p.periods)):
        for step, price in enumerate(p.prices):
            values[:, period, :, step] = _belief_backup(rates[:, period, step], price, after)
        after = values[:, period].max(axis=2)
    return values


def _belief_backup(rates: Floats, price: float, after: Floats) -> Floats:
    """[beliefs, stock + 1] value of a price, from [beliefs, stock + 1] values of the next period."""
    top = after.shape[1] - 1
    sales = np.arange(top + 1)
    laws = stats.poisson.pmf(sales[:, None], rates)  # [sold, demands]
    mixed = np.outer(1 - BELIEFS, laws[:, 0]) + np.outer(BELIEFS, laws[:, 1])
    second = np.divide(BELIEFS[:, None] * laws[:, 1], mixed, out=np.zeros_like(mixed), where=mixed > 0)
    out = np.zeros_like(after)
    for sold in range(top):
        below, share = between(BELIEFS, second[:, sold])
        # Of a stock of sold + 1, sold + 2, .. there is left 1, 2, ..; one that sells out is worth its sale alone.
        low, high = after[below, 1 : top + 1 - sold], after[below + 1, 1 : top + 1 - sold]
        worth = price * sold + low + share[:, None] * (high - low)
        out[:, sold + 1 :] += mixed[:, sold : sold + 1] * worth
    tails = stats.poisson.sf(sales[:, None] - 1, rates)
    out += price * sales * (np.outer(1 - BELIEFS, tails[:, 0]) + np.outer(BELIEFS, tails[:, 1]))
    return out


def between(grid: Floats, points: Floats) -> tuple[Places, Floats]:
    """The grid point below each point, and how far it is on the way to the next."""
    below = np.clip(np.searchsorted(grid, points, side="right") - 1, 0, len(grid) - 2)
    return below, np.clip((points - grid[below]) / (grid[below + 1] - grid[below]), 0.0, 1.0)
