"""Plays all agents of a board on the shared luck, each run once, and stores the results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from baselines.agents import TORCH, Agent, AgentSpec, Kind, Problem, Setting, first_setting
from baselines.ladder import current_rule
from baselines.ladder.specs import ladder_of, revive
from baselines.play import seeds, tuning
from baselines.play.budget import Budget
from baselines.play.rollout import digest_of, on_luck, play, worlds_in
from baselines.play.training import TrainingTask, one_thread, portable, train
from baselines.play.tuning import Tuned
from baselines.runs.ray_pool import RayPool
from baselines.runs.results import Best, EpisodeReturns, Player, Result, in_one_line
from baselines.runs.run_file import RunFile, Stored, code_of, digest
from baselines.runs.scheduler import CORES, Scheduler
from baselines.runs.workers import InlinePool, Pool, WorkerPool
from bizgyms.reference import Reference

Executor = Literal["processes", "ray"]
Done = Callable[[str], None]


class Experiment:
    """One board's plays.

    Args:
        problem: the case with its parameters.
        budget: trainings, episodes, steps.
        seed: which of the blocks' seeds.
        run_file: where results are stored.
        luck: luck to be played in place of the evaluation luck, as `rollout.checked` gives it. Tuning and training
            never meet it.
    """

    def __init__(self, problem: Problem, budget: Budget, seed: int, run_file: RunFile, luck: Any = None) -> None:
        self.problem = problem
        self.budget = budget
        self.seed = seed
        self.luck = luck
        self._run_file = run_file
        self._best: Reference | None = None

    @property
    def episodes(self) -> int:
        """Episodes that every agent plays."""
        return self.budget.episodes if self.luck is None else worlds_in(self.luck)

    def evaluated(self, agent: Agent, name: str) -> EpisodeReturns:
        """An agent on the evaluation luck, or on luck that was given."""
        if self.luck is not None:
            return on_luck(self.problem, agent, self.luck, name)
        return play(self.problem, agent, self.budget.episodes, seeds.evaluation(self.seed), name)

    def luck_of(self, number: int) -> Any:
        """The luck of one of the episodes that every agent plays."""
        if self.luck is not None:
            return type(self.luck)(*(array[number : number + 1] for array in self.luck))
        return seeds.luck(self.problem.case, self.problem.parameters, seeds.evaluation(self.seed), number, 1)

    def rule(self, spec: AgentSpec) -> Player:
        """A rule: tuned on the tuning luck, then played; a rule with one setting is only played."""
        tuned = self._tuned(spec)
        label = current_rule.label(spec.name, tuned.setting)
        player = self._played(spec, tuned.setting)
        return dataclasses.replace(player, label=label, steps=tuned.steps, tuned=tuned.value)

    def untuned(self, spec: AgentSpec) -> Player:
        """An agent with its default setting, such as the random one."""
        return self._played(spec, first_setting(spec, self.problem))

    def _played(self, spec: AgentSpec, setting: Setting) -> Player:
        task = self._task(spec, setting)
        stored = self._run_file.once(task.key(), lambda: train(task, spec).packed())
        result = self._lived(task, Result.unpacked(*stored))
        return Player(spec.name, spec.name, spec.kind, spec.knows, (result,), **recipe([task]))

    def today(self, now: current_rule.Today) -> Player:
        """Today's rule, on the tuning luck as well: it may be the best rule there is."""
        seed, rounds = seeds.tuning(self.seed), tuning.rounds(self.problem)[-1][1]
        block = {"evaluation_seed": seed, "episodes": rounds}
        tuned = self._given(now.key, block, lambda: play(self.problem, now.agent, rounds, seed, now.label))
        result = self._given(now.key, {}, lambda: self.evaluated(now.agent, now.label))
        player = Player("today", now.label, Kind.TODAY, now.knows, (result,), tuned=tuned.played.mean)
        return player if now.key is None else dataclasses.replace(player, made=now.key, runs=((None, ""),))

    def yours(self, name: str, agent: Agent) -> Player:
        """An agent given as an object."""
        result = Result(self.evaluated(agent, name), 0.0)
        return Player(name, name, Kind.YOURS, "observations", (result,))

    def agents(self, player: Player) -> list[Agent]:
        """A player's agents as they were scored, one a result.

        Raises:
            LookupError: they cannot be restored: an object, or a learner that cannot save itself.
        """
        if player.made is None or "rung" not in player.made:
            raise LookupError(f"{player.name} cannot be brought back")
        runs = zip(player.runs, player.results, strict=True)
        learned = [None if seed is None else result.learned for (seed, _), result in runs]
        return [revive(self.problem, player.made, content) for content in learned]

    def once(self, key: Mapping[str, Any] | None, do: Callable[[], tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Any:
        """Facts and arrays of something else that is computed for this board: once, where it has a key."""
        return do() if key is None else self._run_file.once({**key, **self._where()}, do)

    def best(self) -> Best:
        """The reference.

        Raises:
            TooLargeError: it cannot be computed.
        """
        key = {"reference": self.problem.case.id, **self._where()}
        facts, arrays = self._run_file.once(key, self._reference)
        played = Result.unpacked(facts["played"], arrays).played if facts["played"] else None
        return Best(Reference(**facts["reference"]), played)

    def _reference(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        reference = self._best = self.problem.case.reference(self.problem.parameters)
        facts = {f.name: getattr(reference, f.name) for f in dataclasses.fields(reference) if f.name != "policy"}
        if reference.policy is None:
            return {"reference": facts, "played": None}, {}
        played, arrays = Result(self.evaluated(reference.policy, "reference"), 0.0).packed()
        return {"reference": facts, "played": played}, arrays

    def best_policy(self) -> Agent | None:
        """The policy behind the reference, computed anew where the run file held the rest; None where it has none.

        Raises:
            TooLargeError: it cannot be computed.
        """
        if self._best is None:
            self._best = self.problem.case.reference(self.problem.parameters)
        return self._best.policy

    def _tuned(self, spec: AgentSpec) -> Tuned:
        key = {
            "tuning of": spec.name,
            "rounds": tuning.rounds(self.problem),
            "turns": tuning.TURNS,
            **self._where(),
            "seed": seeds.tuning(self.seed),
        }
        facts, _ = self._run_file.once(
            key, lambda: (dataclasses.asdict(tuning.tune(self.problem, spec, seeds.tuning(self.seed))), {})
        )
        return Tuned(**facts)

    def _where(self) -> dict[str, Any]:
        parameters = self.problem.parameters.to_dict()
        block: dict[str, Any] = {"evaluation_seed": seeds.evaluation(self.seed), "episodes": self.budget.episodes}
        if self.luck is not None:
            block = {"luck": digest_of(self.luck)}
        return {"case": self.problem.case.id, "parameters": parameters, "code": code_of(self.problem.case), **block}

    def _task(self, spec: AgentSpec, setting: Setting, training: int | None = None) -> TrainingTask:
        return TrainingTask(
            case=self.problem.case,
            parameters=self.problem.parameters,
            agent=spec.name,
            setting=setting,
            steps=0 if training is None else self.budget.steps[spec.kind],
            training_seed=None if training is None else seeds.training(self.seed, training),
            evaluation_seed=seeds.evaluation(self.seed),
            episodes=self.budget.episodes,
        )

    def _given(
        self, key: Mapping[str, Any] | None, block: Mapping[str, Any], played: Callable[[], EpisodeReturns]
    ) -> Result:
        """The play of an agent that is not on the ladder; stored in the run file where a key says what it is."""
        if key is None:
            return Result(played(), 0.0)
        full = {"given": key, **self._where(), **block}
        return Result.unpacked(*self._run_file.once(full, lambda: Result(played(), 0.0).packed()))

    def _lived(self, task: TrainingTask, result: Result) -> Result:
        """The result of a run on luck that was given: the same agent plays it once it is tuned and trained.

        What was watched while it learned is of other luck, and left out.

        Raises:
            LookupError: the agent cannot be brought back.
        """
        if self.luck is None:
            return result
        learned = None if task.training_seed is None else result.learned

        def work() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
            agent = revive(self.problem, recipe([task])["made"], learned)
            return Result(self.evaluated(agent, task.agent), 0.0).packed()

        found = Result.unpacked(*self.once({"run": digest(task.key())}, work))
        return dataclasses.replace(result, played=found.played, curve=np.empty((2, 0)))

    def train(
        self, specs: Sequence[AgentSpec], processes: int | None, done: Done, executor: Executor = "processes"
    ) -> list[Player]:
        """Trains learners, as many at a time as there are processes.

        Args:
            specs: the learners.
            processes: worker processes; 0 trains in this process; None for one a core where torch is needed, else 0.
            done: called with a learner's name after each of its trainings.
            executor: ``ray`` trains on a Ray cluster instead.

        Returns:
            One player a learner; where trainings failed, with the first error and the results of the others.
        """
        tasks = {
            self._task(spec, setting, k): spec
            for spec in specs
            for setting in [self._beginning(spec)]
            for k in range(self.budget.trainings)
        }
        pool = _pool(tasks, processes, executor)
        try:
            gathered = Scheduler(self._run_file, pool).gather(tasks, lambda task: done(tasks[task].name))
        finally:
            pool.close()
        outcomes = {task: self._outcome(task, stored) for task, stored in gathered.items()}
        return [
            learner(spec, self.budget.steps[spec.kind], {task: outcomes[task] for task in tasks if tasks[task] is spec})
            for spec in specs
        ]

    def _outcome(self, task: TrainingTask, stored: Stored | Exception) -> Result | Exception:
        if isinstance(stored, Exception):
            return stored
        try:
            return self._lived(task, Result.unpacked(*stored))
        except LookupError as error:
            return error

    def _beginning(self, spec: AgentSpec) -> Setting:
        """A learner's setting: where it improves a rule, the best one with the setting that tuning found."""
        if not spec.improves:
            return first_setting(spec, self.problem)
        ladder = ladder_of(self.problem.case, self.problem.parameters)
        tuned = {rule.name: self._tuned(rule) for rule in ladder if rule.kind == Kind.RULE}
        if not tuned:
            return {}
        best = max(tuned, key=lambda name: tuned[name].value)
        return {"rule": best, "tuned": dict(tuned[best].setting)}


def _pool(tasks: Mapping[TrainingTask, AgentSpec], processes: int | None, executor: Executor) -> Pool:
    """The pool that trains: worker processes, or this process where training is light or cannot be done elsewhere."""
    heavy = any(spec.kind in TORCH for spec in tasks.values())
    if processes is None:
        processes = CORES if heavy else 0
    elsewhere = all(portable(task, spec) for task, spec in tasks.items())
    if executor == "ray" and elsewhere:
        return RayPool()
    if processes and elsewhere:
        return WorkerPool(processes)
    if heavy:
        one_thread()
    return InlinePool(lambda task: train(task, tasks[task]).packed())


def learner(spec: AgentSpec, steps: int, outcomes: Mapping[TrainingTask, Result | Exception]) -> Player:
    """A learner with the results of the trainings that did not fail, and the first error of those that did."""
    results = {task: outcome for task, outcome in outcomes.items() if isinstance(outcome, Result)}
    errors = [outcome for outcome in outcomes.values() if isinstance(outcome, Exception)]
    failed = f"{len(errors)} of {len(outcomes)} trainings failed: " if results else ""
    error = f"{failed}{in_one_line(errors[0])}" if errors else ""
    known = Player(spec.name, spec.name, spec.kind, spec.knows, tuple(results.values()), steps)
    return dataclasses.replace(known, error=error, **recipe(list(results)))


def recipe(tasks: Sequence[TrainingTask]) -> dict[str, Any]:
    """How a player's agents are built again, and where their learned parts are stored."""
    if not tasks:
        return {}
    made = {"rung": tasks[0].agent, "setting": dict(tasks[0].setting)}
    return {"made": made, "runs": tuple((task.training_seed, digest(task.key())) for task in tasks)}
