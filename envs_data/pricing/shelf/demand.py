"""Demand of a shelf from its tables: elasticities product by product, and the logit behind them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Array, Flags, Floats, Ints
from envs_data.pricing.logit import Logit, Offers, select
from envs_data.pricing.reading import sold_out
from envs_data.pricing.regression import Regression, columns, regress
from envs_data.pricing.regression import select as select_law

# Rows from which on an elasticity is estimated.
LEAST_ROWS = 10
# A cross-price effect whose 95 % interval is wider than this to either side is called not identified.
CROSS_WIDTH = 1.0
# Standard deviations above its mean that a stock must have for a period to count as never short.
ROOMY = 3.0
LOW = "began with so little stock that customers may have found less"
SHORT = "sold out (too few began with ample stock, so that sales are a little understated)"
DRAWS, DRAWS_SEED = 400, 20_250_106


class Elasticity(NamedTuple):
    """How units follow the price.

    Attributes:
        plain, promoted: regressions of log units on log price, without and with a promotion; coefficient 1 is the
            elasticity. None if there are too few rows or prices.
    """

    plain: Regression | None
    promoted: Regression | None


@dataclasses.dataclass(frozen=True)
class Demand:
    """The logit of a shelf.

    Attributes:
        names: the products.
        appeal, sensitivity: [products].
        covariance: of appeals, then sensitivities.
        logit: if offers could be paired; None if each product was observed on its own.
    """

    names: tuple[str, ...]
    appeal: Floats
    sensitivity: Floats
    covariance: Floats
    logit: Logit | None

    def stderrs(self) -> tuple[Floats, Floats]:
        """[products] of appeals, and of sensitivities."""
        errors = np.sqrt(np.diag(self.covariance))
        return errors[: len(self.names)], errors[len(self.names) :]

    def draws(self, count: int, rng: np.random.Generator) -> list[tuple[Floats, Floats]]:
        """Appeals and sensitivities drawn from their uncertainty; draws with rising demand are rejected."""
        mean = np.concatenate([self.appeal, self.sensitivity])
        kept: list[tuple[Floats, Floats]] = []
        products = len(self.names)
        while len(kept) < count:
            drawn = rng.multivariate_normal(mean, self.covariance, method="eigh")
            if (drawn[products:] > 0).all():
                kept.append((drawn[:products], drawn[products:]))
        return kept


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
    return select_law(*regressors(open_rows))


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
        law: a regression whose law is used.
    """
    names = frame["product"].unique()
    levels = np.array([frame["product"] == name for name in names], dtype=np.float64).T
    design = np.column_stack([levels[:, 0], np.log(frame["price"]), levels[:, 1:]])
    return regress(design, frame["units"].to_numpy().astype(np.int64), sold_out(frame).to_numpy(), law.law)


def cross_prices(frame: pd.DataFrame) -> dict[tuple[str, str], Regression]:
    """(product, other): the regression whose coefficient 2 is the effect of the other's price, all else fixed.

    Args:
        frame: rows with dates: those of one date (and store) stood side by side.
    """
    prices = frame.assign(log=np.log(frame["price"]))
    wide = prices.pivot_table(index=_keys(frame), columns="product", values="log", sort=False).dropna()
    by_pair = {}
    for name in wide.columns:
        rows = frame[(frame["product"] == name) & ~sold_out(frame)]
        rows = rows[pd.MultiIndex.from_frame(rows[_keys(rows)]).isin(_as_multi(wide.index))]
        others = [other for other in wide.columns if other != name]
        if len(rows) < LEAST_ROWS + len(others):
            continue
        logs = wide.loc[[key if len(_keys(rows)) > 1 else key[0] for key in rows[_keys(rows)].itertuples(index=False)]]
        logs = logs - logs.mean()
        units, cut = rows["units"].to_numpy().astype(np.int64), np.zeros(len(rows), dtype=bool)
        promotion = [rows["promotion"].fillna(0).to_numpy()] if "promotion" in rows else []
        logs_of = {str(one): logs[one].to_numpy() for one in wide.columns}
        law = select_law(columns(logs_of[str(name)], *promotion), units, cut).law
        for other in others:
            rest = [logs_of[str(one)] for one in others if one != other]
            design = columns(logs_of[str(name)], logs_of[str(other)], *rest, *promotion)
            by_pair[str(name), str(other)] = regress(design, units, cut, law)
    return by_pair


def _keys(frame: pd.DataFrame) -> list[str]:
    return [key for key in ("date", "store") if key in frame]


def _as_multi(index: pd.Index) -> pd.MultiIndex:
    return index if isinstance(index, pd.MultiIndex) else pd.MultiIndex.from_arrays([index], names=[index.name])


def paired(frame: pd.DataFrame) -> bool:
    """Whether rows say which products stood side by side: dates do, with stores if there are several."""
    return "date" in frame and not frame.duplicated([*_keys(frame), "product"]).any()


