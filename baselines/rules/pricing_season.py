"""Rules for a season. They act on the stock left, the time left and, where demand is hidden, on what was learnt."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import AgentSpec, Kind, Problem
from bizgyms.pricing.season.view import SeasonView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.pricing.season import SeasonParameters

Settings = Sequence[Mapping[str, Any]]


class Reader:
    """What a rule looks at in a season's observations.

    Args:
        problem: the season.
    """

    def __init__(self, problem: Problem) -> None:
        assert isinstance(problem.view, SeasonView)
        self.view: SeasonView = problem.view
        self.parameters: SeasonParameters = problem.view.parameters
        self.prices: Floats = np.array(self.parameters.prices)
        # [periods + 1] how many average periods are left.
        factors = self.parameters.factors()
        self._time_left = np.append(np.cumsum(factors[::-1])[::-1], 0.0)

    def stock(self, rows: Rows) -> Floats:
        """[worlds] units left."""
        return self.view.stock(rows).astype(np.float64)

    def time_left(self, rows: Rows) -> Floats:
        """[worlds] periods left, this one included, each weighted with its factor on customers."""
        return self._time_left[self.view.period(rows)]

    def whole_season(self) -> float:
        """All periods, weighted with their factors."""
        return float(self._time_left[0])

    def mean_rates(self) -> Floats:
        """[prices] customers an average period who would buy, averaged over what demand may be."""
        p = self.parameters
        rates = [p.customers * kind.customers * p.chances(kind) for kind in p.kinds()]
        return np.asarray(np.mean(rates, axis=0))


def fluid_steps(prices: Floats, rates: Floats, stock: Floats, time: Floats, salvage: float) -> Ints:
    """[worlds] the step that earns most if customers come exactly as expected.

    Args:
        prices: [prices] the price steps.
        rates: [prices] or [worlds, prices] customers an average period who would buy.
        stock: [worlds] units left.
        time: [worlds] average periods left.
        salvage: value of a unit left.
    """
    sold = np.minimum(rates * time[:, None], stock[:, None])
    return np.asarray(((prices - salvage) * sold).argmax(axis=1), dtype=np.int64)


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
        reader = self.reader
        stock, time = reader.stock(observations), reader.time_left(observations)
        return fluid_steps(reader.prices, self.rates, stock, time, reader.parameters.salvage)


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
        ahead = reader.stock(observations) / np.maximum(planned, 1e-9) - 1
        steps = np.rint(self.step - self.slope * ahead)
        return np.clip(steps, 0, len(reader.prices) - 1).astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Bandit:
    """Thompson sampling or UCB over the price steps: what each sold a period, never more than the stock allows.

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
        reader = self.reader
        sold, time = reader.view.learnt(observations)
        shape, rate = self.prior * self.strength + sold, self.strength + time
        if self.bonus is None:
            rates = self.rng.gamma(shape) / rate
        else:
            rates = shape / rate + self.bonus * np.sqrt(shape) / rate
        stock, left = reader.stock(observations), reader.time_left(observations)
        return fluid_steps(reader.prices, rates, stock, left, reader.parameters.salvage)


@dataclasses.dataclass(frozen=True)
class ExploreThenCommit:
    """Tries two prices in turn, draws an exponential demand curve through what they sold, and solves the rest.

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
        stock, left = reader.stock(observations), reader.time_left(observations)
        settled = fluid_steps(reader.prices, rates, stock, left, reader.parameters.salvage)
        return np.where(period < self.periods, trying, settled)


def exponential_rates(prices: Floats, sold: Floats, time: Floats, tried: tuple[int, int]) -> Floats:
    """[worlds, prices] the exponential demand curve through what two steps sold a period.

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
    """Base step, ``slope`` steps lower for a stock twice what a straight sell-down has left."""
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


# What is tuned. The first setting of each is the textbook's.


def fixed_price_settings(problem: Problem) -> Settings:
    """Every step, the fluid price of the whole season first."""
    reader = Reader(problem)
    stock, time = np.array([float(reader.parameters.start_stock)]), np.array([reader.whole_season()])
    first = int(fluid_steps(reader.prices, reader.mean_rates(), stock, time, reader.parameters.salvage)[0])
    return [{"step": step} for step in dict.fromkeys([first, *range(len(reader.prices))])]


def fluid_settings(problem: Problem) -> Settings:
    """What is expected, then less and more."""
    return [{"demand": x} for x in (1.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2)]


def threshold_settings(problem: Problem) -> Settings:
    """Ints around the fluid price's, and slopes."""
    first = fixed_price_settings(problem)[0]["step"]
    count = len(Reader(problem).prices)
    width = max(1, count // 12)
    steps = dict.fromkeys(int(np.clip(first + k * width, 0, count - 1)) for k in (0, -1, 1, -2, 2, -3, 3))
    slopes = [width * x for x in (1.0, 0.0, 0.25, 0.5, 1.5, 2.0, 3.0, 4.0, 6.0)]
    return [{"step": step, "slope": slope} for step, slope in itertools.product(steps, slopes)]


def thompson_settings(problem: Problem) -> Settings:
    """Strengths of the prior."""
    return [{"strength": x} for x in (1.0, 0.05, 0.1, 0.2, 0.5, 2.0, 4.0)]


def ucb_settings(problem: Problem) -> Settings:
    """Optimism and strength of the prior."""
    every = itertools.product((1.0, 0.0, 0.25, 0.5, 2.0), (1.0, 0.05, 0.2, 0.5, 2.0))
    return [{"bonus": bonus, "strength": strength} for bonus, strength in every]


def explore_settings(problem: Problem) -> Settings:
    """Pairs of prices and lengths of the trial."""
    count, periods = len(Reader(problem).prices), problem.view.parameters.periods
    steps = np.unique(np.linspace(0, count - 1, 6).astype(int)).tolist()
    pairs = itertools.combinations(steps, 2)
    lengths = dict.fromkeys(min(n, periods) for n in (2, 3, 4, 6))
    found = [{"low": low, "high": high, "periods": n} for (low, high), n in itertools.product(pairs, lengths)]
    middle = [setting for setting in found if setting["low"] >= count // 4 and setting["high"] <= 3 * count // 4]
    return middle[:1] + [setting for setting in found if setting not in middle[:1]]


def _hidden(problem: Problem) -> bool:
    return Reader(problem).parameters.hidden


def _curve(problem: Problem) -> bool:
    return _hidden(problem) and len(explore_settings(problem)) > 0


RULES = (
    AgentSpec("fixed price", Kind.RULE, "observations", fixed_price, fixed_price_settings),
    AgentSpec("fluid price", Kind.RULE, "the law of the world", fluid, fluid_settings),
    AgentSpec("threshold markdown", Kind.RULE, "observations", threshold_markdown, threshold_settings),
    AgentSpec("explore then commit", Kind.RULE, "observations", explore_then_commit, explore_settings, _curve),
    AgentSpec("price Thompson", Kind.RULE, "observations", thompson, thompson_settings, _hidden),
    AgentSpec("price UCB", Kind.RULE, "observations", ucb, ucb_settings, _hidden),
)
