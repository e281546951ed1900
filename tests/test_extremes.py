"""World and twin agree, in finite numbers and without a warning, at the ends of everything that parameters allow."""

import pytest

import bizgyms
from envs_data.bidding.campaign import CampaignParameters
from envs_data.parameters import ParameterError
from envs_data.pricing.season import SeasonParameters
from envs_data.pricing.shelf import ShelfParameters
from envs_data.restock.box import BoxItem, BoxParameters
from envs_data.restock.item import ItemParameters
from tests.extremes import drawn, play_both

FEW, MANY = 12, 250


def _plays(case, seeds):
    for seed in seeds:
        play_both(case, drawn(case.scenarios, seed))


@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_the_ends_of_all_ranges(case):
    _plays(case, range(FEW))


@pytest.mark.slow
@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_many_ends_of_all_ranges(case):
    _plays(case, range(FEW, FEW + MANY))


def test_a_constant_demand_of_many_units_takes_no_more_than_a_law():
    assert ItemParameters(mean=20_000.0, demand_law="constant", weekday=(100.0,) * 7).laws()[0][0].argmax() == 2_000_000


EXPLODING = {
    "a heavy tail": (lambda: ItemParameters(mean=5000.0, size=0.001), "make size larger, or count in larger units"),
    "factors on an item": (lambda: ItemParameters(mean=20_000.0, weekday=(100.0,) * 7, season=(100.0,) * 12), "count"),
    "factors on a box": (
        lambda: BoxParameters(
            items=(BoxItem(name="milk", mean=20_000.0),), weekday=(100.0,) * 7, promotion_lift=100.0, promotion_every=1
        ),
        "milk: demand of a day could reach",
    ),
    "a crowd at a shelf": (
        lambda: ShelfParameters(customers=10_000.0, profile=(100.0,) * 26, levels=(1.0, 100.0)),
        "make customers, prof",
    ),
    "a crowd in a season": (
        lambda: SeasonParameters(customers=1000.0, profile=(100.0,) * 20, levels=(1.0, 100.0)),
        "make customers, profile or levels smaller",
    ),
    "a day of a campaign": (lambda: CampaignParameters(auctions=1e6, traffic_sd=1.0), "make auctions or traffic_sd sm"),
}


@pytest.mark.parametrize("name", EXPLODING)
def test_what_would_fill_the_memory_is_refused_with_a_remedy(name):
    make, remedy = EXPLODING[name]
    with pytest.raises(ParameterError, match=remedy):
        make()
