"""Demand of a season from its table: how many customers come, and how sensitive they are to the price."""

from __future__ import annotations

import dataclasses
import shlex
from typing import Any

import numpy as np
import pandas as pd

from envs_data.arrays import Flags, Floats, Ints
from envs_data.pricing.reading import sold_out
from envs_data.pricing.regression import Regression, select
from envs_data.tables import Problems, Table, TableError

LEAST_ROWS = 8
# Times each period of a season must have been seen before a profile is looked for.
LEAST_SEASONS = 3


@dataclasses.dataclass(frozen=True)
class Sales:
    """The rows of a table as seasons.

    Attributes:
        frame: the rows, with columns ``number`` (of the season) and ``place`` (of the period in it, from 0 on).
        price, units, censored: [rows].
        visitors: [rows] customers who came; None if the table does not say.
    """

    frame: pd.DataFrame
    price: Floats
    units: Ints
    censored: Flags
    visitors: Ints | None

    def seasons(self) -> int:
        """How many seasons there are."""
        return int(self.frame["number"].max()) + 1

    def periods(self) -> int:
        """The longest of them."""
        return int(self.frame["place"].max()) + 1


@dataclasses.dataclass(frozen=True)
class Demand:
    """How many customers come, and how sensitive they are to the price.

    Attributes:
        response: units sold by price; coefficient 0 is the sensitivity, with its sign turned, and where visitors are
            not known the others are the levels. Where they are, a coefficient 1 is the log of the share of visitors
            who would buy at a price of 0; without one it is all of them.
        free: the response whose level is not held by the number of visitors: it alone tells whether demand falls.
        traffic: visitors a period; None if they are not known.
        profile: whether levels differ by the period of the season.
    """

    response: Regression
    free: Regression
    traffic: Regression | None
    profile: bool

    @property
    def buyers(self) -> float:
        """Share of visitors who would buy at a price of 0; 1 where visitors are not known."""
        return self._buyers(self.response.theta)

    def _buyers(self, theta: Floats) -> float:
        return 1.0 if self.traffic is None or len(theta) == 1 else float(np.exp(theta[1]))

    def levels(self) -> Regression:
        """The regression that holds the levels."""
        return self.traffic or self.response

    def natural(self, theta: Floats | None = None, traffic: Floats | None = None) -> dict[str, Any]:
        """Sensitivity, customers and profile, at the estimate or at coefficients drawn."""
        own = self.response.theta if theta is None else theta
        levels = own[1:] if self.traffic is None else self.traffic.theta if traffic is None else traffic
        values = {"sensitivity": float(own[0]), "customers": float(np.exp(levels).mean()) * self._buyers(own)}
        if self.profile:
            values["profile"] = (np.exp(levels) / np.exp(levels).mean()).tolist()
        return values

    def expected(self, sales: Sales) -> Floats:
        """[rows] visitors expected of each period where they are known, else units."""
        return (
            self.response.mean(self.regressors(sales))
            if self.traffic is None
            else self.traffic.mean(self.design(sales))
        )

    def regressors(self, sales: Sales) -> Floats:
        """[rows, coefficients] of the response."""
        levels = self.design(sales) if self.traffic is None else np.ones((len(sales.frame), 1))
        return np.column_stack([-sales.price, levels])[:, : len(self.response.theta)]

    def design(self, sales: Sales) -> Floats:
        """[rows, levels] which level each row has."""
        return _levels(sales, self.profile)

    def draws(self, count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Values drawn from their uncertainty; draws in which demand does not fall with price are rejected."""
        drawn: list[dict[str, Any]] = []
        while len(drawn) < count:
            own = rng.multivariate_normal(self.response.theta, self.response.covariance, method="eigh")
            on = self.traffic
            levels = None if on is None else rng.multivariate_normal(on.theta, on.covariance, method="eigh")
            if own[0] > 0:
                drawn.append(self.natural(own, levels))
        return drawn


def sales_of(table: Table) -> Sales:
    """The rows of a table as seasons.

    Raises:
        TableError: several products, too few periods, one price, no sales, or all periods sold out.
    """
    frame = table.frame
    products = frame["product"].unique()
    if len(products) > 1:
        column = table.mapping["product"]
        each = f"fit each by itself with --each {shlex.quote(column)} -o FOLDER, or all with --case PricingShelf"
        problem = f"column {column!r}: {len(products)} products, and a season sells one; {each}"
        raise TableError(table.where, [problem])
    if len(frame) < LEAST_ROWS:
        raise TableError(table.where, [f"{len(frame)} periods; at least {LEAST_ROWS} are needed"])
    _refuse_constants(Problems(frame, table.mapping, table.where))
    number = _numbers(frame)
    frame = frame.assign(number=number, place=pd.Series(number, index=frame.index).groupby(number).cumcount())
    visitors = frame["visitors"].to_numpy() if "visitors" in frame else None
    censored = sold_out(frame).to_numpy()
    if censored.all():
        raise TableError(table.where, [f"all {len(frame)} periods sold out; demand is not identified"])
    return Sales(
        frame,
        frame["price"].to_numpy(),
        frame["units"].to_numpy().astype(np.int64),
        censored,
        None if visitors is None or np.isnan(visitors).any() else visitors.astype(np.int64),
    )


def _refuse_constants(problems: Problems) -> None:
    """Refuses one price and no sales."""
    prices = problems.frame["price"]
    if prices.nunique() == 1:
        what = f"one price only ({prices.iloc[0]:g}); what another price would sell is not identified"
        problems.all_rows("price", what)
    if not problems.frame["units"].any():
        problems.all_rows("units", "not a single unit was sold")
    problems.raise_any()


def _numbers(frame: pd.DataFrame) -> Ints:
    """[rows] number of the season: from its column, or a new one whenever stock exceeds what was left."""
    if "season" in frame:
        return np.asarray(pd.factorize(frame["season"])[0], dtype=np.int64)
    if "stock" not in frame:
        return np.zeros(len(frame), dtype=np.int64)
    stock = frame["stock"].to_numpy()
    left = stock - frame["units"].to_numpy()
    return np.append(0, np.cumsum(stock[1:] > left[:-1])).astype(np.int64)


def _levels(sales: Sales, profile: bool) -> Floats:
    """[rows, levels] one level for all periods, or one for each period of a season."""
    if not profile:
        return np.ones((len(sales.frame), 1))
    return np.asarray(np.eye(sales.periods())[sales.frame["place"].to_numpy()])


def demand_of(sales: Sales, rows: Flags | None = None) -> Demand:
    """The demand with the smaller BIC, with a profile or without, on some rows or all."""
    kept = np.ones(len(sales.frame), dtype=bool) if rows is None else rows
    seen = np.bincount(sales.frame["place"][kept], minlength=sales.periods())
    profiles = (False, True) if seen.min() >= LEAST_SEASONS and len(seen) > 1 else (False,)
    return min((_estimated(sales, profile, kept) for profile in profiles), key=lambda demand: demand.levels().bic())


def _estimated(sales: Sales, profile: bool, rows: Flags) -> Demand:
    levels, price = _levels(sales, profile)[rows], sales.price[rows]
    units, cut = sales.units[rows], sales.censored[rows]
    if sales.visitors is None:
        response = _responding(price, levels, units, cut)
        return Demand(response, response, None, profile)
    came = sales.visitors[rows]
    # Without visitors a period says nothing of prices.
    use = came > 0
    seen = (units[use], cut[use], np.log(came[use]))
    free, held = (_responding(price[use], np.ones((use.sum(), count)), *seen) for count in (1, 0))
    traffic = select(levels, came, np.zeros(len(came), dtype=bool))
    return Demand(min(held, free, key=Regression.bic), free, traffic, profile)


def _responding(price: Floats, levels: Floats, units: Ints, cut: Flags, offset: Floats | None = None) -> Regression:
    """Units by price and level; prices are scaled to about one, for the search's sake."""
    scale = float(price.mean())
    found = select(np.column_stack([-price / scale, levels]), units, cut, offset)
    back = np.append(1 / scale, np.ones(levels.shape[1]))
    return dataclasses.replace(found, theta=found.theta * back, covariance=found.covariance * np.outer(back, back))


def falls(response: Regression, table: Table) -> None:
    """Refuses a demand that does not fall with the price.

    Args:
        response: units by price, with a level of its own: held by the number of visitors demand would always fall.
        table: where it is from.

    Raises:
        TableError: the interval of the sensitivity holds zero.
    """
    low, high = response.interval(0)
    if low > 0:
        return
    first, last = table.frame.index.min(), table.frame.index.max()
    raise TableError(
        table.where,
        [
            f"rows {first} to {last}, column {table.mapping['price']!r}: the sensitivity is not identified: "
            f"{response.theta[0]:.3g} (95 % {low:.3g} to {high:.3g}), so that a higher price may sell as many; prices "
            "must have changed for other reasons than demand, and often enough"
        ],
    )


def seasons_differ(sales: Sales, demand: Demand) -> float:
    """Spread of seasons' demand around the fit, as a share; 0 if it may be chance.

    By the method of moments: squared residuals of seasons, less the variance by chance alone.

    Args:
        sales: the seasons.
        demand: the fit to them.
    """
    mean = demand.expected(sales)
    spread = demand.levels().variance(mean)
    came = sales.visitors if sales.visitors is not None else sales.units
    usable = ~sales.censored if sales.visitors is None else np.ones(len(mean), dtype=bool)
    number = sales.frame["number"].to_numpy()[usable]
    expected, variance, off = (
        np.bincount(number, weights=part[usable], minlength=sales.seasons()) for part in (mean, spread, came - mean)
    )
    kept = expected > 0
    expected, variance, off = expected[kept], variance[kept], off[kept]
    if len(expected) < LEAST_SEASONS:
        return 0.0
    ratio = float(np.mean(off**2 / variance))
    if ratio < 1 + 4 * np.sqrt(2 / len(expected)):
        return 0.0
    return float(np.sqrt(max(np.sum(off**2 - variance), 0.0) / np.sum(expected**2)))
