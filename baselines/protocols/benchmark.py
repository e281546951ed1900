"""A protocol for other people's algorithms: a frozen suite, ten trainings, beside the committed scoreboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Kind
from baselines.judge import statistics
from baselines.judge.statistics import Interval
from baselines.ladder.adapters import as_agent
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.protocols.scoreboard import read
from baselines.protocols.suite import Entry, Suite, suite_of
from envs_data.arrays import Floats

Train = Callable[[str, int, int], Any]
TRAININGS = 10


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """The result of `benchmark`.

    Attributes:
        suite: the suite that was played.
        name: the name of the algorithm.
        runs: one row a training: case, scenario, agent, training, value (mean return of an episode).
        beside: the committed rows of the same scenarios, in the same columns.
    """

    suite: Suite
    name: str
    runs: pd.DataFrame
    beside: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario: value with its 95 % interval over trainings, the committed anchors, captured and share.

        Columns: case, scenario, value, low, high, random, best_rule, possible, captured, share_of_possible. Values are
        mean returns of an episode; ``captured`` is empty where there is no ceiling.
        """
        return pd.DataFrame([self._row(entry) for entry in self.suite.entries])

    @property
    def score(self) -> Interval:
        """Interquartile mean of the share of the possible across scenarios, with a stratified bootstrap."""
        return statistics.stratified_interval([self._shares(entry) for entry in self.suite.entries])

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Every run, the committed ones beside them, as CSV; to a file where one is named."""
        text: str | None = pd.concat([self.runs, self.beside]).to_csv(path, index=False)
        return text

    def to_latex(self) -> str:
        """The table as LaTeX, with booktabs' rules."""
        lines = [
            r"\begin{tabular}{llrrrr}",
            r"\toprule",
            rf"case & scenario & {self.name} (95 \%) & best rule & possible & captured \\",
            r"\midrule",
            *(_latex(self._row(entry)) for entry in self.suite.entries),
            r"\bottomrule",
            r"\end{tabular}",
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        score = self.score
        return (
            f"{self.name} on {self.suite.name}, {len(self.runs) // len(self.suite.entries)} trainings\n"
            f"{self.table.round(3).to_string(index=False)}\n"
            f"interquartile mean of the share of the possible: {score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
        )

    def _values(self, entry: Entry) -> Floats:
        return _of(entry, self.runs).value.to_numpy(dtype=np.float64)

    def _shares(self, entry: Entry) -> Floats:
        anchors = self._anchors(entry)
        random = anchors[Kind.RANDOM]
        return (self._values(entry) - random) / (anchors[Kind.BEST_POSSIBLE] - random)

    def _anchors(self, entry: Entry) -> dict[str, float]:
        means = _of(entry, self.beside).groupby("role").value.mean()
        return {str(role): float(value) for role, value in means.items()}

    def _row(self, entry: Entry) -> dict[str, Any]:
        values, anchors = self._values(entry), self._anchors(entry)
        mean = statistics.mean_interval(values)
        random, rule, possible = (anchors[role] for role in (Kind.RANDOM, Kind.BEST_RULE, Kind.BEST_POSSIBLE))
        return {
            "case": entry.case,
            "scenario": entry.scenario,
            "value": mean.value,
            "low": mean.low,
            "high": mean.high,
            "random": random,
            "best_rule": rule,
            "possible": possible,
            "captured": (mean.value - rule) / (possible - rule) if possible > rule else None,
            "share_of_possible": (mean.value - random) / (possible - random),
        }


def benchmark(
    train: Train,
    suite: str = "core-v0",
    name: str = "yours",
    trainings: int = TRAININGS,
    say: Callable[[str], None] = print,
) -> Benchmark:
    """Trains an algorithm on a frozen suite and compares it with the committed scoreboard, which is not played again.

    Args:
        train: ``train(env_id, steps, seed) -> agent``; `gymnasium.make(env_id)` and `gymnasium.make_vec(env_id)` give
            the scenario, ``steps`` is the most it may use, and the agent is anything that `evaluate` takes.
        suite: name of a suite.
        name: the name of the algorithm.
        trainings: trainings a scenario; fewer than ten are no basis for a claim.
        say: takes a line after each training.

    Raises:
        SuiteError: no such suite, one that is no longer what it was, or one without a scoreboard.
        AgentError: the agent cannot play.
    """
    chosen = suite_of(suite)
    beside = read(chosen.name)
    rows = []
    for entry in chosen.entries:
        problem = entry.problem
        for number in range(trainings):
            agent = as_agent(problem, train(entry.env_id, entry.steps, seeds.training(chosen.seed, number)), name)
            played = play(problem, agent, chosen.episodes, seeds.evaluation(chosen.seed), name)
            known = {"case": entry.case, "scenario": entry.scenario, "agent": name, "role": Kind.YOURS}
            rows.append({**known, "training": number, "value": played.mean})
            say(f"{entry.env_id}, training {number + 1} of {trainings}: {played.mean:,.2f}")
    return Benchmark(chosen, name, pd.DataFrame(rows), beside)


def _of(entry: Entry, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame.case == entry.case) & (frame.scenario == entry.scenario)]


def _latex(row: dict[str, Any]) -> str:
    case = str(row["case"]).split("/")[-1].rsplit("-v", 1)[0]
    captured = "--" if row["captured"] is None or np.isnan(row["captured"]) else rf"{100 * row['captured']:.0f} \%"
    value = f"{row['value']:,.1f} ({row['low']:,.1f} to {row['high']:,.1f})"
    return rf"{case} & {row['scenario']} & {value} & {row['best_rule']:,.1f} & {row['possible']:,.1f} & {captured} \\"
