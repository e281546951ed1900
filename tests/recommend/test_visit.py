"""One customer, visit by visit: the world by hand, the optimum against every table, customers of any parameters."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bizgyms
from bizgyms import case
from bizgyms.recommend.visit.optimum import model, reference, solve, value_of
from bizgyms.recommend.visit.published import constant_value
from envs_data.parameters import ParameterError
from envs_data.random_bits import RANGE, halves, words
from envs_data.recommend.visit import SCENARIOS, Kind, VisitLuck, VisitParameters, VisitWorld, draw

VISIT = case("RecommendVisit")
HOME = SCENARIOS["home-page"]


def opened(parameters, seed=0):
    world = VisitWorld(parameters, draw(parameters, np.random.default_rng(seed), 1), record=True)
    world.start()
    return world


def judged(parameters, mood, patience, satisfaction=2, kind=0):
    """A customer who has seen a kind and judges it with given luck."""
    world = opened(parameters)
    world.satisfaction, world.shown = satisfaction, kind
    world.judge(int(mood * RANGE), int(patience * RANGE))
    return world


def test_satisfaction_moves_as_the_kind_says():
    tiny = SCENARIOS["lifetime-tiny"]
    assert [judged(tiny, mood, 0.99).satisfaction for mood in (0.49, 0.51, 0.54, 0.56)] == [3, 1, 1, 2]
    assert [judged(tiny, mood, 0.99, kind=2).satisfaction for mood in (0.04, 0.06, 0.59, 0.61)] == [3, 1, 1, 2]
    assert judged(tiny, 0.1, 0.99, satisfaction=4).satisfaction == 4
    assert judged(tiny, 0.3, 0.99, satisfaction=0, kind=2).satisfaction == 0


def test_dissatisfied_customers_leave_first():
    tiny = SCENARIOS["lifetime-tiny"]
    assert [(w.churned, w.left) for w in (judged(tiny, 0.5, patience, 0) for patience in (0.24, 0.251, 0.26))] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert [judged(tiny, 0.5, patience, 4).left for patience in (0.0248, 0.0249)] == [True, False]


def test_the_same_again_is_stale_and_something_else_is_not():
    world = opened(HOME)
    seen = []
    for kind in (0, 0, 0, 0, 1, 0):
        world.see(kind)
        seen.append((world.repeats, round(world.clicks, 6)))
    fresh = 0.8
    assert seen[:4] == [(0, fresh), (1, 0.68), (2, 0.578), (2, 0.578)]
    assert seen[4:] == [(0, round(1.3 * fresh, 6)), (0, fresh)]


def test_words_are_those_of_splitmix64():
    """The first three outputs of the seed 1234567, as its authors' program prints them."""
    found = words(np.full(3, 1234567, dtype=np.uint64), np.arange(3, dtype=np.uint64))
    assert found.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_halves_of_words_are_uniform_and_independent():
    found = words(np.repeat(np.arange(500, dtype=np.uint64), 400), np.tile(np.arange(400, dtype=np.uint64), 500))
    high, low = (np.array(part) / RANGE for part in zip(*map(halves, found.tolist()), strict=True))
    assert np.histogram(high, 20)[0] == pytest.approx(np.full(20, 10_000), abs=500)
    assert np.histogram(low, 20)[0] == pytest.approx(np.full(20, 10_000), abs=500)
    assert abs(np.corrcoef(high, low)[0, 1]) < 0.01
    assert abs(np.corrcoef(high[:-1], high[1:])[0, 1]) < 0.01


def test_the_optimum_beats_every_table_of_a_small_customer():
    p = HOME.replace(churn=(0.3, 0.05), start=1, boredom=0, kinds=[kind.to_dict() for kind in HOME.kinds[:2]])
    found = model(p)
    values = [value_of(found, np.array(table))[found.start] for table in itertools.product(range(2), repeat=6)]
    assert solve(p).value == pytest.approx(max(values), rel=1e-12)


def test_exit_is_worth_a_discount():
    """With an exit of 1 - gamma after each visit, the undiscounted total is the discounted one without exits."""
    p = VisitParameters(exit=0.1)
    found, without = model(p), model(p.replace(exit=0.001))
    kept = without.moves * (0.9 / 0.999)
    assert found.moves == pytest.approx(kept)


def test_no_constant_rule_comes_near_the_optimum_of_the_default():
    shares = [constant_value(HOME, kind) / solve(HOME).value for kind in range(3)]
    assert max(shares) < 0.9


