"""Walking, nudged: the world by hand, published values, the optimum against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bizgyms import case
from bizgyms.nudge.activity.optimum import FINE, expected_best, solve, values_of
from bizgyms.nudge.activity.published import always_tailored, context_error
from envs_data.nudge.activity import SCENARIOS, ActivityLuck, ActivityParameters, ActivityWorld, belief_of, draw
from envs_data.parameters import ParameterError

ACTIVITY = case("NudgeActivity")


def lived(parameters, context, decisions, wobble=None):
    """A world after some decisions, in these contexts, each seen as it is."""
    contexts = np.array([context], dtype=np.int8)
    wobbles = np.zeros((1, len(context), 0)) if wobble is None else np.array([wobble])
    world = ActivityWorld(parameters, ActivityLuck(contexts, contexts.astype(float), wobbles), record=True)
    world.start()
    for decision in decisions:
        world.play(decision)
    return world


def test_messages_wear_off_and_rests_restore():
    world = lived(ActivityParameters(), [0, 0, 1], [1])
    assert (world.habituation, world.disengagement) == (pytest.approx(0.15), pytest.approx(0.09))
    world.play(0)
    assert (world.habituation, world.disengagement) == (pytest.approx(0.135), pytest.approx(0.09))


def test_habituation_stops_at_one():
    world = lived(ActivityParameters(), [0] * 30, [1] * 25)
    assert (world.habituation, world.over) == (1.0, False)


def test_tailored_messages_help_in_their_own_context_only():
    world = lived(ActivityParameters(), [0, 1, 1, 0], [2])
    assert (world.right, world.disengagement) == (True, pytest.approx(0.09))
    world.play(2)
    assert (world.right, world.disengagement) == (False, pytest.approx(0.49))
    world.play(2)
    assert (world.left, world.over, world.disengagement) == (False, False, pytest.approx(0.89))
    world.play(3)
    assert (world.left, world.over, world.disengagement) == (True, True, 1.0)


def test_dispersion_reaches_the_nearer_end_and_no_further():
    p = ActivityParameters(dispersion=1.0)
    world = lived(p, [0, 0], [1], [[1.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    assert (world.habituation, world.disengagement, world.walked) == (pytest.approx(0.3), 0.0, 1.5)


def test_rewards_of_the_first_message():
    env = ACTIVITY.env(scenario="clear-context")
    env.reset(seed=0)
    context = round(float(env.unwrapped._natural()[2]))
    _, reward, _, _, info = env.step(2 + context)
    assert reward == pytest.approx(0.1 + 0.85 * 200)
    assert info["term_base"] == 0.1


@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.0])
def test_beliefs_are_calibrated_and_wrong_as_often_as_they_should_be(sigma):
    luck = draw(ActivityParameters(sigma=sigma), np.random.default_rng(0), 4000)
    assert ((luck.seen > 0.5) != luck.context).mean() == pytest.approx(context_error(sigma), abs=0.003)
    for low in (0.1, 0.4, 0.7):
        inside = (luck.seen >= low) & (luck.seen < low + 0.1)
        if inside.sum() > 1000:
            assert luck.context[inside].mean() == pytest.approx(luck.seen[inside].mean(), abs=0.02)


def test_belief_is_bayes_rule():
    x, sigma = 0.8, 0.7
    odds = stats.norm.pdf(x, 1, sigma) / stats.norm.pdf(x, 0, sigma)
    assert belief_of(np.array([x]), sigma)[0] == pytest.approx(odds / (1 + odds))
    assert belief_of(np.array([-900.0, 900.0]), 0.01).tolist() == pytest.approx([0, 1])


@pytest.mark.parametrize(("untailored", "right", "wrong"), [(5.0, 9.0, 1.0), (8.0, 9.0, 1.0), (9.5, 9.0, 1.0)])
def test_the_expectation_over_the_belief_is_that_of_a_quadrature(untailored, right, wrong):
    sigma = 0.7
    signal = 1 + sigma * stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    sure = np.maximum(belief_of(signal, sigma), 1 - belief_of(signal, sigma))
    expected = np.maximum(untailored, sure * right + (1 - sure) * wrong).mean()
    found = expected_best(np.array(untailored), np.array(right), np.array(wrong), sigma)
    assert found == pytest.approx(expected, rel=1e-4)


def mean_return(parameters, policy, worlds=4096, seed=3):
    twin = ACTIVITY.twin(num_envs=worlds, scenario=parameters, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=seed)
    total = np.zeros(worlds)
    while not twin.over.all():
        rows, rewards, *_ = twin.step(policy(rows))
        total += rewards
    return total.mean(), total.std() / worlds**0.5


@pytest.mark.parametrize("sigma", [0.0, 0.4, 1.0, 2.0])
def test_always_tailored_earns_its_enumerated_value(sigma):
    mean, error = mean_return(ActivityParameters(sigma=sigma), lambda rows: np.where(rows[:, 2] >= 0.5, 3, 2))
    assert mean == pytest.approx(always_tailored(sigma), abs=4 * error + 1e-6)


@pytest.mark.parametrize("dispersion", [0.0, 0.5])
def test_the_policy_earns_the_value_of_a_coarse_grid(dispersion):
    p = ActivityParameters(steps=12, sigma=0.6, dispersion=dispersion)
    coarse, fine = solve(p, (51, 100)), values_of(p, (101, 199))[0]
    mean, error = mean_return(p, coarse.policy.act)
    assert mean == pytest.approx(fine, abs=4 * error + 3 * abs(fine - coarse.value))


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "printed"), [(0.4, 3237.1), (1.0, 2172.3)])
def test_the_policy_earns_the_value_of_its_grid_and_no_less_than_was_printed(sigma, printed):
    p = ActivityParameters(sigma=sigma)
    solution = solve(p, FINE)
    played = [mean_return(p, solution.policy.act, 65_536, 100 + seed) for seed in range(8)]
    mean, error = np.mean([m for m, _ in played]), played[0][1] / len(played) ** 0.5
    assert mean == pytest.approx(solution.value, abs=4 * error)
    assert mean > printed - 2 * error


@given(st.sampled_from(sorted(SCENARIOS)), st.floats(0, 1), st.integers(0, 2**31))
def test_shares_stay_shares_and_who_left_is_over(name, dispersion, seed):
    rng = np.random.default_rng(seed)
    p = SCENARIOS[name].replace(dispersion=dispersion)
    world = ActivityWorld(p, draw(p, rng, 1))
    world.start()
    while not world.over:
        world.play(int(rng.integers(4)))
        assert 0 <= world.habituation <= 1
        assert 0 <= world.disengagement <= 1
        assert world.left == (world.disengagement >= p.leaves)
        assert world.over == (world.left or world.step == p.steps)


def test_impossible_people_are_refused_with_the_reason():
    with pytest.raises(ParameterError, match="must be below leaves"):
        ActivityParameters(start_disengagement=0.99)
    with pytest.raises(ParameterError, match="for the right context must give generic"):
        ActivityParameters(tailored=20.0)
