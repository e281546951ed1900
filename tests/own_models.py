"""Makes small cases of one's own, plays them, and forgets them."""

import gymnasium as gym
import pytest

import bizgyms
from bizgyms.from_simpy import from_simpy

ID = "tests/Story-v0"
SEEN = {"x": (0, 10)}


@pytest.fixture(autouse=True)
def forgotten():
    yield
    bizgyms.registry._cases.pop(ID, None)
    gym.registry.pop(ID, None)


def made(story, actions=2, **said):
    return from_simpy(ID, story, actions, **{"seen": SEEN, "paid": ["m"], "until": 24, **said})


def played(action=1, seed=1, steps=10_000):
    """Total, steps and the world of an episode."""
    env = gym.make(ID).unwrapped
    env.reset(seed=seed)
    total, over, taken = 0.0, False, 0
    while not over and taken < steps:
        _, reward, over, _, _ = env.step(action)
        total, taken = total + reward, taken + 1
    return total, taken, env
