"""The multinomial logit by maximum likelihood: from periods with many customers, or from visits of one."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize, special

from envs_data.arrays import Flags, Floats
from envs_data.curvature import hessian, inverse
from envs_data.pricing.regression import OPEN, STEP

# Standard errors above 0 from which on demand is said to fall with the price.
CLEARLY = 1.96


class Offers(NamedTuple):
    """Products offered side by side, and the units taken.

    Attributes:
        prices: [rows, products]; any number where not offered.
        promotion: [rows, products] how much it was promoted.
        offered: [rows, products].
        counts: [rows, products] units taken.
        customers: [rows] customers who chose, buying or not: counted, or the size of the market that is assumed.
        counted: whether they were counted, so that visits without a purchase are known too.
        outside: whether a customer may buy nothing; else the rows hold buyers only.
        below: [rows, products] how far each price is below the one that customers remember; None where no memory is
            looked for.
    """

    prices: Floats
    promotion: Floats
    offered: Flags
    counts: Floats
    customers: Floats
    counted: bool
    outside: bool = True
    below: Floats | None = None

    def where(self, rows: Flags) -> Offers:
        """Some of the rows."""
        parts = {name: getattr(self, name)[rows] for name in ("prices", "promotion", "offered", "counts", "customers")}
        return self._replace(**parts, below=None if self.below is None else self.below[rows])

    @property
    def shared(self) -> list[Floats]:
        """What moves utility alike for all products, each [rows, products]: what is remembered, then promotion."""
        return [*([] if self.below is None else [self.below]), *([self.promotion] if self.promoted else [])]

    @property
    def promoted(self) -> bool:
        """Whether anything was promoted at any time."""
        return bool(self.promotion.any())

    @property
    def repriced(self) -> Flags:
        """[products] which were offered at more than one price."""
        seen = [self.prices[there, k] for k, there in enumerate(self.offered.T)]
        return np.array([len(prices) > 0 and bool((prices != prices[0]).any()) for prices in seen])


@dataclasses.dataclass(frozen=True)
class Logit:
    """Utilities over buying nothing: appeal - sensitivity * price + recall * below + lift * promotion.

    Attributes:
        appeal, sensitivity: [products].
        recall: utility of each unit of money that a price is below the one remembered; 0 where none was looked for.
        theta: appeals, sensitivities, the recall where it was looked for, and the lift where something was promoted.
        covariance: of ``theta``; rows are the independent units, however much their customers are alike.
        dispersion: variance of the units taken, as a multiple of that of independent customers.
        common: whether all products have one sensitivity.
        unclear: [products] whose own sensitivity is not clearly above 0, or was never seen to matter.
    """

    appeal: Floats
    sensitivity: Floats
    recall: float
    theta: Floats
    covariance: Floats
    dispersion: float
    common: bool
    unclear: Flags

    def shares(self, offers: Offers) -> Floats:
        """[rows, products] probability that a customer takes each product."""
        return shares_at(self.theta, offers)

    def expected(self, offers: Offers) -> Floats:
        """[rows, products] units expected."""
        return np.asarray(offers.customers[:, None] * self.shares(offers))

    def stderrs(self) -> Floats:
        """[coefficients]."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def shares_at(theta: Floats, offers: Offers) -> Floats:
    """[rows, products] probability that a customer takes each product, at any coefficients."""
    weights = _weights(theta, offers)
    return np.asarray(weights / (float(offers.outside) + weights.sum(axis=1, keepdims=True)))


def _weights(theta: Floats, offers: Offers) -> Floats:
    """[rows, products] weight of each product beside 1 for buying nothing."""
    count = offers.prices.shape[1]
    utility = theta[:count] - theta[count : 2 * count] * offers.prices
    # Promotions come last: earlier rows, which the coefficients are of, may have had none.
    for strength, column in zip(theta[2 * count :], offers.shared, strict=False):
        utility = utility + strength * column
    return np.where(offers.offered, np.exp(np.clip(utility, -50, 50)), 0.0)


def _scores(theta: Floats, offers: Offers) -> tuple[float, Floats]:
    """Log-likelihood without constants, and [rows, coefficients] its slope by row.

    Counted customers choose one by one; in an assumed market each product's units are Poisson.
    """
    shares = shares_at(theta, offers)
    nothing = 1 - shares.sum(axis=1)
    taken, sold = offers.counts, offers.counts.sum(axis=1)
    logs = float((taken * np.log(np.maximum(shares, 1e-300))).sum())
    if offers.counted:
        value = logs + float(((offers.customers - sold) * np.log(np.maximum(nothing, 1e-300))).sum())
        by_utility = taken - offers.customers[:, None] * shares
    else:
        value = logs - float((offers.customers * (1 - nothing)).sum())
        by_utility = taken - shares * (sold + offers.customers * nothing)[:, None]
    parts = [by_utility, -by_utility * np.where(offers.offered, offers.prices, 0.0)]
    parts += [(by_utility * column).sum(axis=1, keepdims=True) for column in offers.shared]
    return value, np.hstack(parts)


def _information(theta: Floats, offers: Offers, whole: Floats) -> Floats:
    """[free coefficients, free coefficients] expected information, were all customers independent."""
    shares = shares_at(theta, offers)
    own = np.eye(shares.shape[1])
    overlap = 1.0 if offers.counted else 2.0 - shares.sum(axis=1)[:, None, None]
    by_utility = shares[:, :, None] * own - overlap * shares[:, :, None] * shares[:, None, :]
    by_price = -np.where(offers.offered, offers.prices, 0.0)[:, :, None] * own
    parts = [np.broadcast_to(own, by_price.shape), by_price, *(column[:, :, None] for column in offers.shared)]
    slopes = np.concatenate(parts, axis=2) @ whole
    return np.asarray(np.einsum("n,nki,nkl,nlj->ij", offers.customers, slopes, by_utility, slopes, optimize=True))


