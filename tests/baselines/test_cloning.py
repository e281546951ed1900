"""Behaviour cloning, for every kind of decision."""

import numpy as np
import pytest

from baselines.agents import problem_of
from baselines.learners.cloning import Cloning
from baselines.learners.warm_start import first_rule
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from bizgyms import case


@pytest.mark.parametrize("name", ["RestockItem", "RestockBox", "BiddingCampaign", "NudgeBudget"])
def test_a_rule_is_cloned_whatever_its_decisions_are(name):
    # A number, several numbers, a real number, whom of many.
    known = case(name)
    problem = problem_of(known, next(iter(known.scenarios.values())))
    one_thread()
    clone = Cloning(problem)
    clone.learn(environments(known, problem.parameters), 20_000, 0)
    found, rule = (play(problem, agent, 20, 0, "clone").mean for agent in (clone, first_rule(problem)))
    assert np.isfinite(found)
    assert abs(found - rule) < 0.5 * abs(rule)
