"""Searches a deep learner's hyperparameters with Optuna, on luck that is neither trained on nor scored on.

A rule has a list of settings and all of them are tried (`baselines.play.tuning`): more budget would give it nothing. A
learner gets ``trials`` trainings. The best of many trials was also the luckiest, so it is trained again from other
seeds beside what is shipped, and taken only where it earns more there. The study is a file, and is resumed after an
interruption.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import yaml

from baselines.agents import AgentError, Problem, imported
from baselines.ladder.specs import spec_of_algorithm
from baselines.learners.algorithms import ALGORITHMS, hyperparameters
from baselines.learners.deep import of_block
from baselines.play import seeds
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from baselines.runs.code import code_of
from baselines.runs.run_file import RunFileError, digest

if TYPE_CHECKING:
    import optuna

EPISODES = 500
# Trainings of the best trial and of the shipped block, from seeds that no trial had.
AGAIN = 5
# The ranges searched, the same for all algorithms; each holds the shipped value.
GAMMAS = (0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
CHOICES = {"batch_size": (512, 1024, 2048, 4096), "gae_lambda": (0.8, 0.9, 0.95, 1.0)}
WIDTHS = (32, 64, 128)


@dataclasses.dataclass(frozen=True)
class Found:
    """The result of a search.

    Attributes:
        best: hyperparameters of the best trial.
        trials: finished trials.
        value: what the best of them earned, mean return on the tuning luck.
        again: the same of each training of it from other seeds.
        shipped: hyperparameters as shipped.
        as_shipped: what they earned, from the same other seeds.
    """

    best: Mapping[str, Any]
    trials: int
    value: float
    again: Sequence[float]
    shipped: Mapping[str, Any]
    as_shipped: Sequence[float]

    @property
    def block(self) -> Mapping[str, Any]:
        """The block to use: the best trial's where it earns more from other seeds too, else the shipped one."""
        return self.best if fmean(self.again) > fmean(self.as_shipped) else self.shipped

    def in_words(self) -> str:
        """The result in one sentence."""
        again, as_shipped = fmean(self.again), fmean(self.as_shipped)
        kept = "the best trial's are kept" if self.block is self.best else "what is shipped is kept"
        return (
            f"Best of {self.trials}: {self.value:,.2f} an episode. From {AGAIN} other seeds it earns {again:,.2f}, "
            f"what is shipped {as_shipped:,.2f}: {kept}."
        )

    def to_yaml(self, case_id: str, algorithm: str) -> str:
        """A file of hyperparameters, which `score` takes for an agent."""
        return yaml.safe_dump({case_id: {"algorithm": algorithm, **self.block}}, sort_keys=False)


def search(
    problem: Problem, algorithm: str, trials: int, steps: int, study: Path, seed: int, say: Callable[[str], None]
) -> Found:
    """Trains with other hyperparameters, many times, and keeps the best.

    Args:
        problem: the case with its parameters.
        algorithm: one of `baselines.learners.algorithms.ALGORITHMS`.
        trials: trials in all, those already in the study's file included. The first is what is shipped.
        steps: decisions of each training, those from other seeds included.
        study: SQLite file of the study; created where there is none.
        seed: which luck, 0 to 999.
        say: called with a line after each training.

    Raises:
        AgentError: no such algorithm, or it cannot play the case.
        ParameterError: an impossible seed.
        RunFileError: the study's file is damaged, or something else.
        MissingDependencyError: Optuna, stable-baselines3 or torch is not installed.
    """
    seeds.check(seed)
    _check(problem, algorithm)
    shipped = hyperparameters(algorithm, problem.case.id, twin=problem.case.has("twin"))
    # Trials of another case, other parameters or other code are no trials of this search.
    asked = {"parameters": problem.parameters.to_dict(), "steps": steps, "seed": seed, "shipped": shipped}
    about = digest({**asked, "code": code_of(problem.case)})
    history = _study(study, f"{problem.case.id} {algorithm} {about[:16]}")
    one_thread()
    trainer = _Trainer(problem, algorithm, steps, seed, say)
    for number in range(len(_finished(history)), trials):
        trial = _trial(history, shipped, seed, number)
        label = f"Trial {number + 1} of {trials}"
        history.tell(trial, trainer.earned(block_of(shipped, trial), number, label))
    finished = _finished(history)
    best = max(range(len(finished)), key=lambda number: finished[number].value or -math.inf)
    winner = block_of(shipped, finished[best])
    again = trainer.again(history, winner, best)
    return Found(
        best=winner,
        trials=len(finished),
        value=history.best_value,
        again=again,
        shipped=shipped,
        as_shipped=trainer.again(history, shipped, 0) if best else again,
    )


