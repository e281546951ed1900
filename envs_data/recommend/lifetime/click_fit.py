"""From a log of clicks to a shop with its customers: fitted, known and unidentified fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fit_lines import Lines, known_line, read_line, type_line
from envs_data.fits import DRAWS, DRAWS_SEED, Fit, check_request, with_known
from envs_data.parameters import Origin
from envs_data.recommend.bg_nbd import BgNbd, Cohort
from envs_data.recommend.clicks import read_clicks
from envs_data.recommend.estimation import VISITS, estimate_visits
from envs_data.recommend.estimation import Estimate as VisitEstimate
from envs_data.recommend.lifetime import Item, LifetimeParameters, Segment
from envs_data.recommend.lifetime.click_back_test import back_test
from envs_data.recommend.lifetime.click_model import Estimate, Log, estimate, log_of
from envs_data.tables import Source, Table, TableError

LEAST_VISITS, LEAST_CUSTOMERS = 100, 30
# The share of an item is shrunk towards that of all items with the weight of this many cases.
SHRUNK = 10.0
UNSEEN = "Clicks alone do not tell what satisfaction does."


class _Read(NamedTuple):
    """What was read: the log and its visits, names of the items, and shares by item where columns tell them."""

    table: Table
    log: Log
    about: pd.DataFrame
    names: list[str]
    shares: dict[str, Floats]


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a shop to a log of what was shown and clicked.

    Appeal of every item, the effect of the place and the tastes of hidden segments come from one multinomial logit by
    maximum likelihood; standard errors treat customers as the independent units. Visits follow the BG/NBD law. Shares
    of clicks that become purchases, and of purchases sent back, are those of the log, shrunk slightly towards the mean
    of all items.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.recommend.clicks.CONTRACT` for the columns.
        columns: meaning to the table's own name, such as ``{"customer": "visitor"}``.
        known: fields of `LifetimeParameters` the user knows, such as ``{"hold": 1.0}``.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only RecommendLifetime, which is also the default.

    Returns:
        The fitted shop, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or is too short.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    known = dict(known or {})
    check_request(LifetimeParameters, known, case, "clicks")
    log = _read(source, columns, since, until)
    clicks, visits = estimate(log.log), estimate_visits(_cohort(log.about))
    parameters = _parameters(log, clicks, visits.law, known)
    asked = {"columns": columns, "since": since, "until": until, "known": known}
    return Fit(
        parameters=parameters,
        origins=_origins(log, clicks, visits, known),
        draws=tuple(_draws(log, clicks, visits, parameters, known)),
        back_test=back_test(log.log, log.about["date"]),
        mapping=log.table.mapping,
        lines=_lines(log, clicks, visits, asked),
        notes=(*log.table.notes, "What bores, and what satisfaction does, are assumed to have no effect unless known."),
        observed=len(log.table.frame),
        would_help=tuple(_would_help(log)),
    )


def _read(
    source: Source,
    columns: Mapping[str, str] | None,
    since: str | None,
    until: str | None,
) -> _Read:
    table = read_clicks(source, columns, since, until)
    frame = table.frame[table.frame["item"].notna() & (table.frame["item"] != "")]
    by_item = frame.groupby("item", sort=True)
    names = [str(name) for name in by_item.groups]
    labels = by_item["topic"].first().fillna("") if "topic" in frame else pd.Series("", index=names)
    log, about = log_of(frame, names, pd.factorize(labels, sort=True)[0].astype(np.int64))
    customers = about["customer"].nunique()
    if len(log.items) < LEAST_VISITS or customers < LEAST_CUSTOMERS:
        need = f"at least {LEAST_VISITS} and {LEAST_CUSTOMERS} are needed"
        raise TableError(table.where, [f"{len(log.items)} visits of {customers} customers; {need}"])
    return _Read(table, log, about, names, _shares(frame))


def _shares(frame: pd.DataFrame) -> dict[str, Floats]:
    """[items] purchases a click, returns a purchase, margin and rating, as far as the log has the columns."""
    shares = {}
    for meaning, of, field in (("bought", "clicked", "buys"), ("returned", "bought", "returns")):
        if meaning in frame and of in frame:
            base = frame[of].fillna(0).groupby(frame["item"], sort=True).sum().to_numpy()
            hits = frame[meaning].fillna(0).groupby(frame["item"], sort=True).sum().to_numpy()
            usual = hits.sum() / max(base.sum(), 1.0)
            shares[field] = (hits + SHRUNK * usual) / (base + SHRUNK)
    for meaning, field in (("margin", "margin"), ("rating", "quality")):
        if meaning in frame:
            mean = frame[meaning].groupby(frame["item"], sort=True).mean()
            shares[field] = mean.fillna(mean.mean()).to_numpy()
    return shares


def _cohort(about: pd.DataFrame) -> Cohort:
    """Visits of each customer, in days since the first."""
    dates = about.groupby("customer")["date"].agg(["count", "min", "max"])
    recency = (dates["max"] - dates["min"]).dt.days.to_numpy().astype(np.float64)
    age = (about["date"].max() - dates["min"]).dt.days.to_numpy().astype(np.float64)
    return Cohort(dates["count"].to_numpy() - 1, recency, np.maximum(age, 1.0))


def _parameters(log: _Read, clicks: Estimate, law: BgNbd, known: Mapping[str, Any]) -> LifetimeParameters:
    topic = log.log.topic
    span = int((log.about["date"].max() - log.about["date"].min()).days) + 1
    values: dict[str, Any] = {
        "days": max(span, 1),
        "slate": min(log.log.items.shape[1], len(log.names)),
        "topics": int(topic.max()) + 1,
        "hold": 0.0,
        "pull": 0.0,
        "money": "money" if "margin" in log.shares else "purchases",
        **_clicks(log, clicks),
        **_visits(law),
        **known,
    }
    return LifetimeParameters.from_dict(values)


def _clicks(log: _Read, clicks: Estimate) -> dict[str, Any]:
    """The fields that clicks tell."""
    plain: dict[str, Any] = {"margin": 1.0, "buys": 0.1, "quality": 0.5, "returns": 0.0}
    told: list[dict[str, Any]] = [
        {field: float(log.shares[field][k]) if field in log.shares else usual for field, usual in plain.items()}
        for k in range(len(log.names))
    ]
    items = [
        Item(name, int(log.log.topic[k]), float(clicks.appeal[k]), **told[k]).to_dict()
        for k, name in enumerate(log.names)
    ]
    several = len(clicks.shares) > 1
    segments = [
        Segment(f"segment_{g}", float(share), tuple(clicks.tastes[g].tolist()) if several else ()).to_dict()
        for g, share in enumerate(clicks.shares)
    ]
    return {"items": items, "segments": segments, "position": float(np.exp(clicks.place))}


def _visits(law: BgNbd) -> dict[str, float]:
    """The law of visits, within what the case takes."""
    return {name: float(np.clip(getattr(law, name), 1e-3, 1e6)) for name in VISITS}


def _draws(
    log: _Read, clicks: Estimate, visits: VisitEstimate[BgNbd], p: LifetimeParameters, known: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Values of the fitted fields, drawn from their uncertainty."""
    rng, count = np.random.default_rng(DRAWS_SEED), len(log.names)
    vectors = rng.multivariate_normal(clicks.vector, clicks.covariance, size=DRAWS, method="eigh")
    draws = []
    for vector, law in zip(vectors, visits.draws(DRAWS, rng), strict=True):
        items = [{**item.to_dict(), "appeal": float(a)} for item, a in zip(p.items, vector[:count], strict=True)]
        drawn = {"items": items, "position": float(np.exp(min(vector[count], 0.0))), **_visits(BgNbd(**law))}
        draws.append({name: value for name, value in drawn.items() if name not in known})
    return draws


