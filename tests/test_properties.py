"""What must hold in any world of restocking, whatever the parameters and the decisions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bizgyms
from bizgyms.registry import case
from envs_data.chance import DEMAND_LAWS
from envs_data.restock.item import ItemParameters, ItemWorld, draw

ITEM = "bizgyms/RestockItem-v0"

factors = st.floats(0.25, 3.0)
items = st.builds(
    ItemParameters,
    days=st.integers(1, 40),
    start_date=st.dates().map(lambda day: day.replace(year=2024 + day.year % 3, day=min(day.day, 28)).isoformat()),
    mean=st.floats(0.1, 30.0),
    demand_law=st.sampled_from(DEMAND_LAWS),
    size=st.floats(0.1, 50.0),
    cv=st.floats(0.1, 2.0),
    weekday=st.one_of(st.just(()), st.tuples(*[factors] * 7)),
    season=st.one_of(st.just(()), st.tuples(*[factors] * 12)),
    lead_time=st.integers(0, 6),
    unmet=st.sampled_from(["lost", "backordered"]),
    pack=st.integers(1, 7),
    max_packs=st.integers(1, 20),
    start_on_hand=st.integers(0, 60),
    holding=st.floats(0.0, 5.0),
    shortage=st.floats(0.0, 50.0),
    order_cost=st.floats(0.0, 20.0),
)
seeds = st.integers(0, 2**32 - 1)


def _played(parameters, seed):
    """A world and its days: ordered, demand, sold, left, lost."""
    rng = np.random.default_rng(seed)
    world = ItemWorld(parameters, draw(parameters, rng, 1), record=True)
    world.start()
    days = []
    while not world.over:
        world.play(int(rng.integers(parameters.max_packs + 1)) * parameters.pack)
        days.append((world.ordered, world.demand, world.sold, world.left, world.lost))
    return world, np.array(days)


@given(items, seeds)
def test_stock_is_conserved(parameters, seed):
    world, days = _played(parameters, seed)
    events = world.events()
    delivered = events.loc[events["what"] == "delivery", "how_many"].sum()
    ordered, demand, sold, _, _ = days.T
    gone = demand.sum() if parameters.unmet == "backordered" else sold.sum()
    assert parameters.start_on_hand + delivered - gone == world.on_hand
    assert delivered + sum(world.on_order.values()) == ordered.sum()


@given(items, seeds)
def test_nobody_buys_what_is_not_there_and_nobody_is_forgotten(parameters, seed):
    _, days = _played(parameters, seed)
    _, demand, sold, left, lost = days.T
    assert (days >= 0).all()
    assert (sold <= demand).all()
    if parameters.unmet == "lost":
        assert (sold + lost == demand).all()
        assert (left[lost > 0] == 0).all()
    assert not ((left > 0) & (lost > 0)).any()


@given(items, seeds)
def test_an_order_comes_when_its_lead_time_is_over(parameters, seed):
    world, days = _played(parameters, seed)
    events = world.events()
    came = events.loc[events["what"] == "delivery", "time"].to_numpy() // 24
    sent = np.flatnonzero(days[:, 0]) + parameters.lead_time
    # Trucks that would come after the last morning are not waited for.
    assert came.tolist() == sent[sent <= (parameters.days if parameters.lead_time else parameters.days - 1)].tolist()


@given(items, seeds)
def test_rewards_add_up_and_observations_stay_inside_on_both_engines(parameters, seed):
    simpy, compiled = (bizgyms.make(parameters, engine=engine) for engine in ("simpy", "compiled"))
    rng = np.random.default_rng(seed)
    one, other = simpy.reset(seed=seed)[0], compiled.reset(seed=seed)[0]
    over = False
    while not over:
        assert np.isfinite(one).all()
        assert simpy.observation_space.contains(one)
        assert (one == other).all()
        action = int(rng.integers(simpy.action_space.n))
        one, reward, over, _, info = simpy.step(action)
        other, paid, ended, _, told = compiled.step(action)
        assert (reward, over, info) == (paid, ended, told)
        assert np.isfinite(reward)
        terms = [info[entry] for entry in simpy.unwrapped.view.entries]
        assert reward == sum(terms, 0.0)
        assert all(term <= 0 for term in terms)


@given(items, seeds, st.integers(1, 9))
def test_worlds_of_a_twin_do_not_touch_each_other(parameters, seed, worlds):
    rng = np.random.default_rng(seed)
    luck = draw(parameters, rng, worlds)
    actions = rng.integers(parameters.max_packs + 1, size=(parameters.days, worlds))
    together = _totals(parameters, luck, actions)
    order = rng.permutation(worlds)
    shuffled = _totals(parameters, type(luck)(*(array[order] for array in luck)), actions[:, order])
    assert (together[order] == shuffled).all()


def _totals(parameters, luck, actions):
    twin = case(ITEM).twin(num_envs=actions.shape[1], scenario=parameters, autoreset_mode="Disabled")
    twin.reset(options={"luck": luck})
    return sum(twin.step(row)[1] for row in actions)


numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=3),
    st.none(),
    st.booleans(),
    st.lists(st.integers(-5, 50), max_size=3),
)


@given(numbers, st.sampled_from(["simpy", "compiled"]))
def test_any_action_is_played_or_refused_with_a_value_error(action, engine):
    env = bizgyms.make(ItemParameters(days=3), engine=engine).unwrapped
    env.reset(seed=0)
    if not env.action_space.contains(action):
        with pytest.raises(ValueError, match="is outside"):
            env.step(action)
    else:
        assert np.isfinite(env.step(action)[1])


@given(st.lists(numbers, min_size=2, max_size=2))
def test_any_batch_of_actions_is_played_or_refused(actions):
    twin = case(ITEM).twin(num_envs=2, scenario=ItemParameters(days=3))
    twin.reset(seed=0)
    try:
        batch = np.array(actions)
    except ValueError:  # NumPy itself refuses ragged lists
        return
    if batch.shape == (2,) and batch.dtype.kind in "iu" and ((batch >= 0) & (batch <= 40)).all():
        assert np.isfinite(twin.step(batch)[1]).all()
    else:
        with pytest.raises(ValueError, match=r"outside|this space needs"):
            twin.step(batch)


@given(items)
def test_parameters_survive_their_dict(parameters):
    assert ItemParameters.from_dict(parameters.to_dict()) == parameters
