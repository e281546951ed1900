"""What a row stands for: its period, the rows of one day that are added up, returns, and days without a row."""

from __future__ import annotations

import dataclasses
import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs_data.reading.missing_days import filled
from envs_data.reading.options import ReadOptions
from envs_data.reading.source import RawTable
from envs_data.tables import Column, Grain, Problems, listed

Spacing = Literal["day", "week", "month"]
SPACINGS: tuple[Spacing, ...] = ("day", "week", "month")
# Share of the gaps between dates that have to agree, and how many dates there have to be.
MOST, LEAST_DATES = 0.9, 4
SHORTEST_MONTH, LONGEST_MONTH = 28, 31
# From this share of rows that repeat a day and thing on, rows are lines of orders; fewer are slips.
LINES, LEAST_REPEATED = 0.05, 3


def spacing(dates: pd.Series) -> Spacing:
    """How far apart the rows of one thing are.

    Args:
        dates: its dates.

    Returns:
        ``month`` where nearly all gaps are those of a calendar month, ``week`` where nearly all are whole weeks and
        most are one; else ``day``.
    """
    days = np.unique(dates.dropna().to_numpy().astype("datetime64[D]"))
    if len(days) < LEAST_DATES:
        return "day"
    gaps = np.diff(days).astype(int)
    if np.mean((gaps >= SHORTEST_MONTH) & (gaps <= LONGEST_MONTH)) >= MOST:
        return "month"
    weekly = np.mean(gaps % 7 == 0) >= MOST and np.mean(gaps == 7) > 1 / 2
    return "week" if weekly else "day"


@dataclasses.dataclass
class Rows:
    """The rows of a table on their way to one row a period and thing.

    Attributes:
        frame: the rows under the contract's names.
        mapping: meaning to the table's own name.
        contract: column by meaning.
        grain: what a row is to become.
        raw: the table as it was opened.
        select: chooses the days that the user selects, given rows and what the table is called.
        facts: what was understood.
        notes: remarks for the reader, one sentence each.
    """

    frame: pd.DataFrame
    mapping: Mapping[str, str]
    contract: Mapping[str, Column]
    grain: Grain
    raw: RawTable
    select: Callable[[pd.DataFrame, str], pd.DataFrame]
    facts: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def options(self) -> ReadOptions:
        """What the user said of the table."""
        return self.raw.options

    def keys(self) -> list[str]:
        """The columns that tell rows apart."""
        return [key for key in (self.grain.thing, "store", "date") if key in self.frame]

    def settle(self, problems: Problems) -> None:
        """Brings the rows to one a period and thing, or adds what stands against it to the problems."""
        self.choose_store(problems)
        if problems.found:
            problems.frame = self.frame
            self.tell_repeated(problems)
            return
        for step in (self.look_at_spacing, self.add_up, self.sort, self.net_returns, self.fill):
            problems.frame = self.frame
            step(problems)
            if problems.found:
                return
        self.leave_out_closed()

    def choose_store(self, problems: Problems) -> None:
        """Keeps one store, or all together, where the user says so; else several may have to be told apart."""
        chosen, column = self.options.store, self.mapping.get("store", "")
        if "store" not in self.frame:
            if chosen is not None:
                said = f"--read store={chosen}: the table has no column for the store"
                problems.found.append(f"{said}; name it with --columns store=NAME, or leave this out")
            return
        names = sorted(self.frame["store"].dropna().unique())
        if chosen == "sum":
            self.frame = self.frame.drop(columns="store")
            self.facts.append(f"{len(names)} stores added up")
        elif chosen is not None:
            if chosen not in names:
                problems.found.append(
                    f"--read store={chosen}: column {column!r} has no such store; there are {listed(names)}"
                )
            self.frame = self.frame[self.frame["store"] == chosen]
            self.facts.append(f"store {chosen} alone")
        elif len(names) > 1 and not self.grain.stores:
            each, one = f"--each {shlex.quote(column)} -o FOLDER", shlex.quote(f"store={names[0]}")
            problems.found.append(
                f"column {column!r}: {len(names)} stores ({listed(names)}); fit each by itself with {each}, one with "
                f"--read {one}, or their sum with --read store=sum"
            )

    def look_at_spacing(self, problems: Problems) -> None:
        """Refuses periods longer than the world's, and gathers rows into longer ones where the user says so."""
        if "date" not in self.frame:
            return
        dates, found = self.frame["date"], self.found_spacing()
        asked = self.options.every or found
        if SPACINGS.index(asked) > SPACINGS.index(self.grain.longest):
            whole = f"a row is a {asked}" if asked == found else f"--read every={asked}"
            mine = f"column {self.mapping['date']!r}: {whole}, and restocking decides every day"
            days = "give the table a row for each day; if these are days all the same, say --read every=day"
            problems.found.append(f"{mine}; {'leave it out' if found == 'day' else days}")
        elif SPACINGS.index(asked) > SPACINGS.index(found):
            first = dates.dt.to_period("M").dt.start_time if asked == "month" else _weeks(dates)
            self.frame = self.frame.assign(date=first.astype(dates.dtype))
            self.facts.append(f"days added up to {asked}s")

    def found_spacing(self) -> Spacing:
        """How far apart the rows are: those of all things together, or of nearly each by itself.

        A thing that is sold on one weekday only does not make the others' days weeks.
        """
        whole = self.whole_days()
        found = spacing(self.frame["date"] if whole is None else pd.Series(whole))
        things = [self.frame[key] for key in self.keys() if key != "date"]
        if found != "day" or whole is not None or not things:
            return found
        own = [spacing(rows) for _, rows in self.frame["date"].groupby(things)]
        longer = Counter(one for one in own if one != "day")
        return longer.most_common(1)[0][0] if longer.total() >= MOST * len(own) else "day"

    def whole_days(self) -> NDArray[np.datetime64] | None:
        """[days] with a row in the table of which these are the rows of one thing; None for any other table."""
        whole = self.raw.excerpt
        if whole is None or whole.by == self.mapping.get("store"):
            return None
        days = whole.days.get(self.mapping["date"])
        return None if days is None else self.select(pd.DataFrame({"date": days}), self.raw.where)["date"].to_numpy()

    def add_up(self, problems: Problems) -> None:
        """Adds up the lines of one day and thing; a few that repeat are slips and refused."""
        if not self.tell_repeated(problems) and self.repeated().any():
            if not self.gathered():
                how = "rows counted" if self.raw.counted else f"{self.grain.amount} added up"
                self.facts.append(f"a row as an order line, {how}")
            self.frame = added_up(self.frame, self.contract, self.keys(), self.grain.amount)

    def tell_repeated(self, problems: Problems) -> bool:
        """Adds rows that repeat a day and thing to the problems, unless they are to be added up; whether it did."""
        again, said = self.repeated(), self.options.rows
        lines = again.sum() >= LEAST_REPEATED and again.mean() >= LINES
        if said == "lines" or not again.any() or (said is None and (lines or self.gathered() or self.raw.counted)):
            return False
        same = " and ".join(self.mapping[key] for key in self.keys())
        problems.cells("date", again, f"has a row already with the same {same}; --read rows=lines adds them up")
        return True

    def repeated(self) -> pd.Series:
        """Which rows repeat the day and thing of an earlier one."""
        if "date" not in self.frame:
            return pd.Series(False, index=self.frame.index)
        return self.frame.duplicated(self.keys()) & self.frame["date"].notna()

    def gathered(self) -> bool:
        """Whether the user gathers rows: of several stores, or of longer periods."""
        return self.options.store == "sum" or self.options.every in ("week", "month")

    def sort(self, problems: Problems) -> None:
        """Puts the rows in order of date, and says so where those of one thing were not."""
        if "date" not in self.frame or self.frame["date"].is_monotonic_increasing:
            return
        things = [key for key in self.keys() if key != "date"]
        parts = self.frame.groupby(things, sort=False)["date"] if things else self.frame["date"]
        if not np.all(parts.is_monotonic_increasing):
            self.notes.append("The rows were not in order of date; they were sorted.")
        self.frame = self.frame.sort_values("date", kind="stable")

    def net_returns(self, problems: Problems) -> None:
        """Takes returned units off what was sold before."""
        amount = self.frame[self.grain.amount]
        back = amount < 0
        if not back.any() or "date" not in self.frame:
            return
        things = [self.frame[key] for key in self.keys() if key != "date"]
        parts = amount.groupby(things or pd.Series("", index=amount.index), sort=False)
        self.frame = self.frame.assign(**{self.grain.amount: parts.transform(_netted)})
        days = f"{int(back.sum()):,} {'day' if back.sum() == 1 else 'days'}"
        self.notes.append(f"{days} ended with more units returned than sold; they are taken off the days before.")

    def fill(self, problems: Problems) -> None:
        """Sorts the days without a row into those without sales and those not observed."""
        if self.grain.fills and "date" in self.frame:
            missing, whole = self.options.missing, self.whole_days()
            self.frame, notes = filled(self.frame, self.grain, missing, whole, problems)
            self.notes += notes

    def leave_out_closed(self) -> None:
        """Leaves out the days on which the table says that the shop was closed."""
        closed = self.frame["open"] == 0 if "open" in self.frame else pd.Series(False, index=self.frame.index)
        if closed.any():
            column = self.mapping["open"]
            self.notes.append(
                f"{int(closed.sum()):,} rows with 0 in column {column} are left out: the shop was closed."
            )
            self.frame = self.frame[~closed]


