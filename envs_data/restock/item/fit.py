"""From a shop's table to the world of one item: fitted, known and assumed fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envs_data.fits import DRAWS, BackTest, Fit
from envs_data.fitting import UNIT, Fields, Fitting, public
from envs_data.parameters import Origin
from envs_data.reading.source import Source
from envs_data.restock.back_test import back_test
from envs_data.restock.checks import checks
from envs_data.restock.deliveries import lead_time, lead_times
from envs_data.restock.demand import error_of, plain
from envs_data.restock.estimation import TWO_YEARS, if_short, select
from envs_data.restock.item.costs import costs, orders
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.left_out import left_out
from envs_data.restock.reading import read_table
from envs_data.restock.remarks import NO_STOCK, ONE_SEASON, closed_days, profile_texts, unmet_demand, year_after
from envs_data.restock.sales import sales_of
from envs_data.tables import Asked, Table

# What people call the cost of a lost sale.
MARGIN = "margin"


class ItemFit(Fitting[ItemParameters]):
    """Fits the world of one item to its daily sales.

    Demand is Poisson or negative binomial, with days on which nobody asks, a level that may wander, a trend damped to
    that of the last weeks, weekdays and a season, each kept only where the BIC favours it. A day that closes with no
    stock is censored: demand was at least what was sold. Standard errors come from the observed information; where
    weeks differ more than independent days would, that of the level is widened. A trend goes on in half of the draws;
    a level wanders in as many as the table makes probable.

    The world is that of the year after the table. See `envs_data.restock.reading.CONTRACT` for the columns, such as
    ``{"units": "qty"}``. Known are fields of `ItemParameters`, such as ``{"lead_time": 2, "price": 14}``; ``margin`` is
    what a lost sale costs, and ``unit`` how much of the table's unit is one, such as .25 for quarters of a kilo; prices
    and costs are then of one such unit. ``item`` says which item, when the table holds several.
    """

    kind = ItemParameters
    fitted_to = "one item"
    more = (MARGIN, UNIT)

    def __init__(self, source: Source, asked: Asked, given: Mapping[str, Any], item: str | None = None) -> None:
        super().__init__(source, asked, given)
        self.item = item
        # A known margin is the cost of a lost sale.
        self.known = {("shortage" if name == MARGIN else name): value for name, value in given.items() if name != UNIT}

    @classmethod
    def fit(
        cls,
        source: Source,
        columns: Mapping[str, str] | None = None,
        known: Mapping[str, Any] | None = None,
        since: str | None = None,
        until: str | None = None,
        case: str | None = None,
        item: str | None = None,
    ) -> Fit:
        """Fits a table, or one item of it."""
        return cls(source, {"columns": columns, "since": since, "until": until}, known or {}, item).result(case)

    def said(self) -> dict[str, Any]:
        """The item too, where it was one of several."""
        return {**super().said(), **({"item": self.item} if self.item is not None else {})}

    def problems(self) -> Iterator[str]:
        """Margin and shortage are two words for one thing."""
        if {MARGIN, "shortage"} <= {*self.given}:
            what = "margin is the shortage of a shop that only loses the sale"
            yield f"margin and shortage are both given, and {what}; leave one out"

    def read_table(self) -> Table:
        """The days of the item."""
        return read_table(self.source, self.item, **self.asked)

    def estimate(self) -> None:
        """Estimates demand on the days observed."""
        self.sales, self.waiting = sales_of(self.table.frame, self.table.where)
        self.demand = select(self.sales)
        if "level_spread" in self.known:
            # Then the size has what a level would have had of the spread.
            self.demand = dataclasses.replace(self.demand, wandering=None, other=None)
        self.took, self.took_shares, _ = lead_times(self.table.frame)
        # Without a column for stock, days that sold well may have sold out.
        self.short = None if "on_hand" in self.table.mapping else if_short(self.demand, self.sales)

    def fields(self) -> Fields:
        """Costs and order quantities follow from what is fitted, known and assumed before them."""
        values, origins = self.demand_fields()
        dates, assumed = year_after(self.sales.dates[-1])
        values, origins = {**values, **dates}, {**origins, **assumed}
        values["unmet"], origins["unmet"] = unmet_demand(self.waiting, owed=True)
        values["lead_time"], origins["lead_time"] = lead_time(self.table.frame)
        for name, value in self.known.items():
            values[name], origins[name] = value, Origin("known")
        costs(self.table.frame, values, origins, self.known)
        orders(values, origins, self.known)
        return values, origins

    def demand_fields(self) -> Fields:
        """The fields of demand."""
        demand, sales = self.demand, self.sales
        natural, errors = plain(demand.around_level(demand.natural())), plain(demand.stderrs())
        values = {"weekday": [], "season": [], **natural}
        values["demand_law"] = "poisson" if demand.law == "poisson" else "negative_binomial"
        cut = int(sales.censored.sum())
        how = f"Censored likelihood over {len(sales)} days, {cut} of them sold out."
        if demand.structure.half_life is not None:
            how += " The level of the last weeks; the trend is not extrapolated."
        notes = {
            "mean": how,
            "weekday": "The BIC favours a level for each weekday."
            if demand.structure.weekday
            else "Closed weekdays are 0.",
            "season": "The BIC favours a factor for each month.",
            "size": how,
            "zero_inflation": "The BIC favours days on which nobody asks, beside those of the law.",
            "level_spread": "The BIC favours a hidden level (likelihood of a hidden Markov model).",
            "level_persistence": "The likeliest of those tried.",
        }
        if demand.limit:
            values["daily_limit"] = demand.limit
        if "level_spread" in natural:
            # What a level explains is no longer the size's: its error is that of the draws alone.
            del errors["size"]
        of = {name: error_of(error) for name, error in errors.items()}
        origins = {name: Origin("fitted", of.get(name), notes[name]) for name in natural}
        origins["demand_law"] = Origin("fitted", note="The law with the smaller BIC.")
        if demand.limit:
            origins["daily_limit"] = Origin("fitted", note="Sold so often that more would have been without a limit.")
        for name in ("weekday", "season"):
            origins.setdefault(name, Origin("fitted", note="None: the BIC favours doing without."))
        if demand.law == "poisson":
            note = "Not identified: no more spread than a Poisson law, which has no size."
            origins["size"] = Origin("preset", note=note)
        return values, origins

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """The fields of demand."""
        drawn = self.demand.draws(DRAWS, self.rng())
        if self.short is not None:
            short = self.short.draws(DRAWS, self.rng())
            drawn = [short[k] if k // 2 % 2 else one for k, one in enumerate(drawn)]
        for k, (one, took) in enumerate(zip(drawn, self.drawn_lead_times(), strict=True)):
            limit = {"daily_limit": self.demand.limit * (1 - k // 2 % 2)} if self.demand.limit else {}
            yield {**plain(one), **limit, **took}

    def deliveries_vary(self) -> bool:
        """Whether orders took other times than the fitted world's, as far as the table tells."""
        return len(self.took) > 1

    def doubted(self) -> Iterator[str]:
        """A lead time that deliveries do not keep."""
        if self.deliveries_vary():
            yield "lead_time"

    def drawn_lead_times(self) -> list[dict[str, int]]:
        """[draws] the lead time of each, by their shares where deliveries vary; else no word of it."""
        if not self.deliveries_vary():
            return [{}] * DRAWS
        places = np.searchsorted(np.cumsum(self.took_shares), (np.arange(DRAWS) + 0.5) / DRAWS)
        return [{"lead_time": self.took[place]} for place in self.rng().permutation(places)]

    def back_test(self) -> BackTest:
        """Sales of the last days."""
        return back_test(self.sales)

    def checks(self) -> list[str]:
        """Totals of a lead time, and spells without demand."""
        return checks(self.demand, self.sales, self.parameters.lead_time)

    def describe_table(self) -> tuple[str, ...]:
        """How many days, and of which item."""
        frame = self.table.frame
        named = f" of item {frame['item'].iloc[0]}" if "item" in frame else ""
        return (f"{len(self.sales)} days{named}",)

    def describe_estimates(self) -> Iterator[str]:
        """Demand, and what else the table tells."""
        demand, values, origins = self.demand, self.values, self.origins
        error = demand.stderrs()
        level = demand.natural()
        parts = [f"demand {level['mean'][0]:.3g} a day (+- {error['mean'][0]:.2g})"]
        if demand.wanders:
            kept = f"{values['level_persistence']:.2g} from day to day"
            wanders = f"a hidden level that wanders (spread {values['level_spread']:.2g}, correlation {kept})"
            parts.append(f"negative binomial (size {values['size']:.3g}) around {wanders}")
        elif demand.law == "poisson":
            parts.append("Poisson")
        else:
            parts.append(f"negative binomial (size {level['size'][0]:.3g} +- {error['size'][0]:.2g})")
        if demand.law == "zero_inflated":
            share = level["zero_inflation"][0]
            parts.append(f"nobody asks on {share:.0%} of days (+- {error['zero_inflation'][0]:.1%})")
        parts += profile_texts(demand)
        if demand.structure.half_life is not None:
            parts.append("trend damped to the level of the last weeks")
        parts.append(f"{int(self.sales.censored.sum())} sold-out days treated as censored")
        parts += [f"{name} {values[name]:.4g}" for name in ("lead_time", "price") if origins[name].kind == "fitted"]
        yield ", ".join(parts)

    def known_shown(self) -> Mapping[str, Any]:
        """Known fields, in the order of all fields."""
        return {name: self.values[name] for name, origin in self.origins.items() if origin.kind == "known"}

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """Lead time and costs, where they are assumed."""
        assumed = self.assumed(("lead_time", "price", "shortage", "holding"))
        if assumed:
            yield "assumed", " ".join(self.origins[name].note for name in assumed)
            yield self.type_line({name: self.values[name] for name in assumed})

    def notes(self) -> Iterator[str]:
        """Order quantities, and where table and world differ."""
        demand, origins = self.demand, self.origins
        yield from (origins[name].note for name in ("pack", "max_packs") if origins[name].kind != "known")
        if self.short is not None:
            yield f"{NO_STOCK} In half of the draws the best fifth of days did sell out."
        yield from closed_days(demand)
        if self.deliveries_vary():
            took = f"{self.took[0]} to {self.took[-1]} days"
            yield (
                f"Deliveries took {took} in the table, and always {self.parameters.lead_time} in the fitted world, "
                "which needs less stock than the shop. Each draw has one of these times throughout, as often as it "
                "was seen. RestockBox has lead times that vary from order to order."
            )
        if demand.structure.half_life is not None:
            yield "Whether the trend goes on is not identified: it stops in the fitted world, not in half of the draws."
        if demand.drift > 1:
            yield (
                f"Weekly totals vary {demand.drift:.1f} times as much as independent days would: the standard error of "
                "the mean is widened for it, and the fitted world, whose days are independent, is calmer than the "
                "table."
            )
        if self.parameters.level_spread:
            yield (
                "Good and bad days come in runs: demand wanders around a level that nobody sees. The best possible is "
                "then a bound, what one who sees it could earn."
            )
        if demand.other is not None and round(demand.share * DRAWS):
            other = [profile for profile in profile_texts(demand.other) if profile not in profile_texts(demand)]
            trend = demand.other.structure.half_life is not None
            what = ", ".join([*other, *(["a trend"] if trend else [])]) or "neither trend nor season, but a wider level"
            yield f"The table leaves another form of demand open: {what}, in {demand.share:.0%} of the draws."
        if demand.limit:
            yield (
                f"Exactly {demand.limit} units were sold on so many days that there must be a limit: in the fitted "
                "world nobody asks for more on a day; in half of the draws that is only all there was, or all that is "
                "on record, and they do."
            )
        if demand.structure.season and self.sales.span() < TWO_YEARS:
            yield ONE_SEASON
        yield from left_out(demand, self.sales, self.table.frame)

    def observed(self) -> int:
        """Days."""
        return len(self.sales)

    def would_help(self) -> Iterator[str]:
        """Columns that would replace a guess by knowledge."""
        if "on_hand" not in self.table.mapping:
            yield "a column for stock at closing (on_hand), which tells days of low demand from days that sold out"
        if self.origins["lead_time"].kind == "assumed":
            yield "columns for units ordered and delivered, which tell the lead time"
        if self.origins["price"].kind == "assumed":
            yield "a column for price or revenue, without which costs are guesses in items"


fit = public(ItemFit.fit)
