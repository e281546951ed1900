"""What other libraries count on: bases, infos, actions, masks, seeds, specs and frames."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode

import bizgyms
from bizgyms import registry
from bizgyms.from_gym import from_gym
from bizgyms.worlds_in_turn import twin_of
from envs_data.parameters import ParameterError

CASES = [case for case in bizgyms.cases() if case.id.startswith("bizgyms/")]
CAMPAIGN = "bizgyms/BiddingCampaign-v0"
ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_vector_env_is_a_direct_base_of_every_twin(case):
    assert gym.vector.VectorEnv in case.twin.__bases__
    assert gym.vector.VectorEnv in type(twin_of(case)(num_envs=1)).__bases__


@pytest.mark.parametrize("mode", [*AutoresetMode])
def test_infos_of_a_twin_are_flat_arrays_with_the_same_entries_at_reset_and_step(mode):
    twin = gym.make_vec("bizgyms/NudgeHabit-v0", num_envs=2, steps=3, autoreset_mode=mode)
    _, before = twin.reset(seed=1)
    for _ in range(3):
        *_, after = twin.step(np.ones(2, dtype=int))
        told = {key: value for key, value in after.items() if not key.startswith(("final", "_final"))}
        assert told.keys() == before.keys()
        assert all(isinstance(value, np.ndarray) and len(value) == 2 for value in told.values())
    assert {"term_responses", "term_messages", "decision"} <= before.keys()
    assert not before["decision"].any()


def test_a_world_that_begins_anew_in_the_same_step_tells_what_a_reset_tells():
    twin = gym.make_vec("bizgyms/NudgeHabit-v0", num_envs=2, steps=2, autoreset_mode="SameStep")
    _, begun = twin.reset(seed=1)
    for _ in range(2):
        *_, infos = twin.step(np.ones(2, dtype=int))
    for name, value in begun.items():
        np.testing.assert_array_equal(infos[name], value)
    assert infos["final_info"]["decision"].tolist() == [1, 1]


@ENGINES
def test_numbers_outside_a_box_are_clipped_and_kept_beside_what_was_done(engine):
    env, usual = (gym.make(CAMPAIGN, engine=engine) for _ in range(2))
    env.reset(seed=1)
    usual.reset(seed=1)
    *given, info = env.step(np.array([7.0, -np.inf]))
    *wanted, told = usual.step(np.array([1.0, -1.0], dtype=np.float32))
    np.testing.assert_array_equal(given[0], wanted[0])
    assert given[1:] == wanted[1:]
    assert (info["proposed"], info["clipped"], info["decision"]) == ((7.0, -np.inf), 2, told["decision"])
    assert (told["proposed"], told["clipped"]) == ((1.0, -1.0), 0)
    with pytest.raises(ValueError, match="nan"):
        env.step(np.array([np.nan, 0.0], dtype=np.float32))


def test_a_twin_clips_each_world_s_numbers_and_names_the_world_of_a_nan():
    twin = gym.make_vec(CAMPAIGN, num_envs=2)
    twin.reset(seed=1)
    *_, infos = twin.step(np.array([[0.5, 0.0], [2.0, 0.0]]))
    assert infos["clipped"].tolist() == [0, 1]
    assert infos["proposed"].tolist() == [[0.5, 0.0], [2.0, 0.0]]
    with pytest.raises(ValueError, match=r"world 1: .*nan"):
        twin.step(np.array([[5.0, 0.0], [np.nan, 0.0]]))


def test_masks_are_as_sample_wants_them():
    env = gym.make("bizgyms/RestockBox-v0", scenario="grocery-box", max_order=120)
    _, info = env.reset(seed=1)
    assert info["action_mask"].dtype == np.int8
    parts = np.split(info["action_mask"], np.cumsum(env.action_space.nvec)[:-1])
    assert env.action_space.sample(mask=tuple(parts)).shape == env.action_space.shape
    masks = gym.make_vec("bizgyms/RestockBox-v0", num_envs=2, max_order=120).reset(seed=1)[1]["action_mask"]
    assert masks.dtype == np.int8


@pytest.mark.parametrize("seed", [5, np.int64(5), np.uint8(5)])
def test_seeds_may_be_whole_numbers_of_numpy(seed):
    for env in (gym.make("bizgyms/NudgeHabit-v0"), gym.make_vec("bizgyms/NudgeHabit-v0", num_envs=2)):
        np.testing.assert_array_equal(env.reset(seed=seed)[0], env.reset(seed=5)[0])


@pytest.mark.parametrize("id", ["bizgyms/RestockItem-v0", "bizgyms/RecommendVisit-v0"])
@pytest.mark.parametrize("mode", [*AutoresetMode])
def test_with_a_seed_a_world_each_meets_what_an_environment_of_its_own_meets(id, mode):
    short = {"days": 4} if "Restock" in id else {}
    twin = gym.make_vec(id, num_envs=3, autoreset_mode=mode, **short)
    sync = gym.make_vec(id, 3, "sync", vector_kwargs={"autoreset_mode": mode}, engine="compiled", **short)
    seeds = [3, np.int64(4), 3]
    rows, others = twin.reset(seed=seeds)[0], sync.reset(seed=[3, 4, 3])[0]
    for step in range(12):
        np.testing.assert_array_equal(rows, others)
        rows, rewards, terminated, *_ = twin.step(np.full(3, step % 2))
        others, paid, over, *_ = sync.step(np.full(3, step % 2))
        np.testing.assert_array_equal(rewards, paid)
        if mode is AutoresetMode.DISABLED and terminated.any():
            assert (terminated == over).all()
            rows = twin.reset(options={"reset_mask": terminated})[0]
            others = sync.reset(options={"reset_mask": over})[0]
    with pytest.raises(ParameterError, match="a list of 2 seeds; it must have one a world: 3"):
        twin.reset(seed=[1, 2])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_spec_tells_the_horizon_where_a_clock_counts_the_steps_left(case):
    env = gym.make(case.id, engine="compiled")
    view = env.unwrapped.view
    steps = int(env.observation_space.high[view.columns[view.clock]]) if view.clock else None
    assert env.spec.max_episode_steps == steps
    assert EnvSpec.from_json(env.spec.to_json()) == env.spec


def test_every_world_of_a_twin_has_a_frame():
    twin = gym.make_vec("bizgyms/NudgeHabit-v0", num_envs=3, render_mode="rgb_array")
    twin.reset(seed=1)
    assert len(twin.render()) == 3


class Clock(gym.Env):
    """Ends by itself or by a time limit, whichever comes first."""

    observation_space = spaces.Box(0.0, 9.0, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.step_now = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.step_now += 1
        return np.float32([self.step_now]), np.float64(1.0), action == 1, False, {}


def test_a_plain_environment_s_time_limit_stays_a_truncation():
    gym.register("tests/Clock-v0", entry_point=Clock, max_episode_steps=4)
    try:
        case = from_gym("tests/Clock-v0")
        env, twin = gym.make(case.id), twin_of(case)(num_envs=2, autoreset_mode="Disabled")
        env.reset(seed=1)
        twin.reset(seed=1)
        flags = [env.step(0)[2:4] for _ in range(4)]
        vector = [twin.step(np.array([0, int(step == 1)]))[2:4] for step in range(4)]
    finally:
        gym.registry.pop("tests/Clock-v0")
        gym.registry.pop("plain/Clock-v0", None)
        registry._cases.pop("plain/Clock-v0", None)
    assert flags == [(False, False)] * 3 + [(False, True)]
    assert [terminated.tolist() for terminated, _ in vector] == [[False, False], [False, True]] + [[False, True]] * 2
    assert [truncated.tolist() for _, truncated in vector] == [[False, False]] * 3 + [[True, False]]
