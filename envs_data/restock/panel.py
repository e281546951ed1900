"""Estimating the daily demand of several items together: they share weekdays and season."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from envs_data.arrays import Floats
from envs_data.censored_counts import OWN, log_likelihood
from envs_data.curvature import hessian, inverse
from envs_data.restock.demand import Demand, Structure, design, spread_out
from envs_data.restock.estimation import EMPTY, FACTOR_SPREAD, FLATTEST, STEP, likeliest, minimum, season_seen, widened
from envs_data.restock.sales import Sales, weekday_of

BINOMIAL = "negative_binomial"


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where each item's coefficients lie among those of all items together.

    All of them are: a level for each item; Tuesday to Sunday over Monday and February to December over January, the
    same for all; a trend for each item; what the law of each item has of its own.

    Attributes:
        structure: the regressors of each item.
        laws: [items] law of each item's demand.
    """

    structure: Structure
    laws: tuple[str, ...]

    def sizes(self) -> tuple[int, int, int, int, int]:
        """How many levels, weekdays, months, trends and coefficients of laws there are."""
        items, shape = len(self.laws), self.structure
        trends = items if shape.half_life is not None else 0
        return items, 6 * shape.weekday, 11 * shape.season, trends, self._own(len(self.laws))

    def _own(self, items: int) -> int:
        """Coefficients that the laws of the first items have of their own."""
        return sum(OWN[law] for law in self.laws[:items])

    def item(self, k: int) -> Floats:
        """[coefficients of item k as `Demand` has them, coefficients of all] what the first are made of."""
        levels, weekdays, months, trends, _ = self.sizes()
        blocks = []
        level = np.zeros((self.structure.levels(), sum(self.sizes())))
        level[:, k] = 1.0
        level[1:, levels : levels + weekdays] = np.eye(6) if weekdays else 0.0
        blocks.append(level)
        blocks.append(np.eye(months, sum(self.sizes()), levels + weekdays))
        if trends:
            blocks.append(np.eye(1, sum(self.sizes()), levels + weekdays + months + k))
        before = levels + weekdays + months + trends + self._own(k)
        blocks.append(np.eye(OWN[self.laws[k]], sum(self.sizes()), before))
        return np.vstack(blocks)

    def ridge(self) -> Floats:
        """Penalty that holds weekdays to each other and months to each other, as for one item."""
        levels, weekdays, months, _, _ = self.sizes()
        ridge = np.zeros((sum(self.sizes()),) * 2)
        for first, count in ((levels, weekdays), (levels + weekdays, months)):
            block = slice(first, first + count)
            ridge[block, block] = np.eye(count) - 1 / (count + 1)
        return ridge / FACTOR_SPREAD**2

    def start(self, sales: Sequence[Sales]) -> Floats:
        """Coefficients to begin a search from: each item's mean and spread, no profile."""
        theta = np.zeros(sum(self.sizes()))
        means = np.array([max(float(one.units.mean()), 1e-3) for one in sales])
        theta[: len(sales)] = np.log(means)
        spread = np.array([float(one.units.var()) for one in sales])
        size = np.clip(np.log(means**2 / np.maximum(spread - means, 0.01 * means)), -3, 8)
        own = [[one, EMPTY][: OWN[law]] for one, law in zip(size, self.laws, strict=True)]
        return np.concatenate([theta[: len(theta) - self._own(len(own))], *own])


@dataclasses.dataclass(frozen=True)
class Panel:
    """The fitted laws of several items' demand.

    Attributes:
        layout: which coefficients there are.
        theta: coefficients of all items together.
        covariance: of ``theta``, the levels' widened by each item's drift.
        fits: [items] the law of each.
    """

    layout: Layout
    theta: Floats
    covariance: Floats
    fits: tuple[Demand, ...]

    def draws(self, count: int, rng: np.random.Generator) -> list[list[dict[str, Floats]]]:
        """[count, items] parameters in natural units, drawn from the asymptotic normal of ``theta``."""
        thetas = spread_out(self.theta, self.covariance, count, rng)
        parts = [self.layout.item(k) for k in range(len(self.fits))]
        return [
            [fit.natural(part @ theta, goes_on=bool(k % 2)) for fit, part in zip(self.fits, parts, strict=True)]
            for k, theta in enumerate(thetas)
        ]


