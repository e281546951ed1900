"""Results: the agents of a board, and the returns of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from baselines.agents import AgentError, MissingDependencyError
from baselines.runs.run_file import Stored
from baselines.runs.workers import WorkerDiedError
from bizgyms.reference import Reference
from envs_data.arrays import Array, Floats, Ints

TRAININGS_FOR_A_VERDICT = 10
# Episodes of the evaluation luck on which a learner is watched while it learns.
CURVE_EPISODES = 100


@dataclasses.dataclass(frozen=True)
class Player:
    """One agent's row: its name and its results.

    Attributes:
        name: the agent's name on the ladder, or the user's.
        label: name with setting.
        kind: kind of the agent; ``yours``, ``today`` or ``reference``.
        knows: what it knows.
        results: one a training; one for what does not learn; none where every training failed.
        steps: steps of a training, or of tuning.
        tuned: value on the tuning luck; None for agents that are not tuned.
        error: why it has no result, or not all.
        made: how the agent is built: name and setting, or file and function; None for an object, which cannot be built
            again.
        runs: training seed (None for what does not learn) and key in the run file of each result.
    """

    name: str
    label: str
    kind: str
    knows: str
    results: tuple[Result, ...]
    steps: int = 0
    tuned: float | None = None
    error: str = ""
    made: Mapping[str, Any] | None = None
    runs: tuple[tuple[int | None, str], ...] = ()

    @property
    def played(self) -> EpisodeReturns:
        """The evaluation of an agent that does not learn."""
        return self.results[0].played


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
class Result:
    """The result of a run.

    Attributes:
        played: its evaluation.
        seconds: how long learning took.
        earned_while_learning: mean reward of a step while it learned; None where the agent does not count it.
        learned: what the agent learned, as it saves itself; empty where it does not learn or cannot be saved.
        about: the agent's own words on its size, such as how many cells of a table it visited.
        curve: [2, looks] steps taken, and mean return of the first `CURVE_EPISODES` episodes at that checkpoint.
    """

    played: EpisodeReturns
    seconds: float
    earned_while_learning: float | None = None
    learned: bytes = b""
    about: str = ""
    curve: Floats = dataclasses.field(default_factory=lambda: np.empty((2, 0)))

    def packed(self) -> Stored:
        """Facts and arrays, as the run file keeps them."""
        played = self.played
        facts = {"seconds": self.seconds, "earned": self.earned_while_learning, "about": self.about}
        arrays: dict[str, Array] = {"returns": played.returns, "steps": played.steps}
        arrays |= {f"figure {name}": sums for name, sums in played.figures.items()}
        arrays |= {f"term {name}": sums for name, sums in played.terms.items()}
        arrays |= {"learned": np.frombuffer(self.learned, dtype=np.uint8), "curve": self.curve}
        arrays["elapsed"] = played.elapsed
        return {**facts, "ratios": dict(played.ratios), "seed": played.seed}, arrays

    @classmethod
    def unpacked(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Result:
        """Undoes `packed`."""
        figures, terms = (
            {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
            for kind in ("figure ", "term ")
        )
        sums = arrays["returns"], arrays["steps"], figures, terms
        played = EpisodeReturns(*sums, facts["ratios"], facts["seed"], arrays["elapsed"])
        learned, curve = arrays["learned"].tobytes(), arrays["curve"]
        return cls(played, facts["seconds"], facts["earned"], learned, facts["about"], curve)
