"""Lead times read off orders and deliveries."""

import numpy as np
import pandas as pd
import pytest

from envs_data.restock.deliveries import lead_time, lead_times


def shop(lead, seed=0, days=500, share=0.5):
    """A table of orders of which each takes ``lead(rng)`` days."""
    rng = np.random.default_rng(seed)
    ordered = rng.integers(1, 6, size=days) * (rng.random(days) < share)
    delivered = np.zeros(days + 40, dtype=int)
    for day, units in enumerate(ordered):
        delivered[day + lead(rng)] += units
    dates = pd.date_range("2025-01-06", periods=days)
    return pd.DataFrame({"date": dates, "ordered": ordered, "delivered": delivered[:days]})


@pytest.mark.parametrize("days", [0, 1, 7])
def test_one_lead_time_is_read_off_exactly(days):
    found, likely, origin = lead_times(shop(lambda rng: days))
    assert (found, likely, origin.kind) == ((days,), (), "fitted")
    assert lead_time(shop(lambda rng: days))[0] == days


@pytest.mark.parametrize("law", [{1: 0.8, 2: 0.2}, {3: 0.3, 5: 0.5, 10: 0.2}])
def test_random_lead_times_come_back(law):
    frame = shop(lambda rng: int(rng.choice([*law], p=[*law.values()])), share=0.3, days=730)
    found, likely, origin = lead_times(frame)
    assert found == tuple(law)
    assert likely == pytest.approx(tuple(law.values()), abs=0.08)
    assert sum(likely) == pytest.approx(1, abs=1e-12)
    off = np.abs(np.array(likely) - [*law.values()])
    assert (off < 4 * np.array(origin.stderr)).all()


def test_deliveries_that_are_no_orders_identify_nothing():
    frame = shop(lambda rng: int(rng.integers(1, 4)))
    frame["delivered"] = np.random.default_rng(1).integers(0, 50, size=len(frame))
    assert lead_times(frame)[2].kind == "assumed"
    assert lead_times(frame.drop(columns="delivered"))[2].kind == "assumed"
    assert lead_times(frame.head(20))[2].note.startswith("Not identified")
