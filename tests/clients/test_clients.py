"""Other people's code, unmodified, on at least two cases each. Install it with the extra ``clients``."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import (
    FlattenObservation,
    NormalizeObservation,
    RecordEpisodeStatistics,
    RecordVideo,
    TransformReward,
)

import baselines
import bizgyms

IDS = ["bizgyms/RestockItem-v0", "bizgyms/NudgeHabit-v0"]
BOXES = ["bizgyms/RestockBox-v0", "bizgyms/PricingShelf-v1"]
EITHER = pytest.mark.parametrize("id", IDS)


@EITHER
def test_stable_baselines3_trains_evaluates_and_calls_back(id, tmp_path):
    pytest.importorskip("stable_baselines3", reason="stable-baselines3 is not installed")
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import EvalCallback
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    envs = make_vec_env(id, n_envs=2, seed=0, env_kwargs={"engine": "compiled", "normalize": True})
    watch = EvalCallback(
        make_vec_env(id, n_envs=1, env_kwargs={"normalize": True}), n_eval_episodes=1, eval_freq=128, verbose=0,
        best_model_save_path=str(tmp_path),
    )  # fmt: skip
    model = PPO("MlpPolicy", envs, n_steps=64, batch_size=64, device="cpu").learn(256, callback=watch)
    mean, spread = evaluate_policy(model, envs, n_eval_episodes=2)
    assert np.isfinite([mean, spread]).all()
    assert (tmp_path / "best_model.zip").is_file()


@pytest.mark.parametrize("id", BOXES)
def test_sb3_contrib_masks(id):
    contrib = pytest.importorskip("sb3_contrib", reason="sb3-contrib is not installed")
    from sb3_contrib.common.maskable.evaluation import evaluate_policy

    from bizgyms.sb3 import VecEnv

    envs = VecEnv(id, num_envs=4, normalize=True)
    model = contrib.MaskablePPO("MlpPolicy", envs, n_steps=32, batch_size=64, device="cpu").learn(128)
    env = gym.make(id, engine="compiled", normalize=True)
    assert np.isfinite(evaluate_policy(model, env, n_eval_episodes=1, warn=False)[0])


@EITHER
def test_a_ppo_loop_of_a_single_file_learns_from_make_vec(id):
    """The usual loop: roll out, generalised advantages, a few clipped updates."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    envs = bizgyms.make_vec(id, num_envs=64, normalize=True)
    width, actions = envs.single_observation_space.shape[0], int(envs.single_action_space.n)
    actor, critic = (
        torch.nn.Sequential(torch.nn.Linear(width, 32), torch.nn.Tanh(), torch.nn.Linear(32, n)) for n in (actions, 1)
    )
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=3e-3)
    seen, _ = envs.reset(seed=0)
    for _ in range(40):
        rows, chosen, rewards, ended = [], [], [], []
        for _ in range(32):
            row = torch.as_tensor(seen)
            with torch.no_grad():
                action = torch.distributions.Categorical(logits=actor(row)).sample()
            seen, reward, terminated, truncated, _ = envs.step(action.numpy())
            rows.append(row)
            chosen.append(action)
            rewards.append(torch.as_tensor(reward, dtype=torch.float32))
            ended.append(torch.as_tensor(terminated | truncated, dtype=torch.float32))
        row, action = torch.cat(rows), torch.cat(chosen)
        reward = torch.stack(rewards) / 10.0
        with torch.no_grad():
            values = critic(row).reshape(32, 64)
            returns, after = torch.zeros_like(values), critic(torch.as_tensor(seen)).flatten()
            for step in reversed(range(32)):
                after = reward[step] + 0.9 * after * (1 - ended[step])
                returns[step] = after
            before = torch.distributions.Categorical(logits=actor(row)).log_prob(action)
        advantage = (returns - values).flatten()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        for _ in range(4):
            ratio = (torch.distributions.Categorical(logits=actor(row)).log_prob(action) - before).exp()
            gain = torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).mean()
            loss = ((critic(row).flatten() - returns.flatten()) ** 2).mean() - gain
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def greedy(rows):
        with torch.no_grad():
            return actor(torch.as_tensor(view.normalized(rows))).argmax(dim=1).numpy()

    view = bizgyms.case(id).env.view_type(next(iter(bizgyms.case(id).scenarios.values())))
    chance = np.random.default_rng(0)
    learned, random = (
        baselines.evaluate(id, decide, episodes=50).mean
        for decide in (greedy, lambda rows: chance.integers(0, actions, size=len(rows)))
    )
    assert learned > random


