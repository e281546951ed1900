"""From a shop's table of several items to the world of a box: fitted, known and assumed fields."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from envs_data.fits import DRAWS, BackTest, with_known
from envs_data.fitting import UNIT, Fields, Fitting, public
from envs_data.nested_fields import KnownFields
from envs_data.parameters import Origin
from envs_data.restock.box import summary_lines
from envs_data.restock.box.back_test import back_test
from envs_data.restock.box.costs import costs, prices, quantities
from envs_data.restock.box.known_fields import merged, read_known
from envs_data.restock.box.parameters import MAX_ITEMS, BoxParameters
from envs_data.restock.box.promotions import Promotions, promotions
from envs_data.restock.deliveries import lead_times
from envs_data.restock.demand import Demand, error_of, plain
from envs_data.restock.panel import BINOMIAL, Panel, select_together
from envs_data.restock.reading import read_items
from envs_data.restock.remarks import unmet_demand, year_after
from envs_data.restock.sales import Sales, sales_of
from envs_data.tables import Table, TableError

# Fields of an item's law of demand that are fitted.
OWN_LAW = ("mean", "size", "zero_inflation")


@dataclasses.dataclass(frozen=True)
class Shop:
    """What a table says of several items.

    Attributes:
        frames: by item, its days.
        sales: by item, its days without promotion.
        waiting: by item, whether customers wait for what is not in stock.
    """

    frames: Mapping[str, pd.DataFrame]
    sales: Mapping[str, Sales]
    waiting: Mapping[str, bool]


class BoxFit(Fitting[BoxParameters]):
    """Fits the world of a box to the daily sales of its items.

    As `envs_data.restock.fit.fit` does for one item, but weekdays, season and the kind of trend are shared, while each
    item has its own level, spread and law. Promoted days are left out of that and give the lift of promotions. Lead
    times come from orders and deliveries, pack sizes from the orders' common divisor. Items are assumed to be
    independent and customers to accept no substitutes: sales alone do not identify either.

    The world is that of the year after the table, which has a row a day and item: see
    `envs_data.restock.reading.CONTRACT` for the columns, such as ``{"units": "qty"}``. Known are fields of
    `BoxParameters`, and fields of `BoxItem` for all items, or for one, such as
    ``{"capacity": 160, "lead_time": 2, "price.milk": 1.2}``; ``margin`` is price less cost, and ``unit`` how
    much of the table's unit is one.
    """

    kind = BoxParameters
    fitted_to = "several items"
    more = (UNIT,)

    def unknown_names(self) -> Iterable[str]:
        """Names are checked once the items are known."""
        return ()

    def check_values(self) -> None:
        """Values are checked together with those of the table."""

    def read_table(self) -> Table:
        """The days of all items."""
        return read_items(self.source, **self.asked)

    def estimate(self) -> None:
        """Sorts what is known by box and item, and estimates demand of the items and what promotions do."""
        self.shop, self.left_out = _shop(self.table)
        self.facts = read_known(self.known, [*self.shop.frames])
        self.known = {**self.facts.whole}
        self.panel = select_together([*self.shop.sales.values()])
        self.lift = promotions(self.shop.frames, dict(zip(self.shop.sales, self.panel.fits, strict=True)))

    def fields(self) -> Fields:
        """The box's own fields, then item by item."""
        shop, facts = self.shop, self.facts
        values, origins = _shared(shop, self.panel, self.lift, facts)
        price_of_item = prices(shop.frames, facts)
        if all(origin.kind == "assumed" for _, origin in price_of_item.values()):
            values["money"], origins["money"] = "items", Origin("assumed", note="Without a price, costs are in items.")
        items, of_items = [], {}
        for fitted, (name, frame) in zip(self.panel.fits, shop.frames.items(), strict=True):
            own = _item(name, frame, fitted, shop, facts.parts[name])
            own[0]["price"], own[1]["price"] = price_of_item[name]
            costs(*own, facts.parts[name])
            quantities(frame, *own, facts.parts[name], {"promotion_lift": 1.0, "order_cost": 0.0, **values})
            items.append(own[0])
            of_items[name] = own[1]
        values["items"] = items
        return values, {**origins, "items": Origin("fitted", note="Item by item."), **merged(of_items)}

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """The profile in common, and each item's demand."""
        for of_items in self.panel.draws(DRAWS, self.rng()):
            drawn = [plain(one) for one in of_items]
            shared: dict[str, Any] = {name: drawn[0][name] for name in ("weekday", "season") if name in drawn[0]}
            yield {**shared, "items": [*map(self.drawn_item, self.values["items"], drawn)]}

    def drawn_item(self, item: Mapping[str, Any], drawn: Mapping[str, Any]) -> dict[str, Any]:
        """An item with the demand drawn, except what is known."""
        fixed = self.facts.parts[item["name"]]
        return {**item, **{name: drawn[name] for name in OWN_LAW if name in drawn and name not in fixed}}

    def back_test(self) -> BackTest:
        """Sales of the last days."""
        return back_test(self.shop.sales)

    def describe_table(self) -> tuple[str, ...]:
        """How many days, of which items."""
        return (summary_lines.days_read(self.shop.sales),)

    def describe_estimates(self) -> Iterator[str]:
        """Demand, and what else the table tells."""
        yield summary_lines.fitted(self.shop.sales, self.panel, self.values, self.origins)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """What is assumed of box and items."""
        yield "assumed", summary_lines.assumed(self.origins)
        yield self.type_line(summary_lines.typed(self.values, self.origins))

    def notes(self) -> list[str]:
        """Where table and world differ."""
        fitted = summary_lines.notes(self.table, self.shop.sales, self.panel, self.origins)
        return [*self.left_out, *fitted, *self.lift.notes]

    def observed(self) -> int:
        """Rows of a box are not counted."""
        return 0


