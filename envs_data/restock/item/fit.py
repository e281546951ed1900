"""From a shop's table to the world of one item: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envs_data.fit_lines import Lines, known_line, read_line, type_line
from envs_data.fits import DRAWS, DRAWS_SEED, Fit, check_request
from envs_data.parameters import Origin
from envs_data.restock.back_test import back_test
from envs_data.restock.calendar import WEEKDAYS
from envs_data.restock.deliveries import lead_time
from envs_data.restock.demand import Demand, error_of, plain
from envs_data.restock.estimation import TWO_YEARS, select
from envs_data.restock.item.costs import costs, orders
from envs_data.restock.item.parameters import ItemParameters
from envs_data.restock.reading import read_table
from envs_data.restock.sales import Sales, sales_of
from envs_data.tables import Source, Table

# What people call the cost of a lost sale.
MARGIN = "margin"


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
    item: str | None = None,
) -> Fit:
    """Fits the world of one item to its daily sales.

    Demand is Poisson or negative binomial with a level, a trend damped to the level of the last weeks, weekdays and
    a season, each kept only where the BIC favours it. A day that closes with no stock is censored: demand was at least
    what was sold. Standard errors come from the observed information; where weeks differ more than independent days
    would, that of the level is widened.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.restock.reading.CONTRACT` for the columns.
        columns: meaning to the table's own name, such as ``{"units": "qty"}``.
        known: fields of `ItemParameters` the user knows, such as ``{"lead_time": 2, "price": 14}``; ``margin`` is what
            a lost sale costs.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only RestockItem, which is also the default.
        item: which item, when the table holds several.

    Returns:
        The fitted world for the year after the table, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or in which demand is not identified.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    given = dict(known or {})
    known = _check_request(given, case)
    asked = {"columns": columns, "since": since, "until": until}
    table = read_table(source, columns, since, until, item)
    sales, waiting = sales_of(table.frame, table.where)
    demand = select(sales)
    values, origins = _fields(table, sales, demand, waiting, known)
    draws = [
        {name: value for name, value in plain(drawn).items() if name not in known}
        for drawn in demand.draws(DRAWS, np.random.default_rng(DRAWS_SEED))
    ]
    return Fit(
        parameters=ItemParameters.from_dict(values),
        origins=origins,
        draws=tuple(draws),
        back_test=back_test(sales),
        mapping=table.mapping,
        lines=_lines(table, sales, demand, values, origins, {**asked, "known": given}),
        notes=(*table.notes, *_notes(table, sales, demand, origins)),
        observed=len(sales),
        would_help=tuple(_would_help(table, origins)),
    )


def _check_request(given: Mapping[str, Any], case: str | None) -> dict[str, Any]:
    """The known fields; a known margin is the cost of a lost sale."""
    both = "margin and shortage are both given; margin is the shortage of a shop that only loses the sale"
    problems = [both] if {MARGIN, "shortage"} <= {*given} else []
    check_request(ItemParameters, given, case, "one item", (MARGIN,), problems)
    known = {("shortage" if name == MARGIN else name): value for name, value in given.items()}
    ItemParameters.from_dict(known)
    return known


def _fields(
    table: Table, sales: Sales, demand: Demand, waiting: bool, known: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Every field's value and origin. Known values take precedence over fitted ones."""
    values, origins = _demand_fields(sales, demand)
    start = str(sales.dates[-1] + 1)
    values |= {"start_date": start, "days": 365}
    origins |= {
        "start_date": Origin("assumed", note="The day after the table ends."),
        "days": Origin("assumed", note="A year."),
    }
    if waiting:
        values["unmet"] = "backordered"
        origins["unmet"] = Origin("fitted", note="Stock below zero in the table: customers wait.")
    else:
        values["unmet"], origins["unmet"] = "lost", Origin("assumed", note="Unmet demand is lost.")
    values["lead_time"], origins["lead_time"] = lead_time(table.frame)
    for name, value in known.items():
        values[name], origins[name] = value, Origin("known")
    costs(table.frame, values, origins, known)
    orders(values, origins, known)
    return values, origins


def _demand_fields(sales: Sales, demand: Demand) -> tuple[dict[str, Any], dict[str, Origin]]:
    natural, errors = plain(demand.natural()), plain(demand.stderrs())
    values = {"weekday": [], "season": [], **natural, "demand_law": demand.law}
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
    }
    origins = {name: Origin("fitted", error_of(errors[name]), notes[name]) for name in natural}
    origins["demand_law"] = Origin("fitted", note="The law with the smaller BIC.")
    for name in ("weekday", "season"):
        origins.setdefault(name, Origin("fitted", note="None: the BIC favours doing without."))
    if demand.law == "poisson":
        origins["size"] = Origin("preset", note="Not identified: no more spread than a Poisson law, which has no size.")
    return values, origins


def _lines(
    table: Table,
    sales: Sales,
    demand: Demand,
    values: Mapping[str, Any],
    origins: Mapping[str, Origin],
    asked: Mapping[str, Any],
) -> Lines:
    """What was read, fitted, known and assumed, and the line to type."""
    named = f" of item {table.frame['item'].iloc[0]}" if "item" in table.frame else ""
    lines = [
        read_line(table, f"{len(sales)} days{named}"),
        ("fitted", _fitted_line(sales, demand, values, origins)),
    ]
    lines += known_line({name: values[name] for name, origin in origins.items() if origin.kind == "known"})
    open_fields = [n for n in ("lead_time", "price", "shortage", "holding") if origins[n].kind == "assumed"]
    if open_fields:
        lines.append(("assumed", " ".join(origins[name].note for name in open_fields)))
        typed = {**asked["known"], **{name: values[name] for name in open_fields}}
        lines.append(type_line("restock", table, asked, typed))
    return tuple(lines)


def _would_help(table: Table, origins: Mapping[str, Origin]) -> Iterator[str]:
    """Columns that would replace a guess by knowledge."""
    if "on_hand" not in table.mapping:
        yield "a column for stock at closing (on_hand), which tells days of low demand from days that sold out"
    if origins["lead_time"].kind == "assumed":
        yield "columns for units ordered and delivered, which tell the lead time"
    if origins["price"].kind == "assumed":
        yield "a column for price or revenue, without which costs are guesses in items"


def _fitted_line(sales: Sales, demand: Demand, values: Mapping[str, Any], origins: Mapping[str, Origin]) -> str:
    error = demand.stderrs()
    level = demand.natural()
    parts = [f"demand {level['mean'][0]:.3g} a day (+- {error['mean'][0]:.2g})"]
    parts.append(
        "Poisson"
        if demand.law == "poisson"
        else f"negative binomial (size {level['size'][0]:.3g} +- {error['size'][0]:.2g})"
    )
    parts += [
        f"{name}s {level[name].min():.2g} to {level[name].max():.2g}" for name in ("weekday", "season") if name in level
    ]
    if demand.structure.half_life is not None:
        parts.append("trend damped to the level of the last weeks")
    parts.append(f"{int(sales.censored.sum())} sold-out days treated as censored")
    parts += [f"{name} {values[name]:.4g}" for name in ("lead_time", "price") if origins[name].kind == "fitted"]
    return ", ".join(parts)


def _notes(table: Table, sales: Sales, demand: Demand, origins: Mapping[str, Origin]) -> list[str]:
    notes = [origins[name].note for name in ("pack", "max_packs") if origins[name].kind != "known"]
    if "on_hand" not in table.mapping:
        notes.append("No column for stock at closing: days that sold out, if any, count as days of low demand.")
    closed = [day for day, is_open in zip(WEEKDAYS, demand.is_open, strict=True) if not is_open]
    if closed:
        notes.append(f"No sales ever on {', '.join(closed)}: taken as closed, with a weekday factor of 0.")
    if demand.drift > 1:
        notes.append(
            f"Weekly totals vary {demand.drift:.1f} times as much as independent days would: the standard error of "
            "the mean is widened for it, and the fitted world, whose days are independent, is calmer than the table."
        )
    if demand.structure.season and sales.span() < TWO_YEARS:
        notes.append("The season was seen once only: it cannot be told from changes that will not come again.")
    if "promotion" in table.mapping:
        notes.append("Days with a promotion count like others: RestockItem has no promotions.")
    return notes
