"""Fits of demand with a hidden level, and with another structure that the table leaves possible."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from envs_data.arrays import Floats
from envs_data.restock.demand import Demand
from envs_data.restock.sales import Sales, weekday_of
from envs_data.restock.wandering import around, wandering


def with_level(fitted: Demand, sales: Sales) -> Demand:
    """A fit with the hidden level that its days tell of, where they are spread enough to have one."""
    size = fitted.counts().size
    if fitted.law != "negative_binomial" or size is None:
        return fitted
    return dataclasses.replace(fitted, wandering=wandering(*_expected(fitted, sales), size))


def around_level(fitted: Demand, sales: Sales) -> Demand:
    """A fit whose mean and size are those around its hidden level, if it has one."""
    if fitted.wandering is None or not fitted.wanders:
        return fitted
    found = around(fitted.wandering, *_expected(fitted, sales))
    theta = fitted.theta.copy()
    theta[: fitted.structure.levels()] += found.shift
    theta[-1] = np.log(found.size)
    return dataclasses.replace(fitted, wandering=found, theta=theta)


def _expected(fitted: Demand, sales: Sales) -> tuple[Sales, Floats]:
    """Days of open weekdays, and what is expected on them."""
    used = sales.where(fitted.is_open[weekday_of(sales.dates)])
    return used, np.maximum(fitted.expected(used.dates), 1e-9)


def with_other(chosen: Demand, other: Demand | None = None, *, days: int) -> Demand:
    """A fit with another that is left possible, as probable as the BIC makes it; never one with a season of its own."""
    if other is None or (other.structure.season and not chosen.structure.season):
        return chosen
    share = float(special.expit((chosen.bic(days) - other.bic(days)) / 2))
    return dataclasses.replace(chosen, other=other, share=share)
