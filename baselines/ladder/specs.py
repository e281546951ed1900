"""The ladder of a case: its agents, from random to the reference's own policy."""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gymnasium import spaces

from baselines.agents import TRAINED, Agent, AgentSpec, Kind, Problem, Savable
from baselines.learners import bandits, deep, linear
from baselines.learners.algorithms import ALGORITHMS, block_of_file
from baselines.learners.bandit_arms import has_settings
from baselines.learners.cloned_optimum import ClonedOptimum, best_possible
from baselines.learners.cloning import Cloning
from baselines.learners.cross_entropy import CrossEntropy, few_weights
from baselines.learners.pathwise import Pathwise, has_gradient
from baselines.learners.policy_iteration import PolicyIteration, can_branch
from baselines.learners.random_agent import Random
from baselines.learners.scores import ScoreLearner
from baselines.learners.tabular import QLearning
from baselines.rules import rules
from bizgyms.registry import Case
from envs_data.parameters import Parameters

Fits = Callable[[Problem], bool]


def _one_of_a_few(problem: Problem) -> bool:
    """Whether a decision is one choice out of a few: what bandits over actions, tables and DQN can learn."""
    return isinstance(problem.view.action_space, spaces.Discrete)


def _continuous(problem: Problem) -> bool:
    return isinstance(problem.view.action_space, spaces.Box)


def _masked(problem: Problem) -> bool:
    return problem.view.masked


def _hidden(problem: Problem) -> bool:
    """Whether a memory may help."""
    return problem.view.hidden


def _has_reference(problem: Problem) -> bool:
    return problem.case.has("reference")


def _contextual(has: Fits) -> Fits:
    return lambda problem: has(problem) and linear.few_features(problem)


_bandit = functools.partial(AgentSpec, kind=Kind.BANDIT, knows="observations")
BANDITS = (
    _bandit("Thompson", build=bandits.thompson, fits=has_settings, preview=True),
    _bandit("epsilon-greedy", build=bandits.epsilon_greedy, fits=has_settings),
    _bandit("UCB1", build=bandits.ucb1, fits=has_settings),
    _bandit("LinUCB", build=linear.lin_ucb_settings, fits=_contextual(has_settings)),
    _bandit("LinTS", build=linear.lin_ts_settings, fits=_contextual(has_settings)),
    _bandit("Thompson of actions", build=bandits.thompson_actions, fits=_one_of_a_few),
    _bandit("Beta Thompson of actions", build=bandits.thompson_beta_actions, fits=_one_of_a_few),
    _bandit("epsilon-greedy of actions", build=bandits.epsilon_greedy_actions, fits=_one_of_a_few),
    _bandit("UCB1 of actions", build=bandits.ucb1_actions, fits=_one_of_a_few),
    _bandit("LinUCB of actions", build=linear.lin_ucb, fits=_contextual(_one_of_a_few)),
    _bandit("LinTS of actions", build=linear.lin_ts, fits=_contextual(_one_of_a_few)),
)
SEARCH = AgentSpec("cross-entropy", Kind.SEARCH, "observations", CrossEntropy, fits=few_weights)
BRANCHING = AgentSpec(
    "policy-iteration", Kind.BRANCHING, "observations", PolicyIteration, fits=can_branch, improves=True
)
PATHWISE = AgentSpec("pathwise", Kind.PATHWISE, "the law of the world", Pathwise, fits=has_gradient)
DEEP = (
    AgentSpec("cloned rule", Kind.DEEP, "observations", Cloning),
    AgentSpec("PPO", Kind.DEEP, "observations", deep.ppo),
    AgentSpec("MaskablePPO", Kind.DEEP, "observations", deep.maskable_ppo, fits=_masked),
    AgentSpec("RecurrentPPO", Kind.DEEP, "observations", deep.recurrent_ppo, fits=_hidden),
    AgentSpec("A2C", Kind.DEEP, "observations", deep.a2c),
    AgentSpec("DQN", Kind.DEEP, "observations", deep.dqn, fits=_one_of_a_few),
    AgentSpec("SAC", Kind.DEEP, "observations", deep.sac, fits=_continuous),
    AgentSpec("untuned PPO", Kind.UNTUNED, "observations", deep.ppo_untuned),
)
# Asked for by name only: what a network makes of the best there is.
CLONED = AgentSpec("cloned optimum", Kind.CLONED, "the law of the world", ClonedOptimum, fits=_has_reference)
# Trained on clicks, PPO shows the effect of maximising them over the whole lifetime.
_on_clicks = functools.partial(ScoreLearner, objective="clicks")
# Learners made for one case alone.
MADE_FOR = {
    "RecommendLifetime": (
        AgentSpec("PPO by scores", Kind.DEEP, "observations", ScoreLearner, preview=True),
        AgentSpec("PPO on clicks", Kind.DEEP, "observations", _on_clicks),
    )
}
# The learner of a preview: PPO, but where the committed scoreboard finds another one worth it, that one.
PREVIEWED = {"BiddingAuction": "cross-entropy", "NudgeHabit": "DQN"}


