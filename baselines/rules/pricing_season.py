"""Rules for a season. They act on stock and time left and, where demand is hidden, on the sales of each price."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import grid, informed_rule, over, rule, view_as
from bizgyms.pricing.season.view import SeasonView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.pricing.season import SeasonParameters


class Reader:
    """Reads a season's observations.

    Args:
        problem: the season.
    """

    def __init__(self, problem: Problem) -> None:
        self.view = view_as(SeasonView, problem)
        self.parameters: SeasonParameters = self.view.parameters
        self.prices: Floats = np.array(self.parameters.prices)
        # [periods + 1] how many average periods are left.
        factors = self.parameters.factors()
        self._time_left = np.append(np.cumsum(factors[::-1])[::-1], 0.0)

    def time_left(self, rows: Rows) -> Floats:
        """[worlds] periods left, this one included, each weighted with its factor on customers."""
        return self._time_left[self.view.period(rows)]

    def whole_season(self) -> float:
        """All periods, weighted with their factors."""
        return float(self._time_left[0])

    def fluid_steps(self, rates: Floats, rows: Rows) -> Ints:
        """[worlds] the step that earns most if customers come exactly as expected.

        Args:
            rates: [prices] or [worlds, prices] customers an average period who would buy.
            rows: [worlds, features] observations.
        """
        return self.fluid_steps_of(rates, self.view.stock(rows).astype(np.float64), self.time_left(rows))

    def fluid_steps_of(self, rates: Floats, stock: Floats, time: Floats) -> Ints:
        """The same for [worlds] units and average periods left."""
        sold = np.minimum(rates * time[:, None], stock[:, None])
        return np.asarray(((self.prices - self.parameters.salvage) * sold).argmax(axis=1), dtype=np.int64)

    def mean_rates(self) -> Floats:
        """[prices] customers an average period who would buy, averaged over the possible levels of demand."""
        p = self.parameters
        rates = [p.customers * kind.customers * p.chances(kind) for kind in p.kinds()]
        return np.asarray(np.mean(rates, axis=0))


@dataclasses.dataclass(frozen=True)
class FixedPrice:
    """The same step always."""

    step: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        return np.full(len(observations), self.step, dtype=np.int64)


@dataclasses.dataclass(frozen=True)
class Fluid:
    """Solves the season anew in every period as if customers came exactly as expected."""

    reader: Reader
    rates: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        return self.reader.fluid_steps(self.rates, observations)


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Moves away from a base step by how far the stock is from a straight sell-down."""

    reader: Reader
    step: int
    slope: float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        reader = self.reader
        planned = reader.parameters.start_stock * reader.time_left(observations) / reader.whole_season()
        ahead = reader.view.stock(observations).astype(np.float64) / np.maximum(planned, 1e-9) - 1
        steps = np.rint(self.step - self.slope * ahead)
        return np.clip(steps, 0, len(reader.prices) - 1).astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Bandit:
    """Thompson sampling or UCB over the price steps: their sales a period, limited by the stock.

    Attributes:
        reader: reads observations.
        prior: units a period expected of every step before anything is seen.
        strength: periods that expectation counts for.
        bonus: standard errors of optimism; None samples instead.
        rng: where samples come from.
    """

    reader: Reader
    prior: float
    strength: float
    bonus: float | None
    rng: np.random.Generator

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        sold, time = self.reader.view.learnt(observations)
        shape, rate = self.prior * self.strength + sold, self.strength + time
        if self.bonus is None:
            rates = self.rng.gamma(shape) / rate
        else:
            rates = shape / rate + self.bonus * np.sqrt(shape) / rate
        return self.reader.fluid_steps(rates, observations)


