"""The log of items shown to customers and clicked: its columns, and how it is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pandas as pd

from envs_data.days import read_days
from envs_data.reading.layout import name_of
from envs_data.reading.source import Source
from envs_data.tables import Asked, Column, Problems, Table

MOST_PLACES, MOST_ROWS = 20, 2_000_000

CONTRACT: dict[str, Column] = {
    "customer": Column(("customer", "customer_id", "user", "user_id", "visitor", "client"), "text", True, blank=False),
    "visit": Column(("visit", "session", "visit_id", "t"), "number", True, low=0, whole=True, blank=False),
    "date": Column(("date", "day", "time", "timestamp", "datum"), "date", True, blank=False),
    "position": Column(("position", "place", "rank", "slot"), "number", True, 1, 1000, True, blank=False),
    "item": Column(("item", "item_id", "product", "article", "sku"), "text", True),
    "topic": Column(("topic", "category", "genre", "department"), "text"),
    "clicked": Column(("clicked", "click", "is_click"), "number", True, 0, 1, True, blank=False),
    "bought": Column(("bought", "purchased", "purchase", "converted"), "number", low=0, high=1, whole=True),
    "returned": Column(("returned", "sent_back", "refunded"), "number", low=0, high=1, whole=True),
    "margin": Column(("margin", "profit", "contribution"), low=0, high=1e9),
    "weight": Column(("weight", "weights"), low=1, whole=True, blank=False),
    "rating": Column(("rating", "quality"), low=0, high=1),
    "propensity": Column(("propensity", "probability", "prob"), low=0, high=1),
}  # fmt: skip


def is_clicks(frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> bool:
    """Whether a table says what was shown and clicked."""
    names = frame.columns.astype(str)
    return all(name_of(meaning, CONTRACT, columns or {}, names) for meaning in ("item", "clicked"))


def read_clicks(source: Source, **asked: Unpack[Asked]) -> Table:
    """Reads a log of clicks: a row is a place of a slate shown at a visit.

    Args:
        source: path of a CSV file, or a DataFrame.
        **asked: ``columns``, ``since`` and ``until``.

    Returns:
        The log by customer, visit and position.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    table = read_days(source, CONTRACT, _refuse, **asked)
    return dataclasses.replace(table, frame=_copied(table.frame).sort_values(["customer", "visit", "position"]))


def _copied(frame: pd.DataFrame) -> pd.DataFrame:
    """A log in which a customer who stands for several is there as many times."""
    if "weight" not in frame:
        return frame
    rows = frame.loc[frame.index.repeat(frame["weight"].astype(np.int64))]
    copy = rows.groupby(level=0).cumcount()
    return rows.assign(customer=rows["customer"].where(copy == 0, rows["customer"] + "#" + copy.astype(str)))


def _refuse_weights(problems: Problems) -> None:
    """Refuses weights of single visits: what a customer likes joins all of a customer's visits."""
    frame = problems.frame
    weights = frame.groupby("customer")["weight"]
    what = "is not the only weight of this customer; a weight says how many customers one stands for: write out visits"
    problems.cells("weight", weights.transform("min") != weights.transform("max"), what)
    if not problems.found and frame["weight"].sum() > MOST_ROWS:
        problems.all_rows(
            "weight", f"weights add up to {frame['weight'].sum():,.0f} rows; at most {MOST_ROWS:,} are possible"
        )


def _refuse(problems: Problems) -> None:
    """Refuses what no log of clicks can hold, and else a log from which nothing can be learned."""
    _refuse_places(problems)
    _refuse_order(problems)
    if "weight" in problems.frame:
        _refuse_weights(problems)
    frame = problems.frame
    for meaning, needs in (("bought", "clicked"), ("returned", "bought")):
        if meaning in frame and needs in frame:
            wrong = (frame[meaning] == 1) & (frame[needs] != 1)
            problems.cells(meaning, wrong, f"is {meaning} without being {needs}")
    if not problems.found:
        _refuse_unusable(problems)


def _refuse_places(problems: Problems) -> None:
    """Refuses dates, places and items that contradict each other."""
    frame = problems.frame
    today, clicked = pd.Timestamp.now().normalize(), frame["clicked"] == 1
    unseen = frame["item"].isna() | (frame["item"] == "")
    visit = frame[["customer", "visit"]]
    problems.cells("date", frame["date"] > today, "lies in the future")
    what = "was clicked where nothing was shown; name the item, or leave the click out"
    problems.cells("clicked", clicked & unseen, what)
    again = clicked & visit[clicked].duplicated().reindex(frame.index, fill_value=False)
    problems.cells("clicked", again, "is the second click of this visit; keep one")
    problems.cells("position", frame.duplicated(["customer", "visit", "position"]), "is in this visit already")
    far = f"is further down than the {MOST_PLACES} places that a slate has at most; leave such rows out"
    problems.cells("position", frame["position"] > MOST_PLACES, far)
    shown = frame.duplicated(["customer", "visit", "item"]) & ~unseen
    problems.cells("item", shown, "was shown in this visit already")


def _refuse_order(problems: Problems) -> None:
    """Refuses visits whose dates contradict their numbers."""
    frame = problems.frame
    visits = frame.groupby(["customer", "visit"])["date"]
    torn = visits.transform("min") != visits.transform("max")
    problems.cells("date", torn, "is not the only date of this visit")
    order = frame.sort_values(["customer", "visit"])
    so_far = order.groupby("customer")["date"].cummax()
    early = (order["date"] < so_far).reindex(frame.index) & ~torn
    problems.cells("date", early, "is before an earlier visit of this customer")


def _refuse_unusable(problems: Problems) -> None:
    """Refuses a log of one position, or without any click."""
    if problems.frame["position"].nunique() == 1:
        problems.all_rows(
            "position",
            "one position only, so that the effect of the position cannot be told from the appeal of the items; log "
            "slates of several places",
        )
    if not problems.frame["clicked"].any():
        problems.all_rows("clicked", "nobody ever clicked")
