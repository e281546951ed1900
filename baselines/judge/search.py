"""Searches a deep learner's hyperparameters with Optuna, on luck that is neither trained on nor scored on.

A rule has a list of settings and all of them are tried (`baselines.judge.tuning`): more budget would give it nothing. A
learner gets ``trials`` trainings. The study is kept in a file and gone on with after an interruption.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from baselines.agents import MissingDependencyError, Problem
from baselines.judge import seeds
from baselines.judge.adapt import AgentError
from baselines.judge.episodes import play
from baselines.judge.training import environments, one_thread
from baselines.learners.algorithms import ALGORITHMS, hyperparameters
from baselines.learners.deep import DeepLearner

if TYPE_CHECKING:
    import optuna

EPISODES = 500
# What is searched: the same for all, each over a range around what is shipped.
BATCHES = (512, 1024, 2048, 4096)
WIDTHS = (32, 64, 128)


@dataclasses.dataclass(frozen=True)
class Found:
    """What a search gave.

    Attributes:
        block: hyperparameters in the shape of ``baselines/hyperparams/<algorithm>.yml``.
        value: mean return on the tuning luck.
        shipped: the same of what is shipped, trained as long.
        trials: finished trials.
    """

    block: Mapping[str, Any]
    value: float
    shipped: float
    trials: int

    def to_yaml(self, case_id: str) -> str:
        """A block for the algorithm's file."""
        return yaml.safe_dump({case_id: dict(self.block)}, sort_keys=False)


def search(
    problem: Problem, algorithm: str, trials: int, steps: int, study: Path, seed: int, say: Callable[[str], None]
) -> Found:
    """Trains with other hyperparameters, again and again, and keeps the best.

    Args:
        problem: the case with its parameters.
        algorithm: one of `baselines.learners.algorithms.ALGORITHMS`.
        trials: trials in all, those found in the study's file included. The first is what is shipped.
        steps: decisions of each training.
        study: SQLite file of the study; made where there is none.
        seed: which luck, 0 to 999.
        say: told after each trial.

    Raises:
        AgentError: no such algorithm.
        MissingDependencyError: Optuna, stable-baselines3 or torch is not installed.
    """
    if algorithm not in ALGORITHMS:
        raise AgentError(f"agent {algorithm!r} has no hyperparameters to search; there are {', '.join(ALGORITHMS)}")
    optuna = _optuna()
    one_thread()
    shipped = hyperparameters(algorithm, problem.case.id)
    found = optuna.create_study(
        storage=f"sqlite:///{study}",
        study_name=f"{problem.case.id} {algorithm} {steps}",
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
    )
    if not found.trials:
        found.enqueue_trial(_first(shipped))

    def value(trial: Any) -> float:
        earned = _trained(problem, algorithm, _block(shipped, trial), steps, seed, trial.number)
        say(f"Trial {trial.number + 1} of {trials}: {earned:,.2f}")
        return earned

    done = len(found.get_trials(states=(optuna.trial.TrialState.COMPLETE,)))
    found.optimize(value, n_trials=max(0, trials - done))
    finished = found.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    return Found(_block(shipped, found.best_trial), found.best_value, float(finished[0].value), len(finished))


def _trained(problem: Problem, algorithm: str, block: Mapping[str, Any], steps: int, seed: int, number: int) -> float:
    """Mean return on the tuning luck of one training with some hyperparameters."""
    agent = DeepLearner(problem, algorithm)
    agent.hyperparameters = dict(block)
    agent.learn(environments(problem.case, problem.parameters), steps, seeds.training(seed, number))
    return play(problem, agent, EPISODES, seeds.tuning(seed), algorithm).mean


def _block(shipped: Mapping[str, Any], trial: optuna.Trial | optuna.trial.FrozenTrial) -> dict[str, Any]:
    """What is shipped, with what a trial changes."""
    block = {**shipped, "gamma": 1.0 - trial.suggest_float("one_less_gamma", 0.003, 0.2, log=True)}
    block["learning_rate"] = f"lin_{trial.suggest_float('learning_rate', 1e-4, 1e-2, log=True):.3g}"
    if "batch_size" in shipped:
        block["batch_size"] = trial.suggest_categorical("batch_size", BATCHES)
    if "ent_coef" in shipped:
        block["ent_coef"] = trial.suggest_float("ent_coef", 0.0, 0.02)
    width = trial.suggest_categorical("width", WIDTHS)
    return {**block, "policy_kwargs": {**shipped.get("policy_kwargs", {}), "net_arch": [width, width]}}


def _first(shipped: Mapping[str, Any]) -> dict[str, Any]:
    """What is shipped, as a trial."""
    rate = shipped.get("learning_rate", 3e-4)
    return {
        "one_less_gamma": 1.0 - shipped.get("gamma", 0.99),
        "learning_rate": float(str(rate).removeprefix("lin_")),
        "batch_size": shipped.get("batch_size", BATCHES[0]),
        "ent_coef": shipped.get("ent_coef", 0.0),
        "width": shipped.get("policy_kwargs", {}).get("net_arch", [64])[0],
    }


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingDependencyError(
            'optuna is not installed, which the search needs; install it with: pip install "bizgyms[tune]"'
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
