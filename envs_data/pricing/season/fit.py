"""From a seller's table of one product to a season: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import UNIT, Fields, Fitting, public
from envs_data.parameters import Origin, ParameterError
from envs_data.pricing import back_test
from envs_data.pricing.price_steps import ladder
from envs_data.pricing.reading import period_days, read_sales
from envs_data.pricing.season.checks import checks
from envs_data.pricing.season.demand import Sales, demand_of, falls, sales_of, seasons_differ
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.pricing.units import in_the_world, is_number, scale_for, scale_note
from envs_data.tables import Table, TableError

# Worlds drawn for standard errors.
ERROR_DRAWS = 400
PERIODS = 13
# The most units and customers a season can hold.
MOST = 1000
COUNTS = ("start_stock", "customers")
ASSUMED = {
    "salvage": "A unit left at the end brings nothing.",
    "levels": "Every season has the same demand.",
    "sensitivities": "Every season has the same demand.",
    "start_stock": "No column for stock: as much as sells in a season on average.",
    "periods": "No column for the season and no stock that rises: a season is a quarter of weeks.",
}


class SeasonFit(Fitting[SeasonParameters]):
    """Fits a season to what one product sold at which price.

    Demand is Poisson or negative binomial with mean customers * exp(-sensitivity * price); a period that sold all
    there was counts as "at least that". Known visitors give the number of customers, or where clearly fewer would buy
    at a price of 0 their share of it, and their purchases the sensitivity; otherwise the customers are those who would
    come at price 0, which is an extrapolation.

    See `envs_data.pricing.reading.CONTRACT` for the columns, such as ``{"units": "qty"}``. Known are fields of
    `SeasonParameters`, such as ``{"salvage": 5, "start_stock": 40}``; and ``unit``: how many of the table's units are
    one that is sold.
    """

    kind = SeasonParameters
    fitted_to = "one product's season"
    more = (UNIT,)

    def check_values(self) -> None:
        """Values must be possible; counts are in the table's units, and too many are scaled."""
        self.kind.from_dict({**self.known, **{name: min(value, MOST) for name, value in self._counts().items()}})

    def _counts(self) -> dict[str, Any]:
        """Known counts."""
        return {name: self.known[name] for name in COUNTS if is_number(self.known.get(name))}

    def read_table(self) -> Table:
        """The product's periods."""
        return read_sales(self.source, **self.asked)

    def estimate(self) -> None:
        """Estimates demand, which must fall with the price."""
        self.sales = sales_of(self.table)
        self.demand = demand_of(self.sales)
        falls(self.demand.free, self.table)
        first, self.stock_origin = _stock(self.sales)
        self.counts = {"start_stock": first, "customers": self.demand.natural()["customers"], **self._counts()}
        self.check_counts(float(self.sales.units.mean()))
        self.scale = scale_for(max(self.counts.values()), MOST)
        self.known = in_the_world(self.known, self.scale)

    def check_counts(self, usual: float) -> None:
        """Refuses counts of which the units sold in a period would be too small a part.

        Args:
            usual: units sold in a period.
        """
        most = MOST * max(usual, 1.0)
        above = [
            f"{name} is {value:g}; it must be at most {most:,.0f}"
            for name, value in self._counts().items()
            if value > most
        ]
        if above:
            raise ParameterError("known", above)
        if self.counts["customers"] > most:
            raise TableError(self.table.where, [_too_steep(self.counts["customers"], usual)])

    def fields(self) -> Fields:
        """Demand, prices, and how long a season is."""
        sales, (values, origins) = self.sales, self.demand_fields()
        values |= {"prices": ladder(sales.price), "periods": _periods(sales), "money": "money"}
        origins |= {name: Origin("assumed", note=ASSUMED[name]) for name in ("salvage", "levels", "sensitivities")}
        origins["prices"] = Origin("fitted", note="Prices the table has seen; no other is tried.")
        apart = sales.seasons() > 1
        origins["periods"] = (
            Origin("fitted", note="The longest season.") if apart else Origin("assumed", note=ASSUMED["periods"])
        )
        values |= in_the_world({"start_stock": self.counts["start_stock"]}, self.scale)
        origins["start_stock"] = self.stock_origin
        days = period_days(sales.frame)
        if days is not None:
            values["period_days"] = days
            origins["period_days"] = Origin("fitted", note="The commonest gap between dates.")
        else:
            origins["period_days"] = Origin("assumed", note="No dates: a period is a week.")
        if {"periods", "profile"} & {*self.known}:
            values.pop("profile", None)
        origins.setdefault("money", Origin("preset"))
        return values, origins

    def demand_fields(self) -> Fields:
        """The fields of demand."""
        demand, sales = self.demand, self.sales
        how = f"Censored likelihood over {len(sales.frame)} periods, {int(sales.censored.sum())} of them sold out."
        seen = "Visitors counted." if demand.traffic else "No column for visitors: extrapolated to a price of 0."
        if demand.buyers != 1:
            seen = f"Visitors counted; {demand.buyers:.0%} of them would buy at a price of 0, by extrapolation."
        origins = {
            "sensitivity": Origin("fitted", demand.response.stderr(0), how),
            "customers": Origin("fitted", float(self.error("customers")) / self.scale, seen),
            "profile": Origin("fitted", note="None: the BIC favours doing without."),
        }
        if demand.profile:
            origins["profile"] = Origin("fitted", tuple(self.error("profile").tolist()), "By period of the season.")
        return in_the_world(demand.natural(), self.scale), origins

    def error(self, field: str) -> Any:
        """Standard error of a field, or of each of its entries."""
        return np.std([draw[field] for draw in self.demand.draws(ERROR_DRAWS, self.rng())], axis=0)

    def draws(self) -> Iterable[Mapping[str, Any]]:
        """The fields of demand."""
        for draw in self.demand.draws(DRAWS, self.rng()):
            yield in_the_world({**draw, "customers": min(draw["customers"], MOST * self.scale)}, self.scale)

    def back_test(self) -> BackTest:
        """Sales of the last periods."""
        return _back_test(self.sales)

    def checks(self) -> list[str]:
        """Units by price, time and stock, and visitors by time."""
        # Known hidden demands are not the one that is fitted to all seasons.
        return [] if {"levels", "sensitivities"} & {*self.known} else checks(self.sales, self.demand)

    def describe_table(self) -> tuple[str, ...]:
        """How many periods and seasons."""
        count = self.sales.seasons()
        periods = f"{len(self.sales.frame)} periods of {count} season{'s' if count > 1 else ''}"
        return periods, "One product: PricingSeason."

    def describe_estimates(self) -> Iterator[str]:
        """Demand, and what else the table tells."""
        response, values = self.demand.response, self.values
        low, high = response.interval(0)
        parts = [
            f"sensitivity {response.theta[0]:.4g} a unit of money (95 % {low:.4g} to {high:.4g})",
            f"customers {self.demand.natural()['customers']:.4g} a period (+- {self.error('customers'):.2g})",
            f"profile {min(values['profile']):.2g} to {max(values['profile']):.2g}" if values.get("profile") else "",
            f"start_stock {self.counts['start_stock']:,}" if self.origins["start_stock"].kind == "fitted" else "",
            f"{int(self.sales.censored.sum())} sold-out periods treated as censored",
        ]
        yield ", ".join(part for part in parts if part)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """What is assumed of the season; salvage and first stock are asked for."""
        values, assumed = self.values, self.assumed(name for name in self.origins if name in ASSUMED)
        yield "assumed", " ".join(dict.fromkeys(self.origins[name].note for name in assumed))
        yield self.type_line({"salvage": values.get("salvage", 0.0), "start_stock": self.counts["start_stock"]})

    def notes(self) -> Iterator[str]:
        """Where table and world differ."""
        sales, demand = self.sales, self.demand
        yield from scale_note(self.scale)
        if demand.buyers != 1:
            yield f"Customers are the {demand.buyers:.0%} of the visitors who would buy at a price of 0 (extrapolated)."
        if "stock" not in sales.frame:
            yield "No column for stock: periods that sold out, if any, count as periods of low demand."
        if demand.response.law != "poisson":
            yield (
                "Units vary more than customers who come independently would: the standard errors are widened for it, "
                "and the fitted season is calmer than the table."
            )
        spread = 0.0 if "levels" in self.given else seasons_differ(sales, demand)
        if spread > 0:
            low, high = max(1 - spread, 0.05), 1 + spread
            yield (
                f"Seasons differ beyond chance: the demand of one is off by {spread:.0%} or so. If that is not known "
                f"when a season begins, say so: --known levels=[{low:.2f},{high:.2f}]"
            )
        if "promotion" in sales.frame:
            yield "Periods with a promotion count like others: PricingSeason has none."

    def observed(self) -> int:
        """Periods."""
        return len(self.sales.frame)


