"""Who plays on a board, with what each earned."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.agents import MissingDependencyError, Rung
from baselines.judge.adapt import AgentError
from baselines.judge.episodes import EpisodeReturns
from baselines.judge.runs import digest
from baselines.judge.training import Result, Task
from baselines.judge.workers import WorkerDiedError
from bizgyms.reference import Reference


@dataclasses.dataclass(frozen=True)
class Player:
    """One agent's row: who it is and what it earned.

    Attributes:
        name: the rung's name, or the user's.
        label: name with setting.
        kind: kind of the rung; ``yours``, ``today`` or ``reference``.
        told: what it knows.
        results: one a training; one for what does not learn; none where every training failed.
        steps: steps of a training, or of tuning.
        tuned: value on the tuning luck; None for what is not tuned.
        error: why it has no result, or not all.
        made: how the agent is made: rung and setting, or file and function; None for an object, which nothing can
            make again.
        runs: training seed (None for what does not learn) and key in the run file of each result.
    """

    name: str
    label: str
    kind: str
    told: str
    results: tuple[Result, ...]
    steps: int = 0
    tuned: float | None = None
    error: str = ""
    made: Mapping[str, Any] | None = None
    runs: tuple[tuple[int | None, str], ...] = ()

    @property
    def played(self) -> EpisodeReturns:
        """The evaluation of what does not learn."""
        return self.results[0].played


@dataclasses.dataclass(frozen=True)
class Best:
    """The reference, with its own policy's evaluation where there is one.

    Attributes:
        reference: value, kind and method.
        played: what its policy earned on the shared luck.
    """

    reference: Reference
    played: EpisodeReturns | None


def learner(rung: Rung, steps: int, outcomes: Mapping[Task, Result | Exception]) -> Player:
    """A learner with the results of the trainings that did not fail, and the first error of those that did."""
    results = {task: outcome for task, outcome in outcomes.items() if isinstance(outcome, Result)}
    errors = [outcome for outcome in outcomes.values() if isinstance(outcome, Exception)]
    failed = f"{len(errors)} of {len(outcomes)} trainings failed: " if results else ""
    error = f"{failed}{in_one_line(errors[0])}" if errors else ""
    known = Player(rung.name, rung.name, rung.kind, rung.told, tuple(results.values()), steps)
    return dataclasses.replace(known, error=error, **recipe(list(results)))


def recipe(tasks: Sequence[Task]) -> dict[str, Any]:
    """How a player's agents are made again, and where what they learned is kept."""
    if not tasks:
        return {}
    made = {"rung": tasks[0].agent, "setting": dict(tasks[0].setting)}
    return {"made": made, "runs": tuple((task.training_seed, digest(task.key())) for task in tasks)}


def in_one_line(error: Exception) -> str:
    """An error as a row of a board says it: our own messages as they are, others with their type."""
    text = " ".join(str(error).split())
    own = isinstance(error, (AgentError, MissingDependencyError, WorkerDiedError))
    return text if own else f"{type(error).__name__}: {text}"