def _at_least(covariance: Floats, least: Floats) -> Floats:
    """A covariance whose variances are no smaller than another's, correlations as they are.

    A sandwich of a hundred periods is itself left to chance; customers who are alike only add to what independent ones
    leave open.
    """
    short = np.sqrt(np.maximum(np.diag(least) / np.maximum(np.diag(covariance), 1e-300), 1.0))
    return np.asarray(covariance * np.outer(short, short))


def select(offers: Offers, own: Logit | None = None) -> Logit:
    """A sensitivity for each product; one in common where some product's own is not clearly more than 0.

    Args:
        offers: the rows.
        own: `estimate` of them, if it is there already.
    """
    own = own or estimate(offers)
    if not own.unclear[offers.repriced].any():
        return own
    return dataclasses.replace(estimate(offers, common=True), unclear=own.unclear)


def estimate(offers: Offers, common: bool = False) -> Logit:
    """Maximum likelihood, with standard errors that treat rows as the independent units.

    A product that was never repriced takes the mean sensitivity of the others.

    Args:
        offers: the rows; every product offered, and taken, in some.
        common: whether all products have the same sensitivity.
    """
    rows, count = offers.prices.shape
    whole, customers = _layout(offers, common), float(offers.customers.sum())

    def loss(free: Floats) -> tuple[float, Floats]:
        value, slopes = _scores(whole @ free, offers)
        return -value / customers, -slopes.sum(axis=0) @ whole / customers

    begin = np.zeros(whole.shape[1])
    best = optimize.minimize(loss, begin, jac=True, method="BFGS", options={"gtol": 1e-7})
    theta = whole @ best.x
    slopes = _scores(theta, offers)[1] @ whole
    spread = inverse(hessian(lambda free: customers * loss(free)[1], best.x, STEP), OPEN)
    meat = np.einsum("ij,ik->jk", slopes, slopes) * rows / max(rows - whole.shape[1], 1)
    alike = whole @ spread @ meat @ spread @ whole.T
    covariance = _at_least(alike, whole @ inverse(_information(theta, offers, whole), OPEN) @ whole.T)
    recall = 0.0 if offers.below is None else float(theta[2 * count])
    parts = (theta[:count], theta[count : 2 * count], recall, theta, covariance)
    low = parts[1] - CLEARLY * np.sqrt(np.diag(covariance))[count : 2 * count]
    fitted = Logit(*parts, 1.0, common, (low <= 0) | ~offers.repriced)
    return dataclasses.replace(fitted, dispersion=_dispersion(fitted, offers))


def _layout(offers: Offers, common: bool) -> Floats:
    """[coefficients, free coefficients] which is which; prices are scaled to about one, for the search's sake.

    Among buyers only differences of appeals show: the first is 0.
    """
    count = offers.prices.shape[1]
    usual = np.where(offers.offered, offers.prices, 0.0).sum(axis=0) / offers.offered.sum(axis=0)
    slopes, repriced = np.full((count, 1), 1 / usual.mean()), offers.repriced
    if not common and repriced.any():
        slopes = np.diag(1 / usual)[:, repriced]
        slopes[~repriced] = slopes[repriced].mean(axis=0)
    appeals = np.eye(count)[:, int(not offers.outside) :]
    return np.asarray(linalg.block_diag(appeals, slopes, np.eye(len(offers.shared))))


def with_outside(fitted: Logit, offers: Offers, share: float) -> Logit:
    """A logit of buyers, its appeals moved so that customers buy nothing with a given probability in the mean.

    Args:
        fitted: the logit.
        offers: the rows it was fitted to.
        share: probability of buying nothing.
    """
    count = len(fitted.appeal)
    pull = np.log(_weights(fitted.theta, offers).sum(axis=1))

    def missing(shift: float) -> float:
        return float(np.average(special.expit(-pull - shift), weights=offers.customers)) - share

    usual = float(special.logit(1 - share))
    shift = float(optimize.brentq(missing, usual - pull.max() - 1, usual - pull.min() + 1))
    weights = offers.customers * special.expit(pull + shift) * special.expit(-pull - shift)
    bought = fitted.shares(offers)
    parts = [bought, -bought * np.where(offers.offered, offers.prices, 0.0)]
    parts += [(bought * column).sum(axis=1, keepdims=True) for column in offers.shared]
    raised = (np.arange(len(fitted.theta)) < count).astype(np.float64)
    slopes = np.eye(len(raised)) - np.outer(raised, np.average(np.hstack(parts), axis=0, weights=weights))
    theta = fitted.theta + shift * raised
    covariance = slopes @ fitted.covariance @ slopes.T
    return dataclasses.replace(fitted, appeal=theta[:count], theta=theta, covariance=covariance)


def _dispersion(fitted: Logit, offers: Offers) -> float:
    """Pearson's: squared errors over what independent customers would make."""
    mean = fitted.expected(offers)
    variance = mean * (1 - fitted.shares(offers)) if offers.counted else mean
    kept = offers.offered & (variance > 0)
    free = max(int(kept.sum()) - len(fitted.theta), 1)
    return float(((offers.counts - mean)[kept] ** 2 / variance[kept]).sum() / free)