def offers_of(frame: pd.DataFrame, market: float | None) -> tuple[Offers, str]:
    """What stood side by side in each period, and a sentence on periods left out because stock was low.

    When a product runs out within a period, its customers take another or nothing, and sales no longer show choices.
    Opening stock does not depend on the period's customers, so leaving out periods by it introduces no bias.

    Args:
        frame: rows with dates.
        market: customers a period where visitors are not counted.
    """
    rows = frame.groupby(_keys(frame), sort=False).ngroup().to_numpy()
    prices, counts = _wide(frame, rows, "price", np.nan), _wide(frame, rows, "units", 0.0)
    stock = _wide(frame, rows, "stock", np.inf)
    offered = ~np.isnan(prices) & (stock > 0)
    counted = "visitors" in frame and not frame["visitors"].isna().any()
    customers = np.full(len(prices), market or 1.0)
    if counted:
        customers = _wide(frame, rows, "visitors", 0.0).max(axis=1)
    promotion = _wide(frame, rows, "promotion", 0.0) * offered
    offers = Offers(np.nan_to_num(prices, nan=1.0), promotion, offered, counts * offered, customers, counted)
    short = (offers.counts >= stock) & offered
    kept, why = _roomy(offers, stock, short), LOW
    if not _enough(offers.where(kept)):
        kept, why = np.asarray(~short.any(axis=1)), SHORT
    left = int((~kept).sum())
    return offers.where(kept), f"{left} of {len(kept)} periods are left out: they {why}." if left else ""


def _wide(frame: pd.DataFrame, rows: Array, column: str, missing: float) -> Floats:
    """[rows, products] a column, products side by side."""
    names = {name: k for k, name in enumerate(frame["product"].unique())}
    wide = np.full((int(rows.max()) + 1, len(names)), missing)
    if column in frame:
        wide[rows, frame["product"].map(names).to_numpy()] = frame[column].fillna(missing).to_numpy()
    return wide


def _enough(offers: Offers) -> bool:
    """Whether every product was seen often enough, at two prices or more."""
    seen = offers.offered.sum(axis=0) >= LEAST_ROWS
    prices = [len(np.unique(offers.prices[there, k])) for k, there in enumerate(offers.offered.T)]
    return bool(seen.all() and min(prices) > 1 and offers.counts.any(axis=0).all())


def _roomy(offers: Offers, stock: Floats, short: Flags) -> Flags:
    """[rows] whether every product offered had more than anybody would have sold."""
    most = []
    for k in range(stock.shape[1]):
        sold = offers.counts[offers.offered[:, k] & ~short[:, k], k]
        most.append(sold.mean() + ROOMY * sold.std() if len(sold) else np.inf)
    return np.asarray((~offers.offered | (stock > np.array(most))).all(axis=1))


def choices_of(frame: pd.DataFrame) -> Offers:
    """Visits as offers with one customer each."""
    rows = np.asarray(pd.factorize(frame["visit"])[0])
    prices = _wide(frame, rows, "price", np.nan)
    offered, promotion = ~np.isnan(prices), _wide(frame, rows, "promotion", 0.0)
    counts = _wide(frame, rows, "chosen", 0.0)
    return Offers(np.nan_to_num(prices, nan=1.0), promotion, offered, counts, np.ones(len(prices)), True)


def from_offers(names: tuple[str, ...], offers: Offers) -> Demand:
    """The logit of what stood side by side.

    Raises:
        ValueError: too little data is left.
    """
    if not _enough(offers):
        raise ValueError(
            f"{len(offers.prices)} periods or visits that did not sell out are too few, or had one price; a log of "
            "visits would tell what each visitor found"
        )
    fitted, count = select(offers), len(names)
    return Demand(names, fitted.appeal, fitted.sensitivity, fitted.covariance[: 2 * count, : 2 * count], fitted)


def from_elasticities(frame: pd.DataFrame, elasticity_of: Mapping[str, Elasticity], market: float) -> Demand:
    """The logit that has each product's elasticity and sales at its mean price, for a market of this size.

    A product's elasticity at price p and share s is -sensitivity * p * (1 - s). Products were seen one by one, so
    that what one takes from another follows from the shares alone.

    Args:
        frame: the rows.
        elasticity_of: elasticity of each product; with a plain regression for each.
        market: customers a period.
    """
    fits = [one.plain for one in elasticity_of.values() if one.plain is not None]
    prices = np.array([_usual_price(frame, name) for name in elasticity_of])
    rng = np.random.default_rng(DRAWS_SEED)
    drawn = [rng.multivariate_normal(fit.theta, fit.covariance, size=DRAWS, method="eigh") for fit in fits]
    shifts = [fit.spread**2 / 2 if fit.law == "lognormal" else 0.0 for fit in fits]

    def logit(levels: Floats, slopes: Floats) -> Floats:
        share = np.exp(levels + shifts) / market
        share = share * min(1.0, 0.98 / share.sum())
        sensitivity = -slopes / (prices * (1 - share))
        return np.concatenate([np.log(share / (1 - share.sum())) + sensitivity * prices, sensitivity])

    best = logit(*(np.array([fit.theta[k] for fit in fits]) for k in (0, 1)))
    many = np.array([logit(*(np.array([one[draw, k] for one in drawn]) for k in (0, 1))) for draw in range(DRAWS)])
    count = len(fits)
    return Demand(tuple(elasticity_of), best[:count], best[count:], np.cov(many.T), None)


def _usual_price(frame: pd.DataFrame, name: str) -> float:
    """The geometric mean of a product's prices without promotion: where its regression has its level."""
    rows = stocked(unpromoted(frame[frame["product"] == name]))
    return float(np.exp(np.log(rows["price"]).mean()))
