"""The optimum's own policy in a network: what such a network can hold."""

from types import SimpleNamespace

import numpy as np
import pytest

from baselines.agents import LEARNERS, TRAINED, Kind, problem_of
from baselines.ladder.selection import select
from baselines.ladder.specs import ladder_of
from baselines.learners.cloned_optimum import ClonedOptimum, best_possible
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from bizgyms import case
from bizgyms.reference import Reference
from tests.baselines.small import SHOP

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)


def test_a_network_holds_most_of_the_optimum_and_never_more():
    one_thread()
    agent = ClonedOptimum(PROBLEM)
    agent.learn(environments(ITEM, SHOP), 60_000, 0)
    random = ladder_of(ITEM, SHOP)[0].build(PROBLEM)
    ours, possible, chance = (
        play(PROBLEM, one, 1_000, 0, "shop").returns for one in (agent, best_possible(PROBLEM), random)
    )
    short = possible - ours
    assert short.mean() < 0.05 * (possible - chance).mean()
    assert short.mean() > -4 * short.std() / np.sqrt(1_000)


def test_it_is_trained_only_where_it_is_asked_for_and_is_no_learner():
    assert Kind.CLONED in TRAINED
    assert Kind.CLONED not in LEARNERS
    assert "cloned optimum" not in [spec.name for spec in select(PROBLEM, None).learners]
    assert [spec.name for spec in select(PROBLEM, ["cloned_optimum"]).learners] == ["cloned optimum"]


def test_a_bound_without_a_policy_has_nothing_to_clone():
    bound = Reference(0.0, "bound", 0.0, "by hand")
    problem = SimpleNamespace(case=SimpleNamespace(id="mine", reference=lambda _: bound), parameters=None)
    with pytest.raises(LookupError, match="the reference of mine is a bound: it has no policy"):
        best_possible(problem)
