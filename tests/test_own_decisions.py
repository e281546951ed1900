"""Decisions of SimPy models as people write them: any space, masks, several deciders, time limits."""

import gymnasium as gym
import numpy as np
import pytest
import simpy
from gymnasium import spaces

import baselines
from bizgyms.testing import check_case
from envs_data.parameters import ParameterError
from tests.own_models import ID, SEEN, forgotten, made, played  # noqa: F401  a fixture for every test


@pytest.mark.parametrize(
    ("actions", "flat", "decided", "handed"),
    [
        (["quick", "full"], spaces.Discrete(2), 1, "full"),
        ([8, 20, 40], spaces.Discrete(3), 2, 40),
        (spaces.Discrete(3, start=5), spaces.Discrete(3), 2, 7),
        (spaces.MultiDiscrete([3, 4]), spaces.MultiDiscrete([3, 4]), np.array([1, 2]), [1, 2]),
        (spaces.MultiBinary(3), spaces.MultiBinary(3), np.array([1, 0, 1], np.int8), [1, 0, 1]),
        (spaces.Box(1, 30, (1,)), spaces.Box(1, 30, (1,)), np.array([30.0], np.float32), [30.0]),
        (spaces.Box(2, 9, (2,), np.int64), spaces.MultiDiscrete([8, 8]), np.array([0, 7]), [2, 9]),
        (
            spaces.Dict({"who": spaces.Discrete(2), "n": spaces.MultiDiscrete([3, 4])}),
            spaces.MultiDiscrete([3, 4, 2]),
            np.array([2, 3, 1]),
            {"n": [2, 3], "who": 1},
        ),
        (
            spaces.Tuple((spaces.Discrete(3), spaces.Box(1, 30, ()))),
            spaces.Box(np.array([0, 1], np.float32), np.array([2, 30], np.float32)),
            np.array([1.6, 2.5], np.float32),
            (2, 2.5),
        ),
    ],
)
def test_a_decision_is_flat_for_agents_and_whole_for_the_process(actions, flat, decided, handed):
    got = []

    def asks(world, rng):
        got.append((yield world.decide(x=1)))
        yield world.clock.timeout(1)

    case = made(asks, actions, rules=[lambda seen: handed])
    env = gym.make(ID).unwrapped
    assert env.action_space == flat
    env.reset(seed=0)
    env.step(decided)
    assert got == [handed]
    agent = baselines.evaluate(ID, Whole(case, handed), episodes=2)
    assert agent.steps.tolist() == [1, 1]


class Whole:
    """Decides as a rule does, in the words of the process."""

    def __init__(self, case, said):
        self.view, self.said = case.env.view_type(case.scenarios["default"]), said

    def act(self, observations, mask=None):
        return np.array([self.view.action_of(self.said, {"x": 1.0})] * len(observations))


@pytest.mark.parametrize("actions", [1, [], "quick", spaces.Box(-np.inf, 1, (1,)), spaces.Text(3)])
def test_what_cannot_be_decided_is_refused(actions):
    with pytest.raises(ParameterError, match=r"it must be a number of choices|say the least and the most"):
        made(lambda world, rng: None, actions)


def test_sets_of_actions_vary_by_a_mask():
    def asks(world, rng):
        while True:
            world.count("m", (yield world.decide(x=world.clock.now % 2)) == "full")
            yield world.clock.timeout(1)

    made(asks, ["quick", "full"], mask=lambda seen: ["quick"] if seen["x"] else [True, True])
    total, steps, env = played(1)
    assert (total, steps) == (12.0, 24)
    assert env.view.masked
    check_case(ID)


@pytest.mark.parametrize(
    ("actions", "space"),
    [
        ({"nurse": 3, "doctor": ["wait", "treat"]}, spaces.Discrete(3)),
        ({"nurse": spaces.MultiDiscrete([3, 4]), "doctor": 2}, spaces.MultiDiscrete([3, 4, 2])),
    ],
)
def test_several_decide_each_with_its_own_spaces(actions, space):
    def ward(world, rng):
        def nurse():
            while True:
                done = yield world.decide("nurse", x=rng.integers(5))
                world.count("m", np.sum(done))
                yield world.clock.timeout(1)

        def doctor():
            while True:
                world.count("m", (yield world.decide("doctor", sick=rng.random())) in ("treat", 1))
                yield world.clock.timeout(2)

        world.clock.process(nurse())
        world.clock.process(doctor())

    made(ward, actions, seen={"nurse": {"x": (0, 5)}, "doctor": {"sick": (0, 1)}})
    env = gym.make(ID).unwrapped
    assert env.action_space == space
    assert [feature.name for feature in env.features] == ["x", "sick", "asker"]
    check_case(ID)


def test_a_decision_may_stand_beside_a_timeout_and_be_interrupted():
    def shop(world, rng):
        def waits():
            try:
                world.count("m", 100.0 * (yield world.decide(x=2)))
            except simpy.Interrupt:
                world.count("m", 1.0)

        def manager(waiting):
            asked = world.decide(x=1)
            answers = yield asked | world.clock.timeout(1)
            assert asked in answers
            waiting.interrupt()
            yield world.clock.timeout(1)
            world.finish()

        world.clock.process(manager(world.clock.process(later(world, waits))))

    def later(world, waits):
        yield world.clock.timeout(0)
        yield from waits()

    made(shop)
    total, steps, _ = played(1)
    assert (total, steps) == (1.0, 1)
