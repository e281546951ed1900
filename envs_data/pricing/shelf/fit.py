"""From a shop's table to a shelf: fitted, known and unidentified fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy import special

from envs_data.arrays import Floats
from envs_data.fits import DRAWS, DRAWS_SEED, BackTest, with_known
from envs_data.fitting import UNIT, Fields, Fitting, public
from envs_data.nested_fields import KnownFields, NestedFields
from envs_data.parameters import Origin
from envs_data.pricing.price_steps import ladder, nearest
from envs_data.pricing.reading import MOST, period_days
from envs_data.pricing.shelf import summary_lines
from envs_data.pricing.shelf.back_test import back_test
from envs_data.pricing.shelf.checks import checks
from envs_data.pricing.shelf.elasticities import unpromoted
from envs_data.pricing.shelf.parameters import ShelfParameters, ShelfProduct
from envs_data.pricing.shelf.shelf_data import MOST_CUSTOMERS, MOST_STOCK, OUTSIDE, ShelfData, finite, read_shelf
from envs_data.pricing.units import in_the_world, scale_note
from envs_data.tables import Table

FIELDS = NestedFields.of("a product", ShelfParameters, ShelfProduct)
PERIODS = 13
# Assumed cost of a unit, as a share of its mean price.
COST = 0.7


class ShelfFit(Fitting[ShelfParameters]):
    """Fits a shelf to sales by product and period, or to a log of visits.

    From a log of visits, or from periods whose rows tell what stood side by side, appeal and sensitivity of each
    product come from the multinomial logit by maximum likelihood, including customers who buy nothing where visitors
    are counted. If rows cannot be paired, each product has its own elasticity, by Poisson, negative binomial or log-log
    regression (the BIC decides), and substitution between products follows from shares in a market of assumed size.
    Products of which the table tells too little, or whose demand does not fall with the price, are left out by name.

    See `envs_data.pricing.reading.CONTRACT` and ``CHOICES`` for the columns, such as ``{"units": "qty"}``. Known are
    fields of `ShelfParameters`, of all products or one (``{"cost": 1.2, "cost.plain": 1}``); ``unit``: how much of
    the table's unit is one that is sold; and ``outside``: the share of visits that buy nothing, where a log holds
    those that bought.
    """

    kind = ShelfParameters
    fitted_to = "a shelf"
    more = (UNIT, OUTSIDE)

    def unknown_names(self) -> Iterator[str]:
        """Products are checked once they are known."""
        yield from FIELDS.unknown(self.given, None, self.more)

    def problems(self) -> Iterator[str]:
        """Impossible values of what is no field, and of the field that the table's market rests on."""
        nothing, customers = self.given.get(OUTSIDE, 0.3), self.given.get("customers", 1.0)
        if isinstance(nothing, bool) or not isinstance(nothing, (int, float)) or not 0 < nothing < 1:
            yield f"{OUTSIDE} is {nothing!r}; it must be a share above 0 and below 1"
        if isinstance(customers, bool) or not isinstance(customers, (int, float)) or not 0 < customers <= MOST:
            yield f"customers is {customers!r}; it must be above 0 and at most {MOST:g} a period"

    def check_values(self) -> None:
        """Values are checked together with those of the table."""

    def read_table(self) -> Table:
        """The rows of all products that have a demand, which is estimated along the way."""
        self.seen, self.demand = read_shelf(self.source, self.given, self.asked)
        self.scale = self.seen.scale
        return self.seen.table

    def estimate(self) -> None:
        """Sorts what is known by shelf and product."""
        given = {name: value for name, value in self.given.items() if name.partition(".")[2] not in self.seen.left_out}
        facts = FIELDS.read(given, self.seen.names, self.more)
        parts = {name: in_the_world(own, self.scale) for name, own in facts.parts.items()}
        self.facts = KnownFields(in_the_world(facts.whole, self.scale), parts)
        self.known = {**self.facts.whole}

    def fields(self) -> Fields:
        """The shelf's own fields, then product by product."""
        seen, demand, known = self.seen, self.demand, self.facts
        days = period_days(seen.frame)
        customers = seen.market / self.scale
        values: dict[str, Any] = {"periods": PERIODS, "period_days": days or 7.0, "customers": customers}
        values |= {"money": "money", **(_memory(demand.recall) if demand.recall else {}), **known.whole}
        origins = {name: Origin("assumed", note=note) for name, note in summary_lines.ASSUMED.items()}
        if days is not None:
            origins["period_days"] = Origin("fitted", note="The commonest gap between dates.")
        if seen.counted:
            how = "Visits that bought, and the share that you said." if OUTSIDE in self.given else "Visitors counted."
            origins["customers"] = Origin("fitted", _market_error(seen) / self.scale, how)
        appeal_errors, errors = demand.stderrs()
        if demand.recall:
            origins |= summary_lines.memory_origins(demand)
        products, how = [], summary_lines.how(seen, demand)
        for k, name in enumerate(seen.names):
            products.append({**_product(seen, name, values, self.scale), **known.parts[name]})
            origins[f"appeal.{name}"] = Origin("fitted", float(appeal_errors[k]), how)
            origins[f"sensitivity.{name}"] = summary_lines.sensitivity_origin(demand, k, float(errors[k]), how)
            origins |= {f"{field}.{name}": Origin("known") for field in known.parts[name]}
        values["products"] = _with_demand(products, known, demand.appeal, demand.sensitivity)
        origins["prices"] = Origin("fitted", note="Prices the table has seen; no other is tried.")
        if finite(seen.frame):
            note = "The table's first stock; it is not filled up, and no delivery is looked for."
            origins["start_stock"] = Origin("fitted", note=note)
        for field in ("cost", "start_stock"):
            if all(field in own for own in known.parts.values()):
                origins.pop(field)
        origins = with_known(origins, known.whole)
        return values, {**origins, "products": Origin("fitted", note="Product by product.")}

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """Appeal and sensitivity of each product, memory, and how many customers come where they were counted."""
        mean, counted = self.values["customers"], self.origins.get("customers")
        error = counted.stderr if counted and counted.kind == "fitted" and isinstance(counted.stderr, float) else 0.0
        places = np.random.default_rng([DRAWS_SEED, 1]).permutation(DRAWS)
        customers = mean * np.exp(error / mean * special.ndtri((places + 0.5) / DRAWS))
        remembers = self.demand.recall > 0 or self.demand.share > 0
        drawn = self.demand.draws(DRAWS, self.rng())
        for (appeal, sensitivity, recall), count in zip(drawn, customers.tolist(), strict=True):
            draw: dict[str, Any] = {"products": _with_demand(self.values["products"], self.facts, appeal, sensitivity)}
            draw |= _memory(recall) if remembers else {}
            yield {**draw, "customers": min(count, MOST_CUSTOMERS)} if error else draw

    def back_test(self) -> BackTest:
        """Sales of the last periods, or choices of the last visits."""
        return back_test(self.seen)

    def checks(self) -> list[str]:
        """Units by price, by others' prices and by time."""
        return checks(self.seen, self.demand, "levels" in self.facts.whole)

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
                typed["customers"] = round(self.values["customers"] * self.scale)
            yield self.type_line(typed)

    def notes(self) -> Iterator[str]:
        """Where table and world differ."""
        yield from scale_note(self.scale)
        yield from summary_lines.notes(self.seen, self.demand)

    def observed(self) -> int:
        """Periods, or rows where none are told."""
        frame = self.seen.frame
        return frame["date"].nunique() if "date" in frame else len(frame)

    def would_help(self) -> Iterator[str]:
        """Columns that would replace a guess by knowledge."""
        return summary_lines.would_help(self.seen)


