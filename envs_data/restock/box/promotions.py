"""The lift of promotions, from the promoted days of a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.parameters import Origin
from envs_data.restock.demand import Demand

# Promoted days without which the lift is not identified.
LEAST_PROMOTED = 14
ROUNDS = 50


@dataclasses.dataclass(frozen=True)
class Promotions:
    """The promotions of a box.

    Attributes:
        values: ``promotion_every`` and ``promotion_lift``, where there are promotions.
        origins: where they come from.
        notes: remarks for the reader.
    """

    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    origins: Mapping[str, Origin] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()


def promotions(frames: Mapping[str, pd.DataFrame], fits: Mapping[str, Demand]) -> Promotions:
    """How often items are promoted, and how many times as much they then sell.

    The lift is the demand of promoted days over that expected from the other days; for sold-out days it is the expected
    demand given that it was at least what was sold.

    Args:
        frames: by item, its days.
        fits: by item, the law of its demand without promotions.
    """
    days = {name: rows[rows["promotion"] > 0] for name, rows in frames.items() if "promotion" in rows}
    count = sum(len(rows) for rows in days.values())
    if count == 0:
        return Promotions()
    if count < LEAST_PROMOTED:
        return Promotions(notes=(f"Only {count} promoted days: their lift is not identified; they are left out.",))
    promoted = [(fits[name], rows, _expected(fits[name], rows)) for name, rows in days.items() if len(rows)]
    if not any(expected.any() for _, _, expected in promoted):
        same = "All promotions are on weekdays without other sales: their lift is not identified; they are left out."
        return Promotions(notes=(same,))
    lift, error = _lift(promoted)
    share = count / sum(len(rows) for rows in frames.values())
    every = max(2, round(1 / share))
    why = f"{share:.1%} of days are promoted."
    note = f"Items are promoted in turn, each a week in {every}; the table's own dates of promotions are not kept."
    return Promotions(
        {"promotion_every": every, "promotion_lift": lift},
        {
            "promotion_every": Origin("fitted", note=why),
            "promotion_lift": Origin("fitted", error, f"From {count} promoted days; the same for all items."),
        },
        (note,),
    )


def _expected(fitted: Demand, rows: pd.DataFrame) -> Floats:
    """[rows] demand of those days if they were not promoted."""
    return fitted.expected(rows["date"].to_numpy().astype("datetime64[D]"))


def _lift(promoted: Sequence[tuple[Demand, pd.DataFrame, Floats]]) -> tuple[float, float]:
    """The lift and its standard error.

    Args:
        promoted: of each item the law of other days, the promoted days, and what would be expected of them otherwise.
    """
    lift, spread, base = 1.0, 0.0, 1.0
    for _ in range(ROUNDS):
        came = spread = base = 0.0
        for fitted, rows, expected in promoted:
            mean = np.maximum(expected * lift, 1e-9)
            units, law = rows["units"].to_numpy().astype(np.int64), fitted.counts()
            came += law.imputed_mean(units, _sold_out(rows), mean).sum()
            spread += law.variance(mean).sum()
            base += expected.sum()
        lift = float(came / base)
    return lift, float(np.sqrt(spread) / base)


def _sold_out(rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "on_hand" not in rows or (rows["on_hand"] < 0).any():
        return np.zeros(len(rows), dtype=np.bool_)
    left = rows["on_hand"] + (rows["wasted"].fillna(0) if "wasted" in rows else 0)
    return np.asarray(left <= 0)
