"""The table of results: a row a run, with its returns."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import AgentError, MissingDependencyError
from baselines.runs.run_file import Stored
from baselines.runs.workers import WorkerDiedError
from bizgyms.reference import Reference
from envs_data.arrays import Array, Floats, Ints

TRAININGS_FOR_A_VERDICT = 10
# Episodes of the evaluation luck on which a learner is watched while it learns.
CURVE_EPISODES = 100


@dataclasses.dataclass(frozen=True)
class Best:
    """The reference, with its own policy's evaluation where there is one.

    Attributes:
        reference: value, kind and method.
        played: the returns of its policy on the shared luck.
    """

    reference: Reference
    played: EpisodeReturns | None


def in_one_line(error: Exception) -> str:
    """An error as a row of a board says it: our own messages as they are, others with their type."""
    text = " ".join(str(error).split())
    own = isinstance(error, (AgentError, MissingDependencyError, WorkerDiedError))
    return text if own else f"{type(error).__name__}: {text}"


@dataclasses.dataclass(frozen=True)
class EpisodeReturns:
    """Returns of an agent, episode by episode. Row i of every agent met the same luck.

    Attributes:
        returns: [episodes] undiscounted, unweighted sum of rewards, in the case's unit.
        steps: [episodes] decisions taken.
        figures: business figure to its [episodes] sums.
        terms: reward term to its [episodes] sums.
        ratios: business figure of all episodes together, such as the service level.
        seed: seed of the luck; None for luck that was given.
        elapsed: [episodes] time that passed, in the world's unit, where decisions come with events; else nothing.
    """

    returns: Floats
    steps: Ints
    figures: Mapping[str, Floats]
    terms: Mapping[str, Floats]
    ratios: Mapping[str, float]
    seed: int | None
    elapsed: Floats = dataclasses.field(default_factory=lambda: np.empty(0))

    @property
    def mean(self) -> float:
        """Mean return of an episode."""
        return float(self.returns.mean())

    @property
    def stderr(self) -> float:
        """Standard error of the mean return, over episodes."""
        return float(self.returns.std(ddof=1) / np.sqrt(len(self.returns))) if len(self.returns) > 1 else float("nan")

    def __repr__(self) -> str:
        return f"EpisodeReturns({len(self.returns)} episodes, mean {self.mean:,.2f} +- {self.stderr:,.2f})"


@dataclasses.dataclass(frozen=True)
class Run:
    """A row of the table of results: one agent on the shared luck; of a learner, one of its trainings.

    Attributes:
        agent: the agent's name on the ladder, or the user's.
        label: name with setting.
        kind: kind of the agent; ``yours``, ``today`` or ``reference``.
        knows: what it knows.
        played: its evaluation; None where it failed.
        seconds: how long learning took.
        earned_while_learning: mean reward of a step while it learned; None where the agent does not count it.
        learned: what the agent learned, as it saves itself; empty where it does not learn or cannot be saved.
        about: the agent's own words on its size, such as how many cells of a table it visited.
        curve: [2, looks] steps taken, and mean return of the first `CURVE_EPISODES` episodes at that checkpoint.
        steps: steps of the training, or of tuning.
        tuned: value on the tuning luck; None for agents that are not tuned.
        made: how the agent is built: name and setting, or file and function; None for an object, which cannot be built
            again.
        seed: seed of the training; None for what does not learn.
        key: its key in the run file; empty where it has none of its own.
        error: why it failed; empty where it did not.
    """

    agent: str
    label: str
    kind: str
    knows: str
    played: EpisodeReturns | None = None
    seconds: float = 0.0
    earned_while_learning: float | None = None
    learned: bytes = b""
    about: str = ""
    curve: Floats = dataclasses.field(default_factory=lambda: np.empty((2, 0)))
    steps: int = 0
    tuned: float | None = None
    made: Mapping[str, Any] | None = None
    seed: int | None = None
    key: str = ""
    error: str = ""

    def packed(self) -> Stored:
        """Facts and arrays of what it did, as the run file keeps them; whose run it is says the key."""
        played = self.played
        assert played is not None, "only finished runs are kept"
        facts = {"seconds": self.seconds, "earned": self.earned_while_learning, "about": self.about}
        arrays: dict[str, Array] = {"returns": played.returns, "steps": played.steps}
        arrays |= {f"figure {name}": sums for name, sums in played.figures.items()}
        arrays |= {f"term {name}": sums for name, sums in played.terms.items()}
        arrays |= {"learned": np.frombuffer(self.learned, dtype=np.uint8), "curve": self.curve}
        arrays["elapsed"] = played.elapsed
        return {**facts, "ratios": dict(played.ratios), "seed": played.seed}, arrays

    def unpacked(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Run:
        """The run with what `packed` gave of it."""
        figures, terms = (
            {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
            for kind in ("figure ", "term ")
        )
        sums = arrays["returns"], arrays["steps"], figures, terms
        return dataclasses.replace(
            self,
            played=EpisodeReturns(*sums, facts["ratios"], facts["seed"], arrays["elapsed"]),
            seconds=facts["seconds"],
            earned_while_learning=facts["earned"],
            learned=arrays["learned"].tobytes(),
            about=facts["about"],
            curve=arrays["curve"],
        )


@dataclasses.dataclass(frozen=True)
class Player:
    """The rows of one agent.

    Attributes:
        runs: one a training; one for what does not learn.
    """

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.runs[0].agent

    @property
    def label(self) -> str:
        """Name with setting."""
        return self.runs[0].label

    @property
    def kind(self) -> str:
        """Kind of the agent."""
        return self.runs[0].kind

    @property
    def knows(self) -> str:
        """What it knows."""
        return self.runs[0].knows

    @property
    def made(self) -> Mapping[str, Any] | None:
        """How the agent is built."""
        return self.runs[0].made

    @functools.cached_property
    def results(self) -> tuple[Run, ...]:
        """The runs that did not fail."""
        return tuple(run for run in self.runs if run.played is not None)

    @functools.cached_property
    def plays(self) -> tuple[EpisodeReturns, ...]:
        """The evaluation of each run that did not fail."""
        return tuple(run.played for run in self.runs if run.played is not None)

    @functools.cached_property
    def returns(self) -> Floats:
        """[runs, episodes] of the runs that did not fail."""
        return np.array([played.returns for played in self.plays])

    @property
    def played(self) -> EpisodeReturns:
        """The evaluation of an agent that does not learn."""
        return self.plays[0]

    @property
    def error(self) -> str:
        """Why it has no result, or not all; empty where it has all."""
        errors = [run.error for run in self.runs if run.error]
        if not errors:
            return ""
        failed = f"{len(errors)} of {len(self.runs)} trainings failed: " if self.results else ""
        return f"{failed}{errors[0]}"

    def ratio(self, name: str) -> float:
        """A business figure, the mean of the runs."""
        return float(np.mean([played.ratios[name] for played in self.plays]))

    def middle(self) -> int:
        """The number of the run, among those that did not fail, whose value is the median."""
        order = np.argsort(self.returns.mean(axis=1))
        return int(order[len(order) // 2])


@dataclasses.dataclass(frozen=True)
class Results:
    """The one table under a board: a row a run, all on the same luck.

    Attributes:
        runs: the rows, in the order in which they played.
        best: the reference; None without one.
        why_no_best: why there is none.
    """

    runs: tuple[Run, ...] = ()
    best: Best | None = None
    why_no_best: str = ""

    @functools.cached_property
    def players(self) -> tuple[Player, ...]:
        """The rows of each agent, in their order."""
        groups: dict[str, list[Run]] = {}
        for run in self.runs:
            groups.setdefault(run.agent, []).append(run)
        return tuple(Player(tuple(own)) for own in groups.values())

    def of(self, agent: str) -> Player | None:
        """The rows of one agent."""
        return next((player for player in self.players if player.name == agent), None)

    def of_kind(self, *kinds: str) -> list[Player]:
        """Agents of some kinds that have a result."""
        return [player for player in self.players if player.kind in kinds and player.results]

    def plus(self, runs: Iterable[Run]) -> Results:
        """The table with more rows."""
        return dataclasses.replace(self, runs=(*self.runs, *runs))

    def curves(self) -> pd.DataFrame:
        """Learning curves, a row a look at a training: agent, seed, steps, value (mean return of an episode)."""
        looks = [
            {"agent": run.agent, "seed": run.seed, "steps": int(steps), "value": float(value)}
            for run in self.runs
            for steps, value in run.curve.T
        ]
        return pd.DataFrame(looks, columns=["agent", "seed", "steps", "value"])
