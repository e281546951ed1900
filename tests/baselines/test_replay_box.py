import itertools

import numpy as np
import pandas as pd
import pytest

import baselines
import bizgyms
from baselines.agents import Kind
from baselines.protocols.own_period import own_period
from bizgyms.restock.hindsight import box_in_hindsight
from envs_data.parameters import ParameterError, Scenario
from envs_data.restock.box import BoxItem, BoxParameters
from envs_data.restock.box import draw as of_box_draw
from envs_data.restock.box import last_days as of_box
from envs_data.restock.last_days import last_days
from envs_data.tables import TableError
from tests.baselines.shop_tables import SHORT, STOCKED, asked_for, row_of, table_of

pytestmark = pytest.mark.usefixtures("quick_tuning")


BOTH = pd.concat([STOCKED.assign(item="tea"), SHORT.assign(item="jam")])


BOX = BoxParameters(
    items=tuple(
        BoxItem(name, lead_times=(2,), max_packs=12, price=price, cost=3.0, holding=0.1)
        for name, price in (("tea", 5.0), ("jam", 6.0))
    ),
    truck_size=30,
    truck_cost=1.0,
)


def test_a_box_is_replayed_item_by_item():
    period = own_period(bizgyms.case("RestockBox"), Scenario(BOX), BOTH)
    tea, jam = period.world.items
    assert (tea.price, jam.price, period.world.truck_cost) == (5, 6, 1)
    assert (tea.start_on_hand, jam.start_on_hand) == (STOCKED["on_hand"].iloc[159], SHORT["on_hand"].iloc[159])
    assert (period.luck.demand[:, :, 0] == asked_for()).all()
    assert (period.luck.demand[:, :, 1] >= SHORT["units"].to_numpy()[160:]).all()
    assert period.luck.demand[:, :, 1].std(axis=0).max() > 0
    found = baselines.replay(BOX, ["base_stock"], BOTH, episodes=20)
    assert {row.role for row in found.rows} == {"hindsight", Kind.TODAY, Kind.BEST_RULE}
    assert f"{found.sold_out} times an item sold out, filled 20 times" in str(found)
    assert all(row.value <= row_of(found, "hindsight").value for row in found.rows)
    assert 0 < row_of(found, Kind.BEST_RULE).share < 1
    assert any("it is more than anybody could reach" in note for note in found.notes)


SMALL = BoxParameters(
    days=4,
    truck_size=4,
    truck_cost=3.0,
    order_cost=1.0,
    capacity=9,
    items=(
        BoxItem("milk", lead_times=(1, 2), lead_time_probabilities=(0.5, 0.5), max_packs=1, pack=2, shelf_life=2,
                start_on_hand=2, price=5.0, cost=2.0, holding=0.3, waste=1.0, shortage=0.5, line_cost=0.4),
        BoxItem("tea", lead_times=(0,), max_packs=2, price=4.0, cost=1.0, holding=0.2, shortage=1.0,
                unmet="backordered"),
    ),
)  # fmt: skip


ALONE = SMALL.replace(
    truck_size=0,
    truck_cost=0.0,
    order_cost=0.0,
    capacity=0,
    items=(SMALL.items[0].replace(shelf_life=0, waste=0.0, line_cost=0.0),),
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("box", [SMALL, ALONE], ids=["shared", "alone"])
def test_no_plan_for_a_box_earns_more_than_hindsight(box, seed):
    luck = of_box_draw(box, np.random.default_rng(seed), 1)
    luck = luck._replace(demand=np.minimum(luck.demand, 4))
    sizes = [item.max_packs + 1 for item in box.items]
    plans = np.array([*itertools.product(*(range(size) for _ in range(4) for size in sizes))])
    plans = plans.reshape(-1, 4, len(sizes))
    twin = bizgyms.case("RestockBox").twin(num_envs=len(plans), scenario=box, autoreset_mode="Disabled")
    twin.reset(options={"luck": type(luck)(*(np.repeat(array, len(plans), axis=0) for array in luck))})
    best = np.sum([twin.step(plans[:, day])[1] for day in range(4)], axis=0).max()
    earned = box_in_hindsight(box, luck)
    assert earned.shape == (4,)
    assert earned.sum() >= best - 1e-9
    if box is ALONE:
        assert earned.sum() == pytest.approx(best)


def test_a_box_of_substitutes_has_no_hindsight():
    box = BOX.replace(substitution=((0.0, 0.5), (0.5, 0.0)))
    with pytest.raises(ValueError, match="no bound for them"):
        box_in_hindsight(box, of_box_draw(box, np.random.default_rng(0), 1))


def test_deliveries_of_a_box_in_other_sizes_than_ordered_are_said():
    other = STOCKED.assign(delivered=STOCKED["delivered"].where(~STOCKED.index.isin([170, 175]), 1))
    both = pd.concat([other.assign(item="tea"), SHORT.assign(item="jam")])
    notes = own_period(bizgyms.case("RestockBox"), Scenario(BOX), both).notes
    assert any(note.startswith("On 2 days other units came than were ordered a lead time before") for note in notes)
    assert any("here every order arrives whole and in time" in note for note in notes)
    notes = own_period(bizgyms.case("RestockBox"), Scenario(BOX), BOTH).notes
    assert not any("other units came" in note for note in notes)


def test_a_box_most_of_whose_days_sold_out_is_refused():
    scarce = pd.concat([STOCKED.assign(item="tea"), table_of(6).assign(item="jam"), table_of(6, 2).assign(item="plum")])
    why = r"days of an item among the last 40 days sold out, so too much .* to replay them; what can answer is"
    with pytest.raises(TableError, match=why):
        own_period(bizgyms.case("RestockBox"), Scenario(BOX), scarce)


def test_an_item_that_is_new_is_left_out():
    late = SHORT.assign(item="plum").iloc[170:]
    period = own_period(bizgyms.case("RestockBox"), Scenario(BOX), pd.concat([BOTH, late]))
    assert [item.name for item in period.world.items] == ["tea", "jam"]
    assert period.luck.demand.shape == (20, 40, 2)
    assert any(note.endswith("do not tell their demand: plum.") for note in period.notes)


def test_lead_times_of_a_box_that_vary_are_drawn():
    days = last_days({"tea": STOCKED}, "table")
    world = of_box.world_of(
        days, BOX.replace(items=(BOX.items[0].replace(lead_times=(1, 3), lead_time_probabilities=(0.5, 0.5)),))
    )
    luck = of_box.luck_of(days, world, np.random.default_rng(0), 20)
    assert luck.lead_time.shape == (20, 40, 1)
    assert set(np.unique(luck.lead_time)) == {1, 3}


def test_what_hides_the_demand_of_a_box_is_refused():
    frames = {"tea": STOCKED, "jam": SHORT}
    days = last_days(frames, "table")
    with pytest.raises(ParameterError, match="customers who take a substitute leave no record"):
        of_box.world_of(days, BOX.replace(substitution=((0.0, 0.5), (0.5, 0.0))))
    promoted = {name: table.assign(promotion=table["date"].dt.day < 8) for name, table in frames.items()}
    for own, world in ((days, BOX.replace(promotion_every=4)), (last_days(promoted, "table"), BOX)):
        with pytest.raises(ParameterError, match="the promotions of the table fall on other days"):
            of_box.world_of(own, world)
