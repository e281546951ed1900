"""Luck that twins draw as it is needed: the same in whatever pieces, of the law of `draw`, and never more than that."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bizgyms
from bizgyms.keys import KeyedWords
from bizgyms.testing.play import Decisions, batch, episode, expect_same, moment_of, one_row
from envs_data.nudge.activity import belief_of
from envs_data.random_bits import HALF, normals, uniforms, words

AS_NEEDED = [case for case in bizgyms.cases() if case.has("draw_steps")]
SCENARIOS = [pytest.param(case, name, id=f"{case.name}-{name}") for case in AS_NEEDED for name in case.scenarios]
SHORT = [("NudgeHabit", "tailoring-0.3"), ("NudgeActivity", "moody-days")]
KEYS = np.random.default_rng(7).integers(2**64 - 1, size=20_000, dtype=np.uint64)


def steps_of(case, name, keys=KEYS, first=0, count=2):
    """Luck of some steps."""
    return case.draw_steps(case.scenarios[name], KeyedWords(keys, np.zeros(len(keys), dtype=int) + first, count))


@pytest.mark.parametrize(("case", "name"), SCENARIOS)
@given(cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4), first=st.lists(st.integers(0, 30), max_size=3))
def test_luck_is_the_same_in_whatever_pieces(case, name, cuts, first):
    whole = steps_of(case, name, KEYS[: len(first)], count=70)
    begin = np.array(first, dtype=int)
    for count in cuts:
        piece = steps_of(case, name, KEYS[: len(first)], begin, count)
        for all_steps, some in zip(whole, piece, strict=True):
            for world, step in enumerate(begin if all_steps.shape[1] else ()):
                assert (some[world] == all_steps[world, step : step + count]).all()
        begin = begin + count


@pytest.mark.parametrize("name", ["newsletter", "rule-fails"])
def test_words_of_a_person_who_habituates_are_those_of_the_key(name):
    luck = steps_of(bizgyms.case("NudgeHabit"), name, first=3)
    both = words(KEYS, np.full(len(KEYS), 3, dtype=np.uint64))
    assert (luck.fate[:, 0] == both >> HALF).all()
    assert (luck.answer == (luck.answer & 0xFFFFFFFF)).all()
    for part in (luck.fate, luck.answer):
        for step in range(part.shape[1]):
            assert stats.kstest(part[:, step] / 2**32, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("name", bizgyms.case("NudgeActivity").scenarios)
def test_contexts_signals_and_moods_have_the_law_of_draw(name):
    case = bizgyms.case("NudgeActivity")
    p = case.scenarios[name]
    luck, drawn = steps_of(case, name), case.draw(p, np.random.default_rng(1), len(KEYS))
    assert luck.context.mean() == pytest.approx(0.5, abs=4 * 0.5 / (2 * len(KEYS)) ** 0.5)
    for context in (0, 1):
        ours, theirs = (own.seen[:, 1][own.context[:, 1] == context] for own in (luck, drawn))
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-4
    if p.observed == "belief" and p.sigma:
        noise = normals(KeyedWords(KEYS, np.zeros(len(KEYS), dtype=int), 2).of_step(4 if p.dispersion else 1)[0])
        assert (luck.seen == belief_of(noise.T * p.sigma + luck.context, p.sigma)).all()
    for k in range(luck.wobble.shape[2]):
        assert stats.kstest(luck.wobble[:, 1, k], "uniform", (-1, 2)).pvalue > 1e-4


def test_words_as_numbers():
    extremes = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert uniforms(extremes).tolist() == [2.0**-53, 1 - 2.0**-53]
    assert normals(extremes) == pytest.approx([-8.2095, 8.2095], abs=1e-4)
    assert stats.kstest(normals(KEYS), "norm").pvalue > 1e-4


def diaries(twin, steps, decisions):
    """[worlds] trajectories through all episodes, rewards and rests included."""
    observations, infos = twin.reset(seed=4)
    told = [[moment_of(twin, world, observations, infos)] for world in range(len(decisions))]
    for step in range(steps):
        own = [made.at(step) for made in decisions] + [0] * (twin.num_envs - len(decisions))
        observations, *outcome, infos = twin.step(batch(twin.single_action_space, own))
        for world, diary in enumerate(told):
            diary.append(moment_of(twin, world, observations, infos, *outcome))
    return told


@pytest.mark.parametrize(("name", "scenario"), SHORT)
def test_the_number_of_worlds_and_how_far_ahead_is_drawn_change_nothing(name, scenario):
    case = bizgyms.case(name)
    decisions = [Decisions(case.twin(1, scenario=scenario).single_action_space, world) for world in range(3)]
    few, many = (diaries(case.twin(worlds, scenario=scenario), 150, decisions) for worlds in (3, 700))
    for world in range(3):
        expect_same(few[world], many[world], ("among three", "among many"), f"world {world}, ")


@pytest.mark.parametrize(("name", "scenario"), SHORT)
def test_worlds_play_what_their_twin_has_drawn(name, scenario):
    case, worlds = bizgyms.case(name), 6
    twin = case.twin(worlds, scenario=scenario)
    decisions = [Decisions(twin.single_action_space, world) for world in range(worlds)]
    told = diaries(twin, 90, decisions)
    rows, taken = np.arange(worlds), twin._taken().copy()
    twin._stream.complete(twin._luck, rows)
    env = bizgyms.make(case.id, scenario=scenario)
    for world in rows[~twin.over]:
        env.reset(options={"luck": one_row(twin._luck, world)})
        for step in range(90 - taken[world], 90):
            observation, reward, *_ = env.step(decisions[world].at(step))
            assert observation.tolist() == [v for k, v in told[world][step + 1].items() if k.startswith("observation")]
            assert reward == told[world][step + 1]["reward"]


@pytest.mark.parametrize(("name", "scenario"), SHORT)
def test_a_new_seed_for_some_leaves_the_luck_of_the_others(name, scenario):
    case = bizgyms.case(name)
    told = []
    for anew in (False, True):
        twin = case.twin(2, scenario=scenario, autoreset_mode="Disabled")
        twin.reset(seed=1)
        if anew:
            twin.reset(seed=9, options={"reset_mask": np.array([False, True])})
        told.append([twin.step(np.zeros(2, dtype=int))[0][0].tolist() for _ in range(40)])
    assert told[0] == told[1]


@pytest.mark.parametrize(("name", "scenario"), SHORT)
def test_injected_luck_is_not_written_over(name, scenario):
    case = bizgyms.case(name)
    luck = case.draw(case.scenarios[scenario], np.random.default_rng(3), 2)
    twin = case.twin(2, scenario=scenario, autoreset_mode="Disabled")
    twin.reset(seed=1)
    twin.reset(options={"luck": luck, "reset_mask": np.array([True, False])})
    decisions = Decisions(twin.single_action_space, 0)
    alone = episode(bizgyms.make(case.id, scenario=scenario), decisions, luck=one_row(luck, 0))
    for step, now in enumerate(alone[1:]):
        observations, *outcome, infos = twin.step(batch(twin.single_action_space, [decisions.at(step), 0]))
        expect_same([now], [moment_of(twin, 0, observations, infos, *outcome)], ("alone", "injected"), f"step {step}, ")


def test_a_stream_keeps_no_luck_of_other_episodes():
    twin = bizgyms.case("NudgeActivity").twin(50)
    twin.reset(seed=0)
    twin.action_space.seed(0)
    sizes = set()
    for _ in range(5):
        for _ in range(60):
            twin.step(twin.action_space.sample())
        sizes.add(len(pickle.dumps(twin)) // 1000)
    assert len(sizes) == 1


@pytest.mark.parametrize(("name", "scenario"), [("NudgeHabit", "rule-fails"), ("NudgeActivity", "daily-steps")])
def test_the_optimum_earns_its_value_on_luck_drawn_as_needed(name, scenario):
    case, worlds = bizgyms.case(name), 4000
    reference = case.reference(case.scenarios[scenario])
    twin = case.twin(worlds, scenario=scenario, autoreset_mode="Disabled")
    observations, _ = twin.reset(seed=2)
    total = np.zeros(worlds)
    while not twin.over.all():
        observations, rewards, *_ = twin.step(reference.policy.act(observations))
        total += rewards
    assert total.mean() == pytest.approx(reference.value, abs=4 * total.std() / worlds**0.5)
