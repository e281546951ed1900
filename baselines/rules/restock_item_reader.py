"""What a rule for one item observes, and the level it orders up to."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from baselines.agents import Problem
from baselines.batching import JoinedByFields
from baselines.rules.rule_specs import parameters_as
from bizgyms.compiled import jit
from envs_data.arrays import Floats, Ints, Places, Rows
from envs_data.parameters import ParameterError
from envs_data.restock.item import ItemParameters


class Reader:
    """Reads an item's observations by the names of the features.

    Args:
        problem: the item.

    Attributes:
        mean_forecast: expected demand of the lead time and one more day, on an average day.
    """

    def __init__(self, problem: Problem) -> None:
        p = self.parameters = parameters_as(ItemParameters, problem)
        columns = problem.view.columns
        self._on_hand, self._days_left = columns["on_hand"], columns["days_left"]
        self._on_order = [k for name, k in columns.items() if name.startswith("on_order")]
        self._forecast = columns.get("forecast")
        self.mean_forecast = float(p.mean * p.factors().mean() * (p.lead_time + 1))

    @property
    def seasonal(self) -> bool:
        """Whether a forecast is observed."""
        return self._forecast is not None

    def on_hand(self, rows: Rows) -> Floats:
        """[worlds] units on hand."""
        return rows[:, self._on_hand].astype(np.float64)

    def position(self, rows: Rows) -> Floats:
        """[worlds] inventory position in units."""
        if not self._on_order:
            return self.on_hand(rows)
        first, last = self._on_hand, self._on_order[-1]  # units on order come right after units on hand
        return np.asarray(rows[:, first : last + 1].sum(axis=1, dtype=np.float64))

    def forecast(self, rows: Rows) -> Floats:
        """[worlds] expected demand of today and the next ``lead_time`` days."""
        if self._forecast is None:
            return np.full(len(rows), self.mean_forecast)
        return rows[:, self._forecast].astype(np.float64)

    def day(self, rows: Rows) -> Places:
        """[worlds] days since the episode began."""
        days = self.parameters.days
        return np.minimum(np.maximum(days - rows[:, self._days_left].astype(np.intp), 0), days - 1)

    def entry(self, rows: Rows, stock: int) -> Places:
        """[worlds] which entry of a flat table over [stock on hand, packs on order 1, ...]; beyond it, its edge."""
        p = self.parameters
        return _entry(rows, self._on_hand, len(self._on_order), stock, p.pack, p.max_packs + 1)

    def packs(self, units: Floats) -> Ints:
        """[worlds] the smallest possible order of at least so many units."""
        return _packs(units, self.parameters.pack, float(self.parameters.max_packs))


@jit
def _entry(rows: Rows, on_hand: int, orders: int, stock: int, pack: int, base: int) -> Places:
    entry = np.empty(len(rows), np.intp)
    for world in range(len(rows)):
        entry[world] = min(max(int(rows[world, on_hand]), 0), stock - 1)
    for column in range(on_hand + 1, on_hand + 1 + orders):
        for world in range(len(rows)):
            entry[world] = entry[world] * base + min(int(rows[world, column] / pack), base - 1)
    return entry


@jit
def _packs(units: Floats, pack: int, most: float) -> Ints:
    packs = np.empty(len(units), np.int64)
    for world in range(len(units)):
        packs[world] = int(min(max(np.ceil(units[world] / pack - 1e-9), 0.0), most))
    return packs


@dataclasses.dataclass(frozen=True)
class Level(JoinedByFields):
    """An order-up-to level: a constant, or a share of the forecast.

    Attributes:
        reader: reads observations.
        constant: units; as ``share``, [worlds] where rules are joined.
        share: of the expected demand of today and the lead time.
    """

    stacked: ClassVar = ("constant", "share")
    reader: Reader
    constant: Floats | float
    share: Floats | float

    def units(self, rows: Rows) -> Floats:
        """[worlds] units."""
        if not self.reader.seasonal:
            return np.broadcast_to(self.constant + self.share * self.reader.mean_forecast, len(rows))
        return np.asarray(self.constant + self.share * self.reader.forecast(rows))

    def missing(self, rows: Rows) -> Floats:
        """[worlds] units that the inventory position lacks."""
        return np.asarray(self.units(rows) - self.reader.position(rows))


def level(reader: Reader, S: float | None, safety: float | None) -> Level:  # noqa: N803  S is its name in every textbook
    """A constant level ``S``, or the forecast with a safety stock that grows with the forecast.

    Args:
        reader: reads observations.
        S: order-up-to level in units.
        safety: safety stock in units on an average day.

    Raises:
        ParameterError: both given, or neither.
    """
    if (S is None) == (safety is None):
        raise ParameterError("base-stock", ["give either S or safety, such as base_stock:S=16 or base_stock:safety=6"])
    if S is not None:
        return Level(reader, float(S), 0.0)
    return Level(reader, 0.0, 1.0 + float(safety or 0.0) / reader.mean_forecast)
