"""Verdicts of prices, bids, recommendations and messages in worlds that the fits do not know.

Run ``python -m benchmarks.outside_families [tables] [business ...]``: it adds the rows that are missing to
``docs/evidence/outside_families.csv``. The truth is what the best of the tuned rules gains a year over the rule in use,
both as they are, in 200 continuations of that very world.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

import baselines
import bizgyms
from baselines.agents import Kind
from baselines.protocols import saved_agents
from benchmarks import result_rows
from benchmarks.outside_laws import BUSINESSES, Business, Law
from envs_data.fits import Fit
from envs_data.parameters import Parameters
from envs_data.tables import TableError

OUT = Path(__file__).parents[1] / "docs" / "evidence" / "outside_families.csv"
CONTINUATIONS, TABLES, BUDGET = 200, 5, "quick"


class Life:
    """The episodes of one table and of what comes after it, under a law.

    Args:
        business: what it is of.
        law: the law.
        seed: of the table.
    """

    def __init__(self, business: Business, law: Law, seed: int) -> None:
        self.business, self.law, self.seed = business, law, seed
        folder = bizgyms.case(self.id).scenarios[next(iter(bizgyms.case(self.id).scenarios))].__class__.__module__
        self.luck = importlib.import_module(folder.replace(".parameters", ".luck"))
        self.module = folder.replace(".parameters", ".table")

    @property
    def id(self) -> str:
        """The case's id."""
        return bizgyms.case(self.business.case).id

    def worlds(self) -> list[Parameters]:
        """The true worlds: one, or two kinds."""
        return [self._changed(one) for one in (self.law.changes, self.law.others) if one is not None]

    def _changed(self, changes: Any) -> Parameters:
        usual = self.business.usual
        scaled = {name: usual.customers * factor for name, factor in changes.items() if name == "customers"}  # type: ignore[attr-defined]  # of every case here that has them
        return usual.replace(**{**changes, **scaled})

    def drawn(self, p: Parameters, rng: np.random.Generator, episodes: int) -> Any:
        """Luck of episodes that follow each other, under the law."""
        luck = self.luck.draw(p, rng, episodes)
        return luck if self.law.change is None else self.law.change(p, luck, np.random.default_rng([self.seed, 7]))

    def table(self) -> pd.DataFrame:
        """The table."""
        _, arguments = self.business.table
        kinds = self.worlds()
        frames = []
        for k, p in enumerate(kinds):
            named = {name: n // len(kinds) if name in ("people", "customers") else n for name, n in arguments.items()}
            with mock.patch(f"{self.module}.draw", lambda p, rng, n: self._first(self.drawn(p, rng, n), n)):
                frames.append(bizgyms.case(self.id).generate(p, seed=1000 * k + self.seed, **named))
        for name in {"person", "customer"} & {*frames[0]}:
            frames = [frame.assign(**{name: frame[name] + f"-{k}"}) for k, frame in enumerate(frames)]
        return pd.concat(frames, ignore_index=True)

    @staticmethod
    def _first(luck: Any, episodes: int) -> Any:
        return type(luck)(*(part[:episodes] for part in luck))

    def continuations(self) -> Iterator[tuple[Parameters, Any]]:
        """Each true world with the luck of the episodes after the table, of every continuation."""
        past, ahead = self.business.table[0], self.business.ahead
        for p in self.worlds():
            after = []
            for k in range(CONTINUATIONS):
                # The law's own state is that of the table, and goes on; what is drawn in each episode is new.
                luck = self.luck.draw(p, np.random.default_rng([self.seed, 1, k]), past + ahead)
                if self.law.change is not None:
                    luck = self.law.change(p, luck, Carried(self.seed, k, past / (past + ahead)))
                after.append([part[past:] for part in luck])
            yield p, type(luck)(*(np.concatenate(parts) for parts in zip(*after, strict=True)))


class Carried:
    """A generator whose draws are the table's up to its end, and a continuation's own after it.

    Args:
        seed: of the table.
        future: number of the continuation.
        share: of each draw's first axis that is the table's.
    """

    def __init__(self, seed: int, future: int, share: float) -> None:
        self._past, self._future = np.random.default_rng([seed, 7]), np.random.default_rng([seed, 8, future])
        self._share = share

    def __getattr__(self, name: str) -> Any:
        def draw(*args: Any) -> Any:
            before, after = getattr(self._past, name)(*args), getattr(self._future, name)(*args)
            ends = round(len(before) * self._share)
            return np.concatenate([before[:ends], after[ends:]])

        return draw


def measured(name: str, law: str, seed: int) -> dict[str, Any]:
    """What is promised of a table's best rule over the rule in use, beside the truth."""
    business = BUSINESSES[name]
    life = Life(business, business.laws[law], seed)
    row: dict[str, Any] = {"family": name, "law": law, "seed": seed, "accepted": False, "problems": ""}
    row |= dict.fromkeys(("gain", "low", "high", "truth", "error"), 0.0)
    try:
        fit = bizgyms.case(life.id).fit(life.table(), known=business.known)
    except TableError as refused:
        return {**row, "problems": "; ".join(refused.problems)}
    row |= {"accepted": fit.back_test.passed, "problems": "; ".join(fit.back_test.problems)}
    with tempfile.TemporaryDirectory() as folder:
        board = baselines.score(
            life.id, [*business.agents], fit.scenario(), business.today, BUDGET, folder, say=lambda _: None
        )
        best = next((one for one in board.rows if one.role == Kind.BEST_RULE), None)
        if best is None or best.table_over_today is None:
            return row
        truth, error = true_gain(life, fit, folder)
    promised, year = best.table_over_today, business.year
    return {
        **row, "gain": promised.value, "low": promised.low, "high": promised.high,
        "truth": truth * year, "error": error * year,
    }  # fmt: skip


def true_gain(life: Life, fit: Fit, folder: str) -> tuple[float, float]:
    """What the board's best rule gains an episode over the rule in use in the continuations, and its standard error."""
    found = {one.kind: one.agent for one in saved_agents.load(folder).agents}
    kept = {name: getattr(fit.parameters, name) for name in life.business.kept}
    gains = []
    for p, luck in life.continuations():
        best, own = (
            baselines.evaluate(life.id, found[kind], scenario=p.replace(**kept), luck=luck).returns
            for kind in (Kind.BEST_RULE, Kind.TODAY)
        )
        gains.append((best - own).reshape(CONTINUATIONS, -1).mean(axis=1))
    each = np.mean(gains, axis=0)
    return float(each.mean()), float(each.std(ddof=1) / np.sqrt(CONTINUATIONS))


def main(tables: int, names: list[str]) -> None:
    """Measures what is missing, table by table."""
    done = {(row["family"], row["law"], int(row["seed"])) for row in result_rows.known(OUT)}
    todo = [(name, law, seed) for seed in range(tables) for name in names for law in BUSINESSES[name].laws]
    for one in todo:
        if one not in done:
            result_rows.add(OUT, measured(*one))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TABLES, sys.argv[2:] or [*BUSINESSES])
