"""How far a verdict can be trusted in worlds that the fit does not know. Makes ``docs/evidence/outside.csv``.

Run ``python -m benchmarks.outside [tables]``: so many tables a law, eight by default. It goes on where it stopped.
Every table is of one item whose demand follows a law of its own; a rule keeps its stock. The table is fitted, the
rules are tuned in the fitted world, and the truth is what the best of them gains over the shop's own, both as they are,
in continuations of that very world: its level, trend and shocks carried on.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import baselines
from baselines.agents import Kind
from baselines.protocols import saved_agents
from benchmarks import result_rows
from benchmarks.evidence import ITEM
from envs_data.arrays import Floats
from envs_data.parameters import Scenario
from envs_data.restock.item.luck import ItemLuck

OUT = Path(__file__).parents[1] / "docs" / "evidence" / "outside.csv"
FIRST_DAY, DAYS, YEAR, CONTINUATIONS, TABLES = "2024-01-01", 500, 365, 200, 8
KNOWN: Mapping[str, Any] = {
    "lead_time": 2,
    "price": 10.0,
    "shortage": 4.0,
    "holding": 0.1,
    "pack": 1,
    "max_packs": 60,
    "days": YEAR,
}
# What the shop orders up to, whatever the demand.
OWN_RULE = "base_stock:S=48"
WEEK = np.array([0.6, 0.7, 0.9, 1.0, 1.3, 1.5, 1.0])
SIZE = 8.0
Law = Callable[[Any, int], Floats]
"""[days] demand of the days of a table and the year after it, from the draws of a generator."""


class Carried:
    """A generator whose draws are one's up to a day, and another's from it on.

    Args:
        past, future: the two generators.
        known, days: the day, and all days.
    """

    def __init__(self, past: np.random.Generator, future: np.random.Generator, known: int, days: int) -> None:
        self._past, self._future = past, future
        self._known, self._days = known, days

    def __getattr__(self, name: str) -> Callable[..., Floats]:
        def draw(*args: Any) -> Floats:
            before, after = getattr(self._past, name)(*args), getattr(self._future, name)(*args)
            ends = len(before) * self._known // self._days
            return np.concatenate([before[:ends], after[ends:]])

        return draw


def counts(rng: Any, mean: Floats) -> Floats:
    """[days] negative binomial demand."""
    return rng.negative_binomial(SIZE, SIZE / (SIZE + np.maximum(mean, 1e-6))).astype(np.float64)


def _week(days: int) -> Floats:
    return WEEK[np.arange(days) % 7]


def _drifting(rng: Any, days: int, keeps: float, spread: float) -> Floats:
    """[days] factors around one that keep a share of yesterday's."""
    log, shocks = np.zeros(days), rng.normal(0.0, spread, days)
    for day in range(1, days):
        log[day] = keeps * log[day - 1] + shocks[day]
    return np.exp(log - spread**2 / (1 - keeps**2) / 2)


def _turning(days: int) -> Floats:
    """[days] a profile of weekdays that turns into its opposite over two years."""
    share = np.arange(days) / days
    return (1 - share) * _week(days) + share * _week(days)[::-1]


