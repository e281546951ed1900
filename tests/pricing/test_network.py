"""Network revenue and sets of fares: the solver on instances small enough to reckon by hand, and bounds in order."""

import numpy as np
import pytest

from bizgyms.pricing.network import Network, fare_sets_fluid, fare_sets_value, hindsight

LEGS = Network(
    uses=[[0], [1], [0, 1], [0], [1], [0, 1]],
    fares=[100, 120, 180, 250, 300, 420],
    chances=[0.16, 0.16, 0.12, 0.06, 0.06, 0.05],
    capacities=[10, 10],
    periods=60,
)


def test_the_last_unit_waits_for_the_dear_request():
    """One unit, two periods, fares 1 and 10 with chance .5 and .4: refuse 1 at first, for 4.5 is expected after it."""
    network = Network([[0], [0]], [1.0, 10.0], [0.5, 0.4], [1], 2)
    assert network.value() == pytest.approx(0.4 * 10 + 0.6 * 4.5)


def test_one_resource_needs_no_proration():
    network = Network([[0], [0]], [1.0, 10.0], [0.5, 0.4], [1], 2)
    assert network.prorated() == pytest.approx(network.value())


def test_bounds_are_in_order():
    assert LEGS.value() < LEGS.prorated() < LEGS.fluid()[0]


def test_hindsight_is_above_the_best_and_below_the_fluid():
    found = hindsight(LEGS, np.random.default_rng(1), 150)
    error = found.std() / np.sqrt(150)
    assert LEGS.value() - 4 * error < found.mean() < LEGS.fluid()[0] + 4 * error
    assert abs(found.mean() / LEGS.value() - 1.0458) < 4 * np.hypot(error / LEGS.value(), 0.004)


def test_sets_of_fares_with_ample_seats_sell_the_best_set():
    sets = {"dear": [0.2, 30.0], "both": [0.7, 40.0]}
    assert fare_sets_value(sets, 100, 10, 0.5) == pytest.approx(10 * 0.5 * 40)
    assert fare_sets_fluid(sets, 100, 10, 0.5) == pytest.approx(10 * 0.5 * 40)
    assert fare_sets_value(sets, 1, 10, 0.5) < fare_sets_fluid(sets, 1, 10, 0.5)
