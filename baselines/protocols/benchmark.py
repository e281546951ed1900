"""A protocol for other people's algorithms: a frozen suite, ten trainings, beside the committed scoreboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import LEARNERS, Kind
from baselines.judge import statistics
from baselines.judge.money import share_taken
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

        Columns: case, scenario, value, low, high, today, best_rule, possible, captured, share_from_today. Values are
        mean returns of an episode; ``captured`` counts from the best rule (empty where nothing is left above it),
        ``share_from_today`` from today's rule; both are 1 for the best possible, and negative below their zero.
        """
        return pd.DataFrame([self._row(entry) for entry in self.suite.entries])

    @property
    def ours(self) -> pd.DataFrame:
        """The learners that come with bizgyms, on the same scenarios as far as their runs are committed.

        Columns: agent, scenarios (how many it has runs of), steps (mean decisions of a training), score (interquartile
        mean of its share from today), yours (that of the algorithm on the same scenarios).
        """
        learned = self.beside[self.beside.role.isin(LEARNERS)]
        found = []
        for agent, own in learned.groupby("agent", sort=False):
            entries = [entry for entry in self.suite.entries if len(_of(entry, own))]
            shares = [self._shares(entry, _of(entry, own)) for entry in entries]
            mine = [self._shares(entry, _of(entry, self.runs)) for entry in entries]
            means = [statistics.interquartile_mean(np.concatenate(both)) for both in (shares, mine)]
            found.append((agent, len(entries), own.steps.mean(), *means))
        return pd.DataFrame(found, columns=["agent", "scenarios", "steps", "score", "yours"])

    @property
    def score(self) -> Interval:
        """Interquartile mean of the share from today across scenarios, with a stratified bootstrap."""
        shares = [self._shares(entry, _of(entry, self.runs)) for entry in self.suite.entries]
        return statistics.stratified_interval(shares)

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Every run, the committed ones beside them, as CSV; to a file where one is named."""
        text: str | None = pd.concat([self.runs, self.beside]).to_csv(path, index=False)
        return text

    def to_latex(self) -> str:
        """The table as LaTeX, with booktabs' rules."""
        lines = [
            r"\begin{tabular}{llrrrrr}",
            r"\toprule",
            rf"case & scenario & {self.name} (95 \%) & today & best rule & possible & captured \\",
            r"\midrule",
            *(_latex(self._row(entry)) for entry in self.suite.entries),
            r"\bottomrule",
            r"\end{tabular}",
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        score, table, ours = self.score, self.table, self.ours
        table["captured"] = [_taken(share, "below the best rule") for share in table.captured]
        table["share_from_today"] = [_taken(share, "below today") for share in table.share_from_today]
        text = f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
        lines = [
            f"{self.name} on {self.suite.name}, {len(self.runs) // len(self.suite.entries)} trainings",
            table.round(3).to_string(index=False),
            f"interquartile mean of the share from today (0) to the best possible (1): {text}"
            + (", below today's rules" if score.high < 0 else ""),
        ]
        if len(ours):
            lines.append(f"learners of bizgyms on the same scenarios:\n{ours.round(3).to_string(index=False)}")
        return "\n".join(lines)

    def _shares(self, entry: Entry, runs: pd.DataFrame) -> Floats:
        """[trainings] share of what is possible over today's rule."""
        anchors = self._anchors(entry)
        today = anchors[Kind.TODAY]
        values = runs.value.to_numpy(dtype=np.float64)
        return np.asarray((values - today) / (anchors[Kind.BEST_POSSIBLE] - today))

    def _anchors(self, entry: Entry) -> dict[str, float]:
        means = _of(entry, self.beside).groupby("role").value.mean()
        anchors = {str(role): float(value) for role, value in means.items()}
        return {Kind.BEST_RULE: anchors[Kind.TODAY], **anchors}  # where no rule is better than today's

    def _row(self, entry: Entry) -> dict[str, Any]:
        own, anchors = _of(entry, self.runs), self._anchors(entry)
        mean = statistics.mean_interval(own.value.to_numpy(dtype=np.float64))
        rule, possible = anchors[Kind.BEST_RULE], anchors[Kind.BEST_POSSIBLE]
        return {
            "case": entry.case,
            "scenario": entry.scenario,
            "value": mean.value,
            "low": mean.low,
            "high": mean.high,
            "today": anchors[Kind.TODAY],
            "best_rule": rule,
            "possible": possible,
            "captured": (mean.value - rule) / (possible - rule) if possible > rule else None,
            "share_from_today": float(self._shares(entry, own).mean()),
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


def _taken(share: float | None, below: str) -> str:
    """A share as a percentage; less than nothing in words."""
    return "--" if share is None or np.isnan(share) else share_taken(share, below)


def _latex(row: dict[str, Any]) -> str:
    case = str(row["case"]).split("/")[-1].rsplit("-v", 1)[0]
    captured = _taken(row["captured"], "below the best rule").replace("%", r"\%")
    value = f"{row['value']:,.1f} ({row['low']:,.1f} to {row['high']:,.1f})"
    anchors = " & ".join(f"{row[name]:,.1f}" for name in ("today", "best_rule", "possible"))
    return rf"{case} & {row['scenario']} & {value} & {anchors} & {captured} \\"
