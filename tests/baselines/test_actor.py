"""Decisions computed by NumPy are those of the policy itself."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import problem_of
from baselines.learners.deep import DeepLearner

pytest.importorskip("torch")


def learner_on(name: str, algorithm: str) -> DeepLearner:
    """A learner after a few steps on the default scenario of a case."""
    case = bizgyms.case(name)
    parameters = next(iter(case.scenarios.values()))
    learner = DeepLearner(problem_of(case, parameters), algorithm)
    learner.learn(lambda worlds, **given: case.twin(num_envs=worlds, scenario=parameters, **given), 4_200, seed=3)
    return learner


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("RestockItem", "ppo"),
        ("RestockItem", "dqn"),
        ("PricingShelf", "ppo"),
        ("RestockBox", "a2c"),
        ("BiddingCampaign", "ppo"),
        ("NudgeHabit", "a2c"),
        ("NudgeBudget", "ppo"),
    ],
)
def test_numpy_decides_as_the_policy_does(name: str, algorithm: str) -> None:
    learner = learner_on(name, algorithm)
    view = learner.problem.view
    space = view.observation_space(normalize=True)
    space.seed(1)
    rows = np.stack([np.clip(space.sample(), -3, 3) for _ in range(300)]).astype(np.float32)
    assert learner.model is not None
    assert learner.decide is not None
    wanted, _ = learner.model.policy.predict(rows, deterministic=True)
    found = learner.decide(rows)
    assert found.shape == wanted.shape
    near = np.isclose(found, wanted, rtol=1e-4, atol=1e-5)
    # Where two actions are worth the same to the last bit but one, either may be chosen.
    assert near.mean() > 0.995
