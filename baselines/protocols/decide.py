"""What the agents of a board would do in one state."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import LEARNERS, Agent, Kind, Problem
from baselines.judge.money import Money
from baselines.protocols import saved_agents
from baselines.protocols.typed_state import State, read_state
from baselines.protocols.why import FUTURES, can_weigh, moment_like, weigh
from baselines.report.plain_text import aligned
from bizgyms.reference import TooLargeError
from envs_data.arrays import Array, Rows

# Kinds whose row is named after the kind, and kinds that are listed before the other rules.
BY_KIND = (Kind.TODAY, Kind.BEST_RULE)
Asked = tuple[str, str, Sequence[str]]
FIRST = (*BY_KIND, *LEARNERS, Kind.PREDICT, Kind.PLANNER, Kind.BEST_POSSIBLE)


@dataclasses.dataclass(frozen=True)
class Decisions:
    """What each agent decides in one state.

    Attributes:
        problem: case and parameters.
        state: the state.
        rows: name, kind and decisions of each agent: one a training.
        missing: agents that cannot be loaded, each with the reason.
        why: lines on what each alternative would have earned; empty where that was not asked for.
    """

    problem: Problem
    state: State
    rows: Sequence[Asked]
    missing: Sequence[str]
    why: Sequence[str] = ()

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
        return "\n".join([*lines, *self.missing, *self.why])


def _most(decisions: Sequence[str]) -> str:
    """The most frequent decision; where trainings disagree, with the number of those that took it."""
    (most, times), *_ = Counter(decisions).most_common(1)
    return most if times == len(decisions) else f"{most} ({times} of {len(decisions)} trainings)"


def decide(
    folder: str | os.PathLike[str], given: Mapping[str, str], today: object = None, why: bool = False
) -> Decisions:
    """What each agent of a board would do in one state.

    Args:
        folder: the run folder, as given to ``score(out=...)``.
        given: feature to value as typed: see `baselines.protocols.typed_state.read_state`.
        today: today's rule, where it was a function in a Python file.
        why: also what each alternative would have earned, on the same thousand futures.

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
    asked_for = [(*key, rows[key]) for key in order]
    said = [*_why(found, best, state, asked_for)] if why else []
    return Decisions(found.problem, state, asked_for, missing, said)


def _why(found: saved_agents.SavedAgents, best: Agent | None, state: State, rows: Sequence[Asked]) -> Iterator[str]:
    """What each alternative earns, with who decides so; or why that cannot be told."""
    problem = found.problem
    then = next((one for kind in BY_KIND[::-1] for one in found.agents if one.kind == kind), None)
    if then is None or not can_weigh(problem):
        reason = "no rule of its board goes on after a decision" if then else "its worlds cannot be branched"
        yield f"What each decision would earn cannot be told for {problem.case.name}: {reason}."
        return
    moment = moment_like(problem, [one.agent for one in found.agents], state.row)
    deciders = [*(one.agent for one in found.agents if one.kind != Kind.RANDOM), *([best] if best else [])]
    others = [asked(problem, agent, state.row[np.newaxis])[0] for agent in deciders]
    weighed = weigh(problem, moment, then.agent, state.row, others)
    who = {written(one.action): [name for name, _, said in rows if written(one.action) in said] for one in weighed}
    unit, scale = problem.view.money, found.scenario.scale
    rule = next(one for one in weighed if one.gain.low == one.gain.high == 0.0)
    yield (
        f"What else could be decided, on the same {FUTURES:,} futures to the end of the episode, {then.label} deciding "
        f"after it; {unit} more or less than {written(rule.action)} (95 %):"
    )
    money = Money.beside(unit, max(abs(one.gain.value) * scale for one in weighed))
    lines = []
    for one in weighed:
        gain = one.gain.times(scale)
        said = "0" if one is rule else f"{gain.value:+,.{money.digits}f} ({money.range(gain)})"
        lines.append([f"  {written(one.action)}", said, ", ".join(who[written(one.action)])])
    yield from aligned(lines, (0, 2))
    yield moment.in_words(problem)


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
