"""Predict, then decide: a regression of the table's sales on prices, and the prices that would earn most under it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.pricing_season import Fluid, Reader
from baselines.rules.pricing_shelf import stock_and_delivery
from baselines.rules.regression import poisson_regression
from baselines.rules.rule_specs import predictor, view_as
from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows

# Ridge of a single coefficient, which is left free, and of many, of which a table of a few years shows some only dimly,
# such as the effect of another product's price.
FREE, HELD = 1e-4, 0.02
# Periods of the table a shop is supposed to keep: four years of weeks.
TABLE_PERIODS = 208
SWEEPS = 3
PURPOSE = "a demand regression"


def season_regression(problem: Problem, seed: int = 0) -> Fluid:
    """Regresses units on price, leaving out periods that sold out, and solves the rest of the season with the curve.

    It knows the table, the stock and the length of the season, and not the law of demand: neither that seasons may
    differ nor how many customers came is in its model.

    Args:
        problem: the season.
        seed: seed of the table.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    reader = Reader(problem)
    table = problem.case.generate(reader.parameters, seed=seed)
    shown = table[table["units"] < table["stock"]]
    # A table in which everything sold out at once shows no more than that.
    shown = shown if len(shown) else table
    scale = float(reader.prices.mean())
    place = shown.groupby("season").cumcount().to_numpy()
    expected = reader.view.factors[place] if reader.parameters.profile else np.ones(len(shown))
    busy = expected > 0
    rate = shown["units"].to_numpy()[busy] / expected[busy]
    price = shown["price"].to_numpy()[busy, None] / scale
    model = poisson_regression(PURPOSE, price, rate, FREE, expected[busy])
    return Fluid(reader, np.asarray(model.predict(reader.prices[:, None] / scale)))


@dataclasses.dataclass(frozen=True)
class ShelfRegression:
    """Prices that earn most until the end (or the delivery) if everybody buys exactly as the regression says.

    Attributes:
        view: the shelf.
        levels: [products] log units a period at prices of zero.
        slopes: [products, products] effect of each unit of another product's price on the log of a product's units.
    """

    view: ShelfView
    levels: Floats
    slopes: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps: each product's best in turn, the others' given."""
        p, ladders = self.view.parameters, self.view.tables.prices
        stock, left = self._stock(observations)
        steps = self.view.steps(observations)
        prices = np.take_along_axis(ladders[None], steps[:, :, None], axis=2)[:, :, 0]
        for _ in range(SWEEPS):
            for k, product in enumerate(p.products):
                tried = np.repeat(prices[:, None], len(product.prices), axis=1)
                tried[:, :, k] = product.prices
                steps[:, k] = self._worth(tried, stock, left).argmax(axis=1)
                prices[:, k] = ladders[k, steps[:, k]]
        return np.asarray(steps, dtype=np.int64)

    def _worth(self, prices: Floats, stock: Floats, left: Floats) -> Floats:
        """[worlds, tried] margin until stock or time is over, for [worlds, tried, products] prices."""
        costs = np.array([product.cost for product in self.view.parameters.products])
        rates = np.exp(self.levels + np.einsum("wtj,kj->wtk", prices, self.slopes))
        sold = np.minimum(rates * left[:, None, None], stock[:, None])
        return np.asarray(((prices - costs) * sold).sum(axis=2))

    def _stock(self, rows: Rows) -> tuple[Floats, Floats]:
        """[worlds, products] units there and due, and [worlds] average periods left."""
        left = np.append(np.cumsum(self.view.parameters.factors()[::-1])[::-1], 0.0)[self.view.period(rows)]
        return stock_and_delivery(self.view, rows).astype(np.float64), left


def shelf_regression(problem: Problem, seed: int = 0) -> ShelfRegression:
    """Regresses each product's units on all prices, leaving out periods that sold out.

    It knows the table, costs and stock, and not how customers choose: that they remember prices, or take another
    product when one has run out, is not in its model.

    Args:
        problem: the shelf.
        seed: seed of the table.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    view = view_as(ShelfView, problem)
    p = view.parameters
    table = problem.case.generate(p, seed=seed, days=round(TABLE_PERIODS * p.period_days))
    names = [product.name for product in p.products]
    prices, units, stock = (_wide(table, column, names) for column in ("price", "units", "stock"))
    scale = prices.mean(axis=0)
    levels, slopes = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for k in range(len(names)):
        shown = units[:, k] < stock[:, k]
        if not shown.any() or not units[shown, k].any():
            levels[k] = np.log(units[:, k].mean() + 1e-3)
            continue
        model = poisson_regression(PURPOSE, prices[shown] / scale, units[shown, k], HELD)
        levels[k], slopes[k] = model.intercept_, model.coef_ / scale
    return ShelfRegression(view, levels, slopes)


def _wide(table: pd.DataFrame, column: str, names: list[str]) -> Floats:
    """[periods, products] of a table that has a row for each."""
    return np.asarray(table[column].to_numpy(dtype=np.float64).reshape(-1, len(names)))


SEASON = predictor("regression then price", season_regression)
SHELF = predictor("regression then price", shelf_regression)
