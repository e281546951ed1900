"""Libraries that play vector environments: one case of each action space, in every autoreset mode they know."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import bizgyms

SPACES = ["bizgyms/NudgeHabit-v0", "bizgyms/RestockBox-v0", "bizgyms/BiddingCampaign-v0", "bizgyms/NudgeBudget-v0"]
DISCRETE, MULTI, BOX, BINARY = SPACES
MODES = pytest.mark.parametrize("mode", [*AutoresetMode], ids=lambda mode: mode.value)
STEPS = 70
SHORT = {DISCRETE: {"steps": 20}, MULTI: {"days": 20}, BINARY: {"steps": 20}}
"""Episodes that end, and begin anew, within the steps played; a campaign's day is as long as it is."""

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' own


def make(id, **kwargs):
    return gym.make(id, engine="compiled", **SHORT.get(id, {}), **kwargs)


def make_vec(id, **kwargs):
    return gym.make_vec(id, num_envs=2, **SHORT.get(id, {}), **kwargs)


@MODES
@pytest.mark.parametrize("id", [DISCRETE, MULTI, BOX])  # skrl knows no MultiBinary
def test_skrl_finds_out_by_itself_what_it_plays(id, mode):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    wrappers = pytest.importorskip("skrl.envs.wrappers.torch", reason="skrl is not installed")
    envs = make_vec(id, autoreset_mode=mode)
    wrapped = wrappers.wrap_env(envs, verbose=False)
    wrapped.reset()
    for _ in range(STEPS):
        actions = torch.as_tensor(envs.action_space.sample())
        # A Gaussian policy sends whatever it draws.
        actions = actions + 2 * torch.randn_like(actions) if id == BOX else actions.reshape(2, -1)
        seen, reward, *_ = wrapped.step(actions)
    assert seen.shape == (2, *envs.single_observation_space.shape)
    assert torch.isfinite(reward).all()


@pytest.mark.parametrize("id", SPACES)
def test_torchrl_plays_one_world(id):
    libs = pytest.importorskip("torchrl.envs.libs.gym", reason="TorchRL is not installed")
    assert libs.GymEnv(id).rollout(STEPS, break_when_any_done=False).shape == (STEPS,)


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED], ids=lambda mode: mode.value)
@pytest.mark.parametrize("id", SPACES)
def test_torchrl_plays_twins(id, mode):
    libs = pytest.importorskip("torchrl.envs.libs.gym", reason="TorchRL is not installed")
    if id == BOX and mode is AutoresetMode.SAME_STEP:
        pytest.skip("TorchRL fills the final observations of other worlds with zeros, which a bid never is")
    wrapped = libs.GymWrapper(make_vec(id, autoreset_mode=mode))
    assert wrapped.rollout(STEPS, break_when_any_done=False).shape == (2, STEPS)


@pytest.mark.parametrize("id", SPACES)
def test_tianshou_steps_its_own_vectors(id):
    env = pytest.importorskip("tianshou.env", reason="Tianshou is not installed")
    envs = env.DummyVectorEnv([lambda: make(id)] * 2)
    envs.reset()
    for _ in range(15):
        _, rewards, *_ = envs.step(np.array([envs.action_space[0].sample() for _ in range(2)]))
    assert rewards.shape == (2,)


@pytest.mark.parametrize("id", SPACES)
def test_supersuit_wraps_and_stacks(id):
    supersuit = pytest.importorskip("supersuit", reason="SuperSuit is not installed")
    envs = supersuit.gym_vec_env_v0(supersuit.clip_reward_v0(make(id)), 2, multiprocessing=False)
    envs.reset()
    assert (np.abs(envs.step(envs.action_space.sample())[1]) <= 1).all()


@pytest.mark.parametrize("id", SPACES)
def test_minari_records_infos(id, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari", reason="minari is not installed")
    pytest.importorskip("h5py", reason="h5py is not installed")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    env = minari.DataCollector(make(id), record_infos=True)
    env.reset(seed=0)
    over = False
    while not over:
        *_, terminated, truncated, _ = env.step(env.action_space.sample())
        over = terminated or truncated
    episode = env.create_dataset(f"tests/{id[8:-3].lower()}-v0")[0]
    terms = [f"term_{term}" for term in bizgyms.case(id).env.view_type.terms]
    np.testing.assert_allclose(sum(episode.infos[term][1:] for term in terms), episode.rewards)


@MODES
def test_gymnasium_s_video_of_a_twin(mode, tmp_path):
    pytest.importorskip("moviepy", reason="moviepy is not installed")
    from gymnasium.wrappers.vector import RecordVideo

    envs = make_vec(DISCRETE, autoreset_mode=mode, render_mode="rgb_array")
    envs = RecordVideo(envs, str(tmp_path), video_length=3, episode_trigger=lambda k: True)
    envs.reset(seed=1)
    for _ in range(4):
        envs.step(envs.action_space.sample())
    envs.close()
    assert list(tmp_path.glob("*.mp4"))


def test_gymnasium_s_human_rendering(monkeypatch):
    pygame = pytest.importorskip("pygame", reason="pygame is not installed")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = make(DISCRETE, render_mode="human")
    env.reset(seed=1)
    env.step(1)
    assert pygame.display.get_surface() is not None
    env.close()


@pytest.mark.parametrize(("name", "id"), [("PPO", DISCRETE), ("DQN", DISCRETE), ("PPO", MULTI), ("SAC", BOX)])
def test_sbx_trains(name, id):
    sbx = pytest.importorskip("sbx", reason="sbx is not installed")
    settings = {"n_steps": 32, "batch_size": 32} if name == "PPO" else {"learning_starts": 20}
    assert getattr(sbx, name)("MlpPolicy", make(id), **settings).learn(64).num_timesteps >= 64


@pytest.mark.parametrize(
    ("name", "id"),
    [("RecurrentPPO", DISCRETE), ("RecurrentPPO", MULTI), ("RecurrentPPO", BOX), ("TQC", BOX), ("QRDQN", DISCRETE)],
)
def test_sb3_contrib_trains(name, id):
    contrib = pytest.importorskip("sb3_contrib", reason="sb3-contrib is not installed")
    if name == "RecurrentPPO":
        model = contrib.RecurrentPPO("MlpLstmPolicy", make(id), n_steps=32, batch_size=32, device="cpu")
    else:
        model = getattr(contrib, name)("MlpPolicy", make(id), learning_starts=20, device="cpu")
    assert model.learn(64).num_timesteps >= 64
