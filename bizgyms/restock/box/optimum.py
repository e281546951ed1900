"""The exact optimum of boxes that are small enough, by dynamic programming."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np

from bizgyms.reference import Criterion, Reference, Solution, TooLargeError
from bizgyms.restock.box.bound import bound
from bizgyms.restock.box.customers import Day
from bizgyms.restock.box.programme import Programme
from bizgyms.restock.box.view import stock_columns
from envs_data.arrays import Ints, Mask, Places, Rows
from envs_data.restock.box.parameters import BoxItem, BoxParameters

# Most worths (a state and an order each) of a sweep, and most numbers of a day's customers, for solve to take a minute.
MOST_WORTHS = 5_000_000
MOST_CUSTOMERS = 50_000_000
FAR = 1e-6
TOLERANCE = 1e-10
SWEEPS = 20_000


class BoxPolicy:
    """An optimal policy: looks the stock up and orders what the dynamic programme found best.

    Args:
        programme: the states.
        packs: [days or 1, mornings ..., items] the order of each morning; one day stands for all.
    """

    def __init__(self, programme: Programme, packs: Ints) -> None:
        self._packs = packs
        self._days = programme.parameters.days
        self._columns = stock_columns(programme.parameters)
        self._stocks = [
            np.array([[*shelf, *road] for shelf, road in lattice.mornings]) for lattice in programme.lattices
        ]

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides from observations in natural units; stock the programme does not know counts as the nearest it does.

        Args:
            observations: [worlds, features].
            mask: not needed: what it forbids is never best.

        Returns:
            [worlds, items] packs.
        """
        seen = np.rint(np.asarray(observations)).astype(np.int64)
        states = [_rows(stocks, seen[:, mine]) for stocks, mine in zip(self._stocks, self._columns, strict=True)]
        day = np.minimum(self._days - seen[:, -1], len(self._packs) - 1)
        return np.asarray(self._packs[(day, *states)])


def _rows(stocks: Ints, seen: Ints) -> Places:
    """[worlds] the row of sorted ``stocks`` each row of ``seen`` equals, or one near it."""
    low = stocks.min(axis=0)
    spans = stocks.max(axis=0) - low + 1
    weights = np.append(np.cumprod(spans[:0:-1])[::-1], 1)
    codes = (stocks - low) @ weights
    wanted = (np.clip(seen, low, low + spans - 1) - low) @ weights
    return np.asarray(np.minimum(np.searchsorted(codes, wanted), len(codes) - 1))


def solve(parameters: BoxParameters, criterion: Criterion = "average", discount: float = 1.0) -> Solution:
    """Solves a box exactly.

    Values are rewards, the day's money in full on its day. Stock that keeps is followed up to a limit that is raised
    until no optimal order touches it.

    Args:
        parameters: the box; fixed lead times, and at most two items where customers take substitutes.
        criterion: ``average`` money a day in the long run, ``discounted`` money for ever from the first morning, or
            ``total`` money of an episode.
        discount: discount factor a day, below 1 for ``discounted``; 1 otherwise.

    Raises:
        TooLargeError: too many states, or a box of which no exact solution is known here.
        ValueError: a discount that does not go with the criterion, or demand that changes by day in the long run.
    """
    if (criterion == "discounted") != (0 < discount < 1):
        raise ValueError(f"discount is {discount!r}; it must lie between 0 and 1 for 'discounted' and be 1 otherwise")
    count = range(len(parameters.items))
    most, owed = [_most(parameters, k) for k in count], [_owed(parameters, k) for k in count]
    while True:
        _check_size(parameters, most, owed)
        programme = Programme(parameters, most, owed)
        value, orders = _total(programme) if criterion == "total" else _for_ever(programme, discount)
        if not any(programme.pressed(day) for day in orders):
            break
        most = [m + item.pack * item.max_packs for m, item in zip(most, parameters.items, strict=True)]
    packs = np.stack([programme.packs(day) for day in orders])
    return Solution(value, BoxPolicy(programme, packs), criterion, math.prod(programme.shape))


def reference(parameters: BoxParameters) -> Reference:
    """The mean return of an episode nobody can beat: exact where `solve` can tell, else the bound."""
    try:
        solution = solve(parameters, "total")
    except TooLargeError:
        return bound(parameters)
    return solution.reference(f"dynamic programming over {solution.states:,} states and {parameters.days} days")


def _total(programme: Programme) -> tuple[float, list[Places]]:
    """Backward through an episode: its mean return, and the orders of each day from the first on."""
    days: dict[tuple[int, ...], Day] = {}
    pmfs, law_of = programme.parameters.laws()
    values = np.zeros(programme.shape)
    orders = []
    for laws in map(tuple, law_of[::-1].tolist()):
        if laws not in days:
            days[laws] = programme.day([pmfs[law] for law in laws])
        values, best = programme.best(programme.worth(values, days[laws], 1.0))
        orders.append(best)
    return float(values[programme.start]), orders[::-1]


