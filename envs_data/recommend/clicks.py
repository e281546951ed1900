"""The log of what customers were shown and what they clicked: its column contract, how it is read, and made."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pandas as pd

from envs_data.days import between
from envs_data.tables import Column, Table, TableError, check_values, parse, read_text, recognise, rows_problem

CONTRACT: dict[str, Column] = {
    "customer": Column(("customer", "customer_id", "user", "user_id", "visitor", "client"), "text", True, blank=False),
    "visit": Column(("visit", "session", "visit_id", "t"), "number", True, low=0, whole=True, blank=False),
    "date": Column(("date", "day", "time", "timestamp", "datum"), "date", True, blank=False),
    "position": Column(("position", "place", "rank", "slot"), "number", True, low=1, whole=True, blank=False),
    "item": Column(("item", "item_id", "product", "article", "sku"), "text", True),
    "topic": Column(("topic", "category", "genre", "department"), "text"),
    "clicked": Column(("clicked", "click", "is_click"), "number", True, 0, 1, True, blank=False),
    "bought": Column(("bought", "purchased", "purchase", "converted"), "number", low=0, high=1, whole=True),
    "returned": Column(("returned", "sent_back", "refunded"), "number", low=0, high=1, whole=True),
    "margin": Column(("margin", "profit", "contribution"), low=0),
    "rating": Column(("rating", "quality"), low=0, high=1),
    "propensity": Column(("propensity", "probability", "prob"), low=0, high=1),
}  # fmt: skip


def is_clicks(frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> bool:
    """Whether a table says what was shown and clicked."""
    names = {str(name).strip().lower().replace(" ", "_") for name in frame.columns}
    given = {*(columns or {})}
    return all(meaning in given or names & {*CONTRACT[meaning].aliases} for meaning in ("item", "clicked"))


def read_clicks(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Table:
    """Reads a log of clicks: a row is a place of a slate that somebody saw at a visit.

    Args:
        source: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.

    Returns:
        The log by customer, visit and position.

    Raises:
        TableError: everything that is wrong, with row (header = 1) and column.
    """
    raw, where = read_text(source)
    mapping = recognise(raw, CONTRACT, columns, where)
    frame, problems = parse(raw, CONTRACT, mapping)
    problems += check_values(frame, CONTRACT, mapping)
    problems += _impossible(frame, mapping)
    if not problems:
        problems = _unusable(frame, mapping)
    if problems:
        raise TableError(where, problems)
    frame = between(frame, since, until, where)
    return Table(frame.sort_values(["customer", "visit", "position"]), mapping, where)


def _impossible(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What no log of clicks can hold, with the rows."""
    today, clicked = pd.Timestamp.now().normalize(), frame["clicked"] == 1
    unseen = frame["item"].isna() | (frame["item"] == "")
    visit = frame[["customer", "visit"]]
    problems = rows_problem(mapping["date"], frame["date"][frame["date"] > today], "lies in the future")
    what = "was clicked where nothing was shown; name the item, or leave the click out"
    problems += rows_problem(mapping["clicked"], frame["clicked"][clicked & unseen], what)
    again = clicked & visit[clicked].duplicated().reindex(frame.index, fill_value=False)
    problems += rows_problem(mapping["clicked"], frame["clicked"][again], "is the second click of this visit; keep one")
    taken = frame[["customer", "visit", "position"]].duplicated()
    problems += rows_problem(mapping["position"], frame["position"][taken], "is in this visit already")
    shown = frame[["customer", "visit", "item"]].duplicated() & ~unseen
    problems += rows_problem(mapping["item"], frame["item"][shown], "was shown in this visit already")
    problems += _out_of_order(frame, mapping)
    for meaning, needs in (("bought", "clicked"), ("returned", "bought")):
        if meaning in frame and needs in frame:
            odd = (frame[meaning] == 1) & (frame[needs] != 1)
            problems += rows_problem(mapping[meaning], frame[meaning][odd], f"is {meaning} without being {needs}")
    if "propensity" in frame:
        odd = frame["propensity"] == 0
        what = "is the probability of what was shown, so it cannot be 0"
        problems += rows_problem(mapping["propensity"], frame["propensity"][odd], what)
    return problems


def _out_of_order(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """Visits whose dates contradict their numbers, a customer before his first visit among them."""
    visits = frame.groupby(["customer", "visit"])["date"]
    torn = visits.transform("min") != visits.transform("max")
    problems = rows_problem(mapping["date"], frame["date"][torn], "is not the only date of this visit")
    order = frame.sort_values(["customer", "visit"])
    so_far = order.groupby("customer")["date"].cummax()
    early = (order["date"] < so_far).reindex(frame.index) & ~torn
    return problems + rows_problem(mapping["date"], frame["date"][early], "is before an earlier visit of this customer")


def _unusable(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What the log cannot tell anything without."""
    problems = []
    first, last = frame.index[0], frame.index[-1]
    if frame["position"].nunique() == 1:
        problems.append(
            f"rows {first} to {last}, column {mapping['position']!r}: one position only, so that the effect of the "
            "position cannot be told from the appeal of the items; log slates of several places"
        )
    if not frame["clicked"].any():
        problems.append(f"rows {first} to {last}, column {mapping['clicked']!r}: nobody ever clicked")
    return problems
