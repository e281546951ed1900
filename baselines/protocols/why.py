"""What else could be decided in a state: every alternative on the same futures, as far as a simulation can tell."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem, Remembering
from baselines.batching import batched
from baselines.judge import statistics
from baselines.judge.statistics import Interval
from baselines.learners.alternatives import Alternatives
from baselines.learners.random_agent import Random
from baselines.transitions import Decide, played_out, transitions
from envs_data.arrays import Array, Floats, Mask, Places, Rows

FUTURES = 1_000
# Worlds in which a state is looked for, and rows that look exactly like it of which no more are needed.
WORLDS, ENOUGH = 4_096, 200
# Rows that stand for a state that play never met.
NEAREST = 50
# Share of decisions that are any, so that states beside the agents' own are met too.
EXPLORED = 0.1
SAME = 1e-6


@dataclasses.dataclass(frozen=True)
class Alternative:
    """A decision and what it earns, its consequences included.

    Attributes:
        action: the decision.
        gain: what it earns more than the decision of the agent that goes on after it, until the episode ends.
    """

    action: Array
    gain: Interval


@dataclasses.dataclass(frozen=True)
class Moment:
    """A state in mid-episode.

    Attributes:
        twin: worlds at that moment.
        rows: those of them that look like the state.
        off: where none looks exactly like it: each feature that differs, with its least and greatest value.
    """

    twin: Any
    rows: Places
    off: Mapping[str, tuple[float, float]]

    def in_words(self, problem: Problem) -> str:
        """Which worlds stand for the state."""
        hidden = " What is hidden in a world is as likely in them as it is where such a state comes about."
        told = hidden if problem.view.hidden else ""
        if not self.off:
            return f"The futures begin in {len(self.rows):,} worlds that came to exactly this state in play.{told}"
        ends = ", ".join(f"{name} {low:.4g} to {high:.4g}" for name, (low, high) in self.off.items())
        return f"Play never came to this state; the {len(self.rows)} worlds nearest to it stand for it ({ends}).{told}"


def moment_like(problem: Problem, agents: Sequence[Agent], state: Rows, worlds: int = WORLDS, seed: int = 0) -> Moment:
    """Worlds that have come to a state while agents played, so that what is hidden in them is as likely as it is there.

    Nothing is put into a world: a state tells what is observed, and what is hidden must come from how such a state
    comes about. Rows that look exactly like it are taken; where play never met it, the nearest ones.

    Args:
        problem: what is played.
        agents: they play a part of the worlds each, with some random decisions.
        state: [features] what is observed.
        worlds: worlds that are played.
        seed: seed of luck and exploration.
    """
    players = [agent for agent in agents if not isinstance(agent, Remembering)]
    wanted = problem.view.normalized(state[np.newaxis])[0]
    best: tuple[int, float] = (0, -np.inf)
    moment = -1
    for number, (rows, running, _) in enumerate(_moments(problem, players, worlds, seed)):
        away = _away(problem, rows, running, wanted)
        found = int((away < SAME).sum()), -float(np.sort(away)[:NEAREST].max())
        if found > best:
            best, moment = found, number
        if found[0] >= ENOUGH:
            break
    rows, running, twin = next(itertools.islice(_moments(problem, players, worlds, seed), moment, None))
    away = _away(problem, rows, running, wanted)
    exact = np.flatnonzero(away < SAME)
    if len(exact):
        return Moment(twin, exact, {})
    near = np.argsort(away, kind="stable")[: min(NEAREST, int(running.sum()))]
    ends = zip(problem.view.features, rows[near].min(axis=0), rows[near].max(axis=0), state, strict=True)
    off = {f.name: (float(low), float(high)) for f, low, high, own in ends if not low == high == own}
    return Moment(twin, near, off)


def _moments(problem: Problem, players: Sequence[Agent], worlds: int, seed: int) -> Any:
    """What is observed before each decision, which worlds are under way, and the worlds themselves."""
    twin = problem.case.twin(num_envs=worlds, scenario=problem.parameters, autoreset_mode="Disabled").unwrapped
    start = twin.reset(seed=seed)
    decide = _exploring(problem, batched(players, np.arange(worlds) * len(players) // worlds), seed)
    yield start[0], ~twin.over, twin
    for step in transitions(twin, decide, start):
        if not twin.over.all():
            yield step.following, ~twin.over, twin


def _exploring(problem: Problem, agent: Agent, seed: int) -> Decide:
    rng, anything = np.random.default_rng(seed), Random(problem, seed)

    def decide(rows: Rows, mask: Mask) -> Array:
        decided = np.asarray(agent.act(rows, mask)).astype(problem.view.action_space.dtype)
        other = anything.act(rows, mask)
        explored = (rng.random(len(rows)) < EXPLORED).reshape(-1, *(1,) * (decided.ndim - 1))
        return np.where(explored, other, decided)

    return decide


def _away(problem: Problem, rows: Rows, running: Array, wanted: Rows) -> Floats:
    """[worlds] how far a world's observation is from the one wanted, in its most different feature."""
    away = np.abs(problem.view.normalized(rows) - wanted).max(axis=1)
    return np.where(running, away, np.inf)


def weigh(
    problem: Problem,
    moment: Moment,
    then: Agent,
    state: Rows,
    others: Sequence[Array],
    near: bool = True,
) -> list[Alternative]:
    """What each alternative earns more than an agent's own decision, on the same futures; the best first.

    Args:
        problem: what is played.
        moment: worlds in which the state has come about.
        then: who decides afterwards.
        state: [features] what is observed.
        others: decisions to weigh.
        near: whether to weigh all alternatives near the agent's own as well.
    """
    mask = problem.view.action_masks(state[np.newaxis]) if problem.view.masked else None
    own = np.asarray(then.act(state[np.newaxis], mask)).astype(problem.view.action_space.dtype)
    if near:
        alternatives = Alternatives(problem)
        every = None if mask is None else np.repeat(mask, alternatives.count, axis=0)
        tried = alternatives.of(np.repeat(own, alternatives.count, axis=0), np.arange(alternatives.count), every)
        others = [*others, *tried]
    rng = np.random.default_rng(0)
    futures = moment.twin.branch(rng.choice(moment.rows, FUTURES), rng=rng)
    distinct = {action.tobytes(): action for action in (own[0], *others)}
    returns = {key: _returns(futures, action, then) for key, action in distinct.items()}
    base = returns[own[0].tobytes()]
    found = [Alternative(action, statistics.paired_interval(returns[key], base)) for key, action in distinct.items()]
    return sorted(found, key=lambda one: -one.gain.value)


def _returns(futures: Any, action: Array, then: Agent) -> Floats:
    """[futures] what is earned from now on if an action is taken now."""
    worlds = futures.branch(np.arange(FUTURES))
    rows, first, *_, infos = worlds.step(np.repeat(action[np.newaxis], FUTURES, axis=0))
    later, _ = played_out(worlds, then.act, (rows, infos))
    return np.asarray(first + later)


def can_weigh(problem: Problem) -> bool:
    """Whether a case's worlds can be left in mid-episode and gone on with."""
    case = problem.case
    return case.has("twin") and getattr(case.twin, "branches", False) and case.has("redraw")
