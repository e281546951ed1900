"""The backward recursion leaves out weeks that only add the same cost, and nothing else."""

import numpy as np
import pytest

from bizgyms.restock.item import optimum
from bizgyms.restock.item.forward import episode_value
from envs_data.restock.item import ItemParameters

WEEKDAYS = (0.8, 0.9, 1.0, 0.0, 1.1, 1.3, 1.9)
MONTHS = (0.7, 1.3, *(1.0,) * 10)
SHOP = ItemParameters(
    days=364, mean=3.0, demand_law="poisson", lead_time=2, max_packs=9, holding=0.1, shortage=2.0, start_on_hand=6
)
KINDS = [
    {},
    {"weekday": WEEKDAYS},
    {"weekday": WEEKDAYS, "order_cost": 2.0},
    {"weekday": WEEKDAYS, "season": MONTHS},
    {"weekday": WEEKDAYS, "lead_time": 0},
    {"weekday": WEEKDAYS, "unmet": "backordered", "lead_time": 3},
    {"season": MONTHS, "unmet": "backordered"},
    {"days": 9, "weekday": WEEKDAYS},
    {"shortage": 0.0},
    {"weekday": WEEKDAYS, "zero_inflation": 0.35},
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_value_is_that_of_every_day_worked_out(kind, monkeypatch):
    p = SHOP.replace(**kind)
    fast = optimum.solve(p, "total")
    monkeypatch.setattr(optimum._Weeks, "before", lambda self, day: 0)
    full = optimum.solve(p, "total")
    assert fast.value == pytest.approx(full.value, rel=1e-9)
    assert fast.policy.packs.shape == full.policy.packs.shape


@pytest.mark.parametrize("kind", [{"weekday": WEEKDAYS}, {"season": MONTHS}, {"zero_inflation": 0.35}], ids=str)
def test_its_own_policy_earns_it(kind):
    p = SHOP.replace(**kind)
    found = optimum.solve(p, "total")
    assert episode_value(p, found.policy) == pytest.approx(found.value, rel=1e-9)


def test_weeks_are_left_out_only_where_they_are_alike():
    seasonal = SHOP.replace(start_date="2025-01-01", weekday=WEEKDAYS, season=MONTHS, days=200)
    weeks = optimum._Weeks(seasonal)
    laws = seasonal.laws()[1]
    for day in range(seasonal.days):
        count = weeks.before(day)
        span = slice(day - 7 * count, day + seasonal.lead_time)
        later = slice(span.start + 7, span.stop + 7)
        assert count == 0 or np.array_equal(laws[span], laws[later])
    assert max(weeks.before(day) for day in range(seasonal.days)) >= 10
    assert optimum._Weeks(SHOP.replace(days=5)).before(2) == 0


@pytest.mark.parametrize("kind", [{}, {"weekday": WEEKDAYS, "order_cost": 1.0}, {"lead_time": 3, "days": 40}], ids=str)
def test_a_shorter_lead_time_is_a_bound(kind, monkeypatch):
    p = SHOP.replace(**kind)
    exact = optimum.reference(p)
    assert (optimum.quick_reference(p).value, optimum.quick_reference(p).kind) == (exact.value, "exact")
    monkeypatch.setattr(optimum, "QUICK_WORK", 0.0)
    bound = optimum.quick_reference(p)
    assert bound.kind == "bound"
    assert bound.policy is None
    assert "lead time of 0 instead of" in bound.method
    assert bound.value > exact.value
