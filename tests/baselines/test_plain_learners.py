"""Plain environments end to end: one where a rule stays ahead of PPO, and one where PPO passes the rule."""

import gymnasium
import numpy as np
import pytest

import baselines
import bizgyms
from bizgyms.from_gym import from_gym
from envs_data.parameters import ParameterError


class Watch(gymnasium.Env):
    """Ten steps; the right action is the third number seen, and the other two are noise."""

    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(-1, 1, (3,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 10
        return self._look(), {}

    def _look(self):
        self.seen = self.np_random.uniform(-1, 1, 3).astype(np.float32)
        return self.seen

    def step(self, action):
        reward = float(int(action) == int(self.seen[2] > 0))
        self.left -= 1
        return self._look(), reward, self.left == 0, False, {}


class Lock(Watch):
    """Forty steps; only an unbroken row of the right answers to what is seen is worth anything, at the end."""

    def reset(self, *, seed=None, options=None):
        found = super().reset(seed=seed)
        self.left, self.open = 40, True
        return found

    def step(self, action):
        self.open &= int(action) == int(self.seen[0] * self.seen[1] > 0)
        self.left -= 1
        return self._look(), 100.0 * (self.open and self.left == 0), self.left == 0, False, {}


def watch_env():
    return Watch()


def lock_env():
    return Lock()


def nested_env():
    env = Watch()
    env.observation_space = gymnasium.spaces.Dict({"a": env.observation_space})
    return env


@pytest.fixture(autouse=True)
def forgotten():
    yield
    for name in ("watch_env", "lock_env", "nested_env"):
        gymnasium.registry.pop(f"{name}-v0", None)
        gymnasium.registry.pop(f"plain/{name}-v0", None)
        bizgyms.registry._cases.pop(f"plain/{name}-v0", None)


def test_a_function_that_makes_an_environment_is_enough():
    case = from_gym(watch_env)
    assert case.id == "plain/watch_env-v0"
    assert from_gym(watch_env) is case
    found = baselines.evaluate(watch_env, lambda row: int(row[2] > 0), episodes=4)
    assert found.returns.tolist() == [10.0] * 4


def test_nested_observations_name_the_wrapper():
    with pytest.raises(ParameterError, match=r"it observes Dict.*gymnasium.wrappers.FlattenObservation"):
        from_gym(nested_env)


def scored(env, rule):
    said = {"episodes": 100, "budget": "quick", "processes": 0, "quiet": True, "say": lambda line: None}
    board = baselines.score(env, agents=["ppo"], today=rule, **said)
    return {row.role: row.value for row in board.rows} | {row.agent: row.value for row in board.rows}


@pytest.mark.slow
def test_ppo_passes_a_rule_that_looks_at_nothing():
    values = scored(watch_env, lambda rows: np.ones(len(rows), dtype=int))
    assert values["PPO"] > values["today"] + 1


@pytest.mark.slow
def test_a_rule_that_knows_the_lock_stays_ahead_of_ppo():
    values = scored(lock_env, lambda rows: (rows[:, 0] * rows[:, 1] > 0).astype(int))
    assert values["today"] == 100.0
    assert values["PPO"] < values["today"]
