"""Registry, scenarios, views, luck, autoreset, rendering and masks; exports pinned."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

import bizgyms
import bizgyms.testing
from bizgyms.luck import BLOCK, LuckStream, checked
from bizgyms.masks import MaskedObservation
from bizgyms.registry import case
from bizgyms.scenario import resolve
from envs_data.restock.item import ItemLuck, ItemParameters, draw

ITEM = "bizgyms/RestockItem-v0"
SHORT = ItemParameters(days=5, lead_time=2)


def test_exports():
    assert bizgyms.__all__ == ["Case", "Reference", "add", "case", "cases", "make", "make_vec"]
    assert all(hasattr(bizgyms, name) for name in bizgyms.__all__)
    assert bizgyms.testing.__all__ == ["CHECKS", "CaseError", "Check", "Failure", "Report", "check_case"]


def test_families_load_on_first_use():
    assert bizgyms.restock.__name__ == "bizgyms.restock"
    with pytest.raises(AttributeError, match="no attribute 'restok'"):
        bizgyms.restok  # noqa: B018  reading it is the test


# Registry


def test_cases_come_in_order_and_by_id_or_name():
    assert bizgyms.cases()[0].id == ITEM
    assert case("RestockItem") is case(ITEM)
    assert (case(ITEM).name, case(ITEM).family) == ("RestockItem", "restock")


def test_an_unknown_case_names_the_nearest():
    with pytest.raises(LookupError, match="did you mean 'bizgyms/RestockItem-v0'"):
        case("bizgyms/RestockItm-v0")


def test_a_missing_part_is_named():
    lonely = bizgyms.Case("tests/Lonely-v0", scenarios={"only": SHORT}, env="nowhere:Nothing")
    assert lonely.parameters is ItemParameters
    assert not lonely.has("twin")
    with pytest.raises(LookupError, match="tests/Lonely-v0 has no twin"):
        lonely.twin  # noqa: B018  reading it is the test


@pytest.mark.parametrize("scenario", ["rule-enough", SHORT, SHORT.to_dict(), None], ids=str)
def test_make_takes_names_parameters_and_dicts(scenario):
    wanted = resolve(case(ITEM), scenario)
    env = bizgyms.make(ITEM, scenario)
    vec = bizgyms.make_vec("RestockItem", 2, scenario)
    assert env.unwrapped.parameters == wanted
    assert vec.parameters == wanted
    assert gymnasium.make(EnvSpec.from_json(env.spec.to_json())).unwrapped.parameters == wanted


def test_make_takes_parameters_alone():
    assert bizgyms.make(SHORT).unwrapped.parameters == SHORT
    assert bizgyms.make_vec(SHORT, 3).num_envs == 3


def test_sync_vectorisation_plays_the_simpy_worlds():
    envs = gymnasium.make_vec(ITEM, 2, vectorization_mode="sync", scenario=SHORT.to_dict())
    observations, _ = envs.reset(seed=0)
    assert observations.shape == (2, 3)


# Luck


def _numbers(rng, worlds):
    return ItemLuck(rng.integers(0, 1000, size=(worlds, 4)))


def test_luck_streams_give_each_world_its_own_luck_in_every_order():
    worlds = np.arange(2 * BLOCK + 3)
    together, apart = LuckStream(_numbers, len(worlds), seed=5), LuckStream(_numbers, len(worlds), seed=5)
    first, second = None, None
    first = together.fill(first, worlds)
    second = apart.fill(second, worlds)
    assert (first.demand == second.demand).all()
    for rows in (worlds[::7], worlds[1::7], worlds[::7], np.array([0, 130])):
        apart.fill(second, rows)
    episodes = np.zeros(len(worlds), dtype=int)
    for rows in (worlds[::7], worlds[1::7], worlds[::7], np.array([0, 130])):
        episodes[rows] += 1
    for episode in range(1, episodes.max() + 1):
        together.fill(first, worlds)
        chosen = episodes == episode
        assert (second.demand[chosen] == first.demand[chosen]).all()


def test_luck_streams_differ_by_seed_world_and_episode():
    stream = LuckStream(_numbers, 130, seed=1)
    one = stream.fill(None, np.arange(130)).demand.copy()
    two = stream.fill(None, np.arange(130)).demand
    other = LuckStream(_numbers, 130, seed=2).fill(None, np.arange(130)).demand
    assert len(np.unique(one, axis=0)) == 130
    assert not (one == two).all(axis=1).any()
    assert not (one == other).all(axis=1).any()


def test_luck_streams_forget_what_everybody_has_taken():
    stream = LuckStream(_numbers, 100, seed=1)
    luck = stream.fill(None, np.arange(100))
    assert not stream._drawn
    stream.fill(luck, np.arange(50))
    stream.fill(luck, np.arange(50, 100))
    assert not stream._drawn


def test_injected_luck_is_copied_and_checked():
    example = draw(SHORT, np.random.default_rng(0), 2)
    given = checked(example, example, 2)
    given.demand[:] = 0
    assert example.demand.any()
    with pytest.raises(ValueError, match="luck is a tuple; this case needs a ItemLuck"):
        checked((1,), example, 2)
    with pytest.raises(ValueError, match=r"luck.demand has shape \(2, 5\); it must be \(3, 5\): one row a world"):
        checked(example, example, 3)


# Twin and environment


def test_a_limit_of_steps_truncates():
    twin = case(ITEM).twin(num_envs=2, max_episode_steps=3, autoreset_mode="Disabled", scenario=SHORT)
    twin.reset(seed=0)
    flags = [twin.step(np.array([1, 2]))[2:4] for _ in range(3)]
    assert [bool(truncated.all()) for _, truncated in flags] == [False, False, True]
    assert not any(terminated.any() for terminated, _ in flags)


def test_a_limit_does_not_hide_the_end():
    twin = case(ITEM).twin(num_envs=2, max_episode_steps=5, scenario=SHORT)
    twin.reset(seed=0)
    for _ in range(5):
        _, _, terminated, truncated, _ = twin.step(np.array([1, 2]))
    assert terminated.all()
    assert not truncated.any()


def test_worlds_cut_short_begin_anew():
    twin = case(ITEM).twin(num_envs=2, max_episode_steps=2, autoreset_mode="SameStep", scenario=SHORT)
    first, _ = twin.reset(seed=0)
    for _ in range(2):
        observations, _, _, truncated, infos = twin.step(np.array([9, 9]))
    assert truncated.all()
    assert (observations == first).all()
    assert infos["final_obs"][0][-1] == 3


@pytest.mark.parametrize("mask", [np.ones(3, dtype=np.bool_), np.ones(2, dtype=np.int64), [1, 0]])
def test_a_wrong_reset_mask_is_refused(mask):
    twin = case(ITEM).twin(num_envs=2, autoreset_mode="Disabled", scenario=SHORT)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=r"reset_mask is .* it must be bool of shape"):
        twin.reset(options={"reset_mask": mask})


def test_a_twin_must_be_reset_first():
    with pytest.raises(gymnasium.error.ResetNeeded, match="reset"):
        case(ITEM).twin(num_envs=1).step(np.array([0]))


def test_events_tell_what_happened():
    env = bizgyms.make(SHORT).unwrapped
    env.reset(seed=0, options={"record": True})
    env.step(3)
    events = env.events()
    assert list(events.columns) == ["time", "who", "what", "how_many"]
    assert ("shop", "order", 3) in set(zip(events["who"], events["what"], events["how_many"], strict=True))


def test_the_compiled_engine_says_who_records_events():
    env = bizgyms.make(SHORT, engine="compiled").unwrapped
    env.reset(seed=0)
    with pytest.raises(RuntimeError, match="engine='simpy'"):
        env.events()


def test_long_training_on_simpy_is_hinted_once(monkeypatch):
    monkeypatch.setattr("bizgyms.env.LONG_TRAINING", 3)
    env = bizgyms.make(SHORT).unwrapped
    env.reset(seed=0)
    env.step(0)
    env.step(0)
    with pytest.warns(UserWarning, match="engine='compiled'"):
        env.step(0)
    env.step(0)


# Rendering


def test_words_name_features_decision_and_terms():
    env = bizgyms.make(ITEM, "corner-shop", render_mode="ansi").unwrapped
    env.reset(seed=0)
    assert "weekday" in env.render()
    assert "Mon" in env.render()
    env.step(4)
    assert "Tue" in env.render()
    assert "decision" in env.render()
    assert "holding" in env.render()


def test_pictures_grow_with_the_number_of_features():
    sizes = []
    for lead_time in (1, 4):
        env = bizgyms.make(ItemParameters(days=5, lead_time=lead_time), render_mode="rgb_array").unwrapped
        env.reset(seed=0)
        env.step(1)
        sizes.append(env.render().shape)
    assert sizes[1][0] > sizes[0][0]
    assert sizes[0][2] == 3


def test_nothing_is_rendered_without_a_mode():
    env = bizgyms.make(SHORT).unwrapped
    env.reset(seed=0)
    assert env.render() is None


def test_twins_render_their_first_world():
    twin = case(ITEM).twin(num_envs=2, scenario=SHORT, render_mode="ansi")
    twin.reset(seed=0)
    assert "on_hand" in twin.render()[0]


# Masks


def test_the_wrapper_puts_the_mask_into_the_observation():
    env = MaskedObservation(bizgyms.make(SHORT))
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    assert observation["action_mask"].tolist() == [1] * env.action_space.n
    observation, *_ = env.step(3)
    assert env.observation_space.contains(observation)


def test_a_masked_environment_round_trips_as_json():
    env = MaskedObservation(bizgyms.make(SHORT))
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert isinstance(again.observation_space, spaces.Dict)


def test_the_wrapper_needs_masks():
    with pytest.raises(TypeError, match="no action_masks"):
        MaskedObservation(gymnasium.make("CartPole-v1"))
