"""From a log of impressions to a campaign's day: fitted, known and unidentified fields."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.bidding.campaign import outcomes
from envs_data.bidding.campaign.back_test import back_test, held_back
from envs_data.bidding.campaign.observed_prices import seen
from envs_data.bidding.campaign.outcomes import Estimated
from envs_data.bidding.campaign.parameters import HIGHEST, CampaignParameters
from envs_data.bidding.campaign.prices import Prices, estimate
from envs_data.bidding.reading import read_table
from envs_data.fit_lines import Lines, known_line, read_line
from envs_data.fits import DRAWS, DRAWS_SEED, Fit, check_request, with_known
from envs_data.parameters import Origin
from envs_data.tables import Source, Table, TableError

LEAST_ROWS = 500
# If bids vary less than this around one multiple of the predicted rate (log units), slope and spread are confounded.
VARIED = 0.1
SINGLE = "bids are always the same multiple of the predicted rate, so that losses cannot tell how prices follow it"


@dataclasses.dataclass(frozen=True)
class _Campaign:
    """The estimated campaign: the law of prices, and the rest by field."""

    table: Table
    second_price: bool
    prices: Prices
    fields: Mapping[str, Estimated]
    traffic: tuple[float, ...]
    short_days: int
    open: str


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a campaign's day to a log of impressions.

    The law of the best competing bid is fitted by censored maximum likelihood, with floors where prices are seen to
    heap; traffic by hour, predicted rates, calibration and delays each by their own likelihood or moments.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.bidding.reading.CONTRACT` for the columns.
        columns: meaning to the table's own name, such as ``{"time": "ts"}``.
        known: fields of `CampaignParameters` the user knows, such as ``{"budget": 50000, "price": "first"}``.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only BiddingCampaign, which is also the default.

    Returns:
        The fitted campaign, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or is too short.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    known = dict(known or {})
    check_request(CampaignParameters, known, case, "a log of impressions")
    CampaignParameters.from_dict(known)
    table = read_table(source, columns, since, until)
    if len(table.frame) < LEAST_ROWS:
        raise TableError(table.where, [f"{len(table.frame)} rows; at least {LEAST_ROWS} are needed"])
    campaign = _estimate(table, known)
    parameters = _parameters(campaign, known)
    frame, first = table.frame, held_back(table.frame)
    early = None
    if first is not None:
        early = estimate(seen(frame[frame["time"] < first], campaign.second_price), _slope(campaign.open, known))
    origins = _origins(campaign, known)
    return Fit(
        parameters=parameters,
        origins=origins,
        draws=_draws(parameters, origins),
        back_test=back_test(early, frame, campaign.second_price, (campaign.open,) if campaign.open else ()),
        mapping=table.mapping,
        lines=_lines(campaign, parameters, known, origins),
        notes=(*table.notes, *_notes(campaign)),
        observed=len(frame),
    )


def _slope(reason: str, known: Mapping[str, Any]) -> float | None:
    """The slope where it is not estimated."""
    default = 0.0 if reason else None
    return float(known["competition_slope"]) if "competition_slope" in known else default


def _estimate(table: Table, known: Mapping[str, Any]) -> _Campaign:
    frame = table.frame
    second_price = known.get("price", "second" if _paid_less(frame) else "first") == "second"
    bidding = frame[frame["bid"] >= 1]
    exact = second_price or ("minimum_bid" in frame and bidding["minimum_bid"].notna().mean() > 0.5)
    large = bidding[bidding["bid"] >= bidding["bid"].median()]
    varied = float(np.diff(np.quantile(np.log((large["bid"] + 0.5) / large["predicted"]), [0.1, 0.9]))[0])
    reason = "" if exact or varied > VARIED or "competition_slope" in known else SINGLE
    prices = estimate(seen(frame, second_price), _slope(reason, known))
    auctions, factors, spread, short = outcomes.traffic(frame["time"])
    rate, rate_sd = outcomes.rates(frame["predicted"])
    fields = {"auctions": auctions, "traffic_sd": spread, "rate": rate, "rate_sd": rate_sd}
    middle = float(np.log(bidding["predicted"]).mean())
    level = float(prices.levels.mean()) + prices.slope * (np.log(rate.value) - middle)
    error = prices.errors["level"][0]
    fields["competition"] = Estimated(float(np.exp(level)), float(np.exp(level)) * error)
    for field, name in (("competition_slope", "slope"), ("competition_sd", "sd"), ("day_sd", "day_sd")):
        if not (reason and name == "slope"):
            fields[field] = Estimated(getattr(prices, name), prices.errors[name][0])
    if "conversion" in frame and frame["conversion"].notna().any():
        fields["delay"] = outcomes.delay(frame)
        mean_delay = float(known.get("delay", fields["delay"].value))
        fields["bias"], fields["bias_sd"] = outcomes.calibration(frame, mean_delay)
    return _Campaign(table, second_price, prices, fields, factors, short, reason)


def _paid_less(frame: pd.DataFrame) -> bool:
    """Whether some winner paid less than he bid."""
    won = frame[frame["won"] == 1]
    return "price" in frame and bool((won["price"] < np.floor(won["bid"])).any())


def _parameters(campaign: _Campaign, known: Mapping[str, Any]) -> CampaignParameters:
    frame, prices = campaign.table.frame, campaign.prices
    won = frame[frame["won"] == 1]
    paid = won["price"] if "price" in won else won["bid"]
    middle = float((frame["bid"] / frame["predicted"])[frame["bid"] >= 1].median())
    highest = prices.cut or int(min(HIGHEST, max(1000, 2 * frame["bid"].max(), *prices.floors)))
    shown = "minimum_bid" in frame and frame.loc[frame["won"] == 0, "minimum_bid"].notna().any()
    values: dict[str, Any] = {
        **{name: one.value for name, one in campaign.fields.items()},
        "traffic": campaign.traffic,
        "price": "second" if campaign.second_price else "first",
        "budget": int(np.ceil(paid.groupby(won["time"].dt.normalize()).sum().max())),
        "competition_hours": [round(float(x), 4) for x in np.exp(prices.levels - prices.levels.mean())],
        "hour_sd": prices.hour_sd,
        "tick_sd": prices.tick_sd,
        "floors": list(prices.floors),
        "floor_chances": list(prices.chances),
        "reserve": prices.reserve,
        "highest": highest,
        "feedback": "minimum_bid" if shown else "win_only",
        "bid": round(middle, 6),
    }
    if "click" in frame and "delay" in campaign.fields:
        values["clicks"] = outcomes.clicks(frame, float(values["bias"]))
    return CampaignParameters.from_dict({**values, **known})


def _origins(campaign: _Campaign, known: Mapping[str, Any]) -> dict[str, Origin]:
    prices = campaign.prices
    origins = {name: Origin("fitted", one.stderr) for name, one in campaign.fields.items()}
    for name in ("traffic", "hour_sd", "tick_sd", "price", "feedback"):
        origins[name] = Origin("fitted")
    origins["competition_hours"] = Origin("fitted", prices.errors["levels"], "of their logs")
    if prices.floors:
        origins["floors"] = Origin("fitted", note="Prices that are seen far more often than their neighbours.")
        origins["floor_chances"] = Origin("fitted", prices.errors["chances"])
    if campaign.open:
        origins["competition_slope"] = Origin("assumed", note=f"Not identified: {campaign.open}.")
    for name, cell in (("highest", prices.cut), ("reserve", prices.reserve)):
        note = "Many prices are just this." if cell else "Not identified: no price is seen to be cut to it."
        origins[name] = Origin("fitted" if cell else "assumed", note=note)
    if "delay" not in campaign.fields:
        for name in ("delay", "bias", "bias_sd", "clicks"):
            origins[name] = Origin("assumed", note="No conversion is in the log.")
    else:
        origins["clicks"] = Origin("fitted" if "click" in campaign.table.frame else "assumed")
    origins["budget"] = Origin("assumed", note="The most that was spent on a day.")
    origins["target"] = Origin("assumed", note="No target for the cost of a conversion.")
    origins["bid"] = Origin("fitted", note="The median bid over predicted rate, the middle of the action range.")
    for name in ("ticks", "bid_span", "max_shading", "bounds"):
        origins[name] = Origin("assumed")
    return with_known(origins, known)


def _draws(p: CampaignParameters, origins: Mapping[str, Origin]) -> tuple[Mapping[str, Any], ...]:
    """Changes of the fitted numbers, drawn from their standard errors and kept in range."""
    rng, drawn = np.random.default_rng(DRAWS_SEED), []
    for _ in range(DRAWS):
        change: dict[str, Any] = {}
        for name, origin in origins.items():
            if origin.kind == "fitted" and isinstance(origin.stderr, float) and np.isfinite(origin.stderr):
                quantity = p.quantities()[name]
                value = getattr(p, name) + origin.stderr * rng.standard_normal()
                change[name] = float(np.clip(value, max(quantity.low, getattr(p, name) * 0.1), quantity.high))
        drawn.append(change)
    return tuple(drawn)


def _lines(
    campaign: _Campaign, p: CampaignParameters, known: Mapping[str, Any], origins: Mapping[str, Origin]
) -> Lines:
    """What was read, fitted, known, not identified and assumed, and the line to type."""
    table, frame = campaign.table, campaign.table.frame
    days, won = frame["time"].dt.normalize().nunique(), frame["won"].mean()
    read = f"{len(frame):,} impressions of {days} days ({won:.0%} won, {p.price} price)"
    lines = [read_line(table, read, "One campaign: BiddingCampaign.")]
    told = [
        f"{name} {getattr(p, name):.3g} (+- {origins[name].stderr:.2g})"
        for name in campaign.fields
        if name not in known and isinstance(origins[name].stderr, float)
    ]
    if p.floors:
        told.append(f"{sum(p.floor_chances):.0%} of prices at {', '.join(map(str, p.floors))}")
    lines.append(("fitted", ", ".join(told)))
    lines += known_line(known)
    if campaign.open:
        lines.append(("open", f"competition_slope is not identified: {campaign.open}. Vary the multiple, or tell it."))
    names = [name for name in ("budget", "target", "highest", "reserve") if origins[name].kind == "assumed"]
    if names:
        shown = "; ".join(f"{name} {getattr(p, name):g}. {origins[name].note}" for name in names)
        lines.append(("assumed", shown))
        where = "table.csv" if table.where == "table" else shlex.quote(table.where)
        typed = " ".join(f"{name}={getattr(p, name):g}" for name in names)
        lines.append(("type", f"your own numbers: bizgyms fit bidding {where} --known {typed} -o mine.json"))
    return tuple(lines)


def _notes(campaign: _Campaign) -> list[str]:
    notes = []
    bias = campaign.fields.get("bias")
    if bias and abs(bias.value - 1) > 3 * bias.stderr:
        notes.append(f"Conversions came {bias.value:.2g} times as often as predicted (+- {bias.stderr:.2g}).")
    if campaign.short_days:
        notes.append(
            f"{campaign.short_days} days have less than half the usual traffic; they do not count for traffic."
        )
    if not campaign.second_price and "minimum_bid" not in campaign.table.frame:
        notes.append("Smallest winning bids are not told: floors, reserve and cut of prices are not identified.")
    return notes
