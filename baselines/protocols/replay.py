"""`replay`: what a procedure would have earned on a user's own last days, tuned and trained on those before."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines.agents import AgentError, Kind, case_of
from baselines.judge.anchors import Anchors
from baselines.judge.money import Money
from baselines.judge.own_days import HINDSIGHT, Played, own_rows
from baselines.ladder.adapters import as_agent
from baselines.ladder.current_rule import Today, assumed, today_of
from baselines.ladder.selection import select
from baselines.play import seeds
from baselines.play.budget import budget_of, expected_seconds, in_words
from baselines.play.experiment import Executor, Experiment
from baselines.protocols.own_period import OwnPeriod, own_period
from baselines.report.own_days import Replay
from baselines.runs.results import Player, Results, in_one_line
from baselines.runs.run_file import NAME, RunFile
from baselines.runs.scheduler import CORES
from bizgyms.case import Case
from bizgyms.reference import TooLargeError
from bizgyms.scenario import ScenarioLike, load
from envs_data.fits import Fit
from envs_data.parameters import ParameterError, Parameters, Scenario, read_scenario_file
from envs_data.reading.source import Source

Agents = Iterable[str] | Mapping[str, object] | None
Say = Callable[[str], None]
DAYS_A_YEAR = 365.0
BEST_IS_TODAY = "No rule was better than today's in the world fitted to the first part."


def replay(
    scenario: ScenarioLike | Case | Fit | Scenario,
    agents: Agents = None,
    table: Source | None = None,
    today: object = None,
    budget: str = "quick",
    seed: int = 0,
    episodes: int | None = None,
    out: str | os.PathLike[str] | None = None,
    processes: int | None = None,
    executor: Executor = "processes",
    say: Say = lambda line: None,
    **said: Any,
) -> Replay:
    """Plays a user's own last days: everything is fitted, tuned and trained on the days before them.

    The table is split where the back-test splits it. Demand of a day is what was sold; where the item sold out, it is
    drawn many times from the fitted law given that it was at least that, the same for all agents. An auction of a log
    of impressions is won by the bid that the log says would have won it. What is judged is the procedure, fitted and
    tuned on the first part, not the policy tuned on everything.

    Args:
        scenario: the scenario file, a fit, a scenario, a dict, parameters, or a case with its default scenario.
        agents: names or kinds of agents out of the ladder, or a mapping of name to an agent of your own; None for rules
            alone.
        table: the table the scenario was fitted to: a path, a DataFrame, or either with its notation.
        today: the rule in use now, as `score` takes it.
        budget: ``quick`` or ``full``, as for `score`.
        seed: which luck rules are tuned and learners are trained on, 0 to 999.
        episodes: episodes of the fitted world that every agent plays; None for the budget's own number.
        out: folder of the run file and of ``replay.csv``; None keeps nothing.
        processes: training processes; 0 trains in this one; None chooses.
        executor: ``ray`` trains on a Ray cluster.
        say: takes the lines printed meanwhile.
        **said: ``columns``, ``since``, ``until``, ``read``, ``unit`` and ``item``, in place of what the scenario says.

    Raises:
        ParameterError: a case that cannot be replayed, with the reason; impossible values.
        TableError: a table that cannot be read, has too few days, or tells too little of them.
        AgentError: an unknown agent, or an impossible rule of today.
    """
    case, source = _case_and_scenario(scenario)
    period = own_period(case, source, _given(table), said)
    spent = budget_of(budget, episodes, twin=case.has("twin"))
    seeds.check(seed)
    folder = None if out is None else Path(out)
    with contextlib.closing(RunFile(None if folder is None else folder / NAME)) as run_file:
        experiment = Experiment(period.problem, spent, seed, run_file)
        now = today_there(period, source, today)
        found = replayed(period, experiment, agents, now, say, processes, executor)
    if now is not None and now.assumed:
        found = dataclasses.replace(found, notes=[*found.notes, f"today: {now.assumed}."])
    if folder is not None:
        found.save(folder)
    return found


def _given(table: Source | None) -> Source:
    if table is None:
        raise TypeError("replay needs the table the scenario was fitted to: baselines.replay('mine.json', table=...)")
    return table


def _case_and_scenario(scenario: ScenarioLike | Case | Fit | Scenario) -> tuple[Case, Scenario]:
    if isinstance(scenario, Fit):
        scenario = scenario.scenario()
    if isinstance(scenario, Scenario):
        return case_of(scenario.parameters.case), scenario
    if isinstance(scenario, Parameters):
        return case_of(scenario.case), Scenario(scenario)
    if isinstance(scenario, Case):
        return scenario, load(scenario, None)
    if isinstance(scenario, Mapping) and "case" in scenario:
        case = case_of(str(scenario["case"]))
        return case, load(case, scenario)
    if isinstance(scenario, str) and not scenario.endswith(".json"):
        return case_of(scenario), load(case_of(scenario), None)
    if not isinstance(scenario, (str, os.PathLike)):
        what = f"{type(scenario).__name__} names no case"
        raise ParameterError("scenario", [f"{what}; give the scenario file, the fit, or a dict with its case"])
    case = case_of(str(read_scenario_file(scenario)["case"]))
    return case, load(case, scenario)


def replayed(
    period: OwnPeriod,
    experiment: Experiment,
    agents: Agents,
    today: Today | None,
    say: Say,
    processes: int | None = None,
    executor: Executor = "processes",
) -> Replay:
    """Tunes and trains in the world fitted to the first part, and plays the days after it.

    Args:
        period: the days.
        experiment: the plays in the world fitted to the first part.
        agents: as for `replay`.
        today: the rule in use now, as `today_there` finds it.
        say: takes the lines printed meanwhile.
        processes: training processes.
        executor: where trainings run.
    """
    yours = agents if isinstance(agents, Mapping) else {}
    chosen = select(period.problem, ["rules"] if agents is None or yours else agents)
    duration = in_words(expected_seconds(experiment.budget, [spec.kind for spec in chosen.learners], CORES))
    first = f"Replay of the last {len(period.days)} days: tuning and training in the world fitted to those before them"
    say(f"{first}. Expected duration: about {duration}.")
    company = _Company(period, experiment, today)
    rules = [experiment.rule(spec) for spec in (*chosen.rules, *chosen.others)]
    now = [] if today is None else [experiment.today(today)]
    learned = experiment.train(chosen.learners, processes, lambda name: None, executor) if chosen.learners else []
    anchors = Anchors(period.problem, Results((*now, *rules, *learned)))
    best = anchors.best_rule
    of_role = [(anchors.role(player), player) for player in anchors.results.players]
    # Fixed points first; of the rules only the best.
    of_role.sort(key=lambda one: (one[0] != Kind.TODAY, one[0] != Kind.BEST_RULE))
    played = [*company.hindsight()]
    played += [one for role, player in of_role if role != Kind.RULE for one in company.fixed(role, player)]
    played += company.yours(yours)
    return company.told(played, best is None or best.kind == Kind.TODAY)


def today_there(period: OwnPeriod, source: Scenario, today: object) -> Today | None:
    """Today's rule in the world fitted to the first part.

    Args:
        period: the days.
        source: the scenario, which may know the rule imitated from the table.
        today: the rule as it was named; None for the scenario's.

    Raises:
        AgentError: it cannot be found.
    """
    rules = select(period.problem, ["rules"]).all_rules
    return assumed(period.problem, rules, source) if today is None else today_of(period.problem, rules, today)


class _Company:
    """Everybody who plays these days.

    Args:
        period: the days.
        experiment: the plays in the world fitted to the first part.
        today: today's rule.
    """

    def __init__(self, period: OwnPeriod, experiment: Experiment, today: Today | None) -> None:
        self._period, self._experiment, self._today = period, experiment, today
        self._notes = [*period.notes]

    def fixed(self, role: str, player: Player) -> list[Played]:
        """A player of the first part on these days; none where it has no result, which a note says."""
        try:
            agents = (
                [self._today.agent] if role == Kind.TODAY and self._today else self._experiment.agents(player.results)
            )
        except LookupError as error:
            self._notes.append(f"{player.name} is not replayed: {in_one_line(error)}.")
            return []
        if not agents:
            self._notes.append(f"{player.name} is not replayed: {player.error}.")
            return []
        rewards = np.stack([self._period.rewards(agent, player.name) for agent in agents])
        returns = player.returns.mean(axis=0) / self._period.days_an_episode
        chance = self._period.chance(returns, rewards)
        return [Played(player.name, player.label, role, rewards, float(returns.mean()), chance)]

    def yours(self, given: Mapping[str, object]) -> list[Played]:
        """Agents given as objects, which may have seen these days."""
        played = []
        for name, one in given.items():
            try:
                rewards = self._period.rewards(as_agent(self._period.problem, one, name), name)
            except AgentError as error:
                self._notes.append(f"{name} is not replayed: {in_one_line(error)}.")
                continue
            played.append(Played(name, name, Kind.YOURS, rewards[None]))
            self._notes.append(f"{name} plays as you gave it: whether it was made with these days is not known here.")
        return played

    def hindsight(self) -> list[Played]:
        """Who knows beforehand all that comes."""
        try:
            rewards = self._period.hindsight()
        except TooLargeError as error:
            self._notes.append(f"Hindsight is not computed: {error}.")
            return []
        return [Played(HINDSIGHT, HINDSIGHT, HINDSIGHT, rewards[None])]

    def told(self, played: Sequence[Played], best_is_today: bool) -> Replay:
        """The result with all its notes."""
        period, days = self._period, self._period.days
        rows = own_rows(played, DAYS_A_YEAR, period.trade.block)
        anchor = next((row.value for role in (Kind.BEST_RULE, Kind.TODAY) for row in rows if row.role == role), 0.0)
        return Replay(
            rows=rows,
            first=str(days.first),
            last=str(days.last),
            days=len(days),
            unknown=days.in_words(period.fillings),
            fillings=period.fillings,
            knows=period.trade.knows,
            sold_out=int(np.sum(getattr(days, "sold_out", 0))),
            closed=int(np.sum(getattr(days, "closed", 0))),
            money=Money.beside(period.problem.view.money, anchor),
            notes=[*self._notes, *([BEST_IS_TODAY] if best_is_today else [])],
        )
