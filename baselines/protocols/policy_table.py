"""``policy.csv``: what each agent decides in every state of a small case."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import LEARNERS, Agent, Kind, Problem
from baselines.judge.anchors import Anchors
from baselines.play import seeds
from baselines.play.experiment import Experiment
from baselines.play.rollout import episodes
from baselines.protocols.decide import asked, written
from baselines.protocols.sample_episode import agent_of
from baselines.protocols.typed_state import Calendar
from envs_data.arrays import Array, Mask, Rows
from envs_data.written_tables import write_table

TABLE = "policy.csv"
MOST_NUMBERS = 3
# Episodes from which the states that come up are taken, and values of a number that are listed.
WORLDS, MOST_VALUES = 20, 40


def write(folder: Path, experiment: Experiment, anchors: Anchors, agents: Mapping[str, Agent]) -> None:
    """Writes the table where a state has at most three numbers, whole or not at all.

    Args:
        folder: where it goes.
        experiment: the board's plays.
        anchors: the table of results with its fixed points.
        agents: name of a player to its agent, for today's and those given as objects.
    """
    problem = experiment.problem
    states = grid(problem, next(iter(agents.values()), None))
    if states is None:
        return
    cells = _named(problem, states)
    for name, make in _makers(experiment, anchors, agents):
        try:
            agent = make()
        except (LookupError, ImportError, ValueError):  # it cannot be loaded, or is too large
            continue
        if agent is not None:
            cells[name] = [written(action) for action in asked(problem, agent, states)]
    write_table(folder / TABLE, pd.DataFrame(cells))


def _makers(
    experiment: Experiment, anchors: Anchors, agents: Mapping[str, Agent]
) -> Iterator[tuple[str, Callable[[], Agent | None]]]:
    """Today, the best rule, each learner by the middle one of its trainings, and the best possible."""
    for player in anchors.results.players:
        role = anchors.role(player)
        if player.name in agents:
            yield (role if role == Kind.TODAY else player.name), partial(agents.get, player.name)
        elif role in (Kind.BEST_RULE, Kind.YOURS, *LEARNERS) and player.results:
            name = role if role == Kind.BEST_RULE else player.name
            yield name, partial(agent_of, experiment, player, player.middle())
    yield "best possible", partial(_optimum, experiment)


def _optimum(experiment: Experiment) -> Agent | None:
    if not experiment.problem.case.has("reference") or experiment.best().reference.kind != "exact":
        return None
    return experiment.best_policy()


def grid(problem: Problem, agent: Agent | None) -> Rows | None:
    """[states, features] the states that come up: every combination of values, on a day of each weekday or month.

    Args:
        problem: case and parameters.
        agent: the agent under which they come up; None without one.

    Returns:
        None without an agent, or where a state has more than three numbers; all that the day decides counts as one.
    """
    calendar = Calendar(problem)
    free = np.flatnonzero(~calendar.decided)
    if agent is None or len(free) + bool(calendar.decided.any()) > MOST_NUMBERS:
        return None
    seen = _visited(problem, agent)
    values = [_values(seen[:, place]) for place in free]
    days = _days(problem, calendar)
    states = np.repeat(days, int(np.prod([len(own) for own in values])), axis=0)
    combinations = list(itertools.product(*values)) * len(days)
    states[:, free] = np.array(combinations, dtype=np.float32).reshape(-1, len(free))
    return states


def _visited(problem: Problem, agent: Agent) -> Rows:
    """[states, features] observations of some episodes."""

    def decide(rows: Rows, mask: Mask) -> Array:
        return np.asarray(agent.act(rows, mask)).astype(problem.view.action_space.dtype)

    steps = list(episodes(problem, decide, WORLDS, seeds.evaluation(0)))
    return np.concatenate([*(step.observations for step in steps), steps[-1].following])


def _values(column: Rows) -> Rows:
    """The distinct values; where there are many, evenly spaced ones between the least and the greatest."""
    distinct = np.unique(column)
    if len(distinct) <= MOST_VALUES:
        return distinct
    even = np.linspace(distinct[0], distinct[-1], MOST_VALUES)
    whole = np.all(distinct == np.round(distinct))
    return np.unique(np.round(even) if whole else even).astype(np.float32)


def _days(problem: Problem, calendar: Calendar) -> Rows:
    """[days, features] one day for each weekday and month there is, the one nearest to the middle."""
    if len(calendar.days) == 0:
        return np.zeros((1, len(calendar.decided)), dtype=np.float32)
    named = [k for k, f in enumerate(problem.view.features) if f.labels and calendar.decided[k]]
    found = {tuple(row) for row in calendar.days[:, named].tolist()}
    days = [calendar.day_like(dict(zip(named, row, strict=True))) for row in sorted(found)]
    return calendar.days[[day for day in days if day is not None]]


def _named(problem: Problem, states: Rows) -> dict[str, Any]:
    """Columns of the states, with words where values have them."""
    return {
        feature.name: [feature.labels[int(value)] for value in column] if feature.labels else column
        for feature, column in zip(problem.view.features, states.T, strict=True)
    }
