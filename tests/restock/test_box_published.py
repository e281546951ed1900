"""Boxes with a known answer beside the published ones, which `baselines/published` holds."""

import pytest

from bizgyms.reference import TooLargeError
from bizgyms.restock.box.optimum import reference, solve
from envs_data.restock.box import SCENARIOS, BoxItem, BoxParameters


def test_lost_sales_box_of_one_item_is_zipkin_2008_poisson_p4_l2():
    item = BoxItem(mean=5.0, lead_times=(2,), max_packs=8, holding=1.0, shortage=4.0)
    assert -solve(BoxParameters(items=(item,))).value == pytest.approx(4.3953, abs=5e-5)


def test_substitutes_in_both_directions_weighed_by_hand():
    # One unit of A, one customer each for A and B; B is never stocked, its customer asks for A half the time.
    # A's customer is served unless B's came first (1/2) and asked (1/2): sales 1 sure if anybody takes it.
    items = (
        BoxItem(name="A", mean=1, demand_law="constant", lead_times=(0,), shelf_life=1, max_packs=1, price=1.0),
        BoxItem(
            name="B", mean=1, demand_law="constant", lead_times=(0,), shelf_life=1, max_packs=1, cost=9, shortage=1
        ),
    )
    box = BoxParameters(days=1, substitution=((0.0, 0.2), (0.5, 0.0)), items=items)
    # Sale of A: 1. B's customer unserved unless he came first and asked: 1 - 1/4.
    assert reference(box).value == pytest.approx(1 - 0.75)


def test_too_large_box_names_states_and_remedy():
    with pytest.raises(TooLargeError, match=r"fixed lead times"):
        solve(SCENARIOS["grocery-box"], "total")
    item = BoxItem(mean=5.0, lead_times=(4,), max_packs=40, pack=1, shortage=4.0, holding=1.0)
    with pytest.raises(TooLargeError, match=r"states .* packs of at least this many units .*: item \d+"):
        solve(BoxParameters(items=(item,)))
