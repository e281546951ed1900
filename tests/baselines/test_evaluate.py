import numpy as np
import pytest

import baselines
import bizgyms
from baselines.agents import AgentError, problem_of
from baselines.play import seeds
from bizgyms.registry import Case
from envs_data.parameters import ParameterError
from tests.baselines.small import SHOP

CASE = bizgyms.case("RestockItem")


class UpTo:
    """Orders up to a level."""

    def __init__(self, level=12):
        self.level = level

    def act(self, observations, mask=None):
        return np.clip(self.level - observations[:, :2].sum(axis=1), 0, 8).astype(np.int64)


def returns_of(agent, **kwargs):
    return baselines.evaluate("RestockItem", agent, **{"episodes": 130, "scenario": SHOP, **kwargs})


EXPECTED = UpTo()


def test_the_returns_are_those_of_gymnasium_s_own_loop():
    found = returns_of(UpTo(), episodes=3)
    luck = seeds.luck(CASE, SHOP, seeds.evaluation(0), 0, 3)
    for episode in range(3):
        env = bizgyms.make(SHOP)
        row, _ = env.reset(options={"luck": type(luck)(*(array[episode : episode + 1] for array in luck))})
        total, over = 0.0, False
        while not over:
            row, reward, over, _, _ = env.step(UpTo().act(row[np.newaxis])[0])
            total += reward
        assert total == found.returns[episode]


def test_an_episode_s_luck_does_not_depend_on_how_many_are_played():
    few, many = returns_of(UpTo(), episodes=7), returns_of(UpTo(), episodes=1_203)
    assert np.array_equal(few.returns, many.returns[:7])
    assert len(many.returns) == 1_203


def test_an_agent_is_given_the_mask_of_each_observation():
    box = bizgyms.case("RestockBox")
    p = box.scenarios["grocery-box"].replace(days=5)
    problem = problem_of(box, p)
    given = []

    class Asks:
        def act(self, observations, mask=None):
            given.append(np.array_equal(mask, problem.view.action_masks(observations)))
            return np.zeros((len(observations), len(p.items)), dtype=np.int64)

    baselines.evaluate("RestockBox", Asks(), episodes=3, scenario=p)
    assert given == [True] * p.days


def test_no_hundred_episodes_are_like_another():
    demand = seeds.luck(CASE, SHOP, 0, 0, 200).demand
    assert not np.array_equal(demand[:100], demand[100:])


def test_another_seed_is_other_luck_and_the_three_blocks_differ():
    assert not np.array_equal(returns_of(UpTo(), seed=1).returns, returns_of(UpTo()).returns)
    blocks = {f(s) for f in (seeds.evaluation, seeds.tuning) for s in range(1_000)}
    blocks |= {seeds.training(s, k) for s in range(1_000) for k in (0, 999)}
    assert len(blocks) == 4_000


def test_figures_terms_and_ratios_are_sums_over_episodes():
    found = returns_of(UpTo())
    assert np.allclose(sum(found.terms.values()), found.returns)
    assert found.ratios["service level"] == pytest.approx(found.figures["sold"].sum() / found.figures["demand"].sum())
    assert (found.steps == SHOP.days).all()
    assert found.mean == found.returns.mean()


def test_a_case_without_a_twin_plays_its_worlds_on_the_same_luck():
    parts = {name: CASE.entry_point(name) for name in ("parameters", "scenarios", "env", "draw")}
    bare = Case(CASE.id, **parts)
    found = baselines.evaluate(bare, UpTo(), episodes=5, scenario=SHOP)
    twin = returns_of(UpTo(), episodes=5)
    assert np.array_equal(found.returns, twin.returns)
    assert found.ratios == twin.ratios


def one(observation):
    return int(np.clip(12 - observation[0] - observation[1], 0, 8))


def batch(observations):
    return np.clip(12 - observations[:, 0] - observations[:, 1], 0, 8).astype(int)


