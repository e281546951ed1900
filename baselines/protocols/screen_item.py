"""Screens one scenario by rules: what tuning gives, and what anything could add, in a fraction of a second."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines.agents import Agent, AgentError, AgentSpec, Kind, Problem, problem_of
from baselines.judge import columns
from baselines.judge.anchors import Anchors
from baselines.ladder.current_rule import Today, assumed, label, today_of
from baselines.play import seeds
from baselines.play.rollout import play_together
from baselines.rules import rules
from baselines.runs.code import code_of
from baselines.runs.results import Best, EpisodeReturns, Results, Run
from baselines.runs.run_file import Key, Stored
from bizgyms import registry
from bizgyms.reference import Reference, TooLargeError
from bizgyms.registry import Case
from bizgyms.scenario import load
from envs_data.arrays import Floats, Ints
from envs_data.parameters import ParameterError, Scenario

Setting = Mapping[str, Any]
# Settings of each rule tried first, and then episodes on which they are, all settings of the leading rule are, and the
# last few are.
FIRST_SETTINGS, FIRST_EPISODES = 20, 12
LEADING_EPISODES = 20
LAST, LAST_EPISODES = 6, 120
# Turns of tuning in which finer settings are tried around the best.
FINER_TURNS = (0, 1, 2)
EPISODES = 200


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A rule with a setting.

    Attributes:
        spec: the rule.
        setting: its setting.
        agent: the rule with that setting.
    """

    spec: AgentSpec
    setting: Setting
    agent: Agent


@dataclasses.dataclass(frozen=True, eq=False)
class ScreenTask:
    """One scenario to screen.

    Attributes:
        name: the item.
        case: the case.
        scenario: the scenario file's content.
        today: today's rule as typed; None for the scenario's own, or the default.
        seed: which luck.
        episodes: episodes of the evaluation luck.
    """

    name: str
    case: Case
    scenario: Mapping[str, Any]
    today: str | None
    seed: int
    episodes: int

    def key(self) -> Key:
        """Everything that determines the result."""
        path = Path((self.today or "").partition(":")[0])
        file = hashlib.sha256(path.read_bytes()).hexdigest() if path.suffix == ".py" and path.is_file() else ""
        size = {"seed": self.seed, "episodes": self.episodes}
        code = {"code": code_of(self.case)}
        return {"screen": self.scenario, "item": self.name, "today": self.today, "file": file, **size, **code}

    def do(self) -> Stored:
        """The facts of a row of the screen, or the reason why there are none."""
        registry.ensure(self.case)
        try:
            return screen_one(self.case, load(self.case, self.scenario), self.today, self.seed, self.episodes), {}
        except (AgentError, ParameterError, TooLargeError) as error:
            return {"reason": "; ".join(str(error).split("\n"))}, {}


def screen_one(case: Case, scenario: Scenario, today: str | None, seed: int, episodes: int) -> dict[str, Any]:
    """Tunes the rules a little, and compares the best with today's and the best possible.

    Args:
        case: the case.
        scenario: its parameters with their origins.
        today: today's rule as typed; None for the scenario's own, or the default.
        seed: which luck, 0 to 999.
        episodes: episodes of the evaluation luck.

    Returns:
        Plain JSON: money a year with intervals, names, and remarks.

    Raises:
        AgentError: no such rule of today, or the case has no rules.
        TooLargeError: the case has no reference for parameters of this size.
    """
    started = time.perf_counter()
    problem = problem_of(case, scenario.parameters)
    ladder = [spec for spec in rules(problem) if spec.kind == Kind.RULE]
    if not ladder:
        raise AgentError(f"{case.name} has no rules to screen with")
    now = today_of(problem, ladder, today) if today is not None else assumed(problem, ladder, scenario)
    assert now is not None
    reference = case.quick_reference(problem.parameters) if case.has("reference") else None
    played = _field(problem, _few(problem, ladder, seeds.tuning(seed)), now, reference, (seed, episodes))
    anchors = dataclasses.replace(played, table_units=scenario.scale)
    return {**_facts(anchors, scenario), "seconds": time.perf_counter() - started}


