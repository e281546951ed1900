"""Does a fit predict purchases, or customers, it has not seen? Holds back a fifth and compares."""

from __future__ import annotations

import numpy as np

from envs_data.arrays import Floats, Ints
from envs_data.back_tests import BEYOND_CHANCE, CUSTOMERS, Bands, level_problem
from envs_data.fits import BackTest
from envs_data.recommend.bg_nbd import BgNbd, Cohort, draw_times
from envs_data.recommend.customers import WEEK, Customers, summarised
from envs_data.recommend.estimation import estimate_visits

# Simulated futures the bands rest on, and their seed.
FUTURES, SEED = 200, 20_250_106
LEAST_CUSTOMERS, LEAST_WEEKS = 50, 4
# Customers with at least this many repeat purchases form one class.
MOST_REPEATS = 7


def back_test(customers: Customers) -> BackTest:
    """Compares the held-out part with the forecast of a fit to the rest.

    For purchases the last fifth of the days is held back, and the fit knows all earlier purchases. For a summary every
    fifth customer is held back.

    Args:
        customers: what the table says.
    """
    if len(customers.cohort.age) < LEAST_CUSTOMERS:
        return BackTest("a fifth", problems=(f"{len(customers.cohort.age)} customers are too few to check it",))
    return _by_week(customers) if customers.purchases is not None else _by_customer(customers.cohort)


def _by_week(customers: Customers) -> BackTest:
    assert customers.purchases is not None
    bought = customers.purchases
    last = float(bought["day"].max())
    weeks = int(last / 5 // WEEK)
    cut = last - weeks * WEEK
    held_out = f"the last {weeks} weeks"
    early = summarised(bought[bought["day"] <= cut], cut).cohort if weeks else customers.cohort
    if weeks < LEAST_WEEKS or not early.frequency.any():
        return BackTest(held_out, problems=(f"{last:.0f} days are too few to check it",))
    rng = np.random.default_rng(SEED)
    known = bought["customer"].isin(bought.loc[bought["day"] <= cut, "customer"])
    late = bought.loc[known & (bought["day"] > cut), "day"].to_numpy()
    edges = cut + WEEK * np.arange(weeks + 1)
    came = np.histogram(late, np.nextafter(edges, np.inf))[0].astype(np.float64)
    futures = np.stack([_future(BgNbd(**drawn), rng, early, weeks) for drawn in _laws(early, rng)])
    before = bought["day"].to_numpy()
    repeats = before[(before > cut - LEAST_WEEKS * WEEK) & (before <= cut)]
    usual = (len(repeats) - _newcomers(customers, cut)) / LEAST_WEEKS
    judged = Bands.simulated(came, futures)
    totals = futures.sum(axis=1)
    level = level_problem("purchases a week", came.sum(), totals.mean(), totals.std(), CUSTOMERS)
    naive = float((np.abs(came - usual) <= 1.2816 * np.sqrt(max(usual, 1.0))).mean())
    return judged.back_test(
        held_out,
        judged.rival("same as last month", naive, usual),
        [*level, *judged.coverage_problem(CUSTOMERS)],
        {"week": list(range(weeks)), "purchases": came.tolist()},
    )


def _newcomers(customers: Customers, cut: float) -> int:
    """Customers who first bought in the last weeks before the cut: their first purchases are no repeats."""
    assert customers.purchases is not None
    first = customers.purchases.groupby("customer")["day"].min()
    return int(((first > cut - LEAST_WEEKS * WEEK) & (first <= cut)).sum())


def _laws(cohort: Cohort, rng: np.random.Generator) -> list[dict[str, float]]:
    """Laws a cohort leaves possible, one a future."""
    return estimate_visits(cohort).draws(FUTURES, rng)


def _future(law: BgNbd, rng: np.random.Generator, cohort: Cohort, weeks: int) -> Floats:
    """[weeks] purchases of a cohort in the weeks to come, drawn."""
    times = draw_times(rng, law.draw_who_stayed(rng, cohort), np.full(len(cohort.age), weeks * WEEK))
    return np.bincount((times.time // WEEK).astype(np.int64), minlength=weeks).astype(np.float64)


def _by_customer(cohort: Cohort) -> BackTest:
    late = np.arange(len(cohort.age)) % 5 == 4
    rest, held = (Cohort(*(part[chosen] for part in cohort)) for chosen in (~late, late))
    rng = np.random.default_rng(SEED)
    drawn = [BgNbd(**law).draw_cohort(rng, held.age).frequency for law in _laws(rest, rng)]
    judged = Bands.simulated(_classes(held.frequency), np.stack([_classes(frequency) for frequency in drawn]))
    means = np.array([frequency.mean() for frequency in drawn])
    off = held.frequency.mean() - means.mean()
    problems = judged.coverage_problem(CUSTOMERS)
    if abs(off) > BEYOND_CHANCE * means.std() and abs(off) > CUSTOMERS.level * means.mean():
        problems.append(f"held-back customers came back {held.frequency.mean():.2f} times, not {means.mean():.2f}")
    return BackTest(
        held_out=f"every fifth of {len(late):,} customers",
        predicted={"coverage": judged.coverage(), "mean": float(means.mean()), "never": _never(judged.mean)},
        observed={
            "coverage": judged.covered(), "mean": float(held.frequency.mean()), "never": _never(judged.came)
        },
        problems=tuple(problems),
        series={"repeats": list(range(MOST_REPEATS + 1)), "customers": judged.came.tolist(), **judged.series()},
    )  # fmt: skip


def _classes(frequency: Ints) -> Floats:
    """[classes] customers by repeat purchases."""
    return np.bincount(np.minimum(frequency, MOST_REPEATS), minlength=MOST_REPEATS + 1).astype(np.float64)


def _never(classes: Floats) -> float:
    return float(classes[0] / classes.sum())