class _Search:
    """The likelihood of all items' sales under one layout."""

    def __init__(self, sales: Sequence[Sales], layout: Layout) -> None:
        self.layout = layout
        self.is_open = np.any([one.open_weekdays() for one in sales], axis=0)
        self.used = [one.where(self.is_open[weekday_of(one.dates)]) for one in sales]
        self.first, self.last = min(one.dates[0] for one in sales), max(one.dates[-1] for one in sales)
        self.days = sum(len(one) for one in self.used)
        self._designs = [design(layout.structure, one.dates, self.first, self.last) for one in self.used]
        self._parts = [layout.item(k) for k in range(len(sales))]
        self._ridge = layout.ridge()

    def value(self, k: int, theta: Floats, law: str | None = None) -> tuple[float, Floats]:
        """An item's log-likelihood and its slope by the coefficients of all; under another law without slope."""
        sales, part = self.used[k], self._parts[k]
        own = part @ theta
        args = (self._designs[k], sales.units, sales.censored)
        if law is not None:
            return log_likelihood(own, *args, law)[0], np.zeros(0)
        value, by_log_mean, by_own = log_likelihood(own, *args, self.layout.laws[k])
        return value, part.T @ np.append(np.einsum("ij,i->j", self._designs[k], by_log_mean), by_own)

    def loss(self, theta: Floats) -> tuple[float, Floats]:
        """What is minimised, and its slope."""
        pull = self._ridge @ theta
        values = [self.value(k, theta) for k in range(len(self.used))]
        return 0.5 * float(theta @ pull) - sum(value for value, _ in values), pull - sum(slope for _, slope in values)

    def theta(self) -> Floats:
        """The most likely coefficients."""
        return minimum(self.loss, self.layout.start(self.used), self.days)

    def fits(self, theta: Floats, covariance: Floats | None = None) -> list[Demand]:
        """[items] the laws of demand; without a covariance they have their values only."""
        demands = []
        for k, (part, law) in enumerate(zip(self._parts, self.layout.laws, strict=True)):
            spread = np.zeros((len(part),) * 2) if covariance is None else part @ covariance @ part.T
            value = self.value(k, theta)[0]
            shape = self.layout.structure
            fit = Demand(shape, law, part @ theta, spread, value, 1.0, self.is_open, self.first, self.last)
            demands.append(widened(fit, self.used[k]))
        return demands

    def bic(self, fits: Sequence[Demand], drift: float) -> float:
        """Bayesian information criterion of all items together, likelihood divided by ``drift``."""
        shape = self.layout.structure
        levels, _, months, trends, sizes = self.layout.sizes()
        weekdays = int(self.is_open.sum()) - 1 if shape.weekday else 0
        count = levels + weekdays + months + sizes + (trends + 1 if trends else 0)
        return float(count * np.log(self.days) - 2 * sum(fit.log_likelihood for fit in fits) / drift)


def estimate_together(sales: Sequence[Sales], structure: Structure, laws: Sequence[str]) -> Panel:
    """Maximum (barely penalised) likelihood of one structure, with a law for each item.

    Args:
        sales: [items] the observed days of each.
        structure: the regressors of each item.
        laws: [items] each one of `envs_data.censored_counts.OWN`.
    """
    layout = Layout(structure, tuple(laws))
    search = _Search(sales, layout)
    theta = search.theta()
    covariance = inverse(hessian(lambda theta: search.loss(theta)[1], theta, STEP), FLATTEST)
    fits = search.fits(theta, covariance)
    for k, fit in enumerate(fits):
        own = layout.item(k)[0]
        covariance[k, k] += fit.covariance[0, 0] - own @ covariance @ own
    return Panel(layout, theta, covariance, tuple(fits))


def select_together(sales: Sequence[Sales]) -> Panel:
    """The structure and the laws with the smallest BIC, chosen as for one item: see `estimation.select`.

    Items that are Poisson with weekdays alone stay Poisson: trend and season only explain more of the spread.

    Args:
        sales: [items] the observed days of each.
    """
    wide = (BINOMIAL,) * len(sales)
    weekday = _best(sales, [Structure(weekday=w) for w in (False, True)], wide, 1.0).weekday
    laws = _laws(sales, Structure(weekday), wide)
    dates = np.unique(np.concatenate([one.dates for one in sales]))
    span = float((dates[-1] - dates[0]).astype(int) + 1)
    seasons = (False, True) if season_seen(dates) else (False,)
    half_lives = (None, span / 12, span / 4, span)
    structure = _best(sales, [Structure(weekday, s, h) for s, h in itertools.product(seasons, half_lives)], laws)
    laws = _laws(sales, structure, laws)
    wider = [_wider(one, structure, law) for one, law in zip(sales, laws, strict=True)]
    return estimate_together(sales, structure, wider)


def _best(
    sales: Sequence[Sales], structures: Sequence[Structure], laws: Sequence[str], drift: float | None = None
) -> Structure:
    """The best structure, by default against the drift that the best of them leaves unexplained."""
    searches = [_Search(sales, Layout(structure, tuple(laws))) for structure in structures]
    fits = [search.fits(search.theta()) for search in searches]
    drift = drift or min(float(np.mean([fit.drift for fit in demands])) for demands in fits)
    scores = [search.bic(demands, drift) for search, demands in zip(searches, fits, strict=True)]
    return structures[int(np.argmin(scores))]


def _laws(sales: Sequence[Sales], structure: Structure, laws: Sequence[str]) -> tuple[str, ...]:
    """[items] Poisson instead of a negative binomial where the BIC does not favour a size.

    Both are judged at the coefficients of the negative binomial, which a Poisson law hardly moves.
    """
    search = _Search(sales, Layout(structure, tuple(laws)))
    theta = search.theta()
    chosen = []
    for k, (law, used) in enumerate(zip(laws, search.used, strict=True)):
        gain = search.value(k, theta)[0] - search.value(k, theta, "poisson")[0]
        chosen.append(law if 2 * gain > np.log(len(used)) else "poisson")
    return tuple(chosen)


def _wider(sales: Sales, structure: Structure, law: str) -> str:
    """The law of an item, or one with days on which nobody asks, where the BIC favours that for the item alone."""
    if law == "poisson" or not np.any((sales.units == 0) & ~sales.censored):
        return law
    fits = [likeliest(sales, structure, one) for one in (law, "zero_inflated")]
    return min(fits, key=lambda fit: fit.bic(len(sales))).law
