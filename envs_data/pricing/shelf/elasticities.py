"""Elasticities of a shelf's products, one by one: of tables that do not tell what stood side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Flags, Floats, Ints
from envs_data.pricing.reading import row_keys, sold_out
from envs_data.pricing.regression import Regression, columns, regress, select

# Rows from which on an elasticity is estimated.
LEAST_ROWS = 10
RISES = "sold more the dearer it was, as if its price had followed demand"
OPEN_PRICES = (
    "so that a higher price may sell as many; prices must have changed for other reasons than demand, and often enough"
)


class Elasticity(NamedTuple):
    """How units follow the price.

    Attributes:
        plain, promoted: regressions of log units on log price, without and with a promotion; coefficient 1 is the
            elasticity. None if there are too few rows or prices.
        borrowed: whether the plain one is that of all products together.
    """

    plain: Regression | None
    promoted: Regression | None
    borrowed: bool = False


def elasticities(frame: pd.DataFrame) -> dict[str, Elasticity]:
    """Each product's elasticities, without a promotion and with one."""
    by_product = {}
    for name, rows in frame.groupby("product", sort=False):
        promoted = rows["promotion"].fillna(0) > 0 if "promotion" in rows else pd.Series(False, index=rows.index)
        by_product[str(name)] = Elasticity(_elasticity(rows[~promoted]), _elasticity(rows[promoted]))
    return by_product


def _elasticity(rows: pd.DataFrame) -> Regression | None:
    open_rows = stocked(rows)
    if len(open_rows) < LEAST_ROWS or open_rows["price"].nunique() < 2 or not open_rows["units"].any():
        return None
    return select(*regressors(open_rows))


def settled(frame: pd.DataFrame, by_product: Mapping[str, Elasticity]) -> tuple[dict[str, Elasticity], dict[str, str]]:
    """Elasticities in which those not identified by themselves are borrowed from all products together.

    Args:
        frame: the rows.
        by_product: `elasticities` of them.

    Returns:
        The elasticities, and by product why there is none.
    """
    of = {name: one.plain for name, one in by_product.items() if one.plain is not None}
    rising = {name: f"it {RISES}" for name, fit in of.items() if fit.interval(1)[0] > 0}
    lacking = [name for name in by_product if name not in of or of[name].interval(1)[1] >= 0]
    if rising or not lacking:
        return dict(by_product), rising
    shared = together(unpromoted(stocked(frame[frame["product"].isin([*of])])), next(iter(of.values()))) if of else None
    if shared is None or shared.interval(1)[1] >= 0:
        return dict(by_product), {name: _why_open(of.get(name)) for name in lacking}
    # What is shared by all does not stand in for a product that contradicts it.
    alien = [name for name in lacking if name in of and of[name].interval(1)[0] > shared.interval(1)[1]]
    if alien:
        return dict(by_product), {name: _why_open(of[name]) for name in alien}
    lent = {name: _lent(frame[frame["product"] == name], by_product[name], shared) for name in lacking}
    return {**by_product, **lent}, {}


def _why_open(fit: Regression | None) -> str:
    if fit is None:
        return "it had one price only, and what another price would sell is not identified"
    low, high = fit.interval(1)
    return f"its elasticity is not identified: {fit.theta[1]:.3g} (95 % {low:.3g} to {high:.3g}), {OPEN_PRICES}"


def _lent(rows: pd.DataFrame, own: Elasticity, shared: Regression) -> Elasticity:
    """A product's own level with the elasticity of all products together."""
    design, units, cut = regressors(stocked(unpromoted(rows)))
    level = select(design[:, :1], units, cut, shared.theta[1] * design[:, 1])
    theta = np.array([level.theta[0], shared.theta[1]])
    covariance = np.diag([level.covariance[0, 0], shared.covariance[1, 1]])
    return Elasticity(dataclasses.replace(level, theta=theta, covariance=covariance), own.promoted, True)


def unpromoted(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without a promotion."""
    return rows[~(rows["promotion"].fillna(0) > 0)] if "promotion" in rows else rows


def stocked(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that began with some stock."""
    return rows[~(sold_out(rows) & (rows["units"] == 0))]


def regressors(rows: pd.DataFrame) -> tuple[Floats, Ints, Flags]:
    """A constant and the centred log price; units; sold out."""
    logs = np.log(rows["price"].to_numpy())
    return columns(logs - logs.mean()), rows["units"].to_numpy().astype(np.int64), sold_out(rows).to_numpy()


def together(frame: pd.DataFrame, law: Regression) -> Regression:
    """One elasticity for all products, each with its own level; promotions are ignored.

    Args:
        frame: the rows.
        law: a regression whose law is used, if it can hold all rows.
    """
    names, units, cut = (
        frame["product"].unique(),
        frame["units"].to_numpy().astype(np.int64),
        sold_out(frame).to_numpy(),
    )
    levels = np.array([frame["product"] == name for name in names], dtype=np.float64).T
    design = np.column_stack([levels[:, 0], np.log(frame["price"]), levels[:, 1:]])
    possible = law.law != "lognormal" or (units.all() and not cut.any())
    return regress(design, units, cut, law.law if possible else "negative_binomial")


def cross_prices(frame: pd.DataFrame) -> dict[tuple[str, str], Regression]:
    """(product, other): the regression whose coefficient 2 is the effect of the other's price, all else fixed.

    Args:
        frame: rows with dates: those of one date (and store) stood side by side.
    """
    prices = frame.assign(log=np.log(frame["price"]))
    wide = prices.pivot_table(index=row_keys(frame), columns="product", values="log", sort=False).dropna()
    by_pair = {}
    for name in wide.columns:
        rows = frame[(frame["product"] == name) & ~sold_out(frame)]
        rows = rows[pd.MultiIndex.from_frame(rows[row_keys(rows)]).isin(_as_multi(wide.index))]
        others = [other for other in wide.columns if other != name]
        if len(rows) < LEAST_ROWS + len(others):
            continue
        keys = rows[row_keys(rows)].itertuples(index=False)
        logs = wide.loc[[key if len(key) > 1 else key[0] for key in keys]]
        logs = logs - logs.mean()
        units, cut = rows["units"].to_numpy().astype(np.int64), np.zeros(len(rows), dtype=bool)
        promotion = [rows["promotion"].fillna(0).to_numpy()] if "promotion" in rows else []
        logs_of = {str(one): logs[one].to_numpy() for one in wide.columns}
        law = select(columns(logs_of[str(name)], *promotion), units, cut).law
        for other in others:
            rest = [logs_of[str(one)] for one in others if one != other]
            design = columns(logs_of[str(name)], logs_of[str(other)], *rest, *promotion)
            by_pair[str(name), str(other)] = regress(design, units, cut, law)
    return by_pair


def _as_multi(index: pd.Index) -> pd.MultiIndex:
    return index if isinstance(index, pd.MultiIndex) else pd.MultiIndex.from_arrays([index], names=[index.name])
