"""From a table of customers who buy to a shop that recommends: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from envs_data.fit_lines import Lines, known_line, read_line, type_line
from envs_data.fits import DRAWS, DRAWS_SEED, Fit, check_request, with_known
from envs_data.parameters import Origin
from envs_data.recommend.bg_nbd import BgNbd
from envs_data.recommend.customers import Customers, read_customers
from envs_data.recommend.estimation import VISITS, Estimate, estimate_spend, estimate_visits
from envs_data.recommend.lifetime import SCENARIOS, LifetimeParameters
from envs_data.recommend.lifetime.purchase_back_test import back_test
from envs_data.recommend.spend import GammaSpend
from envs_data.tables import Source, Table, TableError

LEAST_CUSTOMERS, LEAST_SPENDERS = 30, 30
# Known besides the fields: days in a summary's unit of time, and the share of what is spent that is margin.
UNIT, SHARE = "unit_days", "margin_share"
ASSUMED_SHARE = 0.3
# The shop around the visits.
BASE = "cdnow"
OPEN = "How visits and drop-out depend on what is shown is not identified: purchases do not say what that was"


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits when customers come back, when they stop, and what they spend.

    Visits follow the BG/NBD law, fitted by maximum likelihood, a purchase being a visit; what is spent at a purchase is
    gamma with a mean of each customer's own. The table says nothing of what customers are shown: catalogue and tastes
    are those of the scenario ``cdnow``, assumed, with margins that fit what is spent. That what is shown changes visits
    and drop-out is not identified, and taken not to, unless ``pull`` and ``hold`` are known.

    Args:
        source: path of a CSV file, or a DataFrame: purchases (customer, date, amount), or a summary with a row a
            customer (frequency, recency, age); see `envs_data.recommend.customers`.
        columns: meaning to the table's own name, such as ``{"customer": "client"}``.
        known: fields of `LifetimeParameters` the user knows; ``unit_days``, days in a summary's unit of time; and
            ``margin_share``, the share of what is spent that is margin.
        since: customers who first bought before this day are left out, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only RecommendLifetime, which is also the default.

    Returns:
        The fitted shop, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or in which nobody ever comes back.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    given = dict(known or {})
    fields = _check_request(given, case)
    table, customers = read_customers(source, columns, since, until, given.get(UNIT))
    _check_enough(table, customers)
    visits, spend = estimate_visits(customers.cohort), _spend_of(customers)
    parameters = _parameters(visits.law, spend, given, fields)
    drawn = visits.draws(DRAWS, np.random.default_rng(DRAWS_SEED))
    asked = {"columns": columns, "since": since, "until": until, "known": given}
    return Fit(
        parameters=parameters,
        origins=_origins(visits, spend, given, fields),
        draws=tuple({name: value for name, value in draw.items() if name not in fields} for draw in drawn),
        back_test=back_test(customers),
        mapping=table.mapping,
        lines=_lines(table, customers, visits, spend, asked),
        notes=(*table.notes, *_notes(visits, customers)),
        observed=len(table.frame),
        would_help=tuple(_would_help(customers, spend)),
    )


def _check_request(given: Mapping[str, Any], case: str | None) -> dict[str, Any]:
    """The known fields of the shop."""
    problems = []
    for name, most in ((UNIT, 366.0), (SHARE, 1.0)):
        value = given.get(name, most)
        if not isinstance(value, (int, float)) or not 0 < value <= most:
            problems.append(f"{name} is {value!r}; it must be above 0 and at most {most:g}")
    check_request(LifetimeParameters, given, case, "purchases", (UNIT, SHARE), problems)
    fields = {name: value for name, value in given.items() if name not in (UNIT, SHARE)}
    SCENARIOS[BASE].replace(**fields)
    return fields


def _check_enough(table: Table, customers: Customers) -> None:
    count, repeats = len(customers.cohort.age), int(customers.cohort.frequency.sum())
    if count < LEAST_CUSTOMERS or not repeats:
        problem = f"{count} customers and {repeats} repeat purchases; at least {LEAST_CUSTOMERS} customers are needed"
        raise TableError(table.where, [f"{problem}, and some of them must come back"])


def _spend_of(customers: Customers) -> Estimate[GammaSpend] | None:
    """The law of amounts; None if too few are known."""
    usable = (customers.cohort.frequency > 0) & (customers.amount > 0)
    if usable.sum() < LEAST_SPENDERS:
        return None
    return estimate_spend(customers.amount[usable], customers.cohort.frequency[usable])


def _parameters(
    law: BgNbd, spend: Estimate[GammaSpend] | None, given: Mapping[str, Any], fields: Mapping[str, Any]
) -> LifetimeParameters:
    base = SCENARIOS[BASE]
    changes: dict[str, Any] = {name: getattr(law, name) for name in VISITS}
    if spend is not None and np.isfinite(spend.law.mean):
        usual = float(np.mean([item.margin for item in base.items]))
        factor = given.get(SHARE, ASSUMED_SHARE) * spend.law.mean / usual
        changes["items"] = [{**item.to_dict(), "margin": item.margin * factor} for item in base.items]
    return base.replace(**{**changes, **fields})


def _origins(
    visits: Estimate[BgNbd], spend: Estimate[GammaSpend] | None, given: Mapping[str, Any], fields: Mapping[str, Any]
) -> dict[str, Origin]:
    errors = visits.stderrs()
    origins = {name: Origin("fitted", errors[name]) for name in VISITS}
    for name in visits.unknown():
        origins[name] = Origin("assumed", note="Not identified: the table says next to nothing of it.")
    shop = "The table says nothing of what customers are shown."
    origins |= {
        name: Origin("assumed", note=shop) for name in ("items", "segments", "slate", "topics", "boredom", "days")
    }
    origins |= {name: Origin("assumed", note=f"{OPEN}.") for name in ("pull", "hold")}
    if spend is not None:
        share = given.get(SHARE, ASSUMED_SHARE)
        origins["items"] = Origin("assumed", note=f"{shop} Margins are {share:.0%} of what is spent in the mean.")
    return with_known(origins, fields)


def _lines(
    table: Table,
    customers: Customers,
    visits: Estimate[BgNbd],
    spend: Estimate[GammaSpend] | None,
    asked: Mapping[str, Any],
) -> Lines:
    """What was read, fitted and assumed, and the line to type."""
    count, repeats = len(customers.cohort.age), int(customers.cohort.frequency.sum())
    kind = "summaries" if customers.purchases is None else f"{len(customers.purchases):,} purchases"
    read = f"{kind} of {count:,} customers with {repeats:,} repeats"
    errors, law = visits.stderrs(), visits.law
    told = [f"{name} {getattr(law, name):.3g} (+- {errors[name]:.2g})" for name in VISITS]
    mean = f"a year brings {float(law.expected(np.array(365.0))):.2f} repeats a customer"
    lines = [
        read_line(table, read, "Their visits: RecommendLifetime."),
        ("fitted", f"BG/NBD in days: {', '.join(told)}; {mean}"),
    ]
    if spend is not None:
        lines.append(("fitted", f"spend {spend.law.mean:.4g} a purchase, gamma around a mean of each customer's own"))
    known = dict(asked["known"])
    lines += known_line(known)
    money = (
        f"margin {known.get(SHARE, ASSUMED_SHARE):.0%} of spend; " if spend is not None and SHARE not in known else ""
    )
    lines.append(("assumed", f"{money}catalogue and tastes of scenario {BASE}"))
    if not {"pull", "hold"} & {*known}:
        lines.append(("open", f"{OPEN}. Until then they are assumed not to depend on it (--known pull=.5 hold=1)."))
    if money:
        lines.append(type_line("recommend", table, asked, {**known, SHARE: ASSUMED_SHARE}))
    return tuple(lines)


def _notes(visits: Estimate[BgNbd], customers: Customers) -> list[str]:
    notes = ["A purchase counts as a visit: the table has no visits without one."]
    if visits.unknown():
        names = ", ".join(visits.unknown())
        notes.append(f"Not identified: {names}. Customers who never come back look like customers who come back late.")
    left = 1 - float(visits.law.alive(customers.cohort).mean())
    notes.append(f"By the fit {left:.0%} of the customers have stopped for good.")
    return notes


def _would_help(customers: Customers, spend: Estimate[GammaSpend] | None) -> list[str]:
    helps = [
        "a log of what was shown and clicked (customer, time, item, position, clicked), which tells appeal and taste"
    ]
    if spend is None:
        helps.append("a column for the amount of each purchase, without which margins are assumed")
    if customers.purchases is None:
        helps.append("the purchases themselves (customer, date, amount), with which the fit can be checked over time")
    return helps
