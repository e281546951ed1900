"""One call of `score`: plays the rules, announces the ceiling, trains, and sums up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from baselines.agents import TORCH, Agent, AgentError, AgentSpec, Kind
from baselines.judge import verdict
from baselines.judge.anchors import Anchors, best_of
from baselines.judge.break_even import UNSURE, costs
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.own_days import contradiction, sentence
from baselines.judge.rows import Row, best_row, row, runs
from baselines.ladder.current_rule import Today
from baselines.ladder.selection import Selection
from baselines.play import seeds
from baselines.play.budget import TRIES_A_COST, budget_of, expected_seconds, in_words
from baselines.play.experiment import Executor, Experiment
from baselines.protocols import policy_table, saved_agents
from baselines.protocols.explain import insight
from baselines.protocols.progress import progress
from baselines.protocols.robustness import Robustness
from baselines.protocols.sample_episode import cast_of, sample_episode
from baselines.report import notes
from baselines.report.board import Board
from baselines.report.own_days import Replay
from baselines.report.remarks import remarks
from baselines.report.shortfall import shortfall
from baselines.runs.results import Best, Player, in_one_line
from baselines.runs.scheduler import CORES
from bizgyms.reference import TooLargeError
from envs_data.parameters import Scenario

# Why there is no best possible on luck that was given.
GIVEN_LUCK = "the luck was given, and optimum and bounds are means over the case's own"


@dataclasses.dataclass
class Session:
    """One call of `score`.

    Attributes:
        experiment: the board's plays.
        chosen: the agents of the board.
        today: today's rule; None where the case has no rules.
        source: the scenario with the origin of its fields.
        console: where progress bars go.
        say: takes the lines printed meanwhile.
        worth: the least gain a year worth the effort.
        processes: training processes; None chooses.
        executor: where trainings run: in processes, or on Ray.
        own: plays the user's own last days; None where no table was given.
        players: role and player of each row, in the order in which they played.
    """

    experiment: Experiment
    chosen: Selection
    today: Today | None
    source: Scenario
    console: Console
    say: Callable[[str], None]
    worth: float
    processes: int | None
    executor: Executor
    own: Callable[[], Replay] | None = None
    players: list[tuple[str, Player]] = dataclasses.field(default_factory=list)

    def board(self, yours: Mapping[str, Agent], anyway: bool, title: str, folder: Path | None) -> Board:
        """Plays the rules, announces the ceiling, trains, and sums up."""
        self._announce(title)
        anchors, rows = self._before_training()
        evidence = self._evidence(anchors, rows)
        ceiling = verdict.ceiling_sentence(evidence)
        self.say(ceiling)
        rows += self._rows(anchors, [self._yours(name, agent) for name, agent in yours.items()])
        trained = self._trained(anchors, verdict.too_little(evidence), anyway)
        evidence = self._robust(anchors, self._evidence(anchors, [*rows, *trained]))
        own = self.own() if self.own else None
        if own is not None:
            said, against = sentence(own, evidence), contradiction(own, evidence)
            evidence = dataclasses.replace(evidence, own_days=said, contradiction=against)
        cast = cast_of(self.experiment, anchors, self.today, self.players, yours)
        return Board(
            title=title,
            rows=evidence.rows,
            ceiling=anchors.ceiling,
            ceiling_sentence=ceiling,
            verdict=verdict.verdict(evidence),
            money=evidence.money,
            steps_per_year=anchors.scale.steps,
            notes=[*self._notes(anchors, evidence), *notes.provenance(self.source)],
            folder=folder,
            scenario=self.source,
            episode=sample_episode(self.experiment, cast),
            own=own,
            insight=insight(self.experiment, anchors, cast, self.players),
            runs=runs(anchors, self.players),
        )

    def keep(self, folder: Path, yours: Mapping[str, Agent]) -> None:
        """Saves the agents of the board, so that they decide again without being trained again."""
        saved_agents.write(folder, self.experiment.problem, self.source, self.players)
        at_hand = {**({"today": self.today.agent} if self.today else {}), **yours}
        played = {player.name for _, player in self.players if player.results}
        policy_table.write(folder, self.experiment, self.players, {n: at_hand[n] for n in played & set(at_hand)})

    def _announce(self, title: str) -> None:
        problem, budget = self.experiment.problem, self.experiment.budget
        kinds = [spec.kind for spec in self.chosen.learners]
        heavy = self.processes if self.processes is not None else CORES if set(TORCH) & set(kinds) else 1
        slow = not problem.case.has("twin")
        steps = float(getattr(problem.parameters, "days", 365)) if slow else 0.0
        again = len(self.source.draws) + TRIES_A_COST * len(costs(self.source, UNSURE))
        duration = in_words(expected_seconds(budget, kinds, heavy, again, steps))
        why = ""
        if slow:
            with_twin = in_words(expected_seconds(budget_of(budget.name), kinds, heavy, again))
            why = " The case has no compiled twin: a quarter of the steps and episodes, event by event."
            why += f" With one, four times as many would take about {with_twin}."
        self.say(f"{title}. Expected duration: about {duration}.{why}")

    def _before_training(self) -> tuple[Anchors, list[Row]]:
        """Random, today, rules, predict-then-decide, planners and the reference: seconds, no torch."""
        specs = [*self.chosen.rules, *self.chosen.others]
        with progress("Playing rules", self.console, len(specs) + 3) as done:
            random = self.experiment.untuned(self.chosen.random) if self.chosen.random else None
            done(advance=1)
            today = self.experiment.today(self.today) if self.today else None
            done(advance=1)
            players = [self._played(spec, done) for spec in specs]
            best, why = self._best()
            done(advance=1)
        rules = [player for player in players if player.kind == Kind.RULE]
        found = best_of(rules, today), today, random, best, why
        anchors = Anchors(self.experiment.problem, *found, self.source.scale)
        there = [player for player in (*players, today, random) if player is not None]
        return anchors, [best_row(anchors), *self._rows(anchors, there)]

    def _rows(self, anchors: Anchors, players: Sequence[Player]) -> list[Row]:
        """The rows of some players; remembers the players with their roles."""
        rows = [row(anchors, player) for player in players]
        self.players += [(own.role, player) for own, player in zip(rows, players, strict=True)]
        return rows

    def _played(self, spec: AgentSpec, done: Callable[..., None]) -> Player:
        try:
            return self.experiment.rule(spec)
        except (ImportError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            return Player(spec.name, spec.name, spec.kind, spec.knows, (), error=in_one_line(error))
        finally:
            done(advance=1)

    def _yours(self, name: str, agent: Agent) -> Player:
        """An agent given as an object; its error costs only its own row."""
        try:
            return self.experiment.yours(name, agent)
        except AgentError as error:
            return Player(name, name, Kind.YOURS, "observations", (), error=in_one_line(error))

    def _best(self) -> tuple[Best | None, str]:
        if self.experiment.luck is not None:
            return None, GIVEN_LUCK
        if not self.experiment.problem.case.has("reference"):
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
        self.say(f"Training {', '.join(spec.name for spec in learners)}, {trainings} times each.")
        with progress("Training", self.console, trainings * len(learners)) as done:
            players = self.experiment.train(learners, self.processes, lambda name: done(advance=1), self.executor)
        return self._rows(anchors, players)

    def _evidence(self, anchors: Anchors, rows: Sequence[Row]) -> Evidence:
        anchor = next(
            (r.value for role in (Kind.BEST_RULE, Kind.TODAY) for r in rows if r.role == role and r.value), 0.0
        )
        about = self.source.notes
        back_test = about.get("back_test") or {}
        return Evidence(
            rows,
            anchors.ceiling,
            self.worth,
            self.experiment.episodes,
            Money.beside(self.experiment.problem.view.money, anchor, anchors.scale.period),
            bound=anchors.best is not None and anchors.best.reference.kind == "bound",
            observed=int(about.get("observed", 0)),
            would_help=tuple(about.get("would_help", ())),
            fitted=any(origin.kind == "fitted" for origin in self.source.origins.values()),
            distrust=str(back_test["verdict"]) if back_test.get("problems") else "",
        )

    def _robust(self, anchors: Anchors, evidence: Evidence) -> Evidence:
        """Adds what the table says of the row judged, and the costs on which its gain rests."""
        judged = evidence.judged
        player = next((p for _, p in self.players if judged is not None and p.name == judged.agent), None)
        # Other worlds have other luck; what was given says nothing of it.
        if judged is None or player is None or not self.source.origins or self.experiment.luck is not None:
            return evidence
        robustness = Robustness(self.experiment, self.source, anchors, self.today, self.worth)
        row = robustness.with_table(judged, player)
        rows = [row if other is judged else other for other in evidence.rows]
        return dataclasses.replace(evidence, rows=rows, breaks=robustness.break_evens(row, player))

    def _notes(self, anchors: Anchors, evidence: Evidence) -> Iterable[str]:
        """What a reader of the board should know beside its rows."""
        yield from remarks(self.experiment.problem, evidence)
        yield from notes.learning(evidence, anchors.scale)
        yield from notes.best_known(evidence)
        yield from notes.planners(evidence)
        yield from notes.below_the_rule(evidence)
        yield from shortfall(evidence, [player for _, player in self.players])
        if self.today is not None and self.today.assumed:
            yield f"today: {self.today.assumed}."
        errors = [r.error for r in evidence.rows if r.error and r.role not in (Kind.RANDOM, Kind.BEST_POSSIBLE)]
        if errors:
            yield f"Evaluation error of a value: {evidence.money.at_most(max(errors))} (95 %)."
        if anchors.scale.note:
            yield anchors.scale.note
        trainings = self.experiment.budget.trainings if evidence.learners else 0
        yield from notes.code_note(self.experiment.problem.case)
        yield f"Seeds: {seeds.blocks(self.experiment.seed, trainings, self.experiment.luck is not None)}."
