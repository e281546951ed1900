"""Dynamic programming for one item cut out of its box: a day backward, and where its best orders lead forward.

States are numbered: ``s`` a shelf (units by days of life left), ``p`` a morning's road (packs ordered 1, 2, ... days
ago and not delivered), ``j`` a road after ordering (today's packs first). A *level* is what is left of a shelf after
the customers, in units, counted from ``-owed``; below that it goes on in a straight line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from envs_data.arrays import Flags, Floats

Ints = NDArray[np.int32]


@jit
def deliveries(
    values: Floats, mornings: Floats, road_units: Ints, most: int, is_left: Flags,
    units: Ints, add: Ints, chance: Floats, arriving: Ints, road: Ints,
) -> None:  # fmt: skip
    """Fills ``mornings`` [s, j] with the expected value of the next morning over what is delivered."""
    for s in range(len(units)):
        if not is_left[s]:
            continue
        for j in range(len(road_units)):
            # States beyond the limit are never reached from inside it; they keep their zeros.
            if max(units[s], 0) + road_units[j] > most:
                continue
            total = 0.0
            for o in range(chance.shape[1]):
                if chance[j, o] > 0:
                    total += chance[j, o] * values[add[s, arriving[j, o]], road[j, o]]
            mornings[s, j] = total


@jit
def closing(
    levels: Floats, moved: Ints, mornings: Floats, j: int, left_of: Ints, expired: Ints, top: int, owed: int,
    holding: float, waste: float, waiting: float, throws: bool, convert: float,
) -> None:  # fmt: skip
    """Fills ``levels`` with the value of closing at each level up to ``top``.

    ``moved`` says where a level is taken to: one down where a unit is better thrown away at the price of waste
    (``throws``), one up where a waiting customer is better sent to another item (he brings ``convert`` more).
    """
    for k in range(top + 1):
        stay = max(k - owed, 0)
        levels[k] = (
            mornings[left_of[k], j] - holding * (stay - expired[k]) - waste * expired[k] - waiting * max(owed - k, 0)
        )
        moved[k] = k
    # From the bottom up: a unit thrown away leads to a level that may itself be better one lower.
    if throws:
        for k in range(owed + 1, top + 1):
            if levels[k - 1] - waste > levels[k]:
                levels[k] = levels[k - 1] - waste
                moved[k] = moved[k - 1]
    # From the top down, for the same reason: sending one waiting customer on may make the next worth sending too.
    for k in range(min(owed, top + 1) - 1, -1, -1):
        if k < top and levels[k + 1] + convert > levels[k]:
            levels[k] = levels[k + 1] + convert
            moved[k] = moved[k + 1]


@jit
def customers(
    levels: Floats, top: int, owed: int, below: float, gift: float,
    pmf: Floats, beyond: Floats, excess: Floats, seekers: Floats, more: Floats, fewest: Floats,
) -> float:  # fmt: skip
    """Expected value of a day's customers at level ``top``, sales by first choice not counted.

    After ``d`` customers have asked, up to ``z`` seekers of a substitute may be given a unit each for ``gift``.

    Args:
        levels: value of closing at each level.
        top: the level before the customers.
        owed: level of an empty shelf.
        below: value of each further level below the lowest.
        gift: money for a unit given to a seeker.
        pmf: probabilities of d customers.
        beyond: [levels] probability of at least so many customers.
        excess: [levels] expected number of customers above so many.
        seekers: probabilities of z seekers.
        more: probability of more than z seekers.
        fewest: expected smaller one of z and the number of seekers.
    """
    stock = max(top - owed, 0)
    farthest = min(stock, len(seekers) - 1)
    total: float = 0.0
    for d in range(min(len(pmf), top)):
        if pmf[d] == 0.0:
            continue
        here = top - d
        best = levels[here]
        value = seekers[0] * best
        last = farthest
        # Beyond the lowest level every gift adds ``gift + below``; where that gains nothing, giving stops there.
        if owed == 0 and gift + below <= 0.0:
            last = min(last, here)
        for z in range(1, last + 1):
            at = here - z
            given = gift * z + (levels[at] if at >= 0 else levels[0] - below * at)
            best = max(best, given)
            value += seekers[z] * best
        # More seekers than units to give: the best number of gifts is the same for all of them.
        value += more[last] * best
        total += pmf[d] * value
    # Days with more customers than stock lie on a straight line, so their expectation is enough.
    total += beyond[top] * (levels[0] + max(gift + below, 0.0) * fewest[farthest]) + below * excess[top]
    return total


@jit
def decide(
    today: Floats, policy: NDArray[np.int8], opened: Floats, units: Ints, is_morning: Flags, add: Ints,
    road_units: Ints, packs: int, stride: int, most: int, pack: int, at_once: float,
    unit_cost: float, line_cost: float, room: float, allowed: bool,
) -> None:  # fmt: skip
    """Fills ``today`` and ``policy`` [s, p] with the value of each morning and the packs to order, from ``opened``."""
    for s in range(len(units)):
        if not is_morning[s]:
            continue
        for p in range(today.shape[1]):
            position = max(units[s], 0) + road_units[p]
            if position > most:
                continue
            best, chosen = -np.inf, 0
            for a in range(packs + 1 if allowed else 1):
                # Larger orders only overflow further.
                if position + a * pack > most:
                    break
                worth = -(unit_cost + room) * pack * a - (line_cost if a > 0 else 0.0)
                if at_once > 0.0:
                    worth += at_once * opened[add[s, a], p]
                if at_once < 1.0:
                    worth += (1.0 - at_once) * opened[s, a * stride + p]
                # Strictly better: of equally good orders the smallest is taken, in every sweep the same.
                if worth > best:
                    best, chosen = worth, a
            today[s, p] = best - room * position
            policy[s, p] = chosen


@jit
def backward(
    values: Floats, orders: NDArray[np.int8], days: int, first_day: int, most: int, owed: int, pack: int,
    units: Ints, is_open: Flags, is_morning: Flags, is_left: Flags,
    add: Ints, left_of: Ints, expired: Ints, phase: Ints, at_once: float,
    road_units: Ints, chance: Floats, arriving: Ints, road: Ints,
    law: Ints, pmf: Floats, beyond: Floats, excess: Floats, mean: Floats,
    seek_law: Ints, seekers: Floats, more: Floats, fewest: Floats,
    price: float, holding: float, waste: float, waiting: float, throws: bool, below: float, convert: float,
    gift: float, unit_cost: Floats, line_cost: Floats, room: Floats, allowed: Flags,
) -> None:  # fmt: skip
    """Fills ``values`` [days + 1 or 2, s, p] and ``orders`` [the same less one, s, p], the last day first."""
    shelves, roads, choices = values.shape[1], values.shape[2], add.shape[1]
    packs = len(road_units) // roads - 1 if at_once < 1.0 else choices - 1
    stride = roads if at_once < 1.0 else 0
    mornings = np.zeros((shelves, len(road_units)))
    opened = np.zeros((shelves, len(road_units)))
    levels, moved = np.zeros(most + owed + 2), np.zeros(most + owed + 2, dtype=np.int32)
    rows = len(values)
    values[days % rows] = 0.0
    for t in range(days - 1, first_day - 1, -1):
        # With two rows values alternate; with all days kept the remainder changes nothing.
        tomorrow, today, policy = values[(t + 1) % rows], values[t % rows], orders[t % len(orders)]
        f = phase[t]
        deliveries(tomorrow, mornings, road_units, most, is_left, units, add, chance, arriving, road)
        for s in range(shelves):
            if not is_open[s]:
                continue
            for j in range(len(road_units)):
                if max(units[s], 0) + road_units[j] > most:
                    continue
                top = units[s] + owed
                closing(
                    levels, moved, mornings, j, left_of[f, s], expired[f, s], top, owed,
                    holding, waste, waiting, throws, convert,
                )  # fmt: skip
                opened[s, j] = price * mean[law[t]] + customers(
                    levels, top, owed, below, gift, pmf[law[t]], beyond[law[t]], excess[law[t]],
                    seekers[seek_law[t]], more[seek_law[t]], fewest[seek_law[t]],
                )  # fmt: skip
        decide(
            today, policy, opened, units, is_morning, add, road_units, packs, stride, most, pack, at_once,
            unit_cost[t], line_cost[t], room[t], allowed[t],
        )  # fmt: skip


@jit
def arrive(now: Floats, left: Floats, add: Ints, chance: Floats, arriving: Ints, road: Ints) -> None:
    """Spreads the probabilities ``left`` [s, j] after closing over the next morning's ``now`` [s, p]."""
    now[:] = 0.0
    for s in range(left.shape[0]):
        for j in range(left.shape[1]):
            mass = left[s, j]
            # Too unlikely to matter: the way forward only tells the search a slope; the bound itself comes from
            # `backward`.
            if mass < 1e-12:
                continue
            for o in range(chance.shape[1]):
                if chance[j, o] > 0:
                    now[add[s, arriving[j, o]], road[j, o]] += mass * chance[j, o]