def _field(
    problem: Problem, last: Sequence[Candidate], now: Today, reference: Reference | None, luck: tuple[int, int]
) -> Anchors:
    """Plays the last few rules, today's and the best possible: chosen on the tuning luck, valued on the evaluation's.

    Args:
        problem: the case with its parameters.
        last: the most promising rules.
        now: today's rule.
        reference: the best possible; None without one.
        luck: seed and episodes of the evaluation.
    """
    seed, episodes = luck
    policy = reference.policy if reference is not None and reference.kind == "exact" else None
    agents = [*(one.agent for one in last), now.agent, *([policy] if policy is not None else [])]
    tuning = seeds.luck(problem.case, problem.parameters, seeds.tuning(seed), 0, LAST_EPISODES)
    evaluation = seeds.luck(problem.case, problem.parameters, seeds.evaluation(seed), 0, episodes)
    both = type(tuning)(*(np.concatenate(pair) for pair in zip(tuning, evaluation, strict=True)))
    returns, steps = _played(problem, agents, both, LAST_EPISODES + episodes)
    tuned = returns[:, :LAST_EPISODES].mean(axis=1)
    known = [Run(one.spec.name, label(one.spec.name, one.setting), Kind.RULE, one.spec.knows) for one in last]
    known += [Run("today", now.label, Kind.TODAY, now.knows), Run("reference", "", Kind.REFERENCE, "")]
    runs = [
        dataclasses.replace(
            row,
            played=EpisodeReturns(own[LAST_EPISODES:], taken[LAST_EPISODES:], {}, {}, {}, seeds.evaluation(seed)),
            tuned=float(mean),
        )
        for row, own, taken, mean in zip(known[: len(agents)], returns, steps, tuned, strict=True)
    ]
    best = None if reference is None else Best(reference, runs[-1].played if policy is not None else None)
    rules = sorted(runs[: len(last)], key=lambda run: -(run.tuned or 0.0))  # the best setting of a rule speaks for it
    return Anchors(problem, Results((*{run.agent: run for run in reversed(rules)}.values(), runs[len(last)]), best))


def _facts(anchors: Anchors, scenario: Scenario) -> dict[str, Any]:
    rule, today, view = anchors.best_rule, anchors.today, anchors.problem.view
    assert rule is not None
    assert today is not None
    back_test = scenario.notes.get("back_test") or {}
    tuning = columns.gain_over(columns.today)(anchors, rule)
    left = anchors.ceiling
    reference = None if anchors.best is None else anchors.best.reference
    return {
        "unit": view.money,
        "today": today.played.mean * anchors.a_year,
        "today_label": today.label,
        "best_rule": rule.played.mean * anchors.a_year,
        "best_label": rule.label,
        "tuning": dataclasses.astuple(tuning),
        "left": None if left is None else dataclasses.astuple(left),
        "kind": "" if reference is None else reference.kind,
        "method": "" if reference is None else reference.method,
        "distrust": bool(back_test.get("problems")),
        "assumed": [name for name, origin in scenario.origins.items() if origin.kind == "assumed"],
    }


def _few(problem: Problem, ladder: Sequence[AgentSpec], seed: int) -> list[Candidate]:
    """The most promising rules with their settings.

    A few settings of every rule are tried on a few episodes, then all settings of the leading rule beside the best few
    of the others, then, turn by turn, finer ones around the best; each time everybody plays at once.
    """
    first = [_candidate(problem, spec, setting) for spec in ladder for setting in _some(spec.settings(problem))]
    order = np.argsort(-_means(problem, first, FIRST_EPISODES, seed), kind="stable")
    leader = first[order[0]].spec
    others = [first[i] for i in order if first[i].spec is not leader][:LAST]
    second = [*(_candidate(problem, leader, setting) for setting in leader.settings(problem)), *others]
    leading = _best(problem, second, seed)
    for turn in FINER_TURNS:
        spec, setting = leading[0].spec, leading[0].setting
        finer = [_candidate(problem, spec, one) for one in spec.finer(problem, setting, turn)]
        if finer:
            # The luck of a few episodes would choose among so many.
            few = [one for one in _best(problem, [*leading, *finer], seed) if one is not leading[0]]
            leading = _best(problem, [leading[0], *few], seed, LAST_EPISODES)
    return leading


def _best(
    problem: Problem, candidates: Sequence[Candidate], seed: int, episodes: int = LEADING_EPISODES
) -> list[Candidate]:
    """The best few on some episodes, best first."""
    order = np.argsort(-_means(problem, candidates, episodes, seed), kind="stable")
    return [candidates[i] for i in order[:LAST]]


def _candidate(problem: Problem, spec: AgentSpec, setting: Setting) -> Candidate:
    return Candidate(spec, setting, spec.build(problem, **setting))


def _some(settings: Sequence[Setting]) -> Iterator[Setting]:
    """The first setting, and others evenly through the list."""
    for k in np.unique(np.linspace(0, len(settings) - 1, FIRST_SETTINGS).round().astype(int)):
        yield settings[k]


def _means(problem: Problem, candidates: Sequence[Candidate], episodes: int, seed: int) -> Floats:
    """[candidates] mean returns on the same luck."""
    luck = seeds.luck(problem.case, problem.parameters, seed, 0, episodes)
    return np.asarray(_played(problem, [one.agent for one in candidates], luck, episodes)[0].mean(axis=1))


def _played(problem: Problem, agents: Sequence[Agent], luck: Any, episodes: int) -> tuple[Floats, Ints]:
    """[agents, episodes] returns and steps: all at once, each in worlds of its own with the same luck."""
    returns, steps = play_together(problem, agents, luck, episodes, "rules")
    return returns, steps.astype(np.int64)