class Predicts:
    def predict(self, observations):
        return batch(observations), None


@pytest.mark.parametrize(
    "agent",
    [one, batch, Predicts(), lambda o: np.float64(one(o)), lambda o: np.clip(12 - o[..., 0] - o[..., 1], 0, 8)],
    ids=["one observation", "batch", "predict", "whole float", "either"],
)
@pytest.mark.parametrize("episodes", [1, 2, 60])
def test_what_people_bring_plays_as_the_agent_does(agent, episodes):
    assert np.array_equal(returns_of(agent, episodes=episodes).returns, returns_of(UpTo(), episodes=episodes).returns)


class Decides:
    def __init__(self, action, day=0, world=0):
        self.action, self.day, self.world, self.now = action, day, world, 0

    def act(self, observations, mask=None):
        actions = np.zeros(len(observations))
        if self.now == self.day:
            actions[self.world] = self.action
        self.now += 1
        return actions


@pytest.mark.parametrize("action", [np.nan, 9, -1, 2.5, np.inf])
def test_an_impossible_action_is_named_with_agent_world_and_step(action):
    with pytest.raises(AgentError, match=r"'mine', world 4, step 3: action .* is outside Discrete\(9\)"):
        returns_of(Decides(action, day=3, world=4), name="mine")


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        (lambda o: np.zeros(3), r"no function of a batch \(4 observations gave shape \(3,\).*none of one"),
        (lambda o: o.nothing, "AttributeError"),
        (object(), "must have act"),
        (3, "is a int"),
    ],
)
def test_what_fits_neither_form_is_said(agent, message):
    with pytest.raises(AgentError, match=message):
        returns_of(agent, name="mine")


def test_an_error_inside_an_agent_is_named():
    class Breaks:
        def act(self, observations, mask=None):
            raise ZeroDivisionError("no stock")

    with pytest.raises(AgentError, match="'mine', step 0: it raised ZeroDivisionError: no stock"):
        returns_of(Breaks(), name="mine")


@pytest.mark.parametrize(
    "wrong", [{"episodes": 0}, {"episodes": 2.5}, {"seed": -1}, {"seed": 1_000}, {"scenario": "x"}]
)
def test_impossible_arguments(wrong):
    with pytest.raises(ParameterError):
        returns_of(UpTo(), **wrong)


@pytest.mark.parametrize("normalize", [False, True])
def test_a_model_of_stable_baselines3_sees_what_it_was_trained_on(normalize):
    sb3 = pytest.importorskip("stable_baselines3")
    env = bizgyms.make(SHOP, engine="compiled", normalize=normalize)
    model = sb3.PPO("MlpPolicy", env, n_steps=40, batch_size=40, seed=0, device="cpu").learn(40)
    view = problem_of(CASE, SHOP).view

    def by_hand(observations):
        return model.predict(view.normalized(observations) if normalize else observations, deterministic=True)[0]

    assert np.array_equal(returns_of(model).returns, returns_of(by_hand).returns)


def test_a_model_keeps_its_vecnormalize():
    sb3 = pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

    venv = VecNormalize(DummyVecEnv([lambda: bizgyms.make(SHOP, engine="compiled")]))
    model = sb3.PPO("MlpPolicy", venv, n_steps=40, batch_size=40, seed=0, device="cpu").learn(80)

    def by_hand(observations):
        return model.predict(venv.normalize_obs(observations), deterministic=True)[0]

    assert np.array_equal(returns_of(model).returns, returns_of(by_hand).returns)


def test_a_model_of_another_scenario_is_refused():
    sb3 = pytest.importorskip("stable_baselines3")
    env = bizgyms.make("RestockItem", engine="compiled")
    model = sb3.PPO("MlpPolicy", env, n_steps=40, batch_size=40, seed=0, device="cpu")
    with pytest.raises(AgentError, match=r"'mine' was trained on observations Box.*on_hand, on_order_1, days_left"):
        returns_of(model, name="mine")
