"""A customer's lifetime in a shop: choice, satisfaction, calendar, projection and objective."""

import dataclasses

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bizgyms
from bizgyms.recommend.lifetime.bound import law_of
from bizgyms.recommend.lifetime.scores import ScoreTwin
from bizgyms.recommend.lifetime.view import LifetimeView, project
from bizgyms.testing.engines import twin_equals_world
from bizgyms.testing.play import Subject
from envs_data.parameters import ParameterError
from envs_data.recommend.bg_nbd import BgNbd
from envs_data.recommend.lifetime import SCENARIOS, Item, LifetimeParameters, LifetimeWorld, Segment, draw, tables
from envs_data.recommend.lifetime.laws import RANGE
from envs_data.recommend.lifetime.luck import of_period, of_visits
from tests.recommend.play_lifetime import LIFETIME, Fixed, play

SHOP = SCENARIOS["web-shop"]
ID = "bizgyms/RecommendLifetime-v0"


def lived(parameters, slate, seed=0, row=0, worlds=1):
    """A SimPy world played to its end with one slate."""
    world = LifetimeWorld(parameters, draw(parameters, np.random.default_rng(seed), worlds), row, record=True)
    world.start()
    while not world.over:
        shown = [0] * parameters.slate
        project(slate, world.there, shown)
        world.play(tuple(shown))
    return world


def test_projection_leaves_places_empty():
    shown = [0] * 4
    assert project([2, 2, 0, 1], [True, False, True], shown) == 2
    assert shown == [2, -1, 0, -1]


def test_a_click_is_the_multinomial_logit_with_place_and_boredom():
    """Of many first visits each place is clicked as often as exp(appeal + taste) position^place says, 1 for none."""
    p = SHOP.replace(sold_out=0.0)
    twin = LIFETIME.twin(num_envs=20_000, scenario=p, autoreset_mode="Disabled")
    twin.reset(seed=3)
    slate = np.array([0, 8, 3, 21, 33])
    rows, *_ = twin.step(np.tile(slate, (20_000, 1)))
    weights = tables(p).weights[0][:, slate] * p.position ** np.arange(5)
    chance = p.shares() @ (weights / (1 + weights.sum(axis=1, keepdims=True)))
    seen = np.bincount(rows[:, twin.view.columns["clicked"]].astype(int), minlength=6)[1:] / 20_000
    assert seen == pytest.approx(chance, abs=4 * np.sqrt(0.25 / 20_000))


def test_cdnow_customers_come_back_as_in_closed_form():
    """Expected repeats and share without any over 39 weeks, r .243, alpha 4.414 weeks, a .793, b 2.426."""
    p = SCENARIOS["cdnow"]
    sums = play(p, Fixed(0, 1, 2), worlds=40_000, seed=5)
    law, repeats = BgNbd(0.243, 4.414, 0.793, 2.426), sums["visits"] - 1
    assert abs(repeats.mean() - law.expected(39.0)) < 3 * repeats.std() / 200
    nothing = float(law.nothing(39.0))
    assert abs((repeats == 0).mean() - nothing) < 3 * np.sqrt(nothing * (1 - nothing) / 40_000)
    assert not sums["capped"].any()


def test_a_year_has_as_many_decisions_as_a_customer_has_visits():
    """By the closed form, where nothing caps them; in money a year an episode counts its share of the year."""
    for name in ("web-shop", "cdnow", "drift"):
        p, view = SCENARIOS[name], LifetimeView(SCENARIOS[name])
        expected = 1 + float(BgNbd(p.r, p.alpha, p.a, p.b).expected(float(p.days)))
        assert view.steps_per_year == pytest.approx(expected * 365 / p.days, rel=5e-3)
        assert view.episodes_per_year == 365 / p.days
    often = SHOP.replace(r=1e6, alpha=1e-6, a=1e-3, b=1e6)
    assert LifetimeView(often).steps_per_year == pytest.approx(SHOP.visits)


def test_satisfaction_pulls_and_holds():
    p = SCENARIOS["tiny"].replace(pull=1.0, hold=1.0)
    laws = tables(p)
    assert laws.waits == pytest.approx(np.exp([1, 0.5, 0, -0.5, -1]))
    assert laws.leaves == pytest.approx(np.exp([1, 0.5, 0, -0.5, -1]))
    kale, bait = (play(p, Fixed(item))["visits"].mean() for item in (0, 2))
    assert kale > 2 * bait


SMALL = LifetimeParameters(
    days=120,
    visits=60,
    slate=2,
    topics=2,
    boredom=(1.0, 0.5, 0.2),
    alpha=6.0,
    b=40.0,
    items=(
        Item("old", appeal=1.0, buys=0.5, returns=0.5, margin=10.0),
        Item("other", topic=1, appeal=1.0),
        Item("new", topic=1, appeal=2.0, arrives=40),
    ),
    segments=(Segment("firsts", tastes=(3.0, -3.0)), Segment("seconds", tastes=(-3.0, 3.0))),
    handling=2.0,
)


