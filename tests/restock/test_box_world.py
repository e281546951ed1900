"""The box's luck and its SimPy world, day by day."""

import numpy as np
import pytest

from envs_data.parameters import ParameterError
from envs_data.restock.box import SCENARIOS, BoxItem, BoxLuck, BoxParameters, BoxWorld, draw
from envs_data.restock.box.luck import SECOND_BITS, customer_bits, groups, next_customer, second_choice, second_choices


def lived(items, demand, orders, **box):
    """A world after its orders, with the demand given and no substitution."""
    parameters = BoxParameters(days=len(demand), items=items, **box)
    demand = np.array(demand)[np.newaxis]
    luck = BoxLuck(demand, np.zeros((1, 0, 0), dtype=np.int16), np.zeros((1, 0), dtype=np.int64))
    world = BoxWorld(parameters, luck, record=True)
    world.start()
    for order in orders:
        world.play(order)
    return world


def test_units_expire_at_closing_of_their_last_day_and_the_oldest_go_first():
    item = BoxItem(shelf_life=2, start_on_hand=5, lead_times=(1,))
    world = lived((item,), [[1], [2]], [(3,)])
    assert world.shelf == [[4, 3]]
    world.play((0,))
    assert (world.sold, world.wasted, world.left, world.shelf) == ([2], [2], [3], [[3, 0]])


def test_lifo_customers_take_the_freshest():
    item = BoxItem(shelf_life=2, start_on_hand=5, issue="LIFO")
    world = lived((item,), [[1], [2]], [(3,), (0,)])
    assert (world.wasted, world.shelf) == ([4], [[1, 0]])


def test_no_lead_time_serves_the_same_day():
    world = lived((BoxItem(lead_times=(0,)),), [[3]], [(2,)])
    assert (world.sold, world.unmet, world.left) == ([2], [1], [0])


def test_waiting_customers_are_served_first():
    world = lived((BoxItem(unmet="backordered"),), [[3], [1]], [(4,)])
    assert (world.promised, world.unmet, world.shelf) == ([3], [3], [[1]])
    world.play((0,))
    assert (world.promised, world.sold, world.unmet) == ([0], [1], [0])


def test_events_name_who_did_what():
    world = lived((BoxItem(name="milk", start_on_hand=2),), [[3], [0]], [(5,)])
    told = world.events()[["time", "who", "what", "how_many"]].to_numpy().tolist()
    assert told == [
        [7.0, "shop", "order milk", 5],
        [9.0, "customers", "sale milk", 2],
        [9.0, "customers", "unmet milk", 1],
        [30.0, "truck", "delivery milk", 5],
    ]


def test_customers_come_in_uniformly_random_order():
    rng = np.random.default_rng(1)
    firsts = np.zeros(3)
    for crowd in rng.integers(0, 2**62, 4000).tolist():
        firsts[next_customer(customer_bits(crowd, 0, 0), 10, [1, 4, 10])] += 1
    assert firsts / 4000 == pytest.approx([0.1, 0.3, 0.6], abs=0.03)


def test_everybody_comes_once():
    to_come = [2, 2, 5]
    came = [next_customer(customer_bits(7, 0, n), 5 - n, to_come) for n in range(5)]
    assert sorted(came) == [0, 0, 2, 2, 2]
    assert to_come == [0, 0, 0]


def test_groups_are_what_customers_turn_between():
    assert groups(SCENARIOS["grocery-box"]) == [[0, 1], [2, 3], [4, 5, 6, 7]]
    assert groups(BoxParameters()) == [[0]]


def test_second_choice_follows_the_matrix():
    parameters = BoxParameters(
        substitution=((0.0, 0.25, 0.5), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
        items=tuple(BoxItem(name=name) for name in "abc"),
    )
    thresholds = second_choices(parameters).ravel().tolist()
    top = 1 << SECOND_BITS
    assert [second_choice(int(share * top), 0, 3, thresholds) for share in (0.0, 0.24, 0.25, 0.74, 0.75)] == [
        1,
        1,
        2,
        2,
        3,
    ]
    assert second_choice(0, 1, 3, thresholds) == 3
    assert second_choice(top - 1, 2, 3, thresholds) == 0


def test_demand_and_lead_times_follow_their_laws():
    parameters = SCENARIOS["grocery-box"]
    luck = draw(parameters, np.random.default_rng(5), 200)
    means = parameters.factors() * np.array([item.mean for item in parameters.items])
    assert luck.demand.mean(axis=0).sum(axis=0) == pytest.approx(means.sum(axis=0), rel=0.01)
    promoted = parameters.promoted()
    assert luck.demand.mean(axis=0)[promoted].sum() == pytest.approx(means[promoted].sum(), rel=0.02)
    shares = [np.mean(luck.lead_time[:, :, -1] == days) for days in (1, 2, 3)]
    assert shares == pytest.approx([0.2, 0.6, 0.2], abs=0.01)
    assert luck.crowd.shape == (200, parameters.days)


def test_same_seed_same_luck():
    parameters = SCENARIOS["grocery-box"]
    first, second = (draw(parameters, np.random.default_rng(3), 2) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_wrong_boxes_are_told_all_at_once():
    with pytest.raises(ParameterError) as error:
        BoxParameters.from_dict(
            {
                "capacty": 3,
                "items": [{"name": "milk", "mean": -1.0}],
                "substitution": [[0.0]],
            }
        )
    assert "did you mean 'capacity'" in str(error.value)
    assert "items[0]: mean is -1.0" in str(error.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"unmet": "backordered", "shelf_life": 2}, "customers wait only for what keeps"),
        ({"lead_times": (1, 2)}, "lead_time_probabilities has 0 entries; lead_times has 2"),
        ({"lead_times": (1, 2), "lead_time_probabilities": (0.5, 0.6)}, "sum to 1.1; they must sum to 1"),
        ({"lead_times": (1.5,)}, "it must be a whole number"),
    ],
)
def test_impossible_items(fields, words):
    with pytest.raises(ParameterError, match=words):
        BoxItem(**fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"substitution": ((0.1,),)}, "no substitute for itself"),
        ({"substitution": ((0.0, 0.5),)}, "must have 1 rows of 1 entries"),
        ({"truck_cost": 5.0}, "truck_cost is set without a truck_size"),
        ({"items": (BoxItem(), BoxItem())}, "each must have a name of its own"),
        ({"capacity": 3, "min_order": 5}, "not even the smallest order fits"),
    ],
)
def test_impossible_boxes(fields, words):
    with pytest.raises(ParameterError, match=words):
        BoxParameters(**fields)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_survive_their_dict(name):
    assert BoxParameters.from_dict(SCENARIOS[name].to_dict()) == SCENARIOS[name]
