"""One training: an agent is built, learns, and plays the evaluation luck."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import TORCH, Agent, Keepable, Learner, Problem, Rung
from baselines.judge import moments
from baselines.judge.episodes import EpisodeReturns, play, problem_of
from baselines.judge.runs import Key, Stored, code_of
from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.side_by_side import twin_of
from envs_data.parameters import Parameters


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """What determines one run of one agent.

    Attributes:
        case: the case.
        parameters: its parameters.
        agent: name of the rung.
        setting: keyword arguments it is built with.
        steps: decisions it may take while learning; 0 for what does not learn.
        training_seed: seed of its training; None for what does not learn.
        evaluation_seed: seed of the luck it plays.
        episodes: episodes it plays.
    """

    case: Case
    parameters: Parameters
    agent: str
    setting: Mapping[str, Any]
    steps: int
    training_seed: int | None
    evaluation_seed: int
    episodes: int

    def key(self) -> Key:
        """Everything that determines the result, as the run file keeps it."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {**fields, "case": self.case.id, "parameters": self.parameters.to_dict(), "code": code_of(self.case)}

    def do(self) -> Stored:
        """Does the run in a process that has only the task."""
        return train_by_name(self).packed()


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run gave.

    Attributes:
        played: its evaluation.
        seconds: how long learning took.
        earned_while_learning: mean reward of a step while it learnt; None where the agent does not say.
        learned: what the agent learned, as it saves itself; nothing where it learns nothing or cannot be kept.
        about: what the agent says of its size, such as how many cells of a table it visited.
        curve: [2, moments] steps taken, and mean return of the first `moments.EPISODES` episodes at that moment.
    """

    played: EpisodeReturns
    seconds: float
    earned_while_learning: float | None = None
    learned: bytes = b""
    about: str = ""
    curve: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.empty((2, 0)))

    def packed(self) -> Stored:
        """Facts and arrays, as the run file keeps them."""
        played = self.played
        facts = {"seconds": self.seconds, "earned": self.earned_while_learning, "about": self.about}
        arrays: dict[str, NDArray[Any]] = {"returns": played.returns, "steps": played.steps}
        arrays |= {f"figure {name}": sums for name, sums in played.figures.items()}
        arrays |= {f"term {name}": sums for name, sums in played.terms.items()}
        arrays |= {"learned": np.frombuffer(self.learned, dtype=np.uint8), "curve": self.curve}
        arrays["elapsed"] = played.elapsed
        return {**facts, "ratios": dict(played.ratios), "seed": played.seed}, arrays

    @classmethod
    def unpacked(cls, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Result:
        """Undoes `packed`."""
        figures, terms = (
            {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
            for kind in ("figure ", "term ")
        )
        sums = arrays["returns"], arrays["steps"], figures, terms
        played = EpisodeReturns(*sums, facts["ratios"], facts["seed"], arrays["elapsed"])
        learned, curve = arrays["learned"].tobytes(), arrays["curve"]
        return cls(played, facts["seconds"], facts["earned"], learned, facts["about"], curve)


def environments(case: Case, parameters: Parameters) -> functools.partial[Any]:
    """Makes training environments of a case: the twin, or its worlds side by side where it has none."""
    return functools.partial(twin_of(case), scenario=parameters)


def train(task: Task, rung: Rung) -> Result:
    """Builds an agent, lets it learn where it can, and plays it.

    Args:
        task: what to do.
        rung: how the agent is made.
    """
    problem = problem_of(task.case, task.parameters)
    agent = rung.build(problem, **task.setting)
    curve: list[tuple[float, float]] = []
    started = time.perf_counter()
    if task.training_seed is not None and isinstance(agent, Learner):
        envs = environments(task.case, task.parameters)
        look = _watcher(problem, agent, task, curve)
        moments.learn(problem, agent, envs, task.steps, task.training_seed, look, task.episodes)
    seconds = time.perf_counter() - started
    played = play(problem, agent, task.episodes, task.evaluation_seed, rung.name)
    learned = io.BytesIO()
    if task.training_seed is not None and isinstance(agent, Keepable):
        agent.save(learned)
    earned = getattr(agent, "earned_while_learning", None)
    about = getattr(agent, "about", "")
    return Result(played, seconds, earned, learned.getvalue(), about, np.array(curve).reshape(-1, 2).T)


def _watcher(problem: Problem, agent: Agent, task: Task, curve: list[tuple[float, float]]) -> Callable[[int], None]:
    """Writes down what an agent would earn at each moment it calls. Nothing is chosen by it."""
    episodes = min(moments.EPISODES, task.episodes)

    def watch(steps: int) -> None:
        curve.append((steps, play(problem, agent, episodes, task.evaluation_seed, task.agent).mean))

    return watch


def revive(problem: Problem, made: Mapping[str, Any], learned: bytes | None) -> Agent:
    """An agent as it was scored.

    Args:
        problem: what it plays.
        made: its rung and setting.
        learned: what it learned; None for what does not learn.

    Raises:
        LookupError: its rung is not on the ladder, or nothing was kept of what it learned.
        ValueError: what was kept cannot be read.
    """
    agent = rung_of(problem, made["rung"]).build(problem, **made["setting"])
    if learned is None:
        return agent
    if not learned or not isinstance(agent, Keepable):
        raise LookupError("what it learned was not kept, for it cannot save itself")
    agent.restore(io.BytesIO(learned))
    return agent


def rung_of(problem: Problem, name: str) -> Rung:
    """The ladder's rung of a name, or the row of a file of hyperparameters."""
    from baselines.ladder import is_file, rungs, with_block

    found = next((rung for rung in rungs(problem.case, problem.parameters) if rung.name == name), None)
    if found is None and is_file(name):
        return with_block(name)
    if found is None:
        raise LookupError(f"{name} is not on the ladder of {problem.case.id}")
    return found


def train_by_name(task: Task) -> Result:
    """`train` for a process that has only the task."""
    registry.ensure(task.case)
    rung = rung_of(problem_of(task.case, task.parameters), task.agent)
    if rung.kind in TORCH:
        one_thread()
    return train(task, rung)


def one_thread() -> None:
    """Torch adds up in another order with another number of threads; with one, every process agrees."""
    with contextlib.suppress(ImportError):  # the agents that need it say so themselves
        import torch

        torch.set_num_threads(1)


def portable(task: Task, rung: Rung) -> bool:
    """Whether another process can do a task: its case and its agent are found by name there."""
    return found_elsewhere(task.case) and rung_exists(task, rung)


def found_elsewhere(case: Case) -> bool:
    """Whether another process finds a case by its name."""
    home = case.env.__module__
    plain = getattr(case.env, "gym_id", None)
    if plain is not None and not home.startswith("gymnasium."):
        return False  # nobody can tell which module registers it there
    return home != "__main__" and home in sys.modules


def rung_exists(task: Task, rung: Rung) -> bool:
    """Whether its name and setting are enough to make the rung again."""
    with contextlib.suppress(LookupError):
        return rung_of(problem_of(task.case, task.parameters), task.agent).build == rung.build
    return False