@dataclasses.dataclass(frozen=True)
class _Trainer:
    """Trains with given hyperparameters and reports the result."""

    problem: Problem
    algorithm: str
    steps: int
    seed: int
    say: Callable[[str], None]

    def earned(self, block: Mapping[str, Any], number: int, label: str) -> float:
        """Mean return on the tuning luck after training ``number``."""
        agent = of_block(self.problem, self.algorithm, block)
        training = environments(self.problem.case, self.problem.parameters)
        agent.learn(training, self.steps, seeds.training(self.seed, number))
        mean = play(self.problem, agent, EPISODES, seeds.tuning(self.seed), self.algorithm).mean
        self.say(f"{label}: {mean:,.2f}")
        return mean

    def again(self, study: optuna.Study, block: Mapping[str, Any], trial: int) -> list[float]:
        """Returns of a trial's block from seeds that no trial had; stored in the study."""
        known: list[float] = study.user_attrs.get(f"again {trial}", [])
        for number in range(len(known), AGAIN):
            label = f"{f'Trial {trial + 1}' if trial else 'As shipped'} again, {number + 1} of {AGAIN}"
            known = [*known, self.earned(block, seeds.TRAININGS_A_SEED - 1 - number, label)]
            study.set_user_attr(f"again {trial}", known)
        return known


def _check(problem: Problem, algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise AgentError(f"agent {algorithm!r} has no hyperparameters to search; there are {', '.join(ALGORITHMS)}")
    try:
        spec_of_algorithm(algorithm, problem)
    except ValueError as error:
        raise AgentError(f"agent {error}") from None


def _trial(study: optuna.Study, shipped: Mapping[str, Any], seed: int, number: int) -> optuna.Trial:
    """The next trial, the same whether or not the search was killed on the way.

    What a killed search left unfinished is closed, and the choices follow from the seed, the number and the trials
    that were finished.
    """
    import optuna

    states = optuna.trial.TrialState
    for left in study.get_trials(states=(states.RUNNING, states.WAITING)):
        study.tell(left.number, state=states.FAIL)
    if number == 0:
        study.enqueue_trial(choices_of(shipped))
    study.sampler = optuna.samplers.TPESampler(seed=seeds.TRAININGS_A_SEED * seed + number)
    return study.ask()


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))


def block_of(shipped: Mapping[str, Any], trial: optuna.Trial | optuna.trial.FrozenTrial) -> dict[str, Any]:
    """The shipped block with the changes of a trial."""
    block = {**shipped, "gamma": trial.suggest_categorical("gamma", GAMMAS)}
    block["learning_rate"] = f"lin_{trial.suggest_float('learning_rate', 1e-4, 1e-2, log=True):.3g}"
    for name, values in CHOICES.items():
        if name in shipped:
            block[name] = trial.suggest_categorical(name, values)
    if "ent_coef" in shipped:
        block["ent_coef"] = trial.suggest_float("ent_coef", 0.0, 0.02)
    layers = len(shipped["policy_kwargs"]["net_arch"])
    width = trial.suggest_categorical("width", WIDTHS)
    return {**block, "policy_kwargs": {**shipped["policy_kwargs"], "net_arch": [width] * layers}}


def choices_of(shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped block as a trial."""
    chosen = {name: shipped[name] for name in ("gamma", *CHOICES, "ent_coef") if name in shipped}
    rate = float(str(shipped["learning_rate"]).removeprefix("lin_"))
    return {**chosen, "learning_rate": rate, "width": shipped["policy_kwargs"]["net_arch"][0]}


def _study(file: Path, name: str) -> optuna.Study:
    """The study of a name in a file, new or resumed."""
    optuna = imported("optuna", "the search", "optuna", "tune")
    errors = imported("sqlalchemy.exc", "the search", "optuna", "tune")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(  # type: ignore[no-any-return]  # imported by name
            storage=f"sqlite:///{file}", study_name=name, load_if_exists=True, direction="maximize"
        )
    except errors.DatabaseError as error:
        raise RunFileError(f"{file} is no study that can be gone on with ({error.orig}); move it away") from None