def _stock(sales: Sales) -> tuple[int, Origin]:
    first = sales.frame[sales.frame["place"] == 0]
    if "stock" in first and first["stock"].notna().any():
        return max(int(first["stock"].median()), 1), Origin("fitted", note="The median of the seasons' beginnings.")
    usual = round(float(sales.units.mean()) * _periods(sales))
    return max(usual, 1), Origin("assumed", note=ASSUMED["start_stock"])


def _too_steep(customers: float, usual: float) -> str:
    return (
        f"demand rises so steeply as the price falls that {customers:.3g} customers would come at a price of 0, where "
        f"{usual:.3g} units are sold in the mean: more than a season can hold. A shelf of one product is fitted to the "
        "prices that were charged alone: --case PricingShelf"
    )


def _periods(sales: Sales) -> int:
    """The longest season; at most `PERIODS` if the table does not separate seasons."""
    return sales.periods() if sales.seasons() > 1 else min(sales.periods(), PERIODS)


def _back_test(sales: Sales) -> BackTest:
    late = back_test.late_rows(len(sales.frame), "date" in sales.frame or sales.seasons() > 1)
    periods = f"the last {int(late.sum())} periods"
    if (~late).sum() < back_test.LEAST_TRAINING or sales.censored[~late].all():
        return back_test.too_short(len(sales.frame), "the periods")
    early = demand_of(sales, ~late)
    response, design = early.response, early.regressors(sales)
    came = np.ones(len(late), dtype=np.int64) if sales.visitors is None else sales.visitors
    use = came > 0
    kept = use & late
    mean = response.mean(design[kept]) * came[kept]
    error = back_test.level_error(response, design[kept], mean)
    parts = (mean, sales.units[use & ~late], sales.units[kept], sales.censored[kept], error)
    return back_test.judged([back_test.forecast("product", response, *parts)], periods)


fit = public(SeasonFit.fit)
