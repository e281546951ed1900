"""From a seller's table of one product to a season: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, Fitting, public
from envs_data.parameters import Origin
from envs_data.pricing import back_test
from envs_data.pricing.price_steps import ladder
from envs_data.pricing.reading import period_days, read_sales
from envs_data.pricing.season.demand import Sales, demand_of, falls, sales_of, seasons_differ
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.tables import Table

# Worlds drawn for standard errors.
ERROR_DRAWS = 400
PERIODS = 13
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
    there was counts as "at least that". Known visitors give the number of customers, and their purchases the
    sensitivity; otherwise the customers are those who would come at price 0, which is an extrapolation.

    See `envs_data.pricing.reading.CONTRACT` for the columns, such as ``{"units": "qty"}``. Known are fields of
    `SeasonParameters`, such as ``{"salvage": 5, "start_stock": 40}``.
    """

    kind = SeasonParameters
    fitted_to = "one product's season"

    def read_table(self) -> Table:
        """The product's periods."""
        return read_sales(self.source, **self.asked)

    def estimate(self) -> None:
        """Estimates demand, which must fall with the price."""
        self.sales = sales_of(self.table)
        self.demand = demand_of(self.sales)
        falls(self.demand.response, self.table)

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
        values["start_stock"], origins["start_stock"] = _stock(sales)
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
        origins = {
            "sensitivity": Origin("fitted", demand.response.stderr(0), how),
            "customers": Origin("fitted", float(self.error("customers")), seen),
            "profile": Origin("fitted", note="None: the BIC favours doing without."),
        }
        if demand.profile:
            origins["profile"] = Origin("fitted", tuple(self.error("profile").tolist()), "By period of the season.")
        return demand.natural(), origins

    def error(self, field: str) -> Any:
        """Standard error of a field, or of each of its entries."""
        return np.std([draw[field] for draw in self.demand.draws(ERROR_DRAWS, self.rng())], axis=0)

    def draws(self) -> Iterable[Mapping[str, Any]]:
        """The fields of demand."""
        return self.demand.draws(DRAWS, self.rng())

    def back_test(self) -> BackTest:
        """Sales of the last periods."""
        return _back_test(self.sales)

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
            f"start_stock {values['start_stock']}" if self.origins["start_stock"].kind == "fitted" else "",
            f"{int(self.sales.censored.sum())} sold-out periods treated as censored",
        ]
        yield ", ".join(part for part in parts if part)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """What is assumed of the season; salvage and first stock are asked for."""
        values, assumed = self.values, self.assumed(name for name in self.origins if name in ASSUMED)
        yield "assumed", " ".join(dict.fromkeys(self.origins[name].note for name in assumed))
        yield self.type_line({"salvage": values.get("salvage", 0.0), "start_stock": values["start_stock"]})

    def notes(self) -> Iterator[str]:
        """Where table and world differ."""
        sales, demand = self.sales, self.demand
        if "stock" not in sales.frame:
            yield "No column for stock: periods that sold out, if any, count as periods of low demand."
        if demand.response.law != "poisson":
            yield (
                "Units vary more than customers who come independently would: the standard errors are widened for it, "
                "and the fitted season is calmer than the table."
            )
        spread = seasons_differ(sales, demand)
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


def _periods(sales: Sales) -> int:
    """The longest season; at most `PERIODS` if the table does not separate seasons."""
    return sales.periods() if sales.seasons() > 1 else min(sales.periods(), PERIODS)


def _back_test(sales: Sales) -> BackTest:
    late = back_test.late_rows(len(sales.frame), "date" in sales.frame or sales.seasons() > 1)
    periods = f"the last {int(late.sum())} periods"
    if (~late).sum() < back_test.LEAST_TRAINING or sales.censored[~late].all():
        return back_test.too_short(len(sales.frame), "the periods")
    early = demand_of(sales, ~late)
    response, use = early.response, np.ones(len(late), dtype=bool)
    design, offset = -sales.price[:, None], None
    if sales.visitors is None:
        design = np.column_stack([design, early.design(sales)])
    else:
        use, offset = sales.visitors > 0, np.log(np.maximum(sales.visitors, 1))
    kept = use & late
    mean = response.mean(design[kept]) * (1.0 if offset is None else np.exp(offset[kept]))
    error = back_test.level_error(response, design[kept], mean)
    parts = (mean, sales.units[use & ~late], sales.units[kept], sales.censored[kept], error)
    return back_test.judged([back_test.forecast("product", response, *parts)], periods)


fit = public(SeasonFit.fit)
