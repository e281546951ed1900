"""Plays an agent on the shared luck: one injected episode a world, whole and unweighted."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.agents import Agent, AgentError, Problem, Remembering, case_of, problem_of
from baselines.batching import batched, repeated
from baselines.ladder.adapters import as_agent
from baselines.play import seeds
from baselines.runs.results import EpisodeReturns
from baselines.transitions import Decide, Transition, transitions
from bizgyms.luck import checked, draw_of
from bizgyms.options import load_changed
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike
from bizgyms.view import View
from bizgyms.worlds_in_turn import twin_of
from envs_data.arrays import Array, Floats, Mask, Rows
from envs_data.parameters import ParameterError

PLAYED_AT_ONCE = 1_000


def evaluate(
    id: str | Case,
    agent: object,
    episodes: int = 1_000,
    seed: int = 0,
    scenario: ScenarioLike = None,
    name: str = "agent",
    luck: Any = None,
    **changes: Any,
) -> EpisodeReturns:
    """Plays an agent on the evaluation luck, or on luck of your own.

    Args:
        id: the case or its id.
        agent: anything with ``act(observations, mask)``; a stable-baselines3 model, with its VecNormalize; anything
            with ``predict``; a plain function of one observation or of a batch.
        episodes: number of episodes.
        seed: which evaluation luck, 0 to 999; the same seed is the same luck for every agent.
        scenario: a scenario's name, a dict, a path, parameters; None for the case's default.
        name: what the agent is called in messages.
        luck: luck as the case's ``draw`` gives it, a row an episode, played in place of the evaluation luck: then
            ``episodes`` and ``seed`` mean nothing.
        **changes: fields of the case that differ from the scenario, such as ``lead_time=3``.

    Raises:
        AgentError: the agent fits neither form, or an action is invalid (NaN, outside the space).
        ParameterError: an unknown scenario, or impossible values, ``episodes``, ``seed`` or ``luck``.
    """
    case = case_of(id)
    if isinstance(episodes, bool) or not isinstance(episodes, (int, np.integer)) or episodes < 1:
        raise ParameterError("episodes", [f"{episodes!r} is not possible; it must be a whole number from 1 on"])
    problem = problem_of(case, load_changed(case, evaluate, scenario, changes).parameters)
    if luck is not None:
        return on_luck(problem, as_agent(problem, agent, name), checked_luck(problem, luck), name)
    return play(problem, as_agent(problem, agent, name), int(episodes), seeds.evaluation(seed), name)


def play(problem: Problem, agent: Agent, episodes: int, seed: int, name: str) -> EpisodeReturns:
    """Plays episodes 0 to ``episodes`` - 1 of a block of luck.

    Args:
        problem: the case with its parameters.
        agent: the agent.
        episodes: number of episodes.
        seed: a seed of one of the three blocks (`baselines.play.seeds`).
        name: what the agent is called in messages.
    """
    pieces = []
    for first in range(0, episodes, PLAYED_AT_ONCE):
        worlds = min(PLAYED_AT_ONCE, episodes - first)
        luck = seeds.luck(problem.case, problem.parameters, seed, first, worlds)
        pieces.append(play_luck(problem, agent, luck, worlds, name, first))
    return _returns(problem, {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}, seed)


def on_luck(problem: Problem, agent: Agent, luck: Any, name: str) -> EpisodeReturns:
    """Plays the episodes of given luck, all at once.

    Args:
        problem: the case with its parameters.
        agent: the agent.
        luck: luck as the case's ``draw`` gives it, a row an episode.
        name: what the agent is called in messages.
    """
    return _returns(problem, play_luck(problem, agent, luck, worlds_in(luck), name), None)


def checked_luck(problem: Problem, luck: Any) -> Any:
    """A copy of luck that a user gave.

    Args:
        problem: the case with its parameters.
        luck: luck as the case's ``draw`` gives it for these parameters, a row an episode.

    Raises:
        ParameterError: it is not.
    """
    if not isinstance(luck, tuple) or not luck or not np.ndim(luck[0]) or not len(luck[0]):
        raise ParameterError("luck", [f"{type(luck).__name__} is no luck; it must be as the case's draw() gives it"])
    example = draw_of(problem.case)(problem.parameters, np.random.default_rng(0), 1)
    try:
        return checked(luck, example, worlds_in(luck))
    except ValueError as error:
        raise ParameterError("luck", [str(error)]) from None


def worlds_in(luck: Any) -> int:
    """How many episodes luck is for."""
    return len(luck[0])


def digest_of(luck: Any) -> str:
    """The hash of luck: of its type, and of the name, shape and content of each of its arrays."""
    found = hashlib.sha256(type(luck).__name__.encode())
    for name, array in zip(luck._fields, luck, strict=True):
        found.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _returns(problem: Problem, sums: dict[str, Floats], seed: int | None) -> EpisodeReturns:
    figures = {key: sums[f"figure {key}"] for key in problem.view.figures}
    return EpisodeReturns(
        returns=sums["return"],
        steps=sums["steps"].astype(np.int64),
        figures=figures,
        terms={key: sums[f"term {key}"] for key in problem.view.terms},
        ratios={key: _ratio(figures[a], figures[b]) for key, (a, b) in problem.view.ratios.items()},
        seed=seed,
        elapsed=sums.get("elapsed", np.empty(0)),
    )


def _ratio(above: Floats, below: Floats) -> float:
    total = float(below.sum())
    return float(above.sum()) / total if total else float("nan")


def play_luck(problem: Problem, agent: Agent, luck: Any, worlds: int, name: str, first: int = 0) -> dict[str, Floats]:
    """Plays given luck on the twin, or on worlds side by side where the case has none.

    Args:
        problem: the case with its parameters.
        agent: the agent.
        luck: luck with one row a world.
        worlds: number of worlds.
        name: what the agent is called in messages.
        first: number of the first world, for messages.

    Returns:
        [worlds] sums of ``return``, ``steps``, each ``term ...`` and each ``figure ...``; and ``elapsed``, where
        decisions come with events.
    """
    sums: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(worlds))
    for step in _steps(problem, agent, luck, worlds, name, first):
        for key, amounts in _amounts(problem.view, step):
            sums[key] += amounts
    return dict(sums)


def rewards_on(problem: Problem, agent: Agent, luck: Any, name: str) -> Floats:
    """[worlds, steps] what an agent earns on given luck, step by step.

    Args:
        problem: the case with its parameters, all of whose episodes last equally long.
        agent: the agent.
        luck: luck with one row a world.
        name: what the agent is called in messages.
    """
    return np.stack([step.rewards for step in _steps(problem, agent, luck, worlds_in(luck), name)], axis=1)


def _steps(problem: Problem, agent: Agent, luck: Any, worlds: int, name: str, first: int = 0) -> Iterator[Transition]:
    """The transitions of an agent on given luck."""
    twin = twin_of(problem.case)(num_envs=worlds, scenario=problem.parameters, autoreset_mode="Disabled")
    start = twin.reset(options={"luck": luck})
    if isinstance(agent, Remembering):
        agent.begin(worlds)
    days = itertools.count()

    def decide(rows: Rows, mask: Mask) -> Array:
        return _actions(problem, agent, rows, mask, _Place(name, next(days), first))

    yield from transitions(twin, decide, start)


def episodes(problem: Problem, decide: Decide, worlds: int, seed: int) -> Iterator[Transition]:
    """The transitions of the first episodes of a block of luck, one a world.

    Args:
        problem: the case with its parameters.
        decide: observations and masks to actions.
        worlds: number of episodes.
        seed: a seed of one of the three blocks.
    """
    twin = twin_of(problem.case)(num_envs=worlds, scenario=problem.parameters, autoreset_mode="Disabled")
    luck = seeds.luck(problem.case, problem.parameters, seed, 0, worlds)
    return transitions(twin, decide, twin.reset(options={"luck": luck}))


def _amounts(view: View[Any], step: Transition) -> Iterator[tuple[str, Array]]:
    """[worlds] everything that is summed over an episode, by name."""
    yield "return", step.rewards
    yield "steps", step.running
    for key, entry in zip(view.terms, view.entries, strict=True):
        yield f"term {key}", step.infos[entry]
    for key in view.figures:
        yield f"figure {key}", step.infos[key]
    if view.on_events:
        yield "elapsed", step.infos.get("elapsed", 0.0)


def play_together(
    problem: Problem, agents: Sequence[Agent], luck: Any, episodes: int, name: str
) -> tuple[Floats, Floats]:
    """[agents, episodes] returns and steps: all at once, each in worlds of its own with the same luck.

    Args:
        problem: the case with its parameters.
        agents: the agents.
        luck: luck with one row an episode.
        episodes: number of episodes.
        name: what the agents are called in messages.
    """
    together = batched(agents, np.repeat(np.arange(len(agents)), episodes))
    sums = play_luck(problem, together, repeated(luck, len(agents)), episodes * len(agents), name)
    return sums["return"].reshape(-1, episodes), sums["steps"].reshape(-1, episodes)


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where a decision was asked for, for messages."""

    name: str
    day: int
    first: int

    def error(self, what: str, world: int | None = None) -> AgentError:
        which = "" if world is None else f" world {self.first + world},"
        return AgentError(f"agent {self.name!r},{which} step {self.day}: {what}")


