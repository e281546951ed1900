"""Does a fit predict clicks it has not seen? Holds back the last fifth of the visits and compares, item by item."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from envs_data.arrays import Floats
from envs_data.back_tests import BEYOND_CHANCE, CUSTOMERS
from envs_data.fits import BackTest
from envs_data.recommend.lifetime.click_model import Estimate, Log, chances, estimate

HELD_BACK = 0.2
LEAST_VISITS, LEAST_CLICKS = 50, 5.0


def back_test(log: Log, date: pd.Series) -> BackTest:
    """Compares clicks on each item in the last fifth of the visits with what a fit to the others expects.

    Args:
        log: all visits.
        date: their dates.
    """
    cut = date.sort_values().iloc[int(len(date) * (1 - HELD_BACK))]
    late = (date >= cut).to_numpy()
    held_out = f"the last {int((date.max() - cut).days) + 1} days"
    if late.sum() < LEAST_VISITS or (~late).sum() < LEAST_VISITS:
        return BackTest(held_out, problems=(f"{int(late.sum())} visits are too few to check it",))
    fitted, later = estimate(log.of(~late), most=1), log.of(late)
    mean, variance, clicks = _expected(fitted, later)
    naive, noise, _ = _as_before(log.of(~late), later)
    told = (clicks > 0) | (mean >= LEAST_CLICKS)
    told &= mean >= min(LEAST_CLICKS, float(mean.max()))
    own, rival = _covered(clicks, mean, variance)[told].mean(), _covered(clicks, naive, noise)[told].mean()
    level, error = clicks.sum() / mean.sum() - 1, float(np.sqrt(variance.sum())) / float(mean.sum())
    problems = []
    if abs(level) > CUSTOMERS.level and abs(level) > BEYOND_CHANCE * error:
        problems.append(f"{clicks.sum():.0f} clicks came where {mean.sum():.0f} were expected")
    if own < 0.8 - CUSTOMERS.coverage - stats.norm.ppf(0.95) * np.sqrt(0.16 / max(told.sum(), 1)):
        problems.append(f"80 % bands of clicks by item covered only {own:.0%}")
    visits = len(later.items)
    return BackTest(
        held_out,
        predicted={"coverage": 0.8, "mean": float(mean.sum() / visits)},
        observed={"coverage": float(own), "mean": float(clicks.sum() / visits)},
        rival={
            "name": "clicks a time shown, as before",
            "coverage": float(rival),
            "error": float(np.abs(clicks - naive)[told].mean()),
            "own_error": float(np.abs(clicks - mean)[told].mean()),
        },
        problems=tuple(problems),
        series={
            "item": np.flatnonzero(told).tolist(),
            "expected": mean[told].tolist(),
            "clicks": clicks[told].tolist(),
        },
    )


def _expected(fitted: Estimate, log: Log) -> tuple[Floats, Floats, Floats]:
    """[items] expected clicks, their variance by chance and by the fit's uncertainty, and observed clicks."""
    chance = chances(log, fitted.appeal, fitted.place, fitted.tastes)
    mean = np.einsum("g,gvk->vk", fitted.shares, chance)[:, :-1]
    items, count = np.maximum(log.items, 0), len(log.topic)
    total = np.bincount(items.ravel(), mean.ravel(), count)
    by_chance = np.bincount(items.ravel(), (mean * (1 - mean)).ravel(), count)
    # An error of the appeal moves the expectation by about itself times the variance.
    open_still = (by_chance * fitted.errors[:count]) ** 2
    hit = log.clicked < log.items.shape[1]
    clicks = np.bincount(log.items[np.flatnonzero(hit), log.clicked[hit]], minlength=count).astype(np.float64)
    return np.asarray(total, dtype=np.float64), by_chance + open_still, clicks


def _as_before(early: Log, late: Log) -> tuple[Floats, Floats, Floats]:
    """[items] clicks as often a time shown as before, whatever the place and the company."""
    count = len(early.topic)
    shown, again = (np.bincount(log.items[log.items >= 0], minlength=count) for log in (early, late))
    hit = early.clicked < early.items.shape[1]
    clicks = np.bincount(early.items[np.flatnonzero(hit), early.clicked[hit]], minlength=count)
    share = clicks / np.maximum(shown, 1)
    return share * again, share * (1 - share) * again + 1e-9, share


def _covered(clicks: Floats, mean: Floats, variance: Floats) -> Floats:
    """[items] whether the 80 % band, rounded outwards, holds the observed clicks."""
    half = stats.norm.ppf(0.9) * np.sqrt(variance)
    inside = (clicks >= np.floor(mean - half)) & (clicks <= np.ceil(mean + half))
    return np.asarray(inside, dtype=np.float64)
