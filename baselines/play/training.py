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

from baselines.agents import TORCH, Agent, AgentSpec, Learner, Problem, Savable, problem_of
from baselines.ladder.specs import spec_of
from baselines.play import checkpoints
from baselines.play.rollout import play
from baselines.runs.code import code_of
from baselines.runs.results import CURVE_EPISODES, Run
from baselines.runs.run_file import Key, Stored, digest
from bizgyms import registry
from bizgyms.registry import Case
from bizgyms.worlds_in_turn import twin_of
from envs_data.parameters import Parameters


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingTask:
    """Everything that determines one run of one agent.

    Attributes:
        case: the case.
        parameters: its parameters.
        agent: name of the agent.
        setting: keyword arguments it is built with.
        steps: decisions it may take while learning; 0 for agents that do not learn.
        training_seed: seed of its training; None for agents that do not learn.
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

    def row(self, spec: AgentSpec) -> Run:
        """The row of the table of results that the run fills."""
        return Run(
            spec.name,
            spec.name,
            spec.kind,
            spec.knows,
            steps=self.steps,
            made={"rung": self.agent, "setting": dict(self.setting)},
            seed=self.training_seed,
            key=digest(self.key()),
        )

    def do(self) -> Stored:
        """Does the run in a process that has only the task."""
        return train_by_name(self).packed()


def environments(case: Case, parameters: Parameters) -> functools.partial[Any]:
    """Makes training environments of a case: the twin, or its worlds side by side where it has none."""
    return functools.partial(twin_of(case), scenario=parameters)


def train(task: TrainingTask, spec: AgentSpec) -> Run:
    """Builds an agent, lets it learn where it can, and plays it.

    Args:
        task: what to do.
        spec: how the agent is made.
    """
    problem = problem_of(task.case, task.parameters)
    agent = spec.build(problem, **task.setting)
    curve: list[tuple[float, float]] = []
    started = time.perf_counter()
    if task.training_seed is not None and isinstance(agent, Learner):
        envs = environments(task.case, task.parameters)
        look = _watcher(problem, agent, task, curve)
        checkpoints.learn(problem, agent, envs, task.steps, task.training_seed, look, task.episodes)
    seconds = time.perf_counter() - started
    played = play(problem, agent, task.episodes, task.evaluation_seed, spec.name)
    learned = io.BytesIO()
    if task.training_seed is not None and isinstance(agent, Savable):
        agent.save(learned)
    return dataclasses.replace(
        task.row(spec),
        played=played,
        seconds=seconds,
        earned_while_learning=getattr(agent, "earned_while_learning", None),
        learned=learned.getvalue(),
        about=getattr(agent, "about", ""),
        curve=np.array(curve).reshape(-1, 2).T,
    )


def _watcher(
    problem: Problem, agent: Agent, task: TrainingTask, curve: list[tuple[float, float]]
) -> Callable[[int], None]:
    """Records what an agent would earn at each checkpoint; it has no part in the choice of one."""
    episodes = min(CURVE_EPISODES, task.episodes)

    def watch(steps: int) -> None:
        curve.append((steps, play(problem, agent, episodes, task.evaluation_seed, task.agent).mean))

    return watch


def train_by_name(task: TrainingTask) -> Run:
    """`train` for a process that has only the task."""
    registry.ensure(task.case)
    spec = spec_of(problem_of(task.case, task.parameters), task.agent)
    if spec.kind in TORCH:
        one_thread()
    return train(task, spec)


def one_thread() -> None:
    """Limits torch to one thread, so that every process adds up in the same order."""
    with contextlib.suppress(ImportError):  # an agent that needs torch reports that itself
        import torch

        torch.set_num_threads(1)


def portable(task: TrainingTask, spec: AgentSpec) -> bool:
    """Whether another process can do a task: its case and its agent are found by name there."""
    return found_elsewhere(task.case) and spec_exists(task, spec)


def found_elsewhere(case: Case) -> bool:
    """Whether another process finds a case by its name."""
    home = case.env.__module__
    plain = getattr(case.env, "gym_id", None)
    if plain is not None and not home.startswith("gymnasium."):
        return False  # no other process knows which module registers it
    return home != "__main__" and home in sys.modules


def spec_exists(task: TrainingTask, spec: AgentSpec) -> bool:
    """Whether its name and setting are enough to build the agent again."""
    with contextlib.suppress(LookupError):
        return spec_of(problem_of(task.case, task.parameters), task.agent).build == spec.build
    return False
