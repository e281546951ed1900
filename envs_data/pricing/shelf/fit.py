"""From a shop's table to a shelf: what is fitted, what is known, what the table cannot tell."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.fits import Fit
from envs_data.parameters import Origin
from envs_data.pricing.ladder import ladder, nearest
from envs_data.pricing.logit import Offers
from envs_data.pricing.shelf import told
from envs_data.pricing.shelf.checked import back_test
from envs_data.pricing.shelf.demand import (
    Demand,
    Elasticity,
    choices_of,
    elasticities,
    from_elasticities,
    from_offers,
    offers_of,
    paired,
)
from envs_data.pricing.shelf.known import UNIT, Known, check_known, read_known
from envs_data.pricing.shelf.parameters import MAX_PRODUCTS, ShelfParameters
from envs_data.pricing.table import is_choices, period_days, read_choices, read_sales
from envs_data.tables import Table, TableError, read_text, rows_problem

DRAWS, DRAWS_SEED = 50, 20_250_106
PERIODS = 13
# Who buys, as a share of the customers, where nobody counted them.
BUYERS = 0.5
# What a unit costs, as a share of its mean price, where nobody says.
COST = 0.7
MOST_CUSTOMERS = 10_000
# Share of periods that begin with what the last one left, from which on a stock counts as never filled up.
NOT_FILLED = 0.8


@dataclasses.dataclass(frozen=True)
class Read:
    """What a table says.

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