def _weeks(dates: pd.Series) -> pd.Series:
    """The first day of each date's week; weeks begin on the weekday of the first date."""
    first: pd.Timestamp = dates.min()
    return dates - pd.to_timedelta((dates - first).dt.days % 7, unit="D")


def _netted(units: pd.Series) -> pd.Series:
    """Amounts in order of time, with what falls below zero taken off those before."""
    left, owed = units.to_numpy(dtype=np.float64).copy(), 0.0
    for k in range(len(left) - 1, -1, -1):
        owed += left[k]
        left[k] = max(owed, 0.0)
        owed = min(owed, 0.0)
    return pd.Series(left, index=units.index)


def added_up(frame: pd.DataFrame, contract: Mapping[str, Column], keys: list[str], amount: str) -> pd.DataFrame:
    """One row for each combination of keys, in the order of first appearance.

    Args:
        frame: the rows under the contract's names.
        contract: how each column adds up.
        keys: the columns that tell rows apart.
        amount: the column that weights means.
    """
    weight = frame[amount].clip(lower=0)
    means = [name for name in frame if name not in keys and contract[str(name)].adds == "mean"]
    weighted = {f"{name} weighted": (frame[name] * weight).where(frame[name].notna()) for name in means}
    weights = {f"{name} weights": weight.where(frame[name].notna()) for name in means}
    rows = frame.assign(row=frame.index, **weighted, **weights)
    how: dict[str, str] = {str(name): contract[str(name)].adds for name in frame if name not in keys}
    how |= dict.fromkeys((*weighted, *weights), "sum") | {"row": "first"}
    groups = rows.groupby(keys, sort=False, dropna=False)
    together = groups.agg(how).reset_index().set_index("row")
    for name in means:
        sold = together[f"{name} weights"] > 0
        together[name] = together[name].where(~sold, together[f"{name} weighted"] / together[f"{name} weights"])
    together.index.name = None
    return together[[*frame.columns]]
