"""What the agents of a board would do in one state."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import LEARNERS, Agent, Kind, Problem
from baselines.protocols import saved_agents
from baselines.protocols.typed_state import State, read_state
from bizgyms.reference import TooLargeError
from envs_data.arrays import Array, Rows

# Kinds whose row is named after the kind, and kinds that are listed before the other rules.
BY_KIND = (Kind.TODAY, Kind.BEST_RULE)
FIRST = (*BY_KIND, *LEARNERS, Kind.PREDICT, Kind.PLANNER, Kind.BEST_POSSIBLE)


@dataclasses.dataclass(frozen=True)
class Decisions:
    """What each agent decides in one state.

    Attributes:
        problem: case and parameters.
        state: the state.
        rows: name, kind and decisions of each agent: one a training.
        missing: agents that cannot be loaded, each with the reason.
    """

    problem: Problem
    state: State
    rows: Sequence[tuple[str, str, Sequence[str]]]
    missing: Sequence[str]

    def __str__(self) -> str:
        filled = f" (from the calendar: {', '.join(self.state.filled)})" if self.state.filled else ""
        lines = [f"{self.problem.case.name}: {', '.join(self.state.words)}{filled}"]
        texts = [(kind, f"{name} {_most(decisions)}") for name, kind, decisions in self.rows]
        lines.append("   ".join(text for kind, text in texts if kind in FIRST))
        others = [text for kind, text in texts if kind == Kind.RULE]
        if others:
            lines.append(f"other rules: {', '.join(others)}")
        if self.problem.view.decides:
            lines.append(f"in {self.problem.view.decides}")
        return "\n".join([*lines, *self.missing])


def _most(decisions: Sequence[str]) -> str:
    """The most frequent decision; where trainings disagree, with the number of those that took it."""
    (most, times), *_ = Counter(decisions).most_common(1)
    return most if times == len(decisions) else f"{most} ({times} of {len(decisions)} trainings)"


def decide(folder: str | os.PathLike[str], given: Mapping[str, str], today: object = None) -> Decisions:
    """What each agent of a board would do in one state.

    Args:
        folder: the run folder, as given to ``score(out=...)``.
        given: feature to value as typed: see `baselines.protocols.typed_state.read_state`.
        today: today's rule, where it was a function in a Python file.

    Raises:
        RunFileError: no finished board there, or a damaged one.
        ParameterError: fields that are unknown, impossible or missing.
    """
    board = saved_agents.read(folder)
    state = read_state(board.problem, given, str(folder))  # refused before any agent is loaded
    found = board.load(today)
    rows: dict[tuple[str, str], list[str]] = {}
    for one in found.agents:
        if one.kind != Kind.RANDOM:
            name = one.kind if one.kind in BY_KIND else one.name
            rows.setdefault((name, one.kind), []).append(_asked(found.problem, one.agent, state.row))
    missing = list(found.missing)
    try:
        best = found.best_possible()
    except TooLargeError as error:
        best = None
        missing.append(f"best possible: {error}")
    if best is not None:
        rows[Kind.BEST_POSSIBLE, Kind.BEST_POSSIBLE] = [_asked(found.problem, best, state.row)]
    order = sorted(rows, key=lambda key: FIRST.index(key[1]) if key[1] in FIRST else len(FIRST))
    return Decisions(found.problem, state, [(*key, rows[key]) for key in order], missing)


def _asked(problem: Problem, agent: Agent, row: Rows) -> str:
    return written(asked(problem, agent, row[np.newaxis])[0])


def asked(problem: Problem, agent: Agent, rows: Rows) -> Array:
    """[states, ...] an agent's actions, whole numbers where the space has them."""
    mask = problem.view.action_masks(rows) if problem.view.masked else None
    return np.asarray(agent.act(rows, mask)).astype(problem.view.action_space.dtype)


def written(action: Any) -> str:
    """An action in words: a number, or the numbers of a list."""
    if np.ndim(action) == 0:
        return f"{float(action):.4g}"
    return "[" + " ".join(f"{float(part):.4g}" for part in np.ravel(action)) + "]"
