"""The lines and notes that a fit of a box prints."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from envs_data.parameters import Origin
from envs_data.restock.estimation import TWO_YEARS, estimate
from envs_data.restock.panel import Panel
from envs_data.restock.remarks import NO_STOCK, ONE_SEASON, closed_days, profile_texts
from envs_data.restock.sales import Sales
from envs_data.tables import Table

Values = Mapping[str, Any]
Origins = Mapping[str, Origin]

# What box and supplier may limit or charge for; no sales table says it.
LIMITS = ("capacity", "max_order", "min_order", "truck_size", "truck_cost", "order_cost")
# Fields whose assumed values are printed, and put into the line to type.
ASKED_FOR = ("lead_times", "price", "cost", "holding", "shortage")
SHOWN = 8
KNOWN = Origin("known")
# Correlation of the items' days that matters, and how far beyond chance it has to be.
CORRELATION, BEYOND_CHANCE = 0.1, 4.0
# Days two items must have in common for it.
LEAST_TOGETHER = 30


def days_read(sales: Mapping[str, Sales]) -> str:
    """How many days were read, of which items."""
    days = np.unique(np.concatenate([one.dates for one in sales.values()]))
    return f"{len(days)} days of {len(sales)} items ({_some([*sales])})"


def assumed(origins: Origins) -> str:
    """What was assumed, and that there are no limits, substitutes or spoilage as far as the table says."""
    limits = [name for name in LIMITS if origins[name].kind == "assumed"]
    none = [f"none of {', '.join(limits)}"] if limits else []
    none += ["no substitutes"] if origins["substitution"].kind == "assumed" else []
    none += ["nothing spoils"] if origins.get("shelf_life", KNOWN).kind == "assumed" else []
    return " ".join([*dict.fromkeys(_assumed(origins)), f"{'; '.join(none)}." if none else ""]).strip()


def _assumed(origins: Origins) -> Iterator[str]:
    """What was assumed of the fields a user should think of, each sentence once, with the items it holds for."""
    whose: dict[str, list[str]] = {}
    for name, origin in origins.items():
        field, _, item = name.partition(".")
        if field in ASKED_FOR and origin.kind == "assumed":
            whose.setdefault(origin.note, []).extend([item] if item else [])
    for note, items in whose.items():
        yield f"{_some(items)}: {note}" if items else note


def _field(name: str) -> str:
    return name.partition(".")[0]


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def typed(values: Values, origins: Origins) -> dict[str, Any]:
    """The assumed values as the user may type them: where items differ, those of the first one."""
    words: dict[str, Any] = {}
    for name, origin in origins.items():
        field, _, whose = name.partition(".")
        if field not in ASKED_FOR or origin.kind != "assumed":
            continue
        own = [item[field] for item in values["items"] if whose in ("", item["name"])]
        word, same = ("lead_time", own[0][0]) if field == "lead_times" else (field, own[0])
        if all(value == own[0] for value in own):
            words[f"{word}.{whose}" if whose else word] = same
        else:
            words |= {f"{word}.{item['name']}": item[field] for item in values["items"][:1]}
    return words


def fitted(sales: Mapping[str, Sales], panel: Panel, values: Values, origins: Origins) -> str:
    """Demand of the items, and what else the table tells."""
    each = []
    for name, fit in zip([*sales][:SHOWN], panel.fits, strict=False):
        level, error = fit.natural(), fit.stderrs()
        law = "" if fit.law == "poisson" else f", size {level['size'][0]:.3g}"
        law += f", nobody on {level['zero_inflation'][0]:.0%} of days" if "zero_inflation" in level else ""
        each.append(f"{name} {level['mean'][0]:.3g} (+- {error['mean'][0]:.2g}{law})")
    more = f" and {len(sales) - SHOWN} more" if len(sales) > SHOWN else ""
    parts = [f"demand a day: {', '.join(each)}{more}", _laws(panel)]
    parts += profile_texts(panel.fits[0])
    if panel.layout.structure.half_life is not None:
        parts.append("trends damped to the level of the last weeks")
    if "promotion_lift" in origins and origins["promotion_lift"].kind == "fitted":
        parts.append(f"promotions sell {values['promotion_lift']:.3g} times as much")
    cut, days = sum(int(one.censored.sum()) for one in sales.values()), sum(len(one) for one in sales.values())
    parts.append(f"{cut:,} of {days:,} days of items sold out, treated as censored")
    for field in ("lead_times", "pack", "price"):
        parts += _range_of(field, values, origins)
    return "; ".join(parts)


def _laws(panel: Panel) -> str:
    wide = len(panel.fits) - panel.layout.laws.count("poisson")
    if wide in (0, len(panel.fits)):
        return "negative binomial" if wide else "Poisson"
    return f"{wide} negative binomial (those with a size), {len(panel.fits) - wide} Poisson"


def _range_of(field: str, values: Values, origins: Origins) -> list[str]:
    """A fitted field of the items in a few words, or none where nothing was fitted."""
    if not any(_field(name) == field and origin.kind == "fitted" for name, origin in origins.items()):
        return []
    own = np.concatenate([np.atleast_1d(item[field]) for item in values["items"]])
    low, high = own.min(), own.max()
    return [f"{field} {low:g}" + (f" to {high:g}" if high > low else "")]


def notes(table: Table, sales: Mapping[str, Sales], panel: Panel, origins: Origins) -> list[str]:
    """Remarks on the fit."""
    sentences = []
    if "on_hand" not in table.mapping:
        sentences.append(NO_STOCK)
    if origins["substitution"].kind == "assumed":
        sentences.append(
            "Which substitutes customers take is not identified from sales alone: assumed none. What was sold to those "
            "whose item was out counts as demand of the item they took."
        )
    spoils = [*_spoils_unknown(table, origins)]
    if spoils:
        sentences.append(
            f"Units of {_some(spoils)} were thrown away, but a shelf life is not identified: assumed to keep; give it "
            f"with --known {shlex.quote(f'shelf_life.{spoils[0]}=DAYS')}"
        )
    sentences += closed_days(panel.fits[0])
    if panel.layout.structure.season and max(one.span() for one in sales.values()) < TWO_YEARS:
        sentences.append(ONE_SEASON)
    return [*sentences, *_independence(sales, panel)]


def _spoils_unknown(table: Table, origins: Origins) -> Iterator[str]:
    """Items of which units were thrown away, though they are assumed to keep."""
    if "wasted" not in table.frame:
        return
    for item in table.frame.loc[table.frame["wasted"] > 0, "item"].unique():
        origin = origins.get("shelf_life") or origins[f"shelf_life.{item}"]
        if origin.kind == "assumed":
            yield str(item)


def _independence(sales: Mapping[str, Sales], panel: Panel) -> list[str]:
    """Where the items' days are less independent, or less alike, than the fitted world's."""
    sentences = []
    drifting = [(name, fit.drift) for name, fit in zip(sales, panel.fits, strict=True) if fit.drift > 1]
    if drifting:
        most = max(drift for _, drift in drifting)
        sentences.append(
            f"Weekly totals of {_some([name for name, _ in drifting])} vary up to {most:.1f} times as much as "
            "independent days would: the standard errors are widened for it, and the fitted world is calmer than the "
            "table."
        )
    correlation = _correlation([*sales.values()], panel)
    if correlation is not None:
        sentences.append(
            f"Days of the items go together beyond weekday and season (mean correlation {correlation:.2f}); in the "
            "fitted world they are independent."
        )
    own = [name for name, one, fit in zip(sales, sales.values(), panel.fits, strict=True) if _own_profile(one, fit)]
    if own:
        sentences.append(f"{_some(own)}: weekdays or season of its own; the box has one profile for all items.")
    return sentences


def _correlation(sales: Sequence[Sales], panel: Panel) -> float | None:
    """Mean correlation of the items' days around what is expected of them, if it is beyond chance and matters."""
    dates = np.unique(np.concatenate([one.dates for one in sales]))
    errors = np.full((len(sales), len(dates)), np.nan)
    for k, (one, fit) in enumerate(zip(sales, panel.fits, strict=True)):
        mean = np.maximum(fit.expected(one.dates), 1e-9)
        law = fit.counts()
        off = law.imputed_mean(one.units, one.censored, mean) - mean
        errors[k, np.searchsorted(dates, one.dates)] = off / np.sqrt(law.variance(mean))
    matrix = pd.DataFrame(errors.T).corr(min_periods=LEAST_TOGETHER).to_numpy()
    pairs = matrix[np.triu_indices(len(sales), 1)]
    if not np.isfinite(pairs).all() or not len(pairs):
        return None
    chance = 1 / np.sqrt(len(pairs) * len(dates))
    return float(pairs.mean()) if pairs.mean() > max(CORRELATION, BEYOND_CHANCE * chance) else None


def _own_profile(sales: Sales, fit: Any) -> bool:
    """Whether the BIC favours a profile of the item's own over the one in common."""
    shape = fit.structure
    profile = int(sales.open_weekdays().sum() - 1) * shape.weekday + 11 * shape.season
    if not profile:
        return False
    alone = estimate(sales, shape, fit.law)
    return bool(2 * (alone.log_likelihood - fit.log_likelihood) > profile * np.log(len(sales)))
