"""The last fifth of a table's days as they came: what was sold, what sold out, and the stock they began with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from envs_data.arrays import Flags, Floats, Ints, Places
from envs_data.restock.sales import Sales, sales_of
from envs_data.tables import TableError

# Days held out without which an interval says nothing, and the share of them that may have sold out.
LEAST_DAYS, MOST_SOLD_OUT = 28, 1 / 3
WITHOUT = "what can answer is the fitted world alone, without replay"


@dataclasses.dataclass(frozen=True)
class LastDays:
    """The last fifth of the days observed, every calendar day from the first to the last of them.

    A day that is not observed was closed: reading a table asks what days without a row were. Nobody comes on it.

    Attributes:
        first: the first day.
        frames: by item, all its days.
        units: [days, items] units sold; 0 on closed days.
        closed: [days] whether the shop was closed.
        sold_out: [days, items] whether demand was at least ``units``, and may have been more.
    """

    first: np.datetime64
    frames: Mapping[str, pd.DataFrame]
    units: Ints
    closed: Flags
    sold_out: Flags

    def __len__(self) -> int:
        return len(self.units)

    @property
    def last(self) -> np.datetime64:
        """The last day."""
        return np.datetime64(self.first + np.timedelta64(len(self) - 1, "D"))

    def in_words(self, fillings: int) -> str:
        """What is unknown of these days, and how it was filled."""
        count, shut = int(self.sold_out.sum()), int(self.closed.sum())
        what = f"{count} sold out" if len(self.frames) == 1 else f"{count} times an item sold out"
        told = any("on_hand" in frame for frame in self.frames.values())
        none = "none sold out" if told else "whether any sold out is not in the table"
        cut = f"{what}, filled {fillings} times from the fitted law" if count else none
        return f"{cut}; on {shut} the shop was closed" if shut else cut

    def of(self, items: Sequence[str]) -> LastDays:
        """These items alone, in this order."""
        names = [*self.frames]
        place = [names.index(item) for item in items]
        frames = {item: self.frames[item] for item in items}
        return dataclasses.replace(self, frames=frames, units=self.units[:, place], sold_out=self.sold_out[:, place])

    def demand(self, pmfs: Sequence[Floats], law_of: Places, rng: np.random.Generator, fillings: int) -> Ints:
        """[fillings, days, items] what was asked for; where it sold out drawn, given that it was at least the sales.

        Args:
            pmfs: probabilities of 0, 1, 2, ... units for each law of the fitted world.
            law_of: [days, items] which law is followed.
            rng: the source of randomness.
            fillings: how often sold-out days are filled.
        """
        demand = np.repeat(self.units[None], fillings, axis=0)
        for day, item in np.argwhere(self.sold_out):
            least = int(self.units[day, item])
            demand[:, day, item] = _at_least(pmfs[law_of[day, item]], least, rng.random(fillings))
        return demand

    def seen_before(self) -> list[str]:
        """The items whose demand the days before these identify, which a fit to them has."""
        first = pd.Timestamp(self.first)
        early = {name: frame[frame["date"] < first] for name, frame in self.frames.items()}
        return [*_identified(early, "the days before")]

    def evening_before(self) -> list[int | None]:
        """[items] stock at closing on the day before, nothing where units were owed; None where it is not known."""
        return [_evening_before(frame, self.first) for frame in self.frames.values()]

    def other_deliveries(self, lead_times: Sequence[int | None]) -> int:
        """Days, of all items, on which other units came than were ordered a lead time before.

        Args:
            lead_times: [items] days from order to delivery; None where they vary.
        """
        pairs = zip(self.frames.values(), lead_times, strict=True)
        return sum(_other_deliveries(frame, self.first, days) for frame, days in pairs if days is not None)


def last_days(frames: Mapping[str, pd.DataFrame], where: str) -> LastDays:
    """The days that a back-test holds out: the last fifth of those observed.

    Args:
        frames: by item, its days; items whose demand is not identified are left out, as a fit leaves them out.
        where: the table's name, for messages.

    Raises:
        TableError: too few days, or too many of them sold out.
    """
    sales = _identified(frames, where)
    dates = np.unique(np.concatenate([one.dates for one in sales.values()]))
    count = len(dates) // 5
    if count < LEAST_DAYS:
        wanted = f"replay plays the last fifth of the days, and needs {LEAST_DAYS} of them"
        raise TableError(where, [f"{wanted}: {5 * LEAST_DAYS} days, not {len(dates)}; {WITHOUT}"])
    late = {name: one.where(one.dates >= dates[-count]) for name, one in sales.items()}
    _check_stock([*late.values()], count, where)
    first, days = dates[-count], int((dates[-1] - dates[-count]).astype(int)) + 1
    units, sold_out = np.zeros((days, len(late)), dtype=np.int64), np.zeros((days, len(late)), dtype=bool)
    for k, one in enumerate(late.values()):
        place = (one.dates - first).astype(int)
        units[place, k], sold_out[place, k] = one.units, one.censored
    closed = ~np.isin(first + np.arange(days), dates)
    return LastDays(first, {name: frames[name] for name in sales}, units, closed, sold_out)


def _identified(frames: Mapping[str, pd.DataFrame], where: str) -> dict[str, Sales]:
    """By item, its days; with several items without those whose demand is not identified."""
    found: dict[str, Sales] = {}
    problems: list[str] = []
    for name, frame in frames.items():
        try:
            found[name] = sales_of(frame, where, name)[0]
        except TableError as error:
            problems += error.problems
    if not found:
        raise TableError(where, problems)
    return found


def _check_stock(late: Sequence[Sales], count: int, where: str) -> None:
    """Refuses days of which too much is unknown."""
    cut, whole = sum(int(one.censored.sum()) for one in late), sum(len(one) for one in late)
    if cut <= MOST_SOLD_OUT * whole:
        return
    days = f"the last {count} days" if len(late) == 1 else f"{whole} days of an item among the last {count} days"
    problem = f"{cut} of {days} sold out, so too much of what was asked for is unknown"
    raise TableError(where, [f"{problem} to replay them; {WITHOUT}, or a table of days with more stock"])


def _at_least(pmf: Floats, least: int, uniforms: Floats) -> Ints:
    """Draws from a law given that the value is at least ``least``; just that where the law does not reach so far."""
    tail = np.cumsum(pmf[least:])
    if not len(tail) or tail[-1] <= 0:
        return np.full(len(uniforms), least)
    return least + np.minimum(np.searchsorted(tail / tail[-1], uniforms, side="right"), len(tail) - 1)


def as_luck(demand: Ints, kind: np.dtype[np.signedinteger]) -> np.ndarray[tuple[int, ...], np.dtype[np.signedinteger]]:
    """Demand as luck holds it.

    Raises:
        TableError: a day with more demand than the fitted world can count.
    """
    if demand.max() > np.iinfo(kind).max:
        raise TableError("replay", [f"{demand.max():,} units on one day are beyond the fitted world; {WITHOUT}"])
    return demand.astype(kind)


def _evening_before(frame: pd.DataFrame, first: np.datetime64) -> int | None:
    if "on_hand" not in frame:
        return None
    known = frame.loc[frame["date"] == pd.Timestamp(first) - pd.Timedelta(days=1), "on_hand"].dropna()
    return max(int(known.iloc[-1]), 0) if len(known) else None


def _other_deliveries(frame: pd.DataFrame, first: np.datetime64, lead_time: int) -> int:
    if not {"ordered", "delivered"} <= {*frame.columns}:
        return 0
    days = frame.set_index("date").asfreq("D")
    expected, came = days["ordered"].shift(lead_time), days["delivered"]
    late = days.index >= pd.Timestamp(first)
    return int((late & expected.notna() & came.notna() & (expected != came)).sum())
