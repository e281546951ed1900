"""What a table says of a shelf: its products, what stood side by side, and the size of the market."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.pricing.logit import Offers
from envs_data.pricing.reading import is_choices, read_choices, read_sales
from envs_data.pricing.shelf.demand import Elasticity, choices_of, elasticities, offers_of, paired
from envs_data.pricing.shelf.parameters import MAX_PRODUCTS
from envs_data.reading.source import Source, open_table
from envs_data.tables import Asked, Table, TableError, rows_problem

# How many of the table's units are one that customers take, such as 64 ounces a carton.
UNIT = "unit"
# Assumed share of customers who buy, if nobody counted them.
BUYERS = 0.5
MOST_CUSTOMERS = 10_000


@dataclasses.dataclass(frozen=True)
class ShelfData:
    """What a table says of a shelf.

    Attributes:
        table: the table, units counted as they are sold.
        names: the products.
        choices: whether it is a log of visits.
        elasticities: of each product, where it is a table of sales.
        offers: what stood side by side, where the table tells.
        left_out: a sentence on periods that are not used.
        market: customers a period: counted, known or assumed.
        counted: whether they were counted.
    """

    table: Table
    names: tuple[str, ...]
    choices: bool
    elasticities: Mapping[str, Elasticity]
    offers: Offers | None
    left_out: str
    market: float
    counted: bool

    @property
    def frame(self) -> pd.DataFrame:
        """The rows."""
        return self.table.frame


def read_shelf(source: Source, known: Mapping[str, Any], asked: Asked) -> ShelfData:
    """Reads sales by product and period, or a log of visits, and what they say of the market.

    Raises:
        TableError: a table that cannot be read, too many products, or more customers than a shelf may have.
    """
    if is_choices(open_table(source).frame, asked.get("columns")):
        table = read_choices(source, **asked)
        offers = choices_of(table.frame)
        names = _names(table)
        per_period = len(offers.prices) / table.frame["date"].nunique() if "date" in table.frame else None
        market = float(known.get("customers", per_period or 1.0 / BUYERS))
        return ShelfData(table, names, True, {}, offers, "", market, per_period is not None)
    table = _in_units(read_sales(source, **asked), int(known.get(UNIT, 1)))
    names, elasticity_of = _names(table), elasticities(table.frame)
    counted = "visitors" in table.frame and paired(table.frame)
    market = float(known.get("customers", _market(table.frame, counted)))
    _check_market(table, market, "customers" in known)
    if not paired(table.frame):
        return ShelfData(table, names, False, elasticity_of, None, "", market, counted)
    return ShelfData(table, names, False, elasticity_of, *offers_of(table.frame, market), market, counted)


def _names(table: Table) -> tuple[str, ...]:
    names = tuple(str(name) for name in table.frame["product"].unique())
    if len(names) > MAX_PRODUCTS:
        problem = f"column product: {len(names)} products; a shelf has {MAX_PRODUCTS} at most: keep those that compete"
        raise TableError(table.where, [problem])
    return names


def _in_units(table: Table, unit: int) -> Table:
    """Units and stock as customers take them."""
    if unit == 1:
        return table
    odd = table.frame["units"] % unit != 0
    problems = rows_problem(table.mapping["units"], table.frame["units"][odd], f"is no multiple of unit = {unit}")
    if problems:
        raise TableError(table.where, problems)
    counted = {name: table.frame[name] // unit for name in ("units", "stock") if name in table.frame}
    return dataclasses.replace(table, frame=table.frame.assign(**counted))


def _market(frame: pd.DataFrame, counted: bool) -> float:
    """Customers a period: counted, or assumed such that half of them buy."""
    if counted:
        keys = [key for key in ("date", "store") if key in frame]
        return float(frame.groupby(keys)["visitors"].max().mean())
    return float(frame.groupby("product")["units"].mean().sum()) / BUYERS


def _check_market(table: Table, market: float, known: bool) -> None:
    if market <= MOST_CUSTOMERS:
        return
    problem = f"customers would be {market:,.0f} a period, and {MOST_CUSTOMERS:,} are possible"
    common = int(np.gcd.reduce(table.frame["units"].to_numpy().astype(np.int64)))
    if common > 1 and not known:
        problem += f"; all units sold are multiples of {common}: if that is one package, write --known unit={common}"
    raise TableError(table.where, [problem])