def ladder_of(case: Case, parameters: Parameters) -> list[AgentSpec]:
    """The agents that can play a case, cheapest first. Nothing is trained, and torch is not imported.

    Args:
        case: the case.
        parameters: the scenario's parameters.
    """
    problem = Problem(case, parameters, case.env.view_type(parameters))
    own = [*rules(problem), *(() if case.has("rules") else MADE_FOR.get(case.name, ()))]
    # A case with a deep learner made for it previews that one.
    made_for_it = any(spec.kind == Kind.DEEP and spec.preview for spec in own)
    previewed = None if made_for_it else PREVIEWED.get(case.name, "PPO")
    specs = [
        AgentSpec("random", Kind.RANDOM, "nothing", Random, preview=True),
        *(dataclasses.replace(spec, preview=spec.preview or spec.kind not in TRAINED) for spec in own),
        *BANDITS,
        AgentSpec("Q-learning", Kind.TABULAR, "observations", QLearning, fits=_one_of_a_few, preview=True),
        *(dataclasses.replace(spec, preview=spec.name == previewed) for spec in (SEARCH, BRANCHING, PATHWISE, *DEEP)),
        CLONED,
        AgentSpec(
            "reference", Kind.REFERENCE, "the law of the world", best_possible, fits=_has_reference, preview=True
        ),
    ]
    return [spec for spec in specs if spec.fits(problem)]


def of_file(file: str, problem: Problem) -> AgentSpec:
    """A deep learner with the hyperparameters of a user's own file, as `bizgyms tune` writes it.

    Args:
        file: its path, which is part of the row's name.
        problem: the case it shall learn.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds nothing for the case, or its algorithm does not fit there.
    """
    algorithm, block = block_of_file(Path(file), problem.case.id)
    try:
        shipped = spec_of_algorithm(algorithm, problem)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    setting = {"algorithm": algorithm, "block": block}
    return dataclasses.replace(with_block(f"{shipped.name} of {file}"), settings=lambda problem: [setting])


def spec_of_algorithm(algorithm: str, problem: Problem) -> AgentSpec:
    """The agent of one of `baselines.learners.algorithms.ALGORITHMS`.

    Raises:
        ValueError: it cannot play the problem; the message says which can.
    """
    specs_of = {name: next(spec for spec in DEEP if spec.name == ALGORITHMS[name][1]) for name in ALGORITHMS}
    able = [name for name, spec in specs_of.items() if spec.fits(problem)]
    if algorithm not in able:
        raise ValueError(f"{algorithm} cannot play {problem.case.id}; {', '.join(able)} can")
    return specs_of[algorithm]


def with_block(name: str) -> AgentSpec:
    """The row of `of_file` by its name alone: its hyperparameters are its setting."""
    return AgentSpec(name, Kind.DEEP, "observations", deep.of_block)


def is_file(name: str) -> bool:
    """Whether a name is of a file of hyperparameters, or of its row."""
    return name.endswith((".yml", ".yaml"))


def revive(problem: Problem, made: Mapping[str, Any], learned: bytes | None) -> Agent:
    """An agent as it was scored.

    Args:
        problem: what it plays.
        made: its name on the ladder and its setting.
        learned: what it learned, as it saved itself; None for an agent that does not learn.

    Raises:
        LookupError: it is not on the ladder, or what it learned was not saved.
        ValueError: what it learned cannot be read.
    """
    agent = spec_of(problem, made["rung"]).build(problem, **made["setting"])
    if learned is None:
        return agent
    if not learned or not isinstance(agent, Savable):
        raise LookupError("what it learned was not kept, for it cannot save itself")
    agent.restore(io.BytesIO(learned))
    return agent


def spec_of(problem: Problem, name: str) -> AgentSpec:
    """The ladder's agent of a name, or the row of a file of hyperparameters."""
    listed = next((spec for spec in ladder_of(problem.case, problem.parameters) if spec.name == name), None)
    if listed is None and not is_file(name):
        raise LookupError(f"{name} is not on the ladder of {problem.case.id}")
    return listed or with_block(name)
