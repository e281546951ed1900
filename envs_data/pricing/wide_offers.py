"""Visits with a column for the price of each product and one that names what was chosen, turned into rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import pandas as pd

from envs_data.reading.layout import name_of
from envs_data.reading.source import RawTable
from envs_data.tables import Column, TableError, listed, plain_name, rows_problem

NOTHING = frozenset({"", "0", "none", "nothing", "no_choice", "outside", "nan"})


def turned(raw: RawTable, contract: Mapping[str, Column], columns: Mapping[str, str]) -> RawTable:
    """A row for each offer of each visit, where a table has a column for each product's price; else the table itself.

    Args:
        raw: the table, such as one with the columns price.plain, price.fruit and choice.
        contract: column by meaning, of rows that are offers.
        columns: the user's own mapping, meaning to name in the table.

    Raises:
        TableError: choices that name none of the products.
    """
    names = [str(name) for name in raw.frame]
    own = {meaning: name_of(meaning, contract, columns, names) for meaning in contract}
    prices = _by_product(names, contract["price"].aliases)
    if own["price"] or not own["chosen"] or len(prices) < 2:
        return raw
    products, chosen = [*prices], _chosen(raw, own["chosen"], [*prices])
    promotions = _by_product(names, contract["promotion"].aliases)
    kept = [own[meaning] for meaning in ("date", "weight") if own[meaning]]
    visits = raw.frame[kept].assign(visit=raw.frame.index)
    offers = [
        visits.assign(
            product=product,
            price=raw.frame[prices[product]],
            **{own["chosen"]: (chosen == product).astype(int)},
            **({"promotion": raw.frame[promotions[product]]} if product in promotions else {}),
        )
        for product in products
    ]
    facts = (*raw.facts, f"a column for the price of each product ({listed(products)})")
    return dataclasses.replace(raw, frame=pd.concat(offers).sort_index(kind="stable"), facts=facts)


def _by_product(names: Iterable[str], aliases: Iterable[str]) -> dict[str, str]:
    """Product to column, for columns such as price.plain or ``Price Fruit``."""
    plain = {plain_name(name): name for name in names}
    starts = [f"{alias}_" for alias in aliases]
    return {name.removeprefix(start): own for name, own in plain.items() for start in starts if name.startswith(start)}


def _chosen(raw: RawTable, column: str, products: list[str]) -> pd.Series:
    """[visits] the product chosen, by its name or its place; missing where nothing was."""
    places = {str(place): product for place, product in enumerate(products, start=1)}
    said = raw.frame[column].map(lambda cell: "" if pd.isna(cell) else plain_name(cell))
    known = {**places, **{product: product for product in products}}
    strange = raw.frame[column][~said.isin({*known, *NOTHING})]
    if len(strange):
        raise TableError(raw.where, rows_problem(column, strange, f"is none of the products: {listed(products)}"))
    return said.map(known)
