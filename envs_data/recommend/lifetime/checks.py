"""What a fitted shop must reproduce of its table: clicks by place, visit, history and time; when customers return."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from envs_data.arrays import Floats, Ints
from envs_data.posterior_checks import (
    REPLICAS,
    Check,
    by_group,
    chance,
    fifths,
    levels_of,
    problems,
    spread_of,
)
from envs_data.recommend.bg_nbd import BgNbd, Cohort, Purchases
from envs_data.recommend.lifetime.click_model import Estimate, Log, chances

DRIFT_MATTERS = 0.15
CHANGE = "customers change from visit to visit, and the fitted ones do not"
PLACES = "what a place is worth is off by as much"
DRIFT = "tastes or the catalogue drift, and the next year is not the mean of the past"
BORED = "than expected: customers tire of topics or take to them, and the fitted ones do not"
# Classes of customers by how often they came back, and of gaps by their share of a customer's mean gap.
RETURNS, GAPS = (0, 1, 2, 4, 8), (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
CLASSES = "{off} customers than expected came back {part}: what a customer is worth is off"
TIMES = ("never", "once", "2 to 3 times", "4 to 7 times", "8 times or more")


def of_clicks(fitted: Estimate, log: Log, about: pd.DataFrame, bored: bool = False) -> list[str]:
    """What the law of clicks cannot reproduce, one clause each.

    Args:
        fitted: the law.
        log: the visits.
        about: their ``customer`` and ``date``, in the order of the log.
        bored: whether boredom is known, so that the log's own is none that the fit lacks.
    """
    chance_of = chances(log, fitted.appeal, fitted.place, fitted.tastes)
    rng, segments = chance(), np.cumsum(chance_of, axis=2)
    customers = int(log.customer.max()) + 1
    edges = np.cumsum(fitted.shares)[:-1]
    visits, places = np.arange(len(log.items)), log.items.shape[1]

    def draw() -> Floats:
        of = np.searchsorted(edges, rng.random(customers))[log.customer]
        return _hits((segments[of, visits] <= rng.random(len(visits))[:, None]).sum(axis=1), places)

    drawn = [draw() for _ in range(REPLICAS)]
    checks = [*_click_checks(log, about, np.mean(drawn, axis=0)), *([] if bored else _again(log))]
    return problems(_hits(log.clicked, places), drawn, checks)


def _hits(clicked: Ints, places: int) -> Floats:
    """[visits * places] 1 where the click was."""
    return np.asarray((np.minimum(clicked, places)[:, None] == np.arange(places)).ravel(), dtype=np.float64)


def _click_checks(log: Log, about: pd.DataFrame, expected: Floats) -> Iterator[Check]:
    visits, places = log.items.shape
    place, visit = np.tile(np.arange(places), visits), np.repeat(np.arange(visits), places)
    number = about.groupby("customer").cumcount().to_numpy().astype(np.int64)
    day = about["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    topic = log.topic[np.maximum(log.items, 0)].ravel()
    fifth, times = fifths(day)
    topics = int(topic.max()) + 1
    shown: tuple[tuple[Ints, list[str], str, str, float], ...] = (
        (place, [str(k + 1) for k in range(places)], "at place {part}", PLACES, 0.1),
        (*_by_visit(number, visit), "at visits {part}", CHANGE, 0.1),
        (fifth[visit], times, "in {part} of the log", DRIFT, DRIFT_MATTERS),
        (
            topic * len(times) + fifth[visit],
            [f"topic {k} in {name}" for k in range(topics) for name in times],
            "on {part} of the log", DRIFT, DRIFT_MATTERS,
        ),
    )  # fmt: skip
    for group, names, where, so, matters in shown:
        yield from by_group(group, names, expected, f"{where} {{off}} was clicked than expected: {so}", matters)
    told = "clicks of customers differ {times} times as much as those of the fitted segments: whom to show what is off"
    yield from spread_of(log.customer[visit], expected, told, 0.5)


def _by_visit(number: Ints, visit: Ints) -> tuple[Ints, list[str]]:
    group, names = levels_of(number + 1)
    return group[visit], names


def _again(log: Log) -> Iterator[Check]:
    """Clicks on the topic of the click before, of all that follow one at the customer's last visit."""
    visits, places = log.items.shape
    follows = np.append(False, log.customer[1:] == log.customer[:-1])
    topic = log.topic[np.maximum(log.items, 0)]

    def share(hits: Floats) -> Floats:
        at = hits.reshape(visits, places)
        liked = np.where(at.any(axis=1), topic[np.arange(visits), at.argmax(axis=1)], -1)
        before = np.append(-1, liked[:-1])
        both = follows & (liked >= 0) & (before >= 0)
        return np.array([(liked[both] == before[both]).mean() if both.any() else 0.0])

    if topic.max() > 0:
        yield Check([""], share, f"the topic of the last click was clicked again {{off}} often {BORED}")


