"""From a shop's table to a shelf: fitted, known and unidentified fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fits import DRAWS, BackTest, with_known
from envs_data.fitting import Fields, Fitting, public
from envs_data.nested_fields import KnownFields, NestedFields
from envs_data.parameters import Origin
from envs_data.pricing.price_steps import ladder, nearest
from envs_data.pricing.reading import period_days
from envs_data.pricing.shelf import summary_lines
from envs_data.pricing.shelf.back_test import back_test
from envs_data.pricing.shelf.demand import Demand, from_elasticities, from_offers, unpromoted
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct
from envs_data.pricing.shelf.shelf_data import UNIT, ShelfData, read_shelf
from envs_data.tables import Table, TableError

FIELDS = NestedFields.of("a product", ShelfParameters, ShelfProduct)
PERIODS = 13
# Assumed cost of a unit, as a share of its mean price.
COST = 0.7
# A stock counts as never replenished if more than this share of periods begin with what the last one left.
NOT_FILLED = 0.8


class ShelfFit(Fitting[ShelfParameters]):
    """Fits a shelf to sales by product and period, or to a log of visits.

    From a log of visits, or from periods whose rows tell what stood side by side, appeal and sensitivity of each
    product come from the multinomial logit by maximum likelihood, including customers who buy nothing where visitors
    are counted. If rows cannot be paired, each product has its own elasticity, by Poisson, negative binomial or log-log
    regression (the BIC decides), and substitution between products follows from shares in a market of assumed size.

    See `envs_data.pricing.reading.CONTRACT` and ``CHOICES`` for the columns, such as ``{"units": "qty"}``. Known are
    fields of `ShelfParameters`, of all products or one (``{"cost": 1.2, "cost.plain": 1}``), and ``unit``: how many of
    the table's units are one that is sold.
    """

    kind = ShelfParameters
    fitted_to = "a shelf"
    more = (UNIT,)

    def unknown_names(self) -> Iterator[str]:
        """Products are checked once they are known."""
        yield from FIELDS.unknown(self.given, None, self.more)
        unit = self.given.get(UNIT, 1)
        if isinstance(unit, bool) or not isinstance(unit, (int, float)) or unit != int(unit) or unit < 1:
            yield f"unit is {unit!r}; it must be a whole number of the table's units, such as 64"

    def check_values(self) -> None:
        """Values are checked together with those of the table."""

    def read_table(self) -> Table:
        """The rows of all products."""
        self.seen = read_shelf(self.source, self.given, self.asked)
        return self.seen.table

    def estimate(self) -> None:
        """Sorts what is known by shelf and product, and estimates the logit by the route the table allows."""
        self.facts = FIELDS.read(self.given, self.seen.names, self.more)
        self.known = {**self.facts.whole}
        self.demand = _demand(self.seen)

    def fields(self) -> Fields:
        """The shelf's own fields, then product by product."""
        seen, demand, known = self.seen, self.demand, self.facts
        days = period_days(seen.frame)
        values: dict[str, Any] = {"periods": PERIODS, "period_days": days or 7.0, "customers": seen.market}
        values |= {"money": "money", **known.whole}
        origins = {name: Origin("assumed", note=note) for name, note in summary_lines.ASSUMED.items()}
        if days is not None:
            origins["period_days"] = Origin("fitted", note="The commonest gap between dates.")
        if seen.counted:
            origins["customers"] = Origin("fitted", _market_error(seen), "Visitors counted.")
        appeal_errors, errors = demand.stderrs()
        products, how = [], summary_lines.how(seen, demand)
        for k, name in enumerate(seen.names):
            products.append({**_product(seen, name, values), **known.parts[name]})
            origins[f"appeal.{name}"] = Origin("fitted", float(appeal_errors[k]), how)
            origins[f"sensitivity.{name}"] = Origin("fitted", float(errors[k]), how)
            origins |= {f"{field}.{name}": Origin("known") for field in known.parts[name]}
        values["products"] = _with_demand(products, known, demand.appeal, demand.sensitivity)
        origins["prices"] = Origin("fitted", note="Prices the table has seen; no other is tried.")
        if _finite(seen.frame):
            note = "The table's first stock; it is not filled up, and no delivery is looked for."
            origins["start_stock"] = Origin("fitted", note=note)
        for field in ("cost", "start_stock"):
            if all(field in own for own in known.parts.values()):
                origins.pop(field)
        origins = with_known(origins, known.whole)
        return values, {**origins, "products": Origin("fitted", note="Product by product.")}

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """Appeal and sensitivity of each product."""
        for drawn in self.demand.draws(DRAWS, self.rng()):
            yield {"products": _with_demand(self.values["products"], self.facts, *drawn)}

    def back_test(self) -> BackTest:
        """Sales of the last periods, or choices of the last visits."""
        return back_test(self.seen.frame, self.seen.elasticities, self.seen.offers, self.seen.names)

    def describe_table(self) -> tuple[str, ...]:
        """How many rows, of how many products."""
        count = len(self.seen.names)
        rows = f"{len(self.seen.frame):,} rows of {count} product{'s' if count > 1 else ''}"
        return rows, "Side by side: PricingShelf."

    def describe_estimates(self) -> Iterator[str]:
        """Elasticities and the logit."""
        return summary_lines.fitted(self.seen, self.demand)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """Costs and customers are asked for where they are assumed."""
        yield from (("open", text) for text in summary_lines.not_identified(self.seen))
        assumed, typed = self.assumed(summary_lines.OPEN), dict[str, Any]()
        if assumed:
            yield "assumed", " ".join(self.origins[name].note for name in assumed)
            if "cost" in assumed:
                typed = {f"cost.{product['name']}": product["cost"] for product in self.values["products"]}
            if "customers" in assumed:
                typed["customers"] = round(self.values["customers"])
            yield self.type_line(typed)

    def notes(self) -> Iterator[str]:
        """Where table and world differ."""
        return summary_lines.notes(self.seen, self.demand)

    def observed(self) -> int:
        """Periods, or rows where none are told."""
        frame = self.seen.frame
        return frame["date"].nunique() if "date" in frame else len(frame)

    def would_help(self) -> Iterator[str]:
        """Columns that would replace a guess by knowledge."""
        return summary_lines.would_help(self.seen)