def _origins(log: _Read, clicks: Estimate, visits: VisitEstimate[BgNbd], known: Mapping[str, Any]) -> dict[str, Origin]:
    count, errors = len(log.names), clicks.errors
    told = ", ".join(["appeal", *log.shares])
    place = float(errors[count] * np.exp(clicks.place))
    origins = {
        "items": Origin("fitted", tuple(errors[:count].tolist()), f"appeal of each; from the log: {told}"),
        "position": Origin("fitted", place),
        "segments": Origin("fitted", note="As many as the Bayesian information criterion likes."),
        **{name: Origin("fitted", error) for name, error in visits.stderrs().items()},
        **{
            name: Origin("assumed", note="Not identified: the log says next to nothing of it.")
            for name in visits.unknown()
        },
        **{name: Origin("assumed", note=UNSEEN) for name in ("hold", "pull", "boredom", "rises", "falls", "neglect")},
        "days": Origin("assumed", note="As long as the log."),
    }
    return with_known(origins, known)


def _lines(log: _Read, clicks: Estimate, visits: VisitEstimate[BgNbd], asked: Mapping[str, Any]) -> Lines:
    """What was read, fitted and assumed, and the line to type."""
    customers = log.about["customer"].nunique()
    read = f"{len(log.log.items):,} visits of {customers:,} customers"
    count, law, errors = len(log.names), visits.law, visits.stderrs()
    place = (
        f"a place further down counts {np.exp(clicks.place):.2f} (+- {clicks.errors[count] * np.exp(clicks.place):.2g})"
    )
    appeal = f"appeal of {count} items (+- {np.median(clicks.errors[:count]):.2g} in the median)"
    kinds = f"{len(clicks.shares)} segment{'s' if len(clicks.shares) > 1 else ''} of customers"
    coming = ", ".join(f"{name} {getattr(law, name):.3g} (+- {errors[name]:.2g})" for name in VISITS)
    known = dict(asked["known"])
    lines = [
        read_line(log.table, read, "What to show them: RecommendLifetime."),
        ("fitted", f"{place}, {appeal}, {kinds}"),
        ("fitted", f"BG/NBD in days: {coming}"),
    ]
    lines += known_line(known)
    missing = [name for name in ("margin", "bought", "rating") if name not in log.table.mapping]
    without = f"; no column for {', '.join(missing)}" if missing else ""
    lines.append(("assumed", f"satisfaction and boredom do nothing{without}"))
    return (*lines, type_line("recommend", log.table, asked, {"hold": 1.0, **known}))


def _would_help(log: _Read) -> list[str]:
    helps = {
        "margin": "a column for the margin of each item",
        "bought": "a column that says which clicks became purchases",
        "rating": "a column for the rating of each item, which tells what disappoints",
        "propensity": "a column for the probability with which each item was shown",
    }
    return [sentence for name, sentence in helps.items() if name not in log.table.mapping]
