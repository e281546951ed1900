"""The ladder of a case: its agents, from random to the reference's own policy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from baselines.agents import TRAINED, Agent, Problem, Rung
from baselines.learners import bandits, cloning, deep, linear, tabular
from baselines.learners.algorithms import ALGORITHMS, block_of_file
from baselines.learners.arms import has_actions, has_settings
from baselines.learners.cross_entropy import cross_entropy, few_weights
from baselines.learners.randomly import Random
from baselines.rules import rules
from bizgyms.registry import Case
from envs_data.parameters import Parameters

Fits = Callable[[Problem], bool]


def _contextual(has: Fits) -> Fits:
    return lambda problem: has(problem) and linear.few_features(problem)


BANDITS = (
    Rung("Thompson", "bandit", "observations", bandits.thompson, fits=has_settings, preview=True),
    Rung("epsilon-greedy", "bandit", "observations", bandits.epsilon_greedy, fits=has_settings),
    Rung("UCB1", "bandit", "observations", bandits.ucb1, fits=has_settings),
    Rung("LinUCB", "bandit", "observations", linear.lin_ucb_settings, fits=_contextual(has_settings)),
    Rung("LinTS", "bandit", "observations", linear.lin_ts_settings, fits=_contextual(has_settings)),
    Rung("Thompson of actions", "bandit", "observations", bandits.thompson_actions, fits=has_actions),
    Rung("Beta Thompson of actions", "bandit", "observations", bandits.thompson_beta_actions, fits=has_actions),
    Rung("epsilon-greedy of actions", "bandit", "observations", bandits.epsilon_greedy_actions, fits=has_actions),
    Rung("UCB1 of actions", "bandit", "observations", bandits.ucb1_actions, fits=has_actions),
    Rung("LinUCB of actions", "bandit", "observations", linear.lin_ucb, fits=_contextual(has_actions)),
    Rung("LinTS of actions", "bandit", "observations", linear.lin_ts, fits=_contextual(has_actions)),
)
SEARCH = Rung("cross-entropy", "search", "observations", cross_entropy, fits=few_weights)
DEEP = (
    Rung("cloned rule", "deep", "observations", cloning.cloned_rule),
    Rung("PPO", "deep", "observations", deep.ppo),
    Rung("MaskablePPO", "deep", "observations", deep.maskable_ppo, fits=deep.masked),
    Rung("RecurrentPPO", "deep", "observations", deep.recurrent_ppo, fits=deep.hidden),
    Rung("A2C", "deep", "observations", deep.a2c),
    Rung("DQN", "deep", "observations", deep.dqn, fits=deep.discrete),
    Rung("SAC", "deep", "observations", deep.sac, fits=deep.continuous),
    Rung("untuned PPO", "untuned", "observations", deep.ppo_untuned),
)
# The learner of a preview: PPO, but where the committed scoreboard finds another one worth it, that one.
PREVIEWED = {"BiddingAuction": "cross-entropy", "NudgeHabit": "DQN"}


def rungs(case: Case, parameters: Parameters) -> list[Rung]:
    """The rungs of a case that can play it, cheapest first. Nothing is trained, and torch is not imported.

    Args:
        case: the case.
        parameters: the scenario's parameters.
    """
    problem = Problem(case, parameters, case.env.view_type(parameters))
    own = rules(problem)
    # A case with a deep learner made for it previews that one.
    made_for_it = any(rung.kind == "deep" and rung.preview for rung in own)
    previewed = None if made_for_it else PREVIEWED.get(case.name, "PPO")
    found = [
        Rung("random", "random", "nothing", Random, preview=True),
        *(dataclasses.replace(rung, preview=rung.preview or rung.kind not in TRAINED) for rung in own),
        *BANDITS,
        Rung("Q-learning", "tabular", "observations", tabular.q_learning, fits=tabular.has_cells, preview=True),
        *(dataclasses.replace(rung, preview=rung.name == previewed) for rung in (SEARCH, *DEEP)),
        Rung("reference", "reference", "the law of the world", best_possible, fits=_has_reference, preview=True),
    ]
    return [rung for rung in found if rung.fits(problem)]


def of_file(file: str, problem: Problem) -> Rung:
    """A deep learner with the hyperparameters of somebody's own file, as `bizgyms tune` writes it.

    Args:
        file: its path, which is part of the row's name.
        problem: the case it shall learn.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds nothing for the case, or its algorithm does not fit there.
    """
    algorithm, block = block_of_file(Path(file), problem.case.id)
    try:
        shipped = rung_of_algorithm(algorithm, problem)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    setting = {"algorithm": algorithm, "block": block}
    return dataclasses.replace(with_block(f"{shipped.name} of {file}"), settings=lambda problem: [setting])


def rung_of_algorithm(algorithm: str, problem: Problem) -> Rung:
    """The rung of one of `baselines.learners.algorithms.ALGORITHMS`.

    Raises:
        ValueError: it cannot play the problem; the message says which can.
    """
    rungs_of = {name: next(rung for rung in DEEP if rung.name == ALGORITHMS[name][1]) for name in ALGORITHMS}
    able = [name for name, rung in rungs_of.items() if rung.fits(problem)]
    if algorithm not in able:
        raise ValueError(f"{algorithm} cannot play {problem.case.id}; {', '.join(able)} can")
    return rungs_of[algorithm]


def with_block(name: str) -> Rung:
    """The row of `of_file` by its name alone: what it learns with is its setting."""
    return Rung(name, "deep", "observations", deep.of_block)


def is_file(name: str) -> bool:
    """Whether a name is of a file of hyperparameters, or of its row."""
    return name.endswith((".yml", ".yaml"))


def best_possible(problem: Problem) -> Agent:
    """The reference's own policy.

    Raises:
        LookupError: the reference is a bound without a policy.
    """
    policy = problem.case.reference(problem.parameters).policy
    if policy is None:
        raise LookupError(f"the reference of {problem.case.id} is a bound: it has no policy of its own")
    return policy


def _has_reference(problem: Problem) -> bool:
    return problem.case.has("reference")