LAWS: Mapping[str, Law] = {
    "as the fit has it": lambda rng, days: counts(rng, 12 * _week(days)),
    "nobody on three days of ten": lambda rng, days: (rng.random(days) > 0.3) * counts(rng, 15 * _week(days)),
    "autocorrelated": lambda rng, days: counts(rng, 12 * _week(days) * _drifting(rng, days, 0.7, 0.3)),
    "slow drift": lambda rng, days: counts(rng, 12 * _week(days) * _drifting(rng, days, 0.98, 0.08)),
    "rising": lambda rng, days: counts(rng, 8 * _week(days) * np.exp(np.arange(days) / 900)),
    "falling": lambda rng, days: counts(rng, 18 * _week(days) * np.exp(-np.arange(days) / 700)),
    "good and bad weeks": lambda rng, days: counts(
        rng, 12 * _week(days) * np.repeat(rng.gamma(6, 1 / 6, days // 7 + 1), 7)[:days]
    ),
    "promotions": lambda rng, days: counts(rng, 9 * _week(days) * np.where(np.arange(days) // 7 % 6 == 5, 2.5, 1.0)),
    "bulk orders": lambda rng, days: counts(rng, 10 * _week(days)) + 40.0 * (rng.random(days) < 0.02),
    "weekdays that turn": lambda rng, days: counts(rng, 12 * _turning(days)),
    "rounded to fives": lambda rng, days: 5.0 * np.round(counts(rng, 12 * _week(days)) / 5),
    "at most fifteen": lambda rng, days: np.minimum(counts(rng, 12 * _week(days)), 15.0),
    "no stock column": lambda rng, days: counts(rng, 12 * _week(days)),
}


def table(law: str, seed: int) -> tuple[pd.DataFrame, Floats]:
    """A table of a shop with a base-stock rule, and the [continuations, days] demand of the year after it."""
    lives = continued(LAWS[law], seed, DAYS, DAYS + YEAR)
    frame = kept(lives[0, :DAYS], 48, np.random.default_rng([seed, 0, 0]))
    return (frame.drop(columns="on_hand") if law == "no stock column" else frame), lives[:, DAYS:]


def continued(law: Law, seed: int, known: int, days: int) -> Floats:
    """[continuations, days] demand of a world that goes on in many ways after the days known."""
    pasts = (np.random.default_rng(seed) for _ in range(CONTINUATIONS))
    futures = (np.random.default_rng([seed, k + 1]) for k in range(CONTINUATIONS))
    return np.array([law(Carried(*both, known, days), days) for both in zip(pasts, futures, strict=True)])


def kept(past: Floats, level: int, rng: np.random.Generator) -> pd.DataFrame:
    """The table of a shop that mostly orders up to a level.

    Args:
        past: [days] demand.
        level: the level.
        rng: draws the orders that are no rule's.
    """
    on_hand, road, rows = 30.0, [0.0, 0.0], []
    for demand in past:
        arrived = road.pop(0)
        on_hand += arrived
        ordered = max(level - on_hand - sum(road), 0.0) if rng.random() < 0.9 else float(rng.integers(0, level))
        road.append(ordered)
        sold = min(demand, on_hand)
        on_hand -= sold
        rows.append((sold, on_hand, ordered, arrived))
    frame = pd.DataFrame(rows, columns=["units", "on_hand", "ordered", "delivered"])
    frame.insert(0, "date", pd.date_range(FIRST_DAY, periods=len(past)))
    return frame


def measured(law: str, seed: int) -> dict[str, Any]:
    """What is promised of a table's best rule over the shop's own, beside the truth."""
    frame, futures = table(law, seed)
    fit = ITEM.fit(frame, known=KNOWN)
    row = {"law": law, "seed": seed, "accepted": fit.back_test.passed, "problems": "; ".join(fit.back_test.problems)}
    with tempfile.TemporaryDirectory() as folder:
        board = baselines.score(ITEM, ["rules"], fit.scenario(), OWN_RULE, "full", folder, say=lambda _: None)
        best = next((one for one in board.rows if one.role == Kind.BEST_RULE), None)
        if best is None or best.table_over_today is None:
            return {**row, "gain": 0.0, "low": 0.0, "high": 0.0, "truth": 0.0, "error": 0.0}
        gain, error = true_gain(fit.scenario(), futures, folder)
    promised = best.table_over_today
    return {**row, "gain": promised.value, "low": promised.low, "high": promised.high, "truth": gain, "error": error}


def true_gain(scenario: Scenario, futures: Floats, folder: str) -> tuple[float, float]:
    """What the board's best rule gains a year over the shop's own in the continuations, and its standard error."""
    luck = ItemLuck(futures.astype(np.int64))
    found = {one.kind: one.agent for one in saved_agents.load(folder).agents}
    best, own = (
        baselines.evaluate(ITEM, found[kind], scenario=scenario.parameters, luck=luck).returns
        for kind in (Kind.BEST_RULE, Kind.TODAY)
    )
    return float((best - own).mean()), float((best - own).std(ddof=1) / np.sqrt(len(best)))


def main(tables: int) -> None:
    """Measures what is missing, table by table."""
    done = {(row["law"], int(row["seed"])) for row in result_rows.known(OUT)}
    for seed in range(tables):
        for law in LAWS:
            if (law, seed) not in done:
                result_rows.add(OUT, measured(law, seed))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TABLES)
