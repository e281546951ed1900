"""`score`: from a scenario to a verdict."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from baselines.agents import TORCH, Agent, AgentError, AgentSpec, Kind, case_of, problem_of
from baselines.judge import verdict
from baselines.judge.anchors import Anchors, best_of
from baselines.judge.break_even import costs
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row, best_row, row, runs
from baselines.ladder.adapters import as_agent
from baselines.ladder.current_rule import Today, assumed, today_of
from baselines.ladder.selection import Selection, select
from baselines.play import seeds
from baselines.play.budget import TRIES_A_COST, budget_of, expected_seconds, in_words
from baselines.play.experiment import Executor, Experiment
from baselines.protocols import policy_table, saved_agents
from baselines.protocols.explain import insight
from baselines.protocols.robustness import Robustness
from baselines.protocols.sample_episode import cast_of, side_by_side
from baselines.report import notes
from baselines.report.board import Board
from baselines.report.remarks import remarks
from baselines.report.shortfall import shortfall
from baselines.runs import ray_pool
from baselines.runs.results import Best, Player, in_one_line
from baselines.runs.run_file import NAME, RunFile
from baselines.runs.scheduler import CORES
from bizgyms.reference import TooLargeError
from bizgyms.registry import Case
from bizgyms.scenario import ScenarioLike, load
from envs_data.parameters import ParameterError, Scenario

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
) -> Board:
    """Scores agents against today's rule, the best rule and the best possible, on the same luck for all.

    Random, today, rules and the reference play first, and the ceiling is said before anything is trained.

    Args:
        id: the case or its id.
        agents: names or kinds out of the ladder (``["rules", "ppo"]``), or a mapping of name to an agent of your own
            that is added to the ladder; None for the whole ladder, or with the quick budget the rungs that a preview
            needs.
        scenario: a scenario's name, a dict, a path, parameters; None for the case's default.
        today: the rule in use now: ``"base_stock:S=16"``, ``"rule.py:my_rule"``, or anything `evaluate` takes; None for
            the rule imitated from the table the scenario was fitted to, else for the untuned base-stock rule.
        budget: ``quick`` (3 trainings, a preview) or ``full`` (10, a verdict).
        out: folder of the run file; results found there are used, missing ones added. None keeps nothing.
        worth: the least gain a year worth the effort; where the ceiling is below it nothing is trained.
        anyway: train even then.
        seed: which luck, 0 to 999.
        episodes: episodes everybody plays; None for the budget's own number.
        processes: training processes; 0 trains in this one; None chooses. Results never depend on it.
        executor: ``ray`` trains on the Ray cluster this process is connected to, or on one started here.
        say: what is told on the way goes here, a line at a time; None for the error stream.
        quiet: no progress bars.
        export: ``sb3`` also writes the deep learners' models to ``OUT/sb3/`` in stable-baselines3's own format.

    Raises:
        AgentError: an unknown agent, an impossible rule of today, or something of yours that is no agent.
        ParameterError: an unknown scenario or budget, or impossible values.
        RunFileError: the run file cannot be used.
    """
    case = case_of(id)
    source = load(case, scenario)
    problem = problem_of(case, source.parameters)
    spent = budget_of(budget, episodes, twin=case.has("twin"))
    _check(worth, executor, export, out)
    chosen = select(problem, agents, preview=spent.name == "quick")
    ladder = chosen.all_rules
    found = today_of(problem, ladder, today) if today is not None else assumed(problem, ladder, source)
    yours = {name: as_agent(problem, agent, name) for name, agent in chosen.yours.items()}
    seeds.check(seed)
    console = Console(stderr=True, quiet=quiet)
    say = say or (lambda line: console.print(line, markup=False, highlight=False))
    folder = None if out is None else Path(out)
    with contextlib.closing(RunFile(None if folder is None else folder / NAME)) as run_file:
        experiment = Experiment(problem, spent, seed, run_file)
        session = _Session(experiment, chosen, found, source, console, say, worth or 0.0, processes, executor)
        board = session.board(yours, anyway, notes.title(problem, scenario, spent), folder)
        board = dataclasses.replace(board, notes=[*board.notes, *notes.provenance(source)], scenario=source)
        if folder is not None:
            session.keep(folder, yours)
            if export is not None:
                saved_agents.export_sb3(folder, experiment, session.players)
            board.save(folder)
    return board


def _check(worth: float | None, executor: str, export: str | None, out: str | os.PathLike[str] | None) -> None:
    if worth is not None and not 0 <= worth < float("inf"):
        raise ParameterError("worth", [f"{worth!r} is not possible; it must be an amount of money a year, 0 or more"])
    if executor not in get_args(Executor):
        raise ParameterError("executor", [f"{executor!r} is not possible; it must be processes or ray"])
    if executor == "ray":
        ray_pool.ray()
    if export not in (None, saved_agents.SB3):
        raise ParameterError("export", [f"{export!r} is not possible; it must be {saved_agents.SB3}"])
    if export is not None and out is None:
        raise ParameterError("export", ["the models are written to the folder of the results; name one with out"])


class _Session:
    """One call of `score`."""

    def __init__(
        self,
        experiment: Experiment,
        chosen: Selection,
        today: Today | None,
        source: Scenario,
        console: Console,
        say: Say,
        worth: float,
        processes: int | None,
        executor: Executor,
    ) -> None:
        self.experiment = experiment
        self.problem = experiment.problem
        self.chosen = chosen
        self.today = today
        self.source = source
        self.console = console
        self.say = say
        self.worth = worth
        self.processes = processes
        self.executor = executor
        self.players: list[tuple[str, Player]] = []

    def board(self, yours: Mapping[str, Agent], anyway: bool, title: str, folder: Path | None) -> Board:
        """Plays everybody, says the ceiling, trains, and sums up."""
        self._announce(title)
        anchors, rows = self._before_training()
        evidence = self._evidence(anchors, rows)
        ceiling = verdict.ceiling_sentence(evidence)
        self.say(ceiling)
        rows += self._rows(anchors, [self._yours(name, agent) for name, agent in yours.items()])
        trained = self._trained(anchors, verdict.too_little(evidence), anyway)
        evidence = self._trusted(anchors, self._evidence(anchors, [*rows, *trained]))
        cast = cast_of(self.experiment, anchors, self.today, self.players, yours)
        return Board(
            title=title,
            rows=evidence.rows,
            ceiling=anchors.ceiling,
            ceiling_sentence=ceiling,
            verdict=verdict.verdict(evidence),
            money=evidence.money,
            steps_per_year=anchors.scale.steps,
            notes=self._notes(anchors, evidence),
            folder=folder,
            episode=side_by_side(self.experiment, cast),
            insight=insight(self.experiment, anchors, cast, self.players),
            runs=runs(anchors, self.players),
        )

    def keep(self, folder: Path, yours: Mapping[str, Agent]) -> None:
        """Writes the agents of the board, so that they decide again without being trained again."""
        saved_agents.write(folder, self.problem, self.source, self.players)
        at_hand = {**({"today": self.today.agent} if self.today else {}), **yours}
        played = {player.name for _, player in self.players if player.results}
        policy_table.write(folder, self.experiment, self.players, {n: at_hand[n] for n in played & set(at_hand)})

    def _announce(self, title: str) -> None:
        kinds = [spec.kind for spec in self.chosen.learners]
        heavy = self.processes if self.processes is not None else CORES if set(TORCH) & set(kinds) else 1
        slow = not self.problem.case.has("twin")
        steps = float(getattr(self.problem.parameters, "days", 365)) if slow else 0.0
        again = len(self.source.draws) + TRIES_A_COST * len(costs(self.source, ("assumed", "known")))
        duration = in_words(expected_seconds(self.experiment.budget, kinds, heavy, again, steps))
        why = ""
        if slow:
            name = self.experiment.budget.name
            with_twin = in_words(expected_seconds(budget_of(name), kinds, heavy, again))
            why = " The case has no compiled twin: a quarter of the steps and episodes, event by event."
            why += f" With one, four times as many would take about {with_twin}."
        self.say(f"{title}. Expected duration: about {duration}.{why}")

    def _before_training(self) -> tuple[Anchors, list[Row]]:
        """Random, today, rules, predict-then-decide and the reference: seconds, no torch."""
        specs = [*self.chosen.rules, *self.chosen.predict]
        with self._progress("Playing rules", len(specs) + 3) as done:
            random = self.experiment.untuned(self.chosen.random) if self.chosen.random else None
            done()
            today = self.experiment.today(self.today) if self.today else None
            done()
            players = [self._played(spec, done) for spec in specs]
            best, why = self._best()
            done()
        rules = [player for player in players if player.kind == Kind.RULE]
        anchors = Anchors(self.problem, best_of(rules, today), today, random, best, why)
        there = [player for player in (*players, today, random) if player is not None]
        return anchors, [best_row(anchors), *self._rows(anchors, there)]

    def _rows(self, anchors: Anchors, players: Sequence[Player]) -> list[Row]:
        """The rows of some players, who are kept with their roles."""
        rows = [row(anchors, player) for player in players]
        self.players += [(found.role, player) for found, player in zip(rows, players, strict=True)]
        return rows

    def _played(self, spec: AgentSpec, done: Callable[[], None]) -> Player:
        try:
            return self.experiment.rule(spec)
        except (ImportError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            return Player(spec.name, spec.name, spec.kind, spec.knows, (), error=in_one_line(error))
        finally:
            done()

    def _yours(self, name: str, agent: Agent) -> Player:
        """An agent given as an object; its error costs only its own row."""
        try:
            return self.experiment.yours(name, agent)
        except AgentError as error:
            return Player(name, name, Kind.YOURS, "observations", (), error=in_one_line(error))

    def _best(self) -> tuple[Best | None, str]:
        if not self.problem.case.has("reference"):
            return None, "the case has no reference"
        try:
            return self.experiment.best(), ""
        except TooLargeError as error:
            return None, str(error)

    def _trained(self, anchors: Anchors, pointless: str | None, anyway: bool) -> list[Row]:
        learners = self.chosen.learners
        if not learners:
            return []
        if pointless and self.worth and not anyway:
            self.say("Nothing is trained, for nothing could be worth it; --anyway trains all the same.")
            return []
        trainings = self.experiment.budget.trainings
        self.say(f"Training {', '.join(rung.name for rung in learners)}, {trainings} times each.")
        with self._progress("Training", trainings * len(learners)) as done:
            players = self.experiment.train(learners, self.processes, lambda name: done(), self.executor)
        return self._rows(anchors, players)

    def _evidence(self, anchors: Anchors, rows: list[Row]) -> Evidence:
        anchor = next(
            (r.value for role in (Kind.BEST_RULE, Kind.TODAY) for r in rows if r.role == role and r.value), 0.0
        )
        money = Money.beside(self.problem.view.money, anchor, anchors.scale.period)
        told = self.source.notes
        back_test = told.get("back_test") or {}
        return Evidence(
            rows,
            anchors.ceiling,
            self.worth,
            self.experiment.budget.episodes,
            money,
            bound=anchors.best is not None and anchors.best.reference.kind == "bound",
            observed=int(told.get("observed", 0)),
            would_help=tuple(told.get("would_help", ())),
            distrust=str(back_test["verdict"]) if back_test.get("problems") else "",
        )

    def _trusted(self, anchors: Anchors, evidence: Evidence) -> Evidence:
        """With what the table can tell of the row judged, and the costs it rests on."""
        judged = evidence.judged
        player = next((p for _, p in self.players if judged is not None and p.name == judged.agent), None)
        if judged is None or player is None or not self.source.origins:
            return evidence
        trust = Robustness(self.experiment, self.source, anchors, self.today, self.worth)
        row = trust.with_table(judged, player)
        rows = [row if found is judged else found for found in evidence.rows]
        return dataclasses.replace(evidence, rows=rows, breaks=trust.break_evens(row, player))

    def _notes(self, anchors: Anchors, evidence: Evidence) -> list[str]:
        said = [*remarks(self.problem, evidence), *notes.learning(evidence, anchors.scale)]
        said += [*notes.best_known(evidence), *notes.below_the_rule(evidence)]
        said += shortfall(evidence, [player for _, player in self.players])
        if self.today is not None and self.today.assumed:
            said.append(f"today: {self.today.assumed}.")
        errors = [r.error for r in evidence.rows if r.error and r.role not in (Kind.RANDOM, Kind.BEST_POSSIBLE)]
        if errors:
            said.append(f"Evaluation error of a value: {evidence.money.at_most(max(errors))} (95 %).")
        said += [anchors.scale.note] if anchors.scale.note else []
        trainings = self.experiment.budget.trainings if evidence.learners else 0
        said.append(f"Seeds: {seeds.blocks(self.experiment.seed, trainings)}.")
        return said

    @contextlib.contextmanager
    def _progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        hidden = not self.console.is_terminal
        with Progress(*columns, console=self.console, transient=True, disable=hidden) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)
