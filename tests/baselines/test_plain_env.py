"""Somebody's Gymnasium environment, scored as it is."""

import dataclasses

import gymnasium
import numpy as np
import pytest

import baselines
import bizgyms
from baselines.agents import problem_of
from baselines.ladder.specs import ladder_of
from baselines.learners.tabular import QLearning
from baselines.play.training import environments
from bizgyms.from_gym import from_gym
from envs_data.parameters import ParameterError, Parameters


class Corridor(gymnasium.Env):
    """Three steps to the right are worth one; there is nothing else."""

    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(0, 3, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.steps = 0
        return np.array([0], np.float32), {}

    def step(self, action):
        self.steps += 1
        self.place += int(action)
        there = self.place == 3
        return np.array([self.place], np.float32), float(there), there, self.steps == 5, {}


class Image(Corridor):
    observation_space = gymnasium.spaces.Box(0, 255, (84, 84, 3), np.uint8)
    action_space = gymnasium.spaces.Dict({"push": gymnasium.spaces.Discrete(2)})


@pytest.fixture
def corridor():
    for name, env in (("Corridor", Corridor), ("Image", Image)):
        gymnasium.register(f"tests/{name}-v0", env)
    yield "tests/Corridor-v0"
    for name in ("Corridor", "Image"):
        gymnasium.registry.pop(f"tests/{name}-v0")
        gymnasium.registry.pop(f"plain/{name}-v0", None)
        bizgyms.registry._cases.pop(f"plain/{name}-v0", None)


def test_a_plain_environment_has_a_board(corridor):
    today = {"today": lambda rows: np.ones(len(rows), dtype=int)}
    board = baselines.score(corridor, agents=["random"], episodes=6, quiet=True, say=lambda line: None, **today)
    values = {row.role: row.value for row in board.rows}
    assert values["today"] == 1.0
    assert values["random"] < 1.0
    assert "reward/episode" in str(board)
    assert board.title.endswith("6 episodes, the same seeds for everyone")
    assert "year" not in str(board)


def test_learners_learn_it(corridor):
    case = from_gym(corridor)
    problem = problem_of(case, case.scenarios["as it is"])
    assert {"Q-learning", "PPO"} <= {spec.name for spec in ladder_of(case, problem.parameters)}
    agent = QLearning(problem)
    agent.learn(environments(case, problem.parameters), 4_000, 0)
    assert baselines.evaluate(corridor, agent, episodes=3).mean == 1.0


def test_the_environment_s_own_id_stays(corridor):
    case = from_gym(corridor)
    assert isinstance(gymnasium.make(corridor).unwrapped, Corridor)
    assert from_gym(corridor) is case
    assert baselines.evaluate(corridor, lambda row: 1, episodes=3).returns.tolist() == [1.0, 1.0, 1.0]


def test_a_box_of_actions_and_a_time_limit():
    found = baselines.evaluate("Pendulum-v1", lambda row: np.zeros(1, np.float32), episodes=1)
    assert found.steps.tolist() == [200]
    assert found.mean < 0
    bizgyms.registry._cases.pop("plain/Pendulum-v1")
    gymnasium.registry.pop("plain/Pendulum-v1")


def test_spaces_that_nobody_plays_are_told_at_once(corridor):
    with pytest.raises(ParameterError, match=r"(?s)it observes Box.*wrap it.*it decides Dict.*wrap it"):
        baselines.score("tests/Image-v0")


@dataclasses.dataclass(frozen=True)
class Nothing(Parameters):
    case = "tests/Bare-v0"


def test_a_case_over_a_plain_environment_is_told_what_to_write():
    bizgyms.add(bizgyms.Case("tests/Bare-v0", scenarios={"default": Nothing()}, env=Corridor))
    try:
        with pytest.raises(ParameterError, match=r"Corridor is a plain gymnasium\.Env.*score that id.*BusinessEnv"):
            baselines.score("tests/Bare-v0")
    finally:
        bizgyms.registry._cases.pop("tests/Bare-v0")
        gymnasium.registry.pop("tests/Bare-v0")


def test_an_unknown_id_is_still_unknown():
    with pytest.raises(LookupError, match="unknown case"):
        baselines.score("CartPool-v1")