def of_visits(law: BgNbd, cohort: Cohort, visits: Purchases | None) -> list[str]:
    """What the law of visits cannot reproduce of when customers come back, one clause each.

    Args:
        law: the law, in days.
        cohort: the customers.
        visits: their visits after the first, on days of their own; None for summaries.
    """
    rng = chance()
    if visits is None:
        return problems(cohort, (law.draw_cohort(rng, cohort.age) for _ in range(REPLICAS)), [*_of_cohort()])
    drawn = (law.draw_purchases(rng, cohort.age) for _ in range(REPLICAS))
    return problems(visits, map(_daily, drawn), [*_of_times(cohort)])


def _daily(purchases: Purchases) -> Purchases:
    """Purchases on days of their own, as a table has them; those of the first day are none."""
    day = np.floor(purchases.time)
    kept = (day > 0) & np.append(True, (np.diff(day) != 0) | (np.diff(purchases.customer) != 0))[: len(day)]
    return Purchases(purchases.customer[kept], day[kept])


def _classes(frequency: Ints) -> Floats:
    counts = np.bincount(np.searchsorted(RETURNS, frequency, side="right") - 1, minlength=len(RETURNS))
    return np.asarray(counts / len(frequency))


def _of_cohort() -> Iterator[Check]:
    yield Check(TIMES, lambda cohort: _classes(cohort.frequency), CLASSES, 0.1, 0.02)


def _of_times(cohort: Cohort) -> Iterator[Check]:
    customers, span = len(cohort.age), cohort.age

    def frequency(visits: Purchases) -> Floats:
        return _classes(np.bincount(visits.customer, minlength=customers))

    def by_age(visits: Purchases) -> Floats:
        part = np.minimum(5 * visits.time / np.maximum(span[visits.customer], 1.0), 4.99).astype(np.int64)
        counts = np.bincount(part, minlength=5)
        return np.asarray(counts / max(counts.sum(), 1))

    yield Check(TIMES, frequency, CLASSES, 0.1, 0.02)
    told = "in {part} of their time customers came {off} often than expected: they come more and more often, or less"
    yield Check(fifths(np.arange(5))[1], by_age, told, DRIFT_MATTERS)
    told = "{off} gaps between visits than expected lasted {part} the customer's mean: when customers return is off"
    spans = zip(GAPS, (*GAPS[1:], np.inf), strict=True)
    yield Check([f"{low:g} to {high:g} times" for low, high in spans], _gaps, told, 0.1, 0.02)


def _gaps(visits: Purchases) -> Floats:
    """[classes] shares of gaps by their length, as a share of the customer's mean gap, of those with three or more."""
    start = np.append(True, np.diff(visits.customer) != 0)
    gap = visits.time - np.where(start, 0.0, np.append(0.0, visits.time[:-1]))
    count = np.bincount(visits.customer, minlength=1)
    mean = np.bincount(visits.customer, gap) / np.maximum(count, 1)
    kept = count[visits.customer] >= 3
    relative = gap[kept] / mean[visits.customer[kept]]
    counts = np.bincount(np.searchsorted(GAPS, relative, side="right") - 1, minlength=len(GAPS))
    return np.asarray(counts / max(counts.sum(), 1))