def _demand(seen: ShelfData) -> Demand:
    """The logit, by the route the table allows.

    Raises:
        TableError: demand that does not fall with the price, or too little data, with every product concerned.
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


def _market_error(seen: ShelfData) -> float:
    assert seen.offers is not None
    if seen.choices:
        return float(np.sqrt(seen.market / seen.frame["date"].nunique()))
    return float(seen.offers.customers.std() / np.sqrt(len(seen.offers.customers)))


def _product(seen: ShelfData, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A product's prices, cost and stock."""
    rows = seen.frame[seen.frame["product"] == name]
    plain = unpromoted(rows)
    charged = (plain if plain["price"].nunique() > 1 else rows)["price"].to_numpy()
    steps = ladder(charged)
    last = float(charged[-1]) if "date" in rows else float(charged.mean())
    product = {"name": name, "prices": list(steps), "start_step": nearest(steps, last)}
    product["cost"] = round(COST * float(charged.mean()), 4)
    enough = int(np.ceil(2 * values["customers"] * values["periods"])) + 100
    product["start_stock"] = int(rows["stock"].iloc[0]) if _finite(seen.frame) else min(enough, 1_000_000)
    return product


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


def _with_demand(products: list[dict[str, Any]], known: KnownFields, appeal: Floats, sensitivity: Floats) -> list[Any]:
    """The products with other appeals and sensitivities, except those that are known."""
    drawn = zip(products, appeal.tolist(), sensitivity.tolist(), strict=True)
    return [{**product, "appeal": a, "sensitivity": b, **known.parts[product["name"]]} for product, a, b in drawn]


fit = public(ShelfFit.fit)