def _for_ever(programme: Programme, discount: float) -> tuple[float, list[Places]]:
    """Value iteration until all states agree on a day's gain: the average, or the discounted value of the start."""
    pmfs, law_of = programme.parameters.laws()
    if np.ptp(law_of, axis=0).any():
        raise ValueError("demand changes by weekday, season or promotion: only criterion='total' has an answer")
    day = programme.day([pmfs[law] for law in law_of[0]])
    values = np.zeros(programme.shape)
    for _ in range(SWEEPS):
        better, orders = programme.best(programme.worth(values, day, discount))
        gains = better - values
        gain = (gains.max() + gains.min()) / 2
        values = better
        if np.ptp(gains) <= TOLERANCE * max(1.0, abs(gain)):
            break
        if discount == 1:
            values = better - better[programme.start]
    else:
        raise ValueError(f"no long-run average found in {SWEEPS:,} sweeps; solve it with criterion='total'")
    value = gain if discount == 1 else values[programme.start] + gain * discount / (1 - discount)
    return float(value), [orders]


def _largest_order(parameters: BoxParameters, item: BoxItem) -> int:
    largest = item.pack * item.max_packs
    return min(largest, parameters.max_order) if parameters.max_order else largest


def _busiest(parameters: BoxParameters, k: int) -> int:
    """Units of item ``k`` asked for from an order to the next one's delivery, practically at most."""
    pmfs, law_of = parameters.laws()
    pmf = max((pmfs[law] for law in np.unique(law_of[:, k])), key=lambda pmf: float(np.arange(len(pmf)) @ pmf))
    law = np.ones(1)
    for _ in range(parameters.items[k].longest_lead_time + 1):
        law = np.convolve(law, pmf)
    return int(np.searchsorted(np.cumsum(law), 1 - FAR)) + 1


def _owed(parameters: BoxParameters, k: int) -> int:
    return 2 * _busiest(parameters, k) if parameters.items[k].backordered else 0


def _most(parameters: BoxParameters, k: int) -> int:
    """The largest inventory position to track: what fits into the box, or more than any policy would hold."""
    item = parameters.items[k]
    if item.shelf_life:
        life = item.shelf_life + item.longest_lead_time
        most = item.start_on_hand + _largest_order(parameters, item) * life
    else:
        most = max(item.start_on_hand, _busiest(parameters, k)) + _largest_order(parameters, item)
    return min(most, parameters.capacity) if parameters.capacity else most


def _check_size(parameters: BoxParameters, most: Sequence[int], owed: Sequence[int]) -> None:
    if parameters.random_lead_times:
        raise TooLargeError("solve needs fixed lead times; this box has random ones")
    if parameters.substitutes and len(parameters.items) != 2:
        raise TooLargeError(
            f"solve takes two items when customers take substitutes; this box has {len(parameters.items)}"
        )
    most = [m + o for m, o in zip(most, owed, strict=True)]
    states, worths, customers = _sizes(parameters, most)
    if worths <= MOST_WORTHS and customers <= MOST_CUSTOMERS:
        return
    raise TooLargeError(
        f"{states:,} states with {worths // states:,} orders each are too many for an exact solution "
        f"(at most {MOST_WORTHS:,} in all); {_remedy(parameters, most)}"
    )


def _remedy(parameters: BoxParameters, most: Sequence[int]) -> str:
    for times in itertools.takewhile(lambda n: n <= max(i.max_packs for i in parameters.items), itertools.count(2)):
        items = tuple(
            dataclasses.replace(i, pack=i.pack * times, max_packs=-(-i.max_packs // times)) for i in parameters.items
        )
        _, worths, customers = _sizes(dataclasses.replace(parameters, items=items, max_order=0), most)
        if worths <= MOST_WORTHS and customers <= MOST_CUSTOMERS:
            packs = ", ".join(f"{item.name} {item.pack}" for item in items)
            return f"packs of at least this many units would make it small enough: {packs}"
    return "no pack would make it small enough: take fewer items, a shorter shelf life or a shorter lead time"


def _sizes(parameters: BoxParameters, most: Sequence[int]) -> tuple[int, int, int]:
    """States; states times orders; size of a day's law of customers; from the most units distinguished of each item."""
    states = worths = customers = 1
    for item, limit in zip(parameters.items, most, strict=True):
        units = _largest_order(parameters, item) + 1
        orders = units // item.pack + 1
        fresh = orders if item.longest_lead_time else 1
        lefts = units ** (item.shelf_life - 1) if item.shelf_life else limit + 1
        mornings = (lefts * fresh if item.shelf_life else lefts) * orders ** max(item.longest_lead_time - 1, 0)
        states *= mornings
        worths *= mornings * orders
        customers *= (lefts * orders if item.shelf_life else lefts) * lefts
    return states, worths, customers if parameters.substitutes else 1
