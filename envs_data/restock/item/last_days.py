"""The last fifth of an item's table as luck: demand as it came, drawn from the law where the item sold out."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd

from envs_data.arrays import Flags, Floats, Ints
from envs_data.restock.item.luck import ItemLuck, draw
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.sales import sales_of
from envs_data.tables import Table, TableError

# Days held out without which an interval says nothing, and the share of them that may have sold out.
LEAST_DAYS, MOST_SOLD_OUT = 28, 1 / 3
WITHOUT = "what can answer is the fitted world alone, without replay"


@dataclasses.dataclass(frozen=True)
class LastDays:
    """The last fifth of the days observed, every calendar day from the first to the last of them.

    A day that is not observed was closed: reading a table asks what days without a row were. Nobody comes on it.

    Attributes:
        first: the first day.
        units: [days] units sold; 0 on closed days.
        closed: [days] whether the shop was closed.
        sold_out: [days] whether demand was at least ``units``, and may have been more.
        on_hand: units in stock at closing on the day before; None if the table does not say.
        other_deliveries: days by lead time on which other units were delivered than had been ordered so long before.
    """

    first: np.datetime64
    units: Ints
    closed: Flags
    sold_out: Flags
    on_hand: int | None
    other_deliveries: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.units)

    def world(self, fitted: ItemParameters) -> ItemParameters:
        """A fitted world over these days: it begins with the stock of the evening before, where that is known."""
        start = fitted.start_on_hand if self.on_hand is None else self.on_hand
        return fitted.replace(start_date=str(self.first), days=len(self), start_on_hand=start)

    def luck(self, world: ItemParameters, rng: np.random.Generator, fillings: int) -> ItemLuck:
        """What customers asked for on these days; on sold-out ones drawn given that it was at least what was sold.

        Args:
            world: the fitted world over these days.
            rng: the source of randomness.
            fillings: how often sold-out days are filled; one row of luck each.

        Raises:
            TableError: a day with more demand than the fitted world can count.
        """
        pmfs, law_of_day = world.laws()
        demand = np.repeat(self.units[None, :], fillings, axis=0)
        for day in np.flatnonzero(self.sold_out):
            demand[:, day] = _at_least(pmfs[law_of_day[day]], int(self.units[day]), rng.random(fillings))
        kind = draw(world, np.random.default_rng(0), 1).demand.dtype
        if demand.max() > np.iinfo(kind).max:
            raise TableError("replay", [f"{demand.max():,} units on one day are beyond the fitted world; {WITHOUT}"])
        return ItemLuck(demand.astype(kind))


def _at_least(pmf: Floats, least: int, uniforms: Floats) -> Ints:
    """Draws from a law given that the value is at least ``least``; just that where the law does not reach so far."""
    tail = np.cumsum(pmf[least:])
    if not len(tail) or tail[-1] <= 0:
        return np.full(len(uniforms), least)
    return least + np.minimum(np.searchsorted(tail / tail[-1], uniforms, side="right"), len(tail) - 1)


def last_days(table: Table) -> LastDays:
    """The days that a back-test holds out: the last fifth of those observed.

    Args:
        table: the item's days.

    Raises:
        TableError: too few days, or too many of them sold out.
    """
    sales, _ = sales_of(table.frame, table.where)
    count = len(sales) // 5
    if count < LEAST_DAYS:
        wanted = f"replay plays the last fifth of the days, and needs {LEAST_DAYS} of them"
        raise TableError(table.where, [f"{wanted}: {5 * LEAST_DAYS} days, not {len(sales)}; {WITHOUT}"])
    late = sales.where(np.arange(len(sales)) >= len(sales) - count)
    cut = int(late.censored.sum())
    if cut > MOST_SOLD_OUT * count:
        problem = f"{cut} of the last {count} days sold out, so too much of what was asked for is unknown"
        raise TableError(table.where, [f"{problem} to replay them; {WITHOUT}, or a table of days with more stock"])
    place = (late.dates - late.dates[0]).astype(int)
    units, sold_out = np.zeros(late.span(), dtype=np.int64), np.zeros(late.span(), dtype=bool)
    units[place], sold_out[place] = late.units, late.censored
    closed = ~np.isin(np.arange(late.span()), place)
    evening = _evening_before(table.frame, late.dates[0])
    others = _other_deliveries(table.frame, late.dates[0])
    return LastDays(late.dates[0], units, closed, sold_out, evening, others)


def _evening_before(frame: pd.DataFrame, first: np.datetime64) -> int | None:
    """Stock at closing on the day before, nothing where units were owed; None where it is not known."""
    if "on_hand" not in frame:
        return None
    known = frame.loc[frame["date"] == pd.Timestamp(first) - pd.Timedelta(days=1), "on_hand"].dropna()
    return max(int(known.iloc[-1]), 0) if len(known) else None


def _other_deliveries(frame: pd.DataFrame, first: np.datetime64) -> tuple[int, ...]:
    """[lead times] days on which other units came than were ordered so long before; empty if nobody knows."""
    if not {"ordered", "delivered"} <= {*frame.columns}:
        return ()
    days = frame.set_index("date").asfreq("D")
    differ = functools.partial(_differ, days, days.index >= pd.Timestamp(first))
    return tuple(differ(lead_time) for lead_time in range(31))


def _differ(days: pd.DataFrame, late: Flags, lead_time: int) -> int:
    expected, came = days["ordered"].shift(lead_time), days["delivered"]
    return int((late & expected.notna() & came.notna() & (expected != came)).sum())
