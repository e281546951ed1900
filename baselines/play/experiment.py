"""Plays all agents of a board on the shared luck, each run once, and stores the results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from baselines.runs.code import code_of
from baselines.runs.ray_pool import RayPool
from baselines.runs.results import Best, EpisodeReturns, Run, in_one_line
from baselines.runs.run_file import RunFile, Stored
from baselines.runs.scheduler import CORES, Scheduler
from baselines.runs.workers import InlinePool, Pool, WorkerPool
from bizgyms.reference import Reference

Executor = Literal["processes", "ray"]
Done = Callable[[str], None]
REFERENCE = Run("reference", "reference", Kind.REFERENCE, "the law of the world")


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

    def rule(self, spec: AgentSpec) -> Run:
        """A rule: tuned on the tuning luck, then played; a rule with one setting is only played."""
        tuned = self._tuned(spec)
        label = current_rule.label(spec.name, tuned.setting)
        return dataclasses.replace(self._played(spec, tuned.setting), label=label, steps=tuned.steps, tuned=tuned.value)

    def untuned(self, spec: AgentSpec) -> Run:
        """An agent with its default setting, such as the random one."""
        return self._played(spec, first_setting(spec, self.problem))

    def _played(self, spec: AgentSpec, setting: Setting) -> Run:
        task = self._task(spec, setting)
        stored = self._run_file.once(task.key(), lambda: train(task, spec).packed())
        return self._lived(task.row(spec).unpacked(*stored))

    def today(self, now: current_rule.Today) -> Run:
        """Today's rule, on the tuning luck as well: it may be the best rule there is."""
        seed, rounds = seeds.tuning(self.seed), tuning.rounds(self.problem)[-1][1]
        block = {"evaluation_seed": seed, "episodes": rounds}
        row = Run("today", now.label, Kind.TODAY, now.knows, made=now.key)
        tuned = self._given(row, block, lambda: play(self.problem, now.agent, rounds, seed, now.label))
        run = self._given(row, {}, lambda: self.evaluated(now.agent, now.label))
        assert tuned.played is not None
        return dataclasses.replace(run, tuned=tuned.played.mean)

    def yours(self, name: str, agent: Agent) -> Run:
        """An agent given as an object."""
        return Run(name, name, Kind.YOURS, "observations", self.evaluated(agent, name))

    def agents(self, runs: Iterable[Run]) -> list[Agent]:
        """The agents of runs as they were scored.

        Raises:
            LookupError: one cannot be restored: an object, or a learner that cannot save itself.
        """
        return [self._revived(run) for run in runs]

    def _revived(self, run: Run) -> Agent:
        if run.made is None or "rung" not in run.made:
            raise LookupError(f"{run.agent} cannot be brought back")
        return revive(self.problem, run.made, None if run.seed is None else run.learned)

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
        played = REFERENCE.unpacked(facts["played"], arrays).played if facts["played"] else None
        return Best(Reference(**facts["reference"]), played)

    def _reference(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        reference = self._best = self.problem.case.reference(self.problem.parameters)
        facts = {f.name: getattr(reference, f.name) for f in dataclasses.fields(reference) if f.name != "policy"}
        if reference.policy is None:
            return {"reference": facts, "played": None}, {}
        played, arrays = dataclasses.replace(REFERENCE, played=self.evaluated(reference.policy, "reference")).packed()
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

    def _given(self, row: Run, block: Mapping[str, Any], played: Callable[[], EpisodeReturns]) -> Run:
        """The play of an agent that is not on the ladder; stored in the run file where it can be built again."""
        if row.made is None:
            return dataclasses.replace(row, played=played())
        full = {"given": row.made, **self._where(), **block}
        return row.unpacked(*self._run_file.once(full, lambda: dataclasses.replace(row, played=played()).packed()))

    def _lived(self, run: Run) -> Run:
        """A run on luck that was given: the same agent plays it once it is tuned and trained.

        What was watched while it learned is of other luck, and left out.

        Raises:
            LookupError: the agent cannot be brought back.
        """
        if self.luck is None:
            return run

        def work() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
            return dataclasses.replace(run, played=self.evaluated(self._revived(run), run.agent)).packed()

        found = run.unpacked(*self.once({"run": run.key}, work))
        return dataclasses.replace(run, played=found.played, curve=np.empty((2, 0)))

    def train(
        self, specs: Sequence[AgentSpec], processes: int | None, done: Done, executor: Executor = "processes"
    ) -> list[Run]:
        """Trains learners, as many at a time as there are processes.

        Args:
            specs: the learners.
            processes: worker processes; 0 trains in this process; None for one a core where torch is needed, else 0.
            done: called with a learner's name after each of its trainings.
            executor: ``ray`` trains on a Ray cluster instead.

        Returns:
            A row a training, those that failed with their error.
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
        return [self._trained(task.row(spec), gathered[task]) for task, spec in tasks.items()]

    def _trained(self, row: Run, stored: Stored | Exception) -> Run:
        if isinstance(stored, Exception):
            return dataclasses.replace(row, error=in_one_line(stored))
        try:
            return self._lived(row.unpacked(*stored))
        except LookupError as error:
            return dataclasses.replace(row, error=in_one_line(error))

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