def test_new_items_arrive_on_their_day_and_are_known_later():
    p = SMALL.replace(known_after=20)
    env = gymnasium.make(ID, scenario=p.to_dict())
    seen = set()
    for seed in range(20):
        row, _ = env.reset(seed=seed)
        over, view = False, env.unwrapped.view
        while not over:
            day = float(row[view.columns["day"]])
            popular = view.popular(row[None])[0, 2]
            seen.add((bool(row[2]), day >= 40, day >= 60, bool(np.isclose(popular, view.popularity[2]))))
            row, _, over, *_ = env.step(np.array([0, 1]))
    assert seen == {(False, False, False, False), (True, True, False, False), (True, True, True, True)}


@settings(max_examples=12)
@given(
    arrivals=st.lists(st.integers(0, 41), min_size=9, max_size=9),
    known_after=st.integers(0, 20),
    period=st.integers(1, 14),
    sold_out=st.sampled_from([0.0, 0.3, 0.95]),
)
def test_engines_agree_on_any_calendar_of_the_catalogue(arrivals, known_after, period, sold_out):
    """Items that arrive, become known and sell out on the same day, on the last one, or never."""
    items = [Item(f"item_{k}", appeal=1.0, arrives=day).to_dict() for k, day in enumerate(arrivals)]
    p = SMALL.replace(days=42, topics=1, segments=[{}], items=items)
    p = p.replace(known_after=known_after, period=period, sold_out=sold_out, r=20.0, alpha=20.0)
    twin_equals_world(Subject(LIFETIME, p.to_dict(), p, {}))


def test_tastes_shift_by_a_topic_on_the_day():
    """Who likes topic 0 alone clicks topic 1 alone after the shift."""
    p = SMALL.replace(shift_day=60, boredom=[1.0], segments=[SMALL.segments[0].to_dict()])
    twin = LIFETIME.twin(num_envs=2000, scenario=p, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=1)
    clicks = np.zeros((2, 2))
    while not twin.over.all():
        late = (twin.view.one(rows, "day") >= 60).astype(int)
        live = ~twin.over
        rows, *_ = twin.step(np.tile([0, 1], (2000, 1)))
        place = twin.view.one(rows, "clicked").astype(int)
        for half in (0, 1):
            for k in (0, 1):
                clicks[half, k] += (live & (late == half) & (place == k + 1)).sum()
    assert clicks[0, 0] > 20 * clicks[0, 1]
    assert clicks[1, 1] > 20 * clicks[1, 0]


def test_boredom_rises_by_bores_and_falls_by_one():
    p = SMALL.replace(boredom=[1.0, 0.8, 0.6, 0.4, 0.2], bores=3)
    world = LifetimeWorld(p, draw(p, np.random.default_rng(0), 1))
    world.slate = (0, 1)
    world.get_used_to(0)
    assert world.bored == [3, 0]
    world.get_used_to(1)
    assert world.bored == [2, 3]
    world.get_used_to(-1)
    assert world.bored == [1, 2]


def test_a_parcel_comes_back_after_its_days():
    """Every return is booked return_days after its purchase, or when the episode ends."""
    worlds = [lived(SMALL, (0, 1), row=row, worlds=40) for row in range(40)]
    waits = []
    for world in worlds:
        events = world.events()
        back = events[events["what"] == "sends back"]["time"].to_numpy()
        assert len(back) == world.sent_back
        bought = events[events["what"] == "buys old"]["time"].to_numpy()
        ended = world.clock.now
        waits += [(time in bought + 14 * 24) or time == ended for time in back]
    assert len(waits) > 50
    assert all(waits)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(SCENARIOS)))
def test_money_and_levels_add_up(seed, name):
    p = SCENARIOS[name]
    rng = np.random.default_rng(seed)
    env = gymnasium.make(ID, scenario=name)
    env.reset(seed=seed)
    earned, over, view, days = 0.0, False, env.unwrapped.view, 0.0
    while not over:
        row, reward, over, _, info = env.step(rng.integers(len(p.items), size=p.slate))
        assert reward == info["term_sales"] + info["term_refunds"]
        assert np.isfinite(row).all()
        shown = [item for item in info["decision"] if item >= 0]
        assert len(set(shown)) == len(shown) == p.slate - info["empty"]
        assert info["days"] == info["elapsed"] / 24
        earned, days = earned + reward, days + info["days"]
        world = env.unwrapped._world_now
        assert 0 <= world.satisfaction <= p.levels
        assert all(0 <= level < len(p.boredom) for level in world.bored)
    assert world.sent_back <= world.purchases <= world.clicks <= world.visit <= p.visits
    assert earned == pytest.approx(world.earned)
    assert float(view.one(row[None], "earned")[0]) == pytest.approx(earned, rel=1e-5, abs=1e-4)
    assert days <= p.days + 1e-6


