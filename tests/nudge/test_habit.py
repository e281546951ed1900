"""One person who habituates: the world by hand, the optimum against simulation, worlds of any parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizgyms import case
from bizgyms.nudge.habit.optimum import action_values, reference, solve, value_of
from bizgyms.nudge.habit.published import share_of_threshold
from envs_data.nudge.habit import SCENARIOS, HabitLuck, HabitParameters, HabitWorld, Message, draw
from envs_data.nudge.habit.scenarios import tailoring
from envs_data.parameters import ParameterError
from envs_data.random_bits import RANGE, draw_words, threshold

YES, NO = 0, RANGE - 1
HABIT = case("NudgeHabit")


def lived(parameters, fate, decisions, answer=()):
    """A world after some decisions, with the luck given."""
    words = (np.array([row], dtype=np.uint32) for row in (fate, answer))
    world = HabitWorld(parameters, HabitLuck(*words), record=True)
    world.start()
    for decision in decisions:
        world.play(decision)
    return world


def test_each_message_is_answered_a_little_less_and_a_rest_restores():
    p = tailoring(0.5).replace(steps=4)
    world = lived(p, [YES] * 4, [1])
    assert (world.habituation, world.responded) == (1, 0.8)
    world.play(2)
    assert (world.habituation, world.responded, world.right) == (2, 0.6, True)
    world = lived(p, [YES, YES, YES, NO], [1, 1, 0])
    assert (world.habituation, world.responded) == (1, 0.0)
    world.play(0)
    assert world.habituation == 1


def test_wrong_messages_drive_away_and_right_ones_are_forgiven():
    p = tailoring(0.5).replace(steps=9)
    world = lived(p, [NO] * 3 + [YES, threshold(0.5) - 1] + [NO] * 4, [2, 2, 2])
    assert (world.disengagement, world.left, world.over, world.responded) == (3, False, False, 0.0)
    world.play(1)
    assert (world.disengagement, world.over) == (2, False)
    world.play(2)
    assert (world.disengagement, world.right) == (2, True)
    world.play(2), world.play(2)
    assert (world.disengagement, world.left, world.over, world.step) == (4, True, True, 7)
    assert ["person", "left", 1] in world.events()[["who", "what", "how_many"]].to_numpy().tolist()


def test_a_drawn_response_pays_all_or_nothing():
    p = HabitParameters(steps=2, base=0.25)
    world = lived(p, [YES] * 2, [0], [threshold(0.25) - 1, threshold(0.25)])
    assert world.responded == 1.0
    world.play(0)
    assert world.responded == 0.0


def test_the_optimum_rests_and_beats_every_stationary_table():
    p = tailoring(1.0).replace(steps=8, levels=2, patience=1)
    tables = np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3, 1)
    assert solve(p).value >= max(value_of(p, table) for table in tables) - 1e-12
    assert solve(p).value == pytest.approx(value_of(p, solve(p).policy.kinds))


def test_a_generic_threshold_beats_the_published_one_when_tailoring_is_a_coin_toss():
    assert share_of_threshold(tailoring(0.5), kind=1) == pytest.approx(0.594, abs=5e-4)
    assert share_of_threshold(tailoring(0.5), kind=1) > share_of_threshold(tailoring(0.5))


def test_the_last_step_is_myopic():
    p = SCENARIOS["newsletter"]
    nothing = np.zeros((p.levels + 1, p.patience + 1))
    assert (solve(p).policy.kinds[-1] == action_values(p, nothing).argmax(axis=0)).all()


def test_words_are_uniform_and_lie_with_worlds_side_by_side():
    words = draw_words(np.random.default_rng(0), 501, 33)
    assert words.shape == (501, 33)
    assert words.T.flags.c_contiguous
    assert (words < threshold(0.3)).mean() == pytest.approx(0.3, abs=0.02)
    assert draw_words(np.random.default_rng(0), 5, 0).shape == (5, 0)


people = st.builds(
    lambda levels, patience, base, fades, forgives, rights, paid, steps: HabitParameters(
        steps=steps,
        levels=levels,
        patience=patience,
        base=base,
        fades=fades,
        forgives=forgives,
        paid=paid,
        worth=1.0,
        messages=tuple(Message(name=f"m{k}", right=r, worth=2.0 * k - 1, cost=0.1) for k, r in enumerate(rights)),
    ),
    st.integers(1, 6), st.integers(1, 5), *[st.floats(0, 1)] * 3, st.lists(st.floats(0, 1), min_size=1, max_size=3),
    st.sampled_from(["drawn", "expected"]), st.integers(1, 20),
)  # fmt: skip


@given(people, st.integers(0, 2**31))
def test_levels_stay_inside_and_who_left_is_over(p, seed):
    rng = np.random.default_rng(seed)
    world = HabitWorld(p, draw(p, rng, 1))
    world.start()
    while not world.over:
        before = world.disengagement
        world.play(int(rng.integers(1 + len(p.messages))))
        assert 0 <= world.habituation <= p.levels
        assert 0 <= world.disengagement <= p.patience
        assert world.disengagement - before <= (world.sent > 0 and not world.right)
        assert 0 <= world.responded <= 1
        assert world.over == (world.left or world.step == p.steps)


@given(people)
def test_values_are_finite_and_never_fall_with_more_steps_to_gain(p):
    value = reference(p).value
    assert np.isfinite(value)
    assert value >= value_of(p, np.array(0)) - 1e-9


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start_habituation": 9}, "must be at most levels"),
        ({"start_disengagement": 4}, "must be below patience"),
        ({"messages": [{"name": "a"}, {"name": "a"}]}, "a name of its own"),
        ({"messages": [{"name": "none"}]}, "none may be 'none'"),
        ({"messages": []}, "1 to 8"),
        ({"messages": [{"right": 1.5}]}, "between 0 and 1"),
    ],
)
def test_impossible_people_are_refused_with_the_reason(changes, said):
    with pytest.raises(ParameterError, match=said):
        HabitParameters.from_dict(changes)


def test_the_optimal_policy_earns_its_value_on_the_event_by_event_engine():
    p = tailoring(0.5)
    optimum = reference(p)
    env = HABIT.env(scenario=p)
    returns = []
    for seed in range(300):
        row, _ = env.reset(seed=seed)
        over, total = False, 0.0
        while not over:
            row, reward, over, _, _ = env.step(int(optimum.policy.act(row[None])[0]))
            total += reward
        returns.append(total)
    assert np.mean(returns) == pytest.approx(optimum.value, abs=4 * np.std(returns) / 300**0.5)
