"""What a table says of a shelf: its products, what stood side by side, and the size of the market."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.fit_lines import command
from envs_data.fitting import UNIT
from envs_data.pricing.logit import Offers
from envs_data.pricing.reading import is_choices, read_choices, read_sales, row_keys
from envs_data.pricing.shelf.demand import (
    Demand,
    choices_of,
    from_elasticities,
    from_offers,
    misfits,
    offers_of,
    paired,
    shortages,
)
from envs_data.pricing.shelf.elasticities import LEAST_ROWS, Elasticity, elasticities, settled, stocked, unpromoted
from envs_data.pricing.shelf.parameters import MAX_PRODUCTS, ShelfParameters
from envs_data.pricing.units import scale_for
from envs_data.reading.source import Source, open_table
from envs_data.tables import Asked, Table, TableError

# Known share of visits that buy nothing, where a log holds those that bought.
OUTSIDE = "outside"
# Assumed share of customers who buy, if nobody counted them.
BUYERS = 0.5
MOST_CUSTOMERS, MOST_STOCK = 10_000, 1_000_000
# What the user may know of customers' memory of prices, which is then not looked for.
MEMORY = {"memory", "loss", "gain"}
# A stock counts as never replenished if more than this share of periods begin with what the last one left.
NOT_FILLED = 0.8


@dataclasses.dataclass(frozen=True)
class ShelfData:
    """What a table says of a shelf.

    Attributes:
        table: the table.
        known: what the user knows.
        choices: whether it is a log of visits.
        left_out: products that the fitted shelf lacks, and why.
        frame: the rows of the others.
        names: the others.
        offers: what stood side by side, where the table tells.
        short_periods: a sentence on periods that are not used.
        market: customers a period, in the table's units: counted, known or assumed.
        counted: whether they were counted.
        nothing: where the log holds visits that bought, the share of all that take none of the products.
    """

    table: Table
    known: Mapping[str, Any]
    choices: bool
    left_out: Mapping[str, str]
    frame: pd.DataFrame
    names: tuple[str, ...]
    offers: Offers | None
    short_periods: str
    market: float
    counted: bool
    nothing: float | None = None

    @functools.cached_property
    def settled(self) -> tuple[dict[str, Elasticity], dict[str, str]]:
        """Elasticities of a table that does not tell what stood side by side, and by product why there is none."""
        return settled(self.frame, elasticities(self.frame))

    @functools.cached_property
    def elasticities(self) -> Mapping[str, Elasticity]:
        """Elasticity of each product of a table of sales."""
        if self.offers is None:
            return self.settled[0]
        return {} if self.choices else elasticities(self.frame)

    @property
    def shortages(self) -> dict[str, str]:
        """Products of which the table holds too little, and why."""
        return _shortages(self.frame) if self.offers is None else shortages(self.names, self.offers)

    @property
    def scale(self) -> int:
        """Units of the table that a customer of the shelf stands for, so that there are not too many."""
        stock = float(self.frame["stock"].iloc[0]) if finite(self.frame) else 0.0
        return max(scale_for(self.market, MOST_CUSTOMERS), scale_for(stock, MOST_STOCK))

    def without(self, reasons: Mapping[str, str]) -> ShelfData:
        """The same without some products.

        Args:
            reasons: product to the reason why it is left out.

        Raises:
            TableError: no product is left; names all with their reasons.
        """
        if not reasons:
            return self
        left_out = {**self.left_out, **reasons}
        if not {*self.names} - {*reasons}:
            problems = [f"product {name}: {reason}" for name, reason in left_out.items()]
            raise TableError(self.table.where, problems)
        return _of_table(self.table, self.known, self.choices, left_out)


def read_shelf(source: Source, known: Mapping[str, Any], asked: Asked) -> tuple[ShelfData, Demand]:
    """Reads sales by product and period, or a log of visits, and estimates demand of the products that have one.

    Raises:
        TableError: a table that cannot be read, too many products, or no product whose demand is identified.
    """
    choices = is_choices(open_table(source).frame, asked.get("columns"))
    table = read_choices(source, **asked) if choices else read_sales(source, **asked)
    if choices:
        _check_outside(table, known, asked)
    else:
        _check_packages(table, known)
        if OUTSIDE in known:
            raise TableError(table.where, [f"{OUTSIDE} is known, but this is no log of visits: leave it out"])
    seen = _of_table(table, known, choices, {})
    seen = seen.without(seen.shortages)
    if len(seen.names) > MAX_PRODUCTS:
        problem = f"{len(seen.names)} products; a shelf has {MAX_PRODUCTS} at most: keep those that compete"
        raise TableError(table.where, [f"column {table.mapping['product']!r}: {problem}"])
    demand, misfit = _estimated(seen)
    while demand is None or misfit:
        seen = seen.without(misfit)
        demand, misfit = _estimated(seen)
    if seen.offers is not None and not demand.recall:
        seen = dataclasses.replace(seen, offers=seen.offers._replace(below=None))
    return seen, demand


def _of_table(table: Table, known: Mapping[str, Any], choices: bool, left_out: Mapping[str, str]) -> ShelfData:
    frame = table.frame[~table.frame["product"].astype(str).isin([*left_out])]
    rest = (table, known, choices, left_out, frame, tuple(str(name) for name in frame["product"].unique()))
    if choices:
        return ShelfData(*rest, *_visits(table.frame, frame, known))
    counted = "visitors" in frame and paired(frame)
    market = float(known.get("customers", _market(frame, counted)))
    memory = None if MEMORY & {*known} else ShelfParameters.memory
    side_by_side: tuple[Offers | None, str] = offers_of(frame, market, memory) if paired(frame) else (None, "")
    return ShelfData(*rest, *side_by_side, market, counted)


def _visits(
    everything: pd.DataFrame, frame: pd.DataFrame, known: Mapping[str, Any]
) -> tuple[Offers, str, float, bool, float | None]:
    """What each visit found, no period left out, customers a period, whether counted, and who takes nothing."""
    offers, visits, outside = choices_of(frame), float(choices_of(everything).customers.sum()), known.get(OUTSIDE, 0.0)
    per_period = visits / (1 - outside) / everything["date"].nunique() if "date" in everything else None
    market, nothing = float(known.get("customers", per_period or 1.0 / BUYERS)), None
    if outside:
        offers = offers.where(np.asarray(offers.counts.any(axis=1)))._replace(outside=False)
        nothing = 1 - (1 - outside) * float(offers.customers.sum()) / visits
    return offers, "", market, per_period is not None, nothing


def _estimated(seen: ShelfData) -> tuple[Demand | None, dict[str, str]]:
    """The logit, by the route the table allows, and by product why it has none."""
    if seen.shortages:
        return None, seen.shortages
    if seen.offers is not None:
        return from_offers(seen.names, seen.offers, seen.nothing)
    one_by_one, misfit = seen.settled
    if misfit:
        return None, misfit
    demand = from_elasticities(seen.frame, one_by_one, seen.market)
    return demand, misfits(demand)


def _shortages(frame: pd.DataFrame) -> dict[str, str]:
    """Products with too few rows, or without any unit sold, and why they have no elasticity."""
    used = stocked(unpromoted(frame)).groupby(frame["product"].astype(str))["units"].agg(["size", "sum"])
    used = used.reindex(frame["product"].astype(str).unique(), fill_value=0)
    few = {
        name: f"only {size} of the {LEAST_ROWS} rows without promotion that are needed are there"
        for name, size in used["size"].items()
        if size < LEAST_ROWS
    }
    unsold = dict.fromkeys(used.index[used["sum"] == 0], "not a single unit of it was sold")
    return {**few, **unsold}


def finite(frame: pd.DataFrame) -> bool:
    """Whether stock falls from period to period by what was sold."""
    if "stock" not in frame or "date" not in frame:
        return False
    kept, pairs = 0, 0
    for _, rows in frame.groupby([key for key in ("store", "product") if key in frame]):
        stock, units = rows["stock"].to_numpy(), rows["units"].to_numpy()
        kept += int((stock[1:] == stock[:-1] - units[:-1]).sum())
        pairs += len(rows) - 1
    return kept > NOT_FILLED * pairs


def _market(frame: pd.DataFrame, counted: bool) -> float:
    """Customers a period: counted, or assumed such that half of them buy."""
    if counted:
        return float(frame.groupby(row_keys(frame))["visitors"].max().mean())
    return float(frame.groupby("product")["units"].mean().sum()) / BUYERS


def _check_outside(table: Table, known: Mapping[str, Any], asked: Asked) -> None:
    """Asks for the share of visits that buy nothing where the log lacks them, and refuses it where it has them."""
    some = table.frame.groupby("visit")["chosen"].max()
    column = f"column {table.mapping['chosen']!r}"
    if not some.all() and OUTSIDE in known:
        told = f"{column}: {1 - some.mean():.0%} of the visits bought nothing, so that {OUTSIDE} is not for you to say"
        raise TableError(table.where, [f"{told}: leave it out"])
    if some.all() and OUTSIDE not in known:
        days = (asked.get("since"), asked.get("until"))
        typed = command("pricing", table.where, asked.get("columns"), {**known, OUTSIDE: 0.3}, *days, table.read)
        raise TableError(
            table.where,
            [
                f"{column}: every visit bought something; how many visits buy nothing is not identified: say their "
                f"share, such as 30 %: {typed}"
            ],
        )


def _check_packages(table: Table, known: Mapping[str, Any]) -> None:
    """Asks whether units are those of packages where all sales are multiples of one number and very many."""
    units = table.frame["units"].to_numpy().astype(np.int64)
    common = int(np.gcd.reduce(units))
    market = _market(table.frame, False)
    if common > 1 and market > MOST_CUSTOMERS and not {UNIT, "customers"} & {*known}:
        raise TableError(
            table.where,
            [
                f"all units sold are multiples of {common}: if that is one package and prices are those of a package, "
                f"write --known unit={common}; if prices are those of a single unit, write --known unit=1"
            ],
        )
