"""`score`: from a scenario to a verdict."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from rich.console import Console

from baselines.agents import Agent, case_of, problem_of
from baselines.judge import verdict as verdicts
from baselines.judge.anchors import Anchors
from baselines.judge.evidence import check_worth
from baselines.judge.own_days import contradiction, sentence
from baselines.judge.rows import runs
from baselines.ladder.adapters import as_agent
from baselines.ladder.current_rule import assumed, today_of
from baselines.ladder.selection import select
from baselines.play import seeds
from baselines.play.budget import budget_of
from baselines.play.experiment import Executor, Experiment
from baselines.play.rollout import checked_luck, worlds_in
from baselines.protocols import playing, policy_table, saved_agents
from baselines.protocols.explain import insight
from baselines.protocols.judging import evidence_of, notes_of, with_other_worlds
from baselines.protocols.own_period import own_period
from baselines.protocols.replay import replayed, today_there
from baselines.protocols.sample_episode import cast_of, sample_episode
from baselines.report.board import Board
from baselines.report.notes import title
from baselines.runs import ray_pool
from baselines.runs.run_file import NAME, RunFile
from bizgyms.options import load_changed
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike, changed
from envs_data.parameters import ParameterError, Scenario
from envs_data.reading.source import Source

Say = Callable[[str], None]


def score(
    id: str | Case,
    agents: Iterable[str] | Mapping[str, object] | None = None,
    scenario: ScenarioLike = None,
    today: object = None,
    budget: str = "quick",
    out: str | os.PathLike[str] | None = None,
    worth: float | None = None,
    anyway: bool = False,
    seed: int = 0,
    episodes: int | None = None,
    processes: int | None = None,
    executor: Executor = "processes",
    say: Say | None = None,
    quiet: bool = False,
    export: str | None = None,
    replay: Source | None = None,
    luck: Any = None,
    **changes: Any,
) -> Board:
    """Scores agents against today's rule, the best rule and the best possible, on the same luck for all.

    Random, today, rules and the reference play first, and the ceiling is announced before anything is trained.

    Args:
        id: the case or its id.
        agents: names or kinds out of the ladder (``["rules", "ppo"]``), or a mapping of name to an agent of your own
            that is added to the ladder; None for the whole ladder, or with the quick budget the agents that a preview
            needs.
        scenario: a scenario's name, a dict, a path, parameters; None for the case's default.
        today: the rule in use now: ``"base_stock:S=16"``, ``"rule.py:my_rule"``, or anything `evaluate` takes; None for
            the rule imitated from the table the scenario was fitted to, else for the untuned base-stock rule.
        budget: ``quick`` (3 trainings, a preview) or ``full`` (10, a verdict).
        out: folder of the run file; results stored there are used, missing ones added. None keeps nothing.
        worth: the least gain a year worth the effort; where the ceiling is below it nothing is trained.
        anyway: train even then.
        seed: which luck, 0 to 999.
        episodes: episodes that every agent plays; None for the budget's own number.
        processes: training processes; 0 trains in this one; None chooses. Results never depend on it.
        executor: ``ray`` trains on the Ray cluster this process is connected to, or on one started here.
        say: takes the lines printed meanwhile, one at a time; None for the error stream.
        quiet: no progress bars.
        replay: the table the scenario was fitted to: everything is also fitted, tuned and trained on its first four
            fifths, and plays the rest as it came (`baselines.replay`); learners only where ``agents`` names them.
        luck: luck as the case's ``draw`` gives it for this scenario, a row an episode and at least two, such as hard
            years or years on record: every agent is tuned and trained as always and then plays it in place of the
            evaluation luck. ``episodes`` then bears on learning alone, and there is no best possible: optimum and
            bounds are means over the case's own luck. Nor are there intervals over other worlds that a table allows.
        export: ``sb3`` also writes the deep learners' models to ``OUT/sb3/`` in stable-baselines3's own format.
        **changes: fields of the case that differ from the scenario, such as ``lead_time=3``; one that is called like
            an argument here goes into a dict: ``scenario={"scenario": "first-price", "budget": 80.0}``.

    Raises:
        AgentError: an unknown agent, an impossible rule of today, or an object of yours that is no agent.
        ParameterError: an unknown scenario or budget, impossible values, luck of another form, or a case that cannot
            be replayed.
        TableError: a table that cannot be replayed.
        RunFileError: the run file cannot be used.
    """
    case = case_of(id)
    source = load_changed(case, score, scenario, changes)
    problem = problem_of(case, source.parameters)
    spent = budget_of(budget, episodes, twin=case.has("twin"))
    _check(worth, executor, export, out)
    chosen = select(problem, agents, preview=spent.name == "quick")
    ladder = chosen.all_rules
    rule = today_of(problem, ladder, today) if today is not None else assumed(problem, ladder, source)
    yours = {name: as_agent(problem, agent, name) for name, agent in chosen.yours.items()}
    seeds.check(seed)
    given = None if luck is None else _several(checked_luck(problem, luck))
    period = None if replay is None else own_period(case, source, replay)
    console = Console(stderr=True, quiet=quiet)
    say = say or (lambda line: console.print(line, markup=False, highlight=False))
    folder = None if out is None else Path(out)
    with contextlib.closing(RunFile(None if folder is None else folder / NAME)) as run_file:
        experiment = Experiment(problem, spent, seed, run_file, given)
        named = title(problem, changed(scenario, changes), experiment.episodes)
        say(f"{named}. {playing.duration(experiment, chosen, source, processes)}")
        anchors = Anchors(problem, playing.before_training(experiment, chosen, rule, console), source.scale)
        first = evidence_of(anchors, source, worth or 0.0, experiment.episodes)
        say(verdicts.ceiling_sentence(first))
        anchors = anchors.plus(playing.yours(experiment, name, agent) for name, agent in yours.items())
        if verdicts.too_little(first) and worth and not anyway:
            say("Nothing is trained, for nothing could be worth it; --anyway trains all the same.")
        else:
            anchors = anchors.plus(playing.trained(experiment, chosen, console, say, processes, executor))
        evidence = evidence_of(anchors, source, worth or 0.0, experiment.episodes)
        evidence = with_other_worlds(evidence, anchors, source, experiment, rule)
        own = None
        if period is not None:
            first_part = Experiment(period.problem, spent, seed, run_file)
            there = today_there(period, source, today)
            own = replayed(period, first_part, agents, there, say, processes, executor)
            said, against = sentence(own, evidence), contradiction(own, evidence)
            evidence = dataclasses.replace(evidence, own_days=said, contradiction=against)
        cast = cast_of(experiment, anchors, rule, yours)
        board = Board(
            title=named,
            evidence=evidence,
            steps_per_year=anchors.scale.steps,
            results=anchors.results,
            notes=[*notes_of(evidence, anchors, source, experiment, rule)],
            folder=folder,
            scenario=source,
            episode=sample_episode(experiment, cast),
            own=own,
            insight=insight(experiment, anchors, cast),
            runs=runs(anchors),
        )
        if folder is not None:
            _keep(folder, experiment, anchors, source, {**({"today": rule.agent} if rule else {}), **yours})
            if export is not None:
                saved_agents.export_sb3(folder, experiment, anchors.results)
            board.save(folder)
    return board


def _keep(folder: Path, experiment: Experiment, anchors: Anchors, source: Scenario, given: Mapping[str, Agent]) -> None:
    """Saves the agents of a board, so that they decide again without being trained again."""
    saved_agents.write(folder, source, anchors)
    played = {player.name for player in anchors.results.players if player.results}
    policy_table.write(folder, experiment, anchors, {name: given[name] for name in played & set(given)})


def _several(luck: Any) -> Any:
    if worlds_in(luck) < 2:
        raise ParameterError("luck", ["it has one episode; intervals need at least two"])
    return luck


def _check(worth: float | None, executor: str, export: str | None, out: str | os.PathLike[str] | None) -> None:
    check_worth(worth)
    if executor not in get_args(Executor):
        raise ParameterError("executor", [f"{executor!r} is not possible; it must be processes or ray"])
    if executor == "ray":
        ray_pool.ray()
    if export not in (None, saved_agents.SB3):
        raise ParameterError("export", [f"{export!r} is not possible; it must be {saved_agents.SB3}"])
    if export is not None and out is None:
        raise ParameterError("export", ["the models are written to the folder of the results; name one with out"])
