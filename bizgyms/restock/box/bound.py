"""An upper bound on what a box can earn, where it is too large to solve.

A Lagrangian relaxation: whatever the items share is charged by the unit, and each is then solved alone
(Adelman and Mersereau 2008, Operations Research 56(3); Hawkins 2003). Every step can only help the decision maker:

* Limits of the box (``capacity``, ``max_order``) may be broken at a charge >= 0 that is paid back for what is allowed.
* ``truck_cost`` times trucks is at least s times its share by the unit plus (1 - s) times one truck a day, 0 <= s <= 1.
* What is paid once a day (``order_cost``, one truck) is split over the items in shares that add up to one, and each
  item pays its share on its own order days: together at most once a day. Items of which nothing outlasts a day ride
  with another: the two pay one share on each day on which any of them is ordered. A day on which the share is paid
  brings the riders' gain g_t >= 0 of being allowed to order, so that the host's own order costs max(share - g_t, 0)
  and max(g_t - share, 0) comes in whatever it does.
* Below ``min_order`` nobody orders: a reward r a unit, less r times the least order once a day, is never negative.
* A substitute is a unit one item gives and another's customer takes: it may be given without being taken and taken
  without being given, at a transfer price >= 0. An item gives at most one to each customer who would take one if his
  own were out, and whoever finds his item out may refuse; so substitution never forces anything on an item.
* Everybody sees demand, not only sales.
* An item with too many states is treated more kindly, see `shelves.Kind`.

Weak duality holds for all charges, so that the search for good ones need not end anywhere in particular.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from scipy import optimize

from bizgyms.reference import Reference
from bizgyms.restock.box.multipliers import search_days
from bizgyms.restock.box.part import Part, cut
from envs_data.arrays import Floats
from envs_data.restock.box.parameters import BoxParameters

# Steps of one sweep over an episode, and of the whole search.
EPISODE_STEPS = 4e9
SEARCH_STEPS = 3e9
MOST_SEARCHES = 40
# Where items are more work than this share of what is allowed, charges are searched for with kinder ones.
SEARCHED_SHARE = 0.2


@functools.lru_cache(maxsize=64)
def bound(parameters: BoxParameters) -> Reference:
    """The mean return of an episode that nobody can exceed.

    Args:
        parameters: the box.
    """
    count, days = len(parameters.items), parameters.days
    work = EPISODE_STEPS / (count * days)
    parts = cut(parameters, work)
    layout = search_days(parameters, days)
    charges = np.zeros(layout.size)
    if layout.size:
        light = all(part.work <= SEARCHED_SHARE * work for part in parts)
        charges = search(parts if light else cut(parameters, SEARCHED_SHARE * work), parameters)
    value = min(layout.value(parts, x)[0] for x in (charges, layout.start()))
    return Reference(value, "bound", 0.0, _method(parts))


def search(parts: Sequence[Part], parameters: BoxParameters) -> Floats:
    """Good charges for a whole episode, searched on as many of its days as time allows."""
    sweep = 3.0 * sum(part.work for part in parts) + 1
    window = int(np.clip(SEARCH_STEPS / (sweep * 25), min(parameters.days, 28), parameters.days))
    layout = search_days(parameters, window)
    rounds = int(np.clip(SEARCH_STEPS / (sweep * window), 8, MOST_SEARCHES))
    starts = [layout.start()]
    if parameters.truck_cost:
        starts.append(layout.start_together())
    found = min(starts, key=lambda x: layout.value(parts, x)[0])
    best = np.inf

    def dual(x: Floats) -> tuple[float, Floats]:
        nonlocal best, found
        value, slope = layout.value(parts, x, slope=True)
        if value < best:
            best, found = value, x.copy()
        return value / layout.scale, slope / layout.scale

    optimize.minimize(
        dual, found, jac=True, method="L-BFGS-B", bounds=layout.bounds(), options={"maxfun": rounds, "maxcor": 20}
    )
    return layout.stretched(found, search_days(parameters, parameters.days))


def _method(parts: Sequence[Part]) -> str:
    kinder = [part.item.name for part in parts if part.kind is None or part.kind.delays != (0,) or part.kind.throws]
    eased = f"; eased: {', '.join(kinder)}" if kinder else ""
    return f"Lagrangian relaxation, one dynamic programme an item{eased}"