def _actions(problem: Problem, agent: Agent, observations: Rows, mask: Mask, where: _Place) -> Array:
    """The agent's actions, if every one is in the space; floats that are whole numbers may stand for them."""
    try:
        given = np.asarray(agent.act(observations, mask))
    except (AgentError, ParameterError):
        raise
    except Exception as error:
        raise where.error(f"it raised {type(error).__name__}: {error}") from error
    space = problem.view.action_space
    wanted = (len(observations), *(space.shape or ()))
    if given.shape != wanted or given.dtype.kind not in "iufb":
        needed = f"{problem.case.id} needs one action of {space} a world, shape {wanted}"
        raise where.error(f"it decided {given.dtype} of shape {given.shape}; {needed}")
    world = _first_outside(problem, given.reshape(len(given), -1))
    if world is not None:
        raise where.error(problem.view.outside(given[world].tolist()), world)
    return given.astype(space.dtype, copy=False)


def _first_outside(problem: Problem, rows: Array) -> int | None:
    """The first world whose action is not in the space; None where all are."""
    low, high = problem.view.action_range()
    parts = rows.dtype.kind == "f" and not isinstance(problem.view.action_space, spaces.Box)
    if not parts and (rows.min(axis=0) >= low).all() and (rows.max(axis=0) <= high).all():
        return None
    fine = (rows >= low) & (rows <= high)
    if parts:
        fine &= rows == np.rint(rows)
    return None if fine.all() else int(np.argmin(fine.all(axis=1)))
