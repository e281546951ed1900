import numpy as np
import pytest

import bizgyms
from envs_data.parameters import ParameterError
from envs_data.restock.item import SCENARIOS

pytest.importorskip("stable_baselines3")

from stable_baselines3 import DQN, PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

from bizgyms.sb3 import VecEnv

SHORT = SCENARIOS["corner-shop"].replace(days=7)


def test_episodes_are_those_of_the_twin():
    env = VecEnv(SHORT, num_envs=5, reward_scale=0.5)
    twin = bizgyms.make_vec(SHORT, num_envs=5, autoreset_mode="Disabled")
    env.seed(3)
    rows = env.reset()
    expected, _ = twin.reset(seed=3)
    np.testing.assert_array_equal(rows, expected)
    returns = np.zeros(5)
    actions = np.arange(5) + 10
    for _ in range(SHORT.days):
        rows, rewards, done, infos = env.step(actions)
        expected, paid, terminated, _, _ = twin.step(actions)
        np.testing.assert_allclose(rewards, 0.5 * paid, rtol=1e-6)
        np.testing.assert_array_equal(done, terminated)
        returns += paid
    assert rewards.dtype == np.float32
    assert done.all()
    for world, info in enumerate(infos):
        np.testing.assert_array_equal(info["terminal_observation"], expected[world])
        assert info["TimeLimit.truncated"] is False
        assert info["episode"]["r"] == pytest.approx(returns[world])
        assert info["episode"]["l"] == SHORT.days
    assert (rows[:, -1] == SHORT.days).all()  # the next episode's first morning


def test_infos_are_one_shared_empty_dict_until_an_episode_ends():
    env = VecEnv("RestockItem", num_envs=3)
    env.reset()
    infos = env.step(np.zeros(3, dtype=np.int64))[3]
    assert infos == [{}, {}, {}]
    assert infos[0] is infos[1]


def test_truncation_is_told():
    env = VecEnv("RestockItem", num_envs=2, max_episode_steps=2)
    env.reset()
    env.step(np.zeros(2, dtype=np.int64))
    infos = env.step(np.zeros(2, dtype=np.int64))[3]
    assert all(info["TimeLimit.truncated"] is True for info in infos)


def test_what_sb3_asks_an_environment():
    env = VecEnv(SHORT, num_envs=4)
    env.reset()
    assert env.get_attr("render_mode") == [None] * 4
    assert env.get_attr("parameters", indices=1) == [SHORT]
    masks = env.env_method("action_masks")
    assert len(masks) == 4
    assert masks[0].shape == (41,)
    assert env.env_is_wrapped(Monitor) == [True] * 4
    with pytest.raises(ValueError, match="share their attributes"):
        env.set_attr("render_mode", "ansi", indices=0)


def test_a_twin_in_another_mode_is_refused():
    twin = bizgyms.make_vec("RestockItem", num_envs=2)
    with pytest.raises(ParameterError, match="SameStep"):
        VecEnv(twin)


@pytest.mark.parametrize("algorithm", [PPO, DQN])
def test_sb3_learns_and_evaluates_on_it(algorithm):
    env = VecEnv(SHORT, num_envs=8, normalize=True)
    settings = {"n_steps": 16, "batch_size": 64} if algorithm is PPO else {"learning_starts": 16}
    model = algorithm("MlpPolicy", env, seed=0, device="cpu", **settings).learn(256)
    mean, _ = evaluate_policy(model, env, n_eval_episodes=16)
    assert np.isfinite(mean)
    assert mean < 0
