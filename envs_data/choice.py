"""Which case of a family a table belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from envs_data.bidding.reading import recognise_auctions
from envs_data.nudge.other_tables import recognise_log
from envs_data.nudge.reading import NONE, WALKED, by_name, in_words
from envs_data.pricing.reading import CONTRACT as PRICED_SALES
from envs_data.pricing.reading import GRAIN as PERIODS
from envs_data.pricing.reading import is_choices
from envs_data.reading.source import RawTable, Source, open_table
from envs_data.recommend.clicks import is_clicks
from envs_data.recommend.customers import is_summary
from envs_data.restock.reading import CONTRACT as DAILY_SALES
from envs_data.restock.reading import GRAIN
from envs_data.table_reading import open_and_recognise, parse
from envs_data.tables import Column, Grain

Columns = Mapping[str, str] | None
"""Meaning to name in the table, where a name is not recognised."""


def choose_case(family: str, table: Source, columns: Columns = None) -> tuple[str, str] | None:
    """The case of a family that a table belongs to.

    Args:
        family: the family.
        table: path of a CSV file, a DataFrame or an excerpt.
        columns: meaning to name in the table, where a name is not recognised.

    Returns:
        The case's name, and why in one clause; None for a family without a choice.

    Raises:
        TableError: a table whose columns cannot be recognised.
    """
    return CHOICES[family](open_table(table), columns) if family in CHOICES else None


def _restock(raw: RawTable, columns: Columns) -> tuple[str, str]:
    """Several items are a box, one is an item."""
    return _one_or_more(GRAIN, DAILY_SALES, ("RestockItem", "RestockBox"), raw, columns)


def _pricing(raw: RawTable, columns: Columns) -> tuple[str, str]:
    """Several products, or a log of visits, are a shelf; one product is a season."""
    if is_choices(raw.frame, columns):
        return "PricingShelf", "a column says what each visitor chose"
    return _one_or_more(PERIODS, PRICED_SALES, ("PricingSeason", "PricingShelf"), raw, columns)


def _one_or_more(
    grain: Grain, contract: Mapping[str, Column], cases: tuple[str, str], table: RawTable, columns: Columns
) -> tuple[str, str]:
    """The first case for a table of one item or product, the second for several."""
    raw, mapping = open_and_recognise(table, contract, columns, grain)
    what = grain.thing
    if what not in mapping:
        return cases[0], f"no column for the {what}, so one {what}"
    frame, *_ = parse(raw, contract, {what: mapping[what]})
    count = frame[what].nunique()
    if count > 1:
        return cases[1], f"{count} {what}s in column {mapping[what]}"
    return cases[0], f"one {what} in column {mapping[what]}"


def _nudge(raw: RawTable, columns: Columns) -> tuple[str, str]:
    """Amounts are activity; one kind of message to people who all stay is a budget; all else is habituation."""
    mapping = recognise_log(raw, WALKED, columns)
    needed = {meaning: name for meaning, name in mapping.items() if meaning in ("message", "response", "left")}
    frame, *_ = parse(raw, WALKED, needed)
    if not frame["response"].dropna().isin((0, 1)).all():
        return "NudgeActivity", f"column {needed['response']} holds amounts, not yes and no"
    kinds = sorted({*by_name(frame["message"])} - {NONE})
    if len(kinds) != 1:
        return "NudgeHabit", f"{len(kinds)} kinds of message in column {needed['message']}: {in_words(kinds)}"
    one_kind = f"one kind of message in column {needed['message']}"
    if "left" in frame and frame["left"].any():
        return "NudgeHabit", f"{one_kind}, and people leave"
    return "NudgeBudget", f"{one_kind}, and nobody leaves"


def _bidding(raw: RawTable, columns: Columns) -> tuple[str, str]:
    """A log of impressions is a campaign."""
    mapping = recognise_auctions(raw, columns)
    return "BiddingCampaign", f"impressions with bids in column {mapping['bid']}"


def _recommend(raw: RawTable, columns: Columns) -> tuple[str, str]:
    """Every table of customers is a lifetime; the reason differs."""
    if is_clicks(raw.frame, columns):
        return "RecommendLifetime", "items shown and clicked, so what customers like can be told"
    if is_summary(raw.frame, columns):
        return "RecommendLifetime", "a row a customer, so when customers come back can be told"
    return "RecommendLifetime", "purchases of customers, so when they come back can be told"


CHOICES: dict[str, Callable[[RawTable, Columns], tuple[str, str]]] = {
    "restock": _restock,
    "pricing": _pricing,
    "nudge": _nudge,
    "bidding": _bidding,
    "recommend": _recommend,
}
