"""Lead times from orders and deliveries."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.parameters import Origin

LONGEST_LEAD_TIME = 30
LEAD_TIME_ASSUMED = 1
# Share of orders that must match one lead time, and least number of orders, for it to count as fitted.
LEAD_TIME_SHARE, LEAD_TIME_ORDERS = 0.95, 5
# Random lead times need more orders; a lead time with a smaller share of them counts as noise.
RANDOM_ORDERS, RANDOM_SHARE = 30, 0.03
# Outstanding orders searched for a delivery, passes of the matching, and the weight of a lead time never seen.
MOST_ON_ROAD, PASSES, UNSEEN = 10, 4, 1e-3
ASSUMED = f"Assumed {LEAD_TIME_ASSUMED} day."


def lead_time(frame: pd.DataFrame) -> tuple[int, Origin]:
    """Days from order to delivery, if nearly all orders arrive after the same time.

    Args:
        frame: an item's days, with ``ordered`` and ``delivered`` where the table has them.
    """
    if not {"ordered", "delivered"} <= {*frame.columns}:
        return LEAD_TIME_ASSUMED, Origin("assumed", note=ASSUMED)
    days = frame.set_index("date").asfreq("D")
    if int((days["ordered"] > 0).sum()) < LEAD_TIME_ORDERS:
        why = f"Not identified: fewer than {LEAD_TIME_ORDERS} orders. {ASSUMED}"
        return LEAD_TIME_ASSUMED, Origin("assumed", note=why)
    shares = [_share_arrived(days, n) for n in range(LONGEST_LEAD_TIME + 1)]
    best = int(np.argmax(shares))
    if shares[best] < LEAD_TIME_SHARE or shares.count(shares[best]) > 1:
        why = "Not identified: orders and deliveries do not match at one lead time."
        return LEAD_TIME_ASSUMED, Origin("assumed", note=f"{why} {ASSUMED}")
    return best, Origin("fitted", note=f"{shares[best]:.0%} of orders arrived {best} days later.")


def _share_arrived(days: pd.DataFrame, lead_time: int) -> float:
    expected, came = days["ordered"].shift(lead_time), days["delivered"]
    judged = expected.notna() & came.notna() & ((expected > 0) | (came > 0))
    return float((expected == came)[judged].mean()) if judged.any() else 0.0


def lead_times(frame: pd.DataFrame) -> tuple[tuple[int, ...], tuple[float, ...], Origin]:
    """Possible days from order to delivery and their probabilities; a single one if that explains all.

    Random lead times come from matching: each delivery is the likeliest set of outstanding orders that adds up to it,
    repeated with the lead times of the last pass (as in k-means).

    Args:
        frame: an item's days, with ``ordered`` and ``delivered`` where the table has them.

    Returns:
        Days, probabilities (none for one lead time), and where they come from.
    """
    fixed, origin = lead_time(frame)
    if origin.kind == "fitted" or not {"ordered", "delivered"} <= {*frame.columns}:
        return (fixed,), (), origin
    days = frame.set_index("date").asfreq("D")[["ordered", "delivered"]].fillna(0).astype(int)
    took = _matched(days["ordered"].tolist(), days["delivered"].tolist())
    if took is None or len(took) < RANDOM_ORDERS:
        return (fixed,), (), origin
    counts = np.bincount(took, minlength=LONGEST_LEAD_TIME + 1)
    kept = np.flatnonzero(counts > RANDOM_SHARE * len(took))
    likely = counts[kept] / counts[kept].sum()
    errors = np.sqrt(likely * (1 - likely) / len(took))
    note = f"From {len(took)} orders matched with deliveries."
    return tuple(kept.tolist()), tuple(likely.tolist()), Origin("fitted", tuple(errors.tolist()), note)


def _matched(ordered: list[int], delivered: list[int]) -> list[int] | None:
    """The lead time of each order, if orders arrive whole; None if they do not."""
    weights = np.full(LONGEST_LEAD_TIME + 1, 1.0)
    took: list[int] | None = None
    for _ in range(PASSES):
        took = _match(ordered, delivered, np.log(weights))
        if took is None:
            return None
        weights = np.bincount(took, minlength=LONGEST_LEAD_TIME + 1) / max(len(took), 1) + UNSEEN
    return took


def _match(ordered: list[int], delivered: list[int], merits: Floats) -> list[int] | None:
    """One pass: the lead times of orders given more than `LONGEST_LEAD_TIME` days before the end."""
    road: list[tuple[int, int]] = []
    took, strange, deliveries = [], 0, 0
    for day, (order, came) in enumerate(zip(ordered, delivered, strict=True)):
        road = [one for one in road if day - one[0] <= LONGEST_LEAD_TIME]
        if order:
            road.append((day, order))
        if not came:
            continue
        deliveries += 1
        arrived = _likeliest(road[:MOST_ON_ROAD], came, day, merits)
        if arrived is None:
            strange += 1
            continue
        took += [day - since for since, _ in arrived if since < len(ordered) - LONGEST_LEAD_TIME]
        road = [one for one in road if one not in arrived]
    return None if strange > (1 - LEAD_TIME_SHARE) * deliveries else took


def _likeliest(road: list[tuple[int, int]], came: int, day: int, merits: Floats) -> tuple[tuple[int, int], ...] | None:
    """The likeliest outstanding orders that add up to the delivery; None if none do."""
    best, best_merit = None, -np.inf
    for count in range(1, len(road) + 1):
        for some in itertools.combinations(road, count):
            if sum(units for _, units in some) == came:
                merit = float(sum(merits[day - since] for since, _ in some))
                if merit > best_merit:
                    best, best_merit = some, merit
    return best