def _memory(recall: float) -> dict[str, float]:
    """The fields of a memory of prices in which dearer and cheaper weigh alike."""
    return {"loss": recall, "gain": recall}


def _market_error(seen: ShelfData) -> float:
    """Standard error of the customers a period to come, whose mean may differ as that of one fifth from another."""
    assert seen.offers is not None
    if seen.choices:
        return float(np.sqrt(seen.market / seen.frame["date"].nunique()))
    counts = seen.offers.customers
    by_chance = float(counts.var()) / len(counts)
    fifths = np.array([part.mean() for part in np.array_split(counts, 5)])
    between = max(float(fifths.var(ddof=1)) - 5 * by_chance, 0.0)
    return float(np.sqrt(by_chance + between * (1 + 1 / 5)))


def _product(seen: ShelfData, name: str, values: Mapping[str, Any], scale: int) -> dict[str, Any]:
    """A product's prices, cost and stock."""
    rows = seen.frame[seen.frame["product"].astype(str) == name]
    plain = unpromoted(rows)
    charged = (plain if plain["price"].nunique() > 1 else rows)["price"].to_numpy()
    steps = ladder(charged)
    mean = float(charged.mean())
    last = float(charged[-1]) if "date" in rows else mean
    digits = max(4, 3 - math.floor(math.log10(mean)))
    product = {
        "name": name,
        "prices": list(steps),
        "start_step": nearest(steps, last),
        "cost": round(COST * mean, digits),
    }
    enough = int(np.ceil(2 * values["customers"] * values["periods"])) + 100
    first = max(round(rows["stock"].iloc[0] / scale), 1) if finite(seen.frame) else enough
    return {**product, "start_stock": min(int(first), MOST_STOCK)}


def _with_demand(products: list[dict[str, Any]], known: KnownFields, appeal: Floats, sensitivity: Floats) -> list[Any]:
    """The products with other appeals and sensitivities, except those that are known."""
    drawn = zip(products, appeal.tolist(), sensitivity.tolist(), strict=True)
    return [{**product, "appeal": a, "sensitivity": b, **known.parts[product["name"]]} for product, a, b in drawn]


fit = public(ShelfFit.fit)