def fit(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a shelf to sales by product and period, or to a log of visits.

    From a log of visits, or from periods whose rows tell what stood side by side, appeal and sensitivity of each
    product come from the multinomial logit by maximum likelihood, whoever buys nothing included where visitors are
    counted. From rows that cannot be paired each product has an elasticity of its own, by Poisson, negative binomial
    or log-log regression (the BIC decides), and what one product takes from another follows from shares in a market
    whose size is assumed.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.pricing.table.CONTRACT` and ``CHOICES``.
        columns: meaning to the table's own name, such as ``{"units": "qty"}``.
        known: fields of `ShelfParameters` the user knows, of all products or one (``{"cost": 1.2, "cost.plain": 1}``),
            and ``unit``: how many of the table's units are one that is sold.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only PricingShelf, which is also the default.

    Returns:
        The fitted shelf, with origins, draws, back-test and what to tell the user.

    Raises:
        TableError: a table that cannot be read, or in which demand is not identified.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    given = dict(known or {})
    check_known(given, case)
    seen = _read(source, columns, since, until, given)
    facts = read_known(given, seen.names)
    demand = _demand(seen)
    values, origins = _fields(seen, demand, facts)
    drawn = demand.draws(DRAWS, np.random.default_rng(DRAWS_SEED))
    asked = {"columns": columns, "since": since, "until": until}
    return Fit(
        parameters=ShelfParameters.from_dict(values),
        origins=origins,
        draws=tuple({"products": _with_demand(values["products"], facts, *one)} for one in drawn),
        back_test=back_test(seen.frame, seen.elasticities, seen.offers, seen.names),
        mapping=seen.table.mapping,
        lines=told.lines(seen, demand, values, origins, asked, given),
        notes=(*seen.table.notes, *told.notes(seen, demand)),
        observed=seen.frame["date"].nunique() if "date" in seen.frame else len(seen.frame),
        would_help=tuple(told.would_help(seen)),
    )


def _read(
    source: str | os.PathLike[str] | pd.DataFrame,
    columns: Mapping[str, str] | None,
    since: str | None,
    until: str | None,
    known: Mapping[str, Any],
) -> Read:
    if is_choices(read_text(source)[0], columns):
        table = read_choices(source, columns, since, until)
        offers = choices_of(table.frame)
        names = _names(table)
        per_period = len(offers.prices) / table.frame["date"].nunique() if "date" in table.frame else None
        market = float(known.get("customers", per_period or 1.0 / BUYERS))
        return Read(table, names, True, {}, offers, "", market, per_period is not None)
    table = _in_units(read_sales(source, columns, since, until), int(known.get(UNIT, 1)))
    names, found = _names(table), elasticities(table.frame)
    counted = "visitors" in table.frame and paired(table.frame)
    market = float(known.get("customers", _market(table.frame, counted)))
    _check_market(table, market, "customers" in known)
    if not paired(table.frame):
        return Read(table, names, False, found, None, "", market, counted)
    return Read(table, names, False, found, *offers_of(table.frame, market), market, counted)


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
    """Customers a period: counted, or so many that half of them buy."""
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


def _demand(seen: Read) -> Demand:
    """The logit, by the route the table allows.

    Raises:
        TableError: a demand that does not fall with the price, or too little to tell, with every product concerned.
    """
    where = seen.table.where
    if seen.offers is not None:
        try:
            demand = from_offers(seen.names, seen.offers)
        except ValueError as error:
            raise TableError(where, [f"demand is not identified: {error}"]) from None
    else:
        unknown = [name for name, one in seen.elasticities.items() if one.plain is None]
        if unknown:
            few = f"demand is not identified: too few rows without promotion, or one price, of {', '.join(unknown)}"
            raise TableError(where, [few])
        demand = from_elasticities(seen.frame, seen.elasticities, seen.market)
    errors = demand.stderrs()[1]
    rising = [
        f"product {name}: the sensitivity to its price is not identified: {value:.3g} +- {1.96 * error:.2g}, so that a "
        "higher price may sell as many; prices must have changed for other reasons than demand, and often enough"
        for name, value, error in zip(seen.names, demand.sensitivity, errors, strict=True)
        if value - 1.96 * error <= 0
    ]
    if rising:
        raise TableError(where, rising)
    return demand


def _fields(seen: Read, demand: Demand, known: Known) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Every field's value and origin. What is known wins over what was fitted."""
    days = period_days(seen.frame)
    values: dict[str, Any] = {"periods": PERIODS, "period_days": days or 7.0, "customers": seen.market}
    values |= {"money": "money", **known.shelf}
    origins = {name: Origin("assumed", note=note) for name, note in told.ASSUMED.items()}
    if days is not None:
        origins["period_days"] = Origin("fitted", note="The commonest gap between dates.")
    if seen.counted:
        origins["customers"] = Origin("fitted", _market_error(seen), "Visitors counted.")
    appeal_errors, errors = demand.stderrs()
    products = []
    for k, name in enumerate(seen.names):
        products.append({**_product(seen, name, values), **known.products[name]})
        origins[f"appeal.{name}"] = Origin("fitted", float(appeal_errors[k]), told.how(seen, demand))
        origins[f"sensitivity.{name}"] = Origin("fitted", float(errors[k]), told.how(seen, demand))
        origins |= {f"{field}.{name}": Origin("known") for field in known.products[name]}
    values["products"] = _with_demand(products, known, demand.appeal, demand.sensitivity)
    origins["prices"] = Origin("fitted", note="Prices the table has seen; no other is tried.")
    if _finite(seen.frame):
        note = "The table's first stock; it is not filled up, and no delivery is looked for."
        origins["start_stock"] = Origin("fitted", note=note)
    for field in ("cost", "start_stock"):
        if all(field in own for own in known.products.values()):
            origins.pop(field)
    origins |= {name: Origin("known") for name in known.shelf}
    return values, {**origins, "products": Origin("fitted", note="Product by product.")}


def _market_error(seen: Read) -> float:
    assert seen.offers is not None
    if seen.choices:
        return float(np.sqrt(seen.market / seen.frame["date"].nunique()))
    return float(seen.offers.customers.std() / np.sqrt(len(seen.offers.customers)))


def _product(seen: Read, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A product's prices, cost and stock."""
    rows = seen.frame[seen.frame["product"] == name]
    plain = rows[~(rows["promotion"].fillna(0) > 0)] if "promotion" in rows else rows
    charged = (plain if plain["price"].nunique() > 1 else rows)["price"].to_numpy()
    steps = ladder(charged)
    last = float(charged[-1]) if "date" in rows else float(charged.mean())
    found = {"name": name, "prices": list(steps), "start_step": nearest(steps, last)}
    found["cost"] = round(COST * float(charged.mean()), 4)
    enough = int(np.ceil(2 * values["customers"] * values["periods"])) + 100
    found["start_stock"] = int(rows["stock"].iloc[0]) if _finite(seen.frame) else min(enough, 1_000_000)
    return found


def _finite(frame: pd.DataFrame) -> bool:
    """Whether stock falls from period to period by what was sold."""
    if "stock" not in frame or "date" not in frame:
        return False
    kept, pairs = 0, 0
    for _, rows in frame.groupby([key for key in ("store", "product") if key in frame]):
        stock, units = rows["stock"].to_numpy(), rows["units"].to_numpy()
        kept += int((stock[1:] == stock[:-1] - units[:-1]).sum())
        pairs += len(rows) - 1
    return kept > NOT_FILLED * pairs


def _with_demand(products: list[dict[str, Any]], known: Known, appeal: Any, sensitivity: Any) -> list[dict[str, Any]]:
    """The products with other appeals and sensitivities, but for those that are known."""
    found = []
    for product, a, b in zip(products, appeal.tolist(), sensitivity.tolist(), strict=True):
        found.append({**product, "appeal": a, "sensitivity": b, **known.products[product["name"]]})
    return found
