"""Plays an agent on the shared luck: one injected episode a world, whole and unweighted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Agent, AgentError, Problem, Remembering, case_of, problem_of
from baselines.ladder.adapters import as_agent
from baselines.play import seeds
from baselines.runs.results import EpisodeReturns
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike, resolve
from bizgyms.worlds_in_turn import twin_of
from envs_data.arrays import Floats
from envs_data.parameters import ParameterError

PLAYED_AT_ONCE = 1_000


def evaluate(
    id: str | Case,
    agent: object,
    episodes: int = 1_000,
    seed: int = 0,
    scenario: ScenarioLike = None,
    name: str = "agent",
) -> EpisodeReturns:
    """Plays an agent on the evaluation luck.

    Args:
        id: the case or its id.
        agent: anything with ``act(observations, mask)``; a stable-baselines3 model, with its VecNormalize; anything
            with ``predict``; a plain function of one observation or of a batch.
        episodes: number of episodes.
        seed: which evaluation luck, 0 to 999; the same seed is the same luck for every agent.
        scenario: a scenario's name, a dict, a path, parameters; None for the case's default.
        name: what the agent is called in messages.

    Raises:
        AgentError: the agent fits neither form, or decides what is no action (NaN, outside the space).
        ParameterError: an unknown scenario, or impossible values, ``episodes`` or ``seed``.
    """
    case = case_of(id)
    if isinstance(episodes, bool) or not isinstance(episodes, (int, np.integer)) or episodes < 1:
        raise ParameterError("episodes", [f"{episodes!r} is not possible; it must be a whole number from 1 on"])
    problem = problem_of(case, resolve(case, scenario))
    return play(problem, as_agent(problem, agent, name), int(episodes), seeds.evaluation(seed), name)


def play(problem: Problem, agent: Agent, episodes: int, seed: int, name: str) -> EpisodeReturns:
    """Plays episodes 0 to ``episodes`` - 1 of a block of luck.

    Args:
        problem: the case with its parameters.
        agent: who decides.
        episodes: number of episodes.
        seed: a seed of one of the three blocks (`baselines.play.seeds`).
        name: what the agent is called in messages.
    """
    pieces = [
        _play_block(problem, agent, first, min(PLAYED_AT_ONCE, episodes - first), seed, name)
        for first in range(0, episodes, PLAYED_AT_ONCE)
    ]
    sums = {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}
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


def _play_block(problem: Problem, agent: Agent, first: int, worlds: int, seed: int, name: str) -> dict[str, Floats]:
    luck = seeds.luck(problem.case, problem.parameters, seed, first, worlds)
    return play_luck(problem, agent, luck, worlds, name, first)


def play_luck(problem: Problem, agent: Agent, luck: Any, worlds: int, name: str, first: int = 0) -> dict[str, Floats]:
    """Plays given luck on the twin, or on worlds side by side where the case has none.

    Args:
        problem: the case with its parameters.
        agent: who decides.
        luck: luck with one row a world.
        worlds: number of worlds.
        name: what the agent is called in messages.
        first: number of the first world, for messages.

    Returns:
        [worlds] sums of ``return``, ``steps``, each ``term ...`` and each ``figure ...``; and ``elapsed``, where
        decisions come with events.
    """
    view = problem.view
    twin = twin_of(problem.case)(num_envs=worlds, scenario=problem.parameters, autoreset_mode="Disabled")
    observations, infos = twin.reset(options={"luck": luck})
    if isinstance(agent, Remembering):
        agent.begin(worlds)
    returns, steps = np.zeros(worlds), np.zeros(worlds)
    terms = {key: np.zeros(worlds) for key in view.terms}
    figures = {key: np.zeros(worlds) for key in view.figures}
    elapsed = np.zeros(worlds)
    day = 0
    while not twin.over.all():
        where = _Place(name, day, first)
        actions = _actions(problem, agent, observations, infos.get("action_mask"), where)
        steps += ~twin.over
        observations, rewards, _, _, infos = twin.step(actions)
        returns += rewards
        for key in terms:
            terms[key] += infos["terms"][key]
        for key in figures:
            figures[key] += infos[key]
        if "elapsed" in infos:
            elapsed += infos["elapsed"]
        day += 1
    named = _named(returns, steps, terms, figures)
    return {**named, "elapsed": elapsed} if view.on_events else named


def _named(
    returns: Floats, steps: Floats, terms: Mapping[str, Floats], figures: Mapping[str, Floats]
) -> dict[str, Floats]:
    named = {"return": returns, "steps": steps}
    named |= {f"term {key}": value for key, value in terms.items()}
    return named | {f"figure {key}": value for key, value in figures.items()}


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where a decision was asked for, for messages."""

    name: str
    day: int
    first: int

    def error(self, world: int, what: str) -> AgentError:
        return AgentError(f"agent {self.name!r}, world {self.first + world}, step {self.day}: {what}")


def _actions(
    problem: Problem, agent: Agent, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None, where: _Place
) -> NDArray[Any]:
    """The agent's actions, if every one is in the space; whole numbers written as floats are taken as such."""
    try:
        given = np.asarray(agent.act(observations, mask))
    except (AgentError, ParameterError):
        raise
    except Exception as error:
        problem_text = f"it raised {type(error).__name__}: {error}"
        raise AgentError(f"agent {where.name!r}, step {where.day}: {problem_text}") from error
    space = problem.view.action_space
    wanted = (len(observations), *(space.shape or ()))
    if given.shape != wanted or given.dtype.kind not in "iufb":
        raise AgentError(
            f"agent {where.name!r}, step {where.day}: it decided {given.dtype} of shape {given.shape}; "
            f"{problem.case.id} needs one action of {space} a world, shape {wanted}"
        )
    world = _first_outside(problem, given.reshape(len(given), -1))
    if world is not None:
        raise where.error(world, problem.view.outside(given[world].tolist()))
    return given.astype(space.dtype, copy=False)


def _first_outside(problem: Problem, rows: NDArray[Any]) -> int | None:
    """The first world whose action is not in the space; None where all are."""
    low, high = problem.view.action_range()
    parts = rows.dtype.kind == "f" and not isinstance(problem.view.action_space, spaces.Box)
    if not parts and (rows.min(axis=0) >= low).all() and (rows.max(axis=0) <= high).all():
        return None
    fine = (rows >= low) & (rows <= high)
    if parts:
        fine &= rows == np.rint(rows)
    return None if fine.all() else int(np.argmin(fine.all(axis=1)))