def test_clicks_are_right_where_they_agree_with_value():
    p = SCENARIOS["honest"]
    found = model(p)
    assert value_of(found, found.clicks.argmax(axis=0))[found.start] == pytest.approx(solve(p).value, rel=1e-12)


def test_the_optimum_spends_satisfaction_at_the_top():
    kinds = solve(SCENARIOS["lifetime-tiny"]).policy.kinds[:, 1]
    assert kinds.tolist() == [0, 0, 0, 0, 1]


customers = st.builds(
    lambda churn, exit, boredom, dulls, pairs: VisitParameters(
        churn=tuple(churn),
        start=len(churn) // 2,
        exit=exit,
        boredom=boredom,
        dulls=dulls,
        kinds=tuple(
            Kind(name=f"k{n}", clicks=clicks, worth=worth, up=up, down=down * (1 - up))
            for n, (clicks, worth, up, down) in enumerate(pairs)
        ),
    ),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
    st.floats(0.02, 0.5),
    st.integers(0, 3),
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(0, 3), st.floats(-1, 3), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4),
)


@given(customers, st.integers(0, 2**31))
@settings(deadline=None)
def test_levels_stay_inside_and_who_left_is_over(p, seed):
    rng = np.random.default_rng(seed)
    world = VisitWorld(p, draw(p, rng, 1))
    world.start()
    while not world.over:
        before, shown = world.satisfaction, world.shown
        kind = int(rng.integers(len(p.kinds)))
        world.play(kind)
        assert 0 <= world.satisfaction < p.levels
        assert abs(world.satisfaction - before) <= 1
        assert 0 <= world.repeats <= p.boredom * (kind == shown)
        assert world.clicks <= p.kinds[kind].clicks * (p.floor + p.slope * before) * (1 + 1e-12)
        assert world.over == world.left
        assert world.left or not world.churned


@given(customers)
@settings(deadline=None)
def test_probabilities_and_values(p):
    found = model(p)
    assert (found.moves >= -1e-15).all()
    assert (found.moves.sum(axis=2) <= 1 - p.exit + 1e-12).all()
    best = reference(p)
    assert np.isfinite(best.value)
    assert best.value >= max(constant_value(p, kind) for kind in range(len(p.kinds))) - 1e-9 * abs(best.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": 5}, "it must be below that"),
        ({"kinds": [{"up": 0.7, "down": 0.4}]}, "at most 1 together"),
        ({"kinds": [{"name": "a"}, {"name": "a"}]}, "a name of its own"),
        ({"kinds": []}, "1 to 8"),
        ({"churn": [0.1, 1.5]}, "between 0 and 1"),
        ({"exit": 0}, "between 0.001 and 1"),
    ],
)
def test_impossible_customers_are_refused_with_the_reason(changes, said):
    with pytest.raises(ParameterError, match=said):
        VisitParameters.from_dict(changes)


def test_the_optimal_policy_earns_its_value_on_the_event_by_event_engine():
    optimum = reference(HOME)
    env = VISIT.env(scenario=HOME)
    returns = []
    for seed in range(400):
        row, _ = env.reset(seed=seed)
        over, total = False, 0.0
        while not over:
            row, reward, over, _, _ = env.step(int(optimum.policy.act(row[None])[0]))
            total += reward
        returns.append(total)
    assert np.mean(returns) == pytest.approx(optimum.value, abs=4 * np.std(returns) / 400**0.5)


def test_injected_keys_decide_a_life():
    env = VISIT.env(scenario="lifetime-tiny")
    lengths = set()
    for _ in range(3):
        env.reset(options={"luck": VisitLuck(np.array([7], dtype=np.uint64))})
        over, visits = False, 0
        while not over:
            _, _, over, _, info = env.step(0)
            visits += info["visits"]
        lengths.add(visits)
    assert len(lengths) == 1


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_optimal_policy_over_100_000_customers(scenario):
    p = SCENARIOS[scenario]
    best, returns = reference(p), []
    for seed in range(10):
        envs = bizgyms.make_vec(p, num_envs=10_000, autoreset_mode="Disabled")
        rows, _ = envs.reset(seed=seed)
        total, over = np.zeros(10_000), np.zeros(10_000, dtype=bool)
        while not over.all():
            rows, rewards, left, *_ = envs.step(best.policy.act(rows))
            total += rewards
            over |= left
        returns.append(total)
    every = np.concatenate(returns)
    assert abs(every.mean() - best.value) < 4 * every.std() / np.sqrt(len(every))