@dataclasses.dataclass(frozen=True)
class ExploreThenCommit:
    """Tries two prices in turn, draws an exponential demand curve through their sales, and solves the rest.

    Attributes:
        reader: reads observations.
        tried: the two steps.
        periods: how many periods are spent trying.
    """

    reader: Reader
    tried: tuple[int, int]
    periods: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] price steps."""
        reader = self.reader
        period = reader.view.period(observations)
        trying = np.array(self.tried)[period % 2]
        sold, time = reader.view.learnt(observations)
        rates = exponential_rates(reader.prices, sold, time, self.tried)
        return np.where(period < self.periods, trying, reader.fluid_steps(rates, observations))


def exponential_rates(prices: Floats, sold: Floats, time: Floats, tried: tuple[int, int]) -> Floats:
    """[worlds, prices] the exponential demand curve through two steps' sales a period.

    Half a unit is added to either, so that a step at which nothing was sold has a logarithm.
    """
    low, high = tried
    logs = np.log((sold + 0.5) / np.maximum(time, 1.0))
    slope = (logs[:, high] - logs[:, low]) / (prices[high] - prices[low])
    return np.asarray(np.exp(logs[:, [low]] + slope[:, None] * (prices - prices[low])))


# How each is built.


def fixed_price(problem: Problem, step: int) -> FixedPrice:
    """One price for the whole season."""
    return FixedPrice(int(step))


def fluid(problem: Problem, demand: float = 1.0) -> Fluid:
    """The fluid price, solved again in every period (Gallego and van Ryzin 1994; mean demand where it is hidden).

    Args:
        problem: the season.
        demand: factor on the demand that is expected.
    """
    reader = Reader(problem)
    return Fluid(reader, demand * reader.mean_rates())


def threshold_markdown(problem: Problem, step: int, slope: float) -> Threshold:
    """Base step, ``slope`` steps lower for twice the stock of a straight sell-down."""
    return Threshold(Reader(problem), int(step), float(slope))


def thompson(problem: Problem, strength: float = 1.0, seed: int = 0) -> Bandit:
    """Thompson sampling of the units each step sells a period, under the stock that is left.

    (Ferreira, Simchi-Levi and Wang 2018, Operations Research 66(6), with a gamma prior.)
    """
    reader = Reader(problem)
    return Bandit(reader, _prior(reader), float(strength), None, np.random.default_rng(seed))


def ucb(problem: Problem, bonus: float = 1.0, strength: float = 1.0) -> Bandit:
    """Upper confidence bound on the units each step sells a period, under the stock that is left."""
    reader = Reader(problem)
    return Bandit(reader, _prior(reader), float(strength), float(bonus), np.random.default_rng(0))


def explore_then_commit(problem: Problem, low: int, high: int, periods: int) -> ExploreThenCommit:
    """Two prices in turn for some periods, then the best price under the demand curve through them."""
    return ExploreThenCommit(Reader(problem), (int(low), int(high)), int(periods))


def _prior(reader: Reader) -> float:
    return float(reader.mean_rates().mean())


# Settings to tune over; the first of each is the textbook's.


def fixed_price_settings(problem: Problem) -> Settings:
    """Every step, the fluid price of the whole season first."""
    reader = Reader(problem)
    stock, time = np.array([float(reader.parameters.start_stock)]), np.array([reader.whole_season()])
    first = int(reader.fluid_steps_of(reader.mean_rates(), stock, time)[0])
    return grid(step=dict.fromkeys([first, *range(len(reader.prices))]))


def threshold_settings(problem: Problem) -> Settings:
    """Steps around the fluid price's, and slopes."""
    first = fixed_price_settings(problem)[0]["step"]
    count = len(Reader(problem).prices)
    width = max(1, count // 12)
    steps = dict.fromkeys(int(np.clip(first + k * width, 0, count - 1)) for k in (0, -1, 1, -2, 2, -3, 3))
    slopes = [width * x for x in (1.0, 0.0, 0.25, 0.5, 1.5, 2.0, 3.0, 4.0, 6.0)]
    return grid(step=steps, slope=slopes)


def explore_settings(problem: Problem) -> Settings:
    """Pairs of prices and lengths of the trial."""
    count, periods = len(Reader(problem).prices), problem.view.parameters.periods
    steps = np.unique(np.linspace(0, count - 1, 6).astype(int)).tolist()
    pairs = itertools.combinations(steps, 2)
    lengths = dict.fromkeys(min(n, periods) for n in (2, 3, 4, 6))
    settings = [{"low": low, "high": high, "periods": n} for (low, high), n in itertools.product(pairs, lengths)]
    middle = [setting for setting in settings if setting["low"] >= count // 4 and setting["high"] <= 3 * count // 4]
    return middle[:1] + [setting for setting in settings if setting not in middle[:1]]


def _hidden(problem: Problem) -> bool:
    return Reader(problem).parameters.hidden


def _curve(problem: Problem) -> bool:
    return _hidden(problem) and len(explore_settings(problem)) > 0


# Factors on the demand that is expected.
DEMANDS = (1.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2)
RULES = (
    rule("fixed price", fixed_price, fixed_price_settings),
    informed_rule("fluid price", fluid, over(demand=DEMANDS)),
    rule("threshold markdown", threshold_markdown, threshold_settings),
    dataclasses.replace(rule("explore then commit", explore_then_commit, explore_settings, _curve), occasions=False),
    rule("price Thompson", thompson, over(strength=(1.0, 0.05, 0.1, 0.2, 0.5, 2.0, 4.0)), _hidden),
    rule("price UCB", ucb, over(bonus=(1.0, 0.0, 0.25, 0.5, 2.0), strength=(1.0, 0.05, 0.2, 0.5, 2.0)), _hidden),
)
