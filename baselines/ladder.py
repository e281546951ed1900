"""The ladder of a case: its agents, from random to the reference's own policy."""

from __future__ import annotations

from baselines.agents import Agent, Problem, Rung
from baselines.learners import bandits, deep, tabular
from baselines.learners.randomly import Random
from baselines.rules import rules
from bizgyms.registry import Case
from envs_data.parameters import Parameters


def rungs(case: Case, parameters: Parameters) -> list[Rung]:
    """The rungs of a case that can play it, cheapest first. Nothing is trained, and torch is not imported.

    Args:
        case: the case.
        parameters: the scenario's parameters.
    """
    problem = Problem(case, parameters, case.env.view_type(parameters))
    found = [
        Rung("random", "random", "nothing", Random),
        *rules(problem),
        Rung("Thompson", "bandit", "observations", bandits.thompson, fits=bandits.has_arms),
        Rung("Q-learning", "tabular", "observations", tabular.q_learning, fits=tabular.has_cells),
        Rung("PPO", "deep", "observations", deep.ppo),
        Rung("DQN", "deep", "observations", deep.dqn, fits=deep.discrete),
        Rung("reference", "reference", "the law of the world", best_possible, fits=_has_reference),
    ]
    return [rung for rung in found if rung.fits(problem)]


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
