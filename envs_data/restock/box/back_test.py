"""Does the fit of a box predict days it has not seen? Holds back the last fifth of its days, item by item."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from envs_data.back_tests import BAND, BEYOND_CHANCE
from envs_data.fits import BackTest
from envs_data.restock.back_test import LEAST_HELD_OUT, LEAST_TRAINING, Prediction, rival
from envs_data.restock.panel import estimate_together, select_together
from envs_data.restock.sales import Sales

# Problems listed one by one.
PROBLEMS_SHOWN = 5


def back_test(sales: Mapping[str, Sales]) -> BackTest:
    """Fits the first four fifths of the days and compares the last with what that fit expects of each item.

    An item fails as it would alone, but the more items there are, the further beyond chance it has to be, so that a
    good fit of a box is as rarely refused as that of one item.

    Args:
        sales: by item, its days observed.

    Returns:
        Figures of all items together, problems by item; refused without figures where the table is too short.
    """
    dates = np.unique(np.concatenate([one.dates for one in sales.values()]))
    count = len(dates) // 5
    held_out = f"the last {count} days"
    cut = dates[len(dates) - count] if count else dates[-1]
    early = {name: one.where(one.dates < cut) for name, one in sales.items()}
    late = {name: one.where(one.dates >= cut) for name, one in sales.items()}
    short = [name for name in sales if _too_short(early[name], late[name])]
    if short:
        return BackTest(held_out, problems=(f"days of {', '.join(short[:PROBLEMS_SHOWN])} are too few to check it",))
    panel = select_together([*early.values()])
    beyond = float(stats.norm.isf(stats.norm.sf(BEYOND_CHANCE) / len(sales)))
    judged = {n: Prediction(fit, late[n], beyond) for n, fit in zip(sales, panel.fits, strict=True)}
    weekly = judged
    if not panel.layout.structure.weekday:
        # Whether weekdays turned is asked of a profile even where it was too weak to be fitted: a weak one may go on.
        shape = dataclasses.replace(panel.layout.structure, weekday=True)
        profiled = estimate_together([*early.values()], shape, panel.layout.laws)
        weekly = {n: Prediction(fit, late[n], beyond) for n, fit in zip(sales, profiled.fits, strict=True)}
    problems = {name: (*judged[name].problems(), *weekly[name].weekday_problem()) for name in sales}
    return BackTest(
        held_out=held_out,
        predicted=_together([one.predicted() for one in judged.values()]),
        observed=_together([one.observed() for one in judged.values()]),
        rival=_rival([rival(early[name], late[name], one) for name, one in judged.items()]),
        problems=_told([f"{name}: {problem}" for name, own in problems.items() for problem in own]),
        series=_series([*judged.values()]),
    )


def _too_short(early: Sales, late: Sales) -> bool:
    return len(early) < LEAST_TRAINING or len(late) < LEAST_HELD_OUT or not early.units.any()


def _together(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means over the items of each figure; ``mean`` is of all items together, units a day."""
    means = {key: float(np.mean([one[key] for one in figures])) for key in ("coverage", "spread", "zero_days")}
    weekday = [[one["weekday"][day] for one in figures if one["weekday"][day] is not None] for day in range(7)]
    return {
        **means,
        "mean": float(sum(one["mean"] for one in figures)),
        "weekday": [float(sum(day)) if day else None for day in weekday],
    }


def _rival(rivals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The naive forecast of all items, where every item has the same."""
    if not all(rivals) or len({one["name"] for one in rivals}) > 1:
        return {}
    means = {key: float(np.mean([one[key] for one in rivals])) for key in ("coverage", "error", "own_error")}
    return {"name": rivals[0]["name"], **means}


def _told(problems: Sequence[str]) -> tuple[str, ...]:
    more = len(problems) - PROBLEMS_SHOWN
    return (*problems[:PROBLEMS_SHOWN], *((f"and {more} more like these",) if more > 0 else ()))


def _series(judged: Sequence[Prediction]) -> dict[str, list[Any]]:
    """The held-out days of all items together for a picture; the band is a normal one around their sum."""
    dates = np.unique(np.concatenate([one.sales.dates for one in judged]))
    units, expected, spread, sold_out = (np.zeros(len(dates)) for _ in range(4))
    for one in judged:
        place = np.searchsorted(dates, one.sales.dates)
        for total, own in zip(
            (units, expected, spread, sold_out),
            (one.sales.units, one.mean, one.spread, one.sales.censored),
            strict=True,
        ):
            total[place] += own
    low, high = (np.maximum(expected + stats.norm.ppf(share) * np.sqrt(spread), 0) for share in BAND)
    return {
        "date": [str(date) for date in dates],
        "units": units.astype(int).tolist(),
        "sold_out": (sold_out > 0).tolist(),
        "expected": np.round(expected, 3).tolist(),
        "low": np.rint(low).astype(int).tolist(),
        "high": np.rint(high).astype(int).tolist(),
    }
