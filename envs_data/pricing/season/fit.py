"""From a seller's table of one product to a season: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from envs_data.fit_lines import Lines, known_line, read_line, type_line
from envs_data.fits import DRAWS, DRAWS_SEED, BackTest, Fit, check_request, with_known
from envs_data.parameters import Origin
from envs_data.pricing import back_test
from envs_data.pricing.price_steps import ladder
from envs_data.pricing.reading import period_days, read_sales
from envs_data.pricing.season.demand import Demand, Sales, demand_of, falls, sales_of, seasons_differ
from envs_data.pricing.season.parameters import SeasonParameters
from envs_data.tables import Source, Table

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


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a season to what one product sold at which price.

    Demand is Poisson or negative binomial with mean customers * exp(-sensitivity * price); a period that sold all
    there was counts as "at least that". Known visitors give the number of customers, and their purchases the
    sensitivity; otherwise the customers are those who would come at price 0, which is an extrapolation.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.pricing.reading.CONTRACT` for the columns.
        columns: meaning to the table's own name, such as ``{"units": "qty"}``.
        known: fields of `SeasonParameters` the user knows, such as ``{"salvage": 5, "start_stock": 40}``.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only PricingSeason, which is also the default.

    Returns:
        The fitted season, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or in which demand is not identified.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    given = dict(known or {})
    check_request(SeasonParameters, given, case, "one product's season")
    SeasonParameters.from_dict(given)
    table = read_sales(source, columns, since, until)
    sales = sales_of(table)
    demand = demand_of(sales)
    falls(demand.response, table)
    values, origins = _fields(table, sales, demand, given)
    asked = {"columns": columns, "since": since, "until": until}
    drawn = demand.draws(DRAWS, np.random.default_rng(DRAWS_SEED))
    return Fit(
        parameters=SeasonParameters.from_dict(values),
        origins=origins,
        draws=tuple({name: value for name, value in draw.items() if name not in given} for draw in drawn),
        back_test=_back_test(sales),
        mapping=table.mapping,
        lines=_lines(table, sales, demand, values, origins, asked, given),
        notes=(*table.notes, *_notes(sales, demand)),
        observed=len(sales.frame),
    )


def _fields(
    table: Table, sales: Sales, demand: Demand, known: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Every field's value and origin. Known values take precedence over fitted ones."""
    values, origins = _demand_fields(sales, demand)
    steps = ladder(sales.price)
    values |= {"prices": steps, "periods": _periods(sales), "money": "money"}
    origins |= {name: Origin("assumed", note=ASSUMED[name]) for name in ("salvage", "levels", "sensitivities")}
    origins["prices"] = Origin("fitted", note="Prices the table has seen; no other is tried.")
    apart = sales.seasons() > 1
    origins["periods"] = (
        Origin("fitted", note="The longest season.") if apart else Origin("assumed", note=ASSUMED["periods"])
    )
    values["start_stock"], origins["start_stock"] = _stock(sales)
    days = period_days(sales.frame)
    if days is not None:
        values["period_days"], origins["period_days"] = days, Origin("fitted", note="The commonest gap between dates.")
    else:
        origins["period_days"] = Origin("assumed", note="No dates: a period is a week.")
    if {"periods", "profile"} & {*known}:
        values.pop("profile", None)
    origins.setdefault("money", Origin("preset"))
    values |= known
    return values, with_known(origins, known)


def _demand_fields(sales: Sales, demand: Demand) -> tuple[dict[str, Any], dict[str, Origin]]:
    natural = demand.natural()
    how = f"Censored likelihood over {len(sales.frame)} periods, {int(sales.censored.sum())} of them sold out."
    seen = "Visitors counted." if demand.traffic else "No column for visitors: extrapolated to a price of 0."
    origins = {
        "sensitivity": Origin("fitted", demand.response.stderr(0), how),
        "customers": Origin("fitted", float(_error(demand, "customers")), seen),
        "profile": Origin("fitted", note="None: the BIC favours doing without."),
    }
    if demand.profile:
        origins["profile"] = Origin("fitted", tuple(_error(demand, "profile").tolist()), "By period of the season.")
    return natural, origins


def _error(demand: Demand, field: str) -> Any:
    """Standard error of a field, or of each of its entries."""
    drawn = demand.draws(ERROR_DRAWS, np.random.default_rng(DRAWS_SEED))
    return np.std([draw[field] for draw in drawn], axis=0)


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


def _lines(
    table: Table,
    sales: Sales,
    demand: Demand,
    values: Mapping[str, Any],
    origins: Mapping[str, Origin],
    asked: Mapping[str, Any],
    known: Mapping[str, Any],
) -> Lines:
    """What was read, fitted, known and assumed, and the line to type."""
    seasons = f"{sales.seasons()} season{'s' if sales.seasons() > 1 else ''}"
    low, high = demand.response.interval(0)
    fitted = [
        f"sensitivity {demand.response.theta[0]:.4g} a unit of money (95 % {low:.4g} to {high:.4g})",
        f"customers {demand.natural()['customers']:.4g} a period (+- {_error(demand, 'customers'):.2g})",
        f"profile {min(values['profile']):.2g} to {max(values['profile']):.2g}" if values.get("profile") else "",
        f"start_stock {values['start_stock']}" if origins["start_stock"].kind == "fitted" else "",
        f"{int(sales.censored.sum())} sold-out periods treated as censored",
    ]
    lines = [
        read_line(table, f"{len(sales.frame)} periods of {seasons}", "One product: PricingSeason."),
        ("fitted", ", ".join(part for part in fitted if part)),
    ]
    lines += known_line(known)
    open_fields = [name for name, origin in origins.items() if origin.kind == "assumed" and name in ASSUMED]
    notes = dict.fromkeys(origins[name].note for name in open_fields)
    lines.append(("assumed", " ".join(notes)))
    typed = {**known, "salvage": values.get("salvage", 0.0), "start_stock": values["start_stock"]}
    return (*lines, type_line("pricing", table, asked, typed))


def _notes(sales: Sales, demand: Demand) -> list[str]:
    notes = []
    if "stock" not in sales.frame:
        notes.append("No column for stock: periods that sold out, if any, count as periods of low demand.")
    if demand.response.law != "poisson":
        notes.append(
            "Units vary more than customers who come independently would: the standard errors are widened for it, and "
            "the fitted season is calmer than the table."
        )
    spread = seasons_differ(sales, demand)
    if spread > 0:
        low, high = max(1 - spread, 0.05), 1 + spread
        notes.append(
            f"Seasons differ beyond chance: the demand of one is off by {spread:.0%} or so. If that is not known when "
            f"a season begins, say so: --known levels=[{low:.2f},{high:.2f}]"
        )
    if "promotion" in sales.frame:
        notes.append("Periods with a promotion count like others: PricingSeason has none.")
    return notes