@pytest.mark.parametrize("name", SCENARIOS)
def test_laws_are_probabilities(name):
    p = SCENARIOS[name]
    laws = tables(p)
    assert (laws.weights > 0).all()
    assert (laws.rises <= laws.falls).all()
    assert ((laws.falls >= 0) & (laws.falls <= RANGE)).all()
    assert np.bincount(laws.segments, minlength=len(p.segments)) / RANGE == pytest.approx(p.shares(), abs=2e-5)
    assert law_of(p).moves.sum(axis=1) == pytest.approx(1)


# Objectives.


PAID = [("clicks", "clicks"), ("time", "minutes"), ("purchases", "purchases")]


@pytest.mark.parametrize(("objective", "figure"), PAID)
@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_an_objective_is_paid_and_the_terms_stay_margin(objective, figure, engine):
    aimed = gymnasium.make(ID, objective=objective, engine=engine)
    plain = gymnasium.make(ID, engine=engine)
    for env in (aimed, plain):
        env.reset(seed=4)
    over = False
    while not over:
        action = np.arange(5)
        _, reward, over, _, info = aimed.step(action)
        _, margin, _, _, other = plain.step(action)
        assert reward == info[figure]
        np.testing.assert_equal(info, other)
        assert margin == info["term_sales"] + info["term_refunds"]


def test_a_wrong_objective_is_named():
    with pytest.raises(
        ParameterError, match="'fame' is not possible; it must be one of margin, clicks, time, purchases"
    ):
        gymnasium.make(ID, objective="fame")
    with pytest.raises(ParameterError, match="cannot be combined with weights"):
        gymnasium.make_vec(ID, 2, objective="clicks", weights={"sales": 2.0})


def test_the_hidden_state_is_seen_only_where_it_is_revealed():
    hidden, shown = (LifetimeView(SMALL.replace(revealed=switch)) for switch in (False, True))
    extra = [f.name for f in shown.features[len(hidden.features) :]]
    assert extra == ["satisfaction", "segment", "bored_0", "bored_1", "rate", "leaves"]
    assert [f.name for f in hidden.features] == [f.name for f in shown.features[: len(hidden.features)]]


def test_scores_and_slates_play_the_same_shop():
    twin = ScoreTwin(num_envs=3, scenario="web-shop", autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=1)
    weights = np.zeros((3, 11), dtype=np.float32)
    weights[:, 1] = 1.0
    slates = twin.view.slates(weights, rows)
    best = np.argsort([-item.quality for item in SHOP.items if item.arrives == 0])
    *_, infos = twin.step(weights)
    assert (infos["decision"] == slates).all()
    assert len(best) == 40


def test_impossible_parameters_are_named():
    with pytest.raises(ParameterError) as error:
        LifetimeParameters(slate=3, start=9, boredom=(), items=(Item("a"), Item("a", topic=2)))
    told = "\n".join(error.value.problems)
    for part in ("slate is 3", "start is 9", "boredom is empty", "called a", "topic of a is 2"):
        assert part in told


def test_natures_gaps_and_stock_follow_their_laws():
    laws, luck = tables(SHOP), draw(SHOP, np.random.default_rng(0), 400)
    assert laws.rates.mean() == pytest.approx(SHOP.r / SHOP.alpha, rel=1e-3)
    assert laws.dropouts.mean() == pytest.approx(SHOP.a / (SHOP.a + SHOP.b), rel=1e-3)
    assert laws.gaps.mean() == pytest.approx(1, rel=1e-3)
    found = np.array([of_visits(*keys, 50) for keys in zip(*luck, strict=True)]) / RANGE
    assert found.mean(axis=(0, 1)) == pytest.approx(np.full(8, 0.5), abs=0.01)
    assert abs(np.corrcoef(found.reshape(-1, 8).T) - np.eye(8)).max() < 0.03
    out = np.array([of_period(key, period, 50) for key in luck.key for period in range(20)])
    assert (out < SHOP.sold_out * RANGE).mean() == pytest.approx(SHOP.sold_out, abs=0.003)


def test_parameters_survive_a_dict():
    for p in SCENARIOS.values():
        assert LifetimeParameters.from_dict(p.to_dict()) == p
        assert dataclasses.asdict(p)["days"] == p.days
    assert bizgyms.case(ID).name == "RecommendLifetime"