@jit
def forward(
    values: Floats, orders: NDArray[np.int8], days: int, first_day: int, most: int, owed: int, pack: int,
    units: Ints, is_left: Flags,
    add: Ints, left_of: Ints, expired: Ints, phase: Ints, at_once: float,
    road_units: Ints, chance: Floats, arriving: Ints, road: Ints,
    law: Ints, pmf: Floats, beyond: Floats, excess: Floats,
    seek_law: Ints, seekers: Floats, more: Floats,
    holding: float, waste: float, waiting: float, throws: bool, below: float, convert: float, gift: float,
    start: int, use: Floats,
) -> None:  # fmt: skip
    """Fills ``use`` [days, 6] for the best orders.

    It holds the expected units ordered, units on hand and on order, lines, gifts, customers turned away, and orders
    that were as large as ``most`` let them be.
    """
    shelves, roads = values.shape[1], values.shape[2]
    now = np.zeros((shelves, roads))
    opened = np.zeros((shelves, len(road_units)))
    left = np.zeros((shelves, len(road_units)))
    mornings = np.zeros((shelves, len(road_units)))
    levels, moved = np.zeros(most + owed + 2), np.zeros(most + owed + 2, dtype=np.int32)
    packs = len(road_units) // roads - 1 if at_once < 1.0 else add.shape[1] - 1
    now[start, 0] = 1.0
    for t in range(first_day, days):
        f = phase[t]
        deliveries(values[t + 1], mornings, road_units, most, is_left, units, add, chance, arriving, road)
        opened[:] = 0.0
        left[:] = 0.0
        for s in range(shelves):
            for p in range(roads):
                mass = now[s, p]
                if mass < 1e-12:
                    continue
                a = orders[t, s, p]
                use[t, 0] += mass * a * pack
                use[t, 1] += mass * (max(units[s], 0) + road_units[p] + a * pack)
                use[t, 2] += mass * (a > 0)
                use[t, 5] += mass * (0 < a < packs and max(units[s], 0) + road_units[p] + (a + 1) * pack > most)
                if at_once > 0.0:
                    opened[add[s, a], p] += at_once * mass
                if at_once < 1.0:
                    opened[s, a * roads + p] += (1.0 - at_once) * mass
        for s in range(shelves):
            for j in range(len(road_units)):
                mass = opened[s, j]
                if mass < 1e-12:
                    continue
                top = units[s] + owed
                closing(
                    levels, moved, mornings, j, left_of[f, s], expired[f, s], top, owed,
                    holding, waste, waiting, throws, convert,
                )  # fmt: skip
                _serve(
                    levels, moved, top, owed, below, gift, pmf[law[t]], beyond[law[t]], excess[law[t]],
                    seekers[seek_law[t]], more[seek_law[t]], mass, left_of[f, s], left[:, j], use[t],
                )  # fmt: skip
        arrive(now, left, add, chance, arriving, road)


@jit
def _serve(
    levels: Floats, moved: Ints, top: int, owed: int, below: float, gift: float,
    pmf: Floats, beyond: Floats, excess: Floats, seekers: Floats, more: Floats,
    mass: float, left_of: Ints, left: Floats, use: Floats,
) -> None:  # fmt: skip
    """Spreads ``mass`` over what a day's customers leave, as `customers` decides."""
    farthest = min(max(top - owed, 0), len(seekers) - 1)
    for d in range(min(len(pmf), top)):
        here = top - d
        best, given = levels[here], 0
        last = min(farthest, here)
        for z in range(last + 1):
            if gift * z + levels[here - z] > best:
                best, given = gift * z + levels[here - z], z
            share = mass * pmf[d] * (seekers[z] + (more[last] if z == last else 0.0))
            if share > 0.0:
                left[left_of[moved[here - given]]] += share
                use[3] += share * given
                use[4] += share * max(owed - here + given, 0)
    left[left_of[moved[0]]] += mass * beyond[top]
    use[4] += mass * (excess[top] + beyond[top] * owed)