@EITHER
def test_gymnasium_s_wrappers(id, tmp_path):
    env = gym.make(id, render_mode="rgb_array")
    env = TransformReward(
        NormalizeObservation(FlattenObservation(RecordEpisodeStatistics(env))), lambda reward: 0.01 * reward
    )
    env.reset(seed=0)
    env.action_space.seed(0)
    over, total = False, 0.0
    while not over:
        _, reward, terminated, truncated, info = env.step(env.action_space.sample())
        total += reward
        over = terminated or truncated
    assert info["episode"]["r"] == pytest.approx(100 * total)


@EITHER
def test_gymnasium_s_video(id, tmp_path):
    pytest.importorskip("moviepy", reason="moviepy is not installed")
    env = RecordVideo(
        gym.make(id, render_mode="rgb_array"),
        str(tmp_path / "video"),
        episode_trigger=lambda episode: True,
        video_length=5,
    )
    env.reset(seed=0)
    for _ in range(6):
        env.step(1)
    env.close()
    assert list((tmp_path / "video").glob("*.mp4"))


@pytest.mark.filterwarnings("ignore:`")  # it asks for an author, a permalink and the like
@EITHER
def test_minari_there_and_back(id, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari", reason="minari is not installed")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    env = gym.make(id)
    buffers = []
    for seed in range(2):
        observations, actions, rewards, ends = [env.reset(seed=seed)[0]], [], [], []
        while not ends or not ends[-1]:
            actions.append(1)
            observation, reward, terminated, _, _ = env.step(1)
            observations.append(observation)
            rewards.append(float(reward))
            ends.append(bool(terminated))
        cut = [False] * len(ends)
        buffers.append(
            minari.data_collector.EpisodeBuffer(
                id=seed, observations=observations, actions=actions, rewards=rewards, terminations=ends, truncations=cut
            )
        )
    name = f"bizgyms/{id.split('/')[1].rsplit('-v', 1)[0].lower()}-v0"
    minari.create_dataset_from_buffers(name, buffers, env=env, algorithm_name="one", data_format="arrow"
                                       if _has("pyarrow") else "hdf5")  # fmt: skip
    back = list(minari.load_dataset(name).iterate_episodes())
    for episode, buffer in zip(back, buffers, strict=True):
        np.testing.assert_array_equal(episode.rewards, buffer.rewards)
    np.testing.assert_array_equal(back[0].observations, np.array(buffers[0].observations))


def _has(package):
    import importlib.util

    return importlib.util.find_spec(package) is not None


@EITHER
def test_optuna_tunes_a_rule(id):
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def value(trial):
        action = trial.suggest_int("action", 0, 2)
        return baselines.evaluate(id, lambda rows: np.full(len(rows), action), episodes=20).mean

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(value, n_trials=4)
    assert np.isfinite(study.best_value)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["gymnasium", "vector_entry_point"])
@EITHER
def test_rllib_s_ppo_trains(id, mode):
    pytest.importorskip("ray.rllib", reason="RLlib is not installed")
    from ray.rllib.algorithms.ppo import PPOConfig

    settings = PPOConfig().environment(id).env_runners(num_env_runners=0, num_envs_per_env_runner=2)
    if mode == "vector_entry_point":
        settings = settings.env_runners(gym_env_vectorize_mode=gym.VectorizeMode.VECTOR_ENTRY_POINT)
    algorithm = settings.training(train_batch_size_per_learner=256, minibatch_size=64, num_epochs=1).build_algo()
    result = algorithm.train()
    algorithm.stop()
    assert result["env_runners"]["num_env_steps_sampled"] >= 256