def _shop(table: Table) -> tuple[Shop, list[str]]:
    """The items' observed days, and a sentence on each item that is left out because its demand is not identified.

    Raises:
        TableError: too many items, or none whose demand is identified.
    """
    frames = {str(name): rows for name, rows in table.frame.groupby("item", sort=False)}
    sales, waiting, left_out = {}, {}, list[str]()
    for name, rows in frames.items():
        plain_days = rows[~(rows["promotion"] > 0)] if "promotion" in rows else rows
        try:
            sales[name], waiting[name] = sales_of(plain_days, table.where, name)
        except TableError as error:
            left_out += [f"Left out: {problem}." for problem in error.problems]
    if not sales:
        raise TableError(table.where, [*left_out, "no item is left to fit; use more of their days"])
    if len(sales) > MAX_ITEMS:
        each = f"--each {shlex.quote(table.mapping['item'])} -o FOLDER"
        many = f"{len(sales)} items, and a box has {MAX_ITEMS} at most; fit each by itself with {each}, or keep fewer"
        raise TableError(table.where, [f"column {table.mapping['item']!r}: {many}"])
    frames = {name: frames[name] for name in sales}
    shortest = {name: rows["on_hand"].min() for name, rows in frames.items() if "on_hand" in rows}
    # Customers of an item that never ran out do what those of the others do.
    waiting = {name: waits or (any(waiting.values()) and shortest[name] > 0) for name, waits in waiting.items()}
    return Shop(frames, sales, waiting), left_out


def _shared(shop: Shop, panel: Panel, lift: Promotions, known: KnownFields) -> Fields:
    """The fields of the box itself."""
    last = max(sales.dates[-1] for sales in shop.sales.values())
    natural, errors = plain(panel.fits[0].natural()), plain(panel.fits[0].stderrs())
    values, origins = year_after(last)
    values |= {"weekday": [], "season": []}
    origins["substitution"] = Origin("assumed", note="Not identified from sales alone: none.")
    origins |= {name: Origin("assumed", note="No limit, no cost.") for name in summary_lines.LIMITS}
    for name in ("weekday", "season"):
        origins[name] = Origin("fitted", note="None: the BIC favours doing without.")
        if name in natural:
            values[name] = natural[name]
            origins[name] = Origin("fitted", error_of(errors[name]), "In common to all items.")
    values["observed"] = "demand" if all(shop.waiting.values()) else "sales"
    origins["observed"] = Origin("assumed", note="A shop observes its sales, not unmet demand.")
    values |= lift.values
    values |= known.whole
    return values, with_known({**origins, **lift.origins}, known.whole)


def _item(name: str, frame: pd.DataFrame, fitted: Demand, shop: Shop, known: Mapping[str, Any]) -> Fields:
    """An item's demand, lead time and what its customers do."""
    natural, errors = plain(fitted.natural()), plain(fitted.stderrs())
    sales = shop.sales[name]
    how = f"Censored likelihood over {len(sales)} days, {int(sales.censored.sum())} of them sold out."
    law = "poisson" if fitted.law == "poisson" else BINOMIAL
    values = {"name": name, "demand_law": law, "size": 1.0, "zero_inflation": 0.0}
    origins = {"demand_law": Origin("fitted", note="The law with the smaller BIC.")}
    for field in OWN_LAW:
        if field in natural:
            values[field], origins[field] = natural[field], Origin("fitted", errors[field], how)
    origins.setdefault("size", Origin("preset", note="Not identified: no more spread than a Poisson law."))
    days, likely, origin = lead_times(frame)
    values |= {"lead_times": [*days], "lead_time_probabilities": [*likely]}
    origins["lead_times"] = origin
    waiting = shop.waiting[name]
    values["unmet"], origins["unmet"] = unmet_demand(waiting, waiting and bool((frame["on_hand"] < 0).any()))
    origins["shelf_life"] = Origin("assumed", note="Keeps for ever.")
    own = {field: value for field, value in known.items() if field != "margin"}
    return {**values, **own}, with_known(origins, own)


fit = public(BoxFit.fit)
