"""The exact optimum of restocking one item, by dynamic programming over stock and deliveries under way.

With lost sales the state is (x0, x1, .., x_{L-1}): units on hand after delivery, and packs that arrive in 1 .. L-1
days (Zipkin 2008). With backorders the state is the inventory position alone.

Where demand has a hidden level, its number is part of the state, as if it could be seen every morning: a bound.

Only states whose inventory position stays below a ceiling are kept. The ceiling begins where a newsvendor would stop
and is doubled until the optimal policy no longer orders up to it, so that it never decides.
"""

from __future__ import annotations

import collections
import dataclasses

import numpy as np

from bizgyms.reference import Criterion, Reference, Solution, TooLargeError
from bizgyms.restock.item.bellman import Model, Packs, first_ceiling, model_of
from bizgyms.restock.item.view import ItemView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.restock import hidden_level
from envs_data.restock.item import ItemParameters

MOST_STATES = 3_000_000
MOST_WORK = 2e12
QUICK_WORK = 6e8
SPAN = 1e-12
WEEK = 7
# Days after which weeks usually repeat.
SETTLED = 42
# Correlation of a hidden level from day to day up to which they do so as soon.
MIXES_FAST = 0.8
# A week's change of the cost to go is the same in all states when it spreads by no more than this share of itself.
WEEKLY_SPREAD = 1e-11
# The same where a bound is all that is asked for, which the smallest change of any state keeps valid, and the work a
# bound may take.
BOUND_SPREAD, BOUND_WORK = 1e-3, 6e9


@dataclasses.dataclass(frozen=True)
class TablePolicy:
    """Orders as a table over the state.

    Attributes:
        packs: [days, on hand, packs arriving in 1, 2, ... days] packs to order; one day where demand never changes.
        view: the features the observations come in.
        lowest: stock that the first entry of the on-hand axis stands for.
    """

    packs: Packs
    view: ItemView
    lowest: int = 0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations; states beyond the table count as its edge."""
        p = self.view.parameters
        days = p.days - observations[:, -1].astype(np.int64)
        if p.unmet == "backordered":
            position = observations[:, : max(p.lead_time, 1)].sum(axis=1)
            state = [np.rint(position).astype(np.int64) - self.lowest]
        else:
            stock = np.rint(observations[:, : max(p.lead_time, 1)]).astype(np.int64)
            state = [stock[:, 0], *(stock[:, 1:] // p.pack).T]
        entry = np.ravel_multi_index((days, *state), self.packs.shape, mode="clip")
        return self.packs.ravel()[entry].astype(np.int64)


def solve(parameters: ItemParameters, criterion: Criterion = "average", discount: float = 1.0) -> Solution:
    """The exact optimum; where demand has a hidden level, that of one who sees it, with a policy that does not.

    Args:
        parameters: the item. Demand must not change by day for ``average`` and ``discounted``.
        criterion: ``average`` reward a day for ever; ``discounted`` return for ever from ``start_on_hand``;
            ``total`` return of one episode.
        discount: discount factor a day for ``discounted``; below 1.

    Raises:
        TooLargeError: too many states or too much work, with the pack that would make it small enough.
        ValueError: a criterion that does not fit the parameters.
    """
    _check(parameters, criterion, discount)
    model = model_of(parameters, first_ceiling(parameters), criterion == "total")
    while True:
        _check_size(model)
        value, packs = _optimise(model, criterion, discount)
        if not model.binds(packs):
            break
        model = model_of(parameters, 2 * model.ceiling, criterion == "total")
    # Who does not see the level may take it for the middle one.
    packs = packs[:, hidden_level.SWITCHES // 2] if parameters.level_spread else packs
    policy = TablePolicy(packs, ItemView(parameters), model.lowest)
    return Solution(value, policy, criterion, states=int(np.prod(model.shape)))


def reference(parameters: ItemParameters) -> Reference:
    """The exact optimum of an episode, the mean return nobody can beat; a bound where demand has a hidden level.

    Raises:
        TooLargeError: the item has too many states; the message names a pack that would do.
    """
    return _reference(parameters, BOUND_WORK if parameters.level_spread else np.inf)


def quick_reference(parameters: ItemParameters) -> Reference:
    """As `reference`, but within about a second: where the exact optimum takes longer, that of a shorter lead time.

    Who waits a day before ordering lives through a longer lead time in a world with a shorter one, order by order, so
    the shorter one's optimum is a bound.
    """
    return _reference(parameters, QUICK_WORK)


def _reference(parameters: ItemParameters, most: float) -> Reference:
    """A reference within so much work."""
    p = parameters
    while p.lead_time > 0 and most < np.inf and _work(p) > most:
        p = p.replace(lead_time=p.lead_time - 1)
    solution = solve(p, "total")
    found = solution.reference(f"dynamic programming over {solution.states:,} states a day")
    if p is parameters and not p.level_spread:
        return found
    sees = ", by one who sees the hidden level of demand" if p.level_spread else ""
    sooner = f", with a lead time of {p.lead_time} instead of {parameters.lead_time} days" if p != parameters else ""
    policy = found.policy if p is parameters else None
    return Reference(found.value, "bound", 0.0, f"a bound: {found.method}{sees}{sooner}", policy)


def _work(p: ItemParameters) -> float:
    """Multiplications for an episode, roughly: all its days, or as many as it takes until weeks repeat."""
    mixed = np.log(BOUND_SPREAD) / np.log(p.level_persistence) if p.level_persistence > MIXES_FAST else 0.0
    days = p.days if p.season else min(p.days, SETTLED + mixed)
    return model_of(p, first_ceiling(p), True).work() * days


def _check(p: ItemParameters, criterion: str, discount: float) -> None:
    if criterion not in ("average", "discounted", "total"):
        raise ValueError(f"criterion is {criterion!r}; it must be 'average', 'discounted' or 'total'")
    if criterion == "discounted" and not 0 < discount < 1:
        raise ValueError(f"discount is {discount!r}; it must be between 0 and 1 for the discounted criterion")
    if criterion != "total" and (len(p.laws()[0]) > 1 or p.level_spread):
        raise ValueError(f"demand changes by day: only criterion='total' is defined, not {criterion!r}")


def _check_size(model: Model) -> None:
    p = model.parameters
    states = float(np.prod([float(n) for n in model.shape]))
    if states <= MOST_STATES and model.work() * p.days <= MOST_WORK:
        return
    for pack in (2, 3, 4, 5, 6, 8, 10, 12, 20, 25, 30, 40, 50, 100, 200, 500, 1000):
        if pack <= p.pack:
            continue
        coarser = _small_enough(p.replace(pack=pack, max_packs=max(1, -(-p.max_packs * p.pack // pack))))
        if coarser:
            raise TooLargeError(
                f"{states:,.0f} states a day are too many to solve exactly; "
                f"orders in packs of {pack} would do (pack={pack})"
            )
    raise TooLargeError(
        f"{states:,.0f} states a day are too many to solve exactly, whatever the pack; "
        "count stock in larger units (cases, pallets) or shorten the lead time"
    )


def _small_enough(p: ItemParameters) -> bool:
    """Whether an item is small enough, judged from its first ceiling."""
    ceiling = first_ceiling(p)
    most = min(p.max_packs, ceiling // p.pack) + 1.0
    states = (ceiling + 1.0) * most ** max(p.lead_time - 1, 0)
    work = (ceiling + 1.0) ** 2 * most ** max(p.lead_time, 1) / 3
    return states <= MOST_STATES and work * p.days <= MOST_WORK


def _optimise(model: Model, criterion: Criterion, discount: float) -> tuple[float, Packs]:
    """Value, and the table of packs by day (one day where it is always the same) and state."""
    if criterion == "total":
        return _episode(model)
    if criterion == "discounted":
        return _discounted(model, discount)
    return _average(model)


def _episode(model: Model) -> tuple[float, Packs]:
    """Backward over the days; weeks that only add the same cost in every state are not computed again.

    Where the daily laws repeat every week and a week has changed the cost to go by nearly the same amount in all
    states, every earlier week does so too, to within the same spread (MacQueen 1966, Journal of Mathematical Analysis
    and Applications 14).
    """
    p = model.parameters
    packs = np.zeros((p.days, *model.shape), dtype=np.int8)
    values, valid, repeated = np.zeros(model.shape), model.valid(), _Weeks(p)
    latest: collections.deque[Floats] = collections.deque(maxlen=WEEK + 1)
    day = p.days
    while day > 0:
        day -= 1
        values, packs[day] = model.backup(values, day, 1.0)
        latest.append(values)
        weeks = repeated.before(day) if len(latest) > WEEK else 0
        if weeks == 0:
            continue
        change = (values - latest[0])[valid]
        middle = float(change.max() + change.min()) / 2
        if np.ptp(change) <= (BOUND_SPREAD if p.level_spread else WEEKLY_SPREAD) * abs(middle):
            values = values + weeks * (float(change.min()) if p.level_spread else middle)
            packs[day - WEEK * weeks : day] = np.tile(packs[day : day + WEEK], (weeks, *(1,) * values.ndim))
            day -= WEEK * weeks
            latest.clear()
    return -model.cost(values) - model.sunk(1.0), packs


class _Weeks:
    """How many weeks before a day are like the week that begins with it, demand during the lead time included."""

    def __init__(self, p: ItemParameters) -> None:
        laws = p.laws()[1]
        self._lead_time = p.lead_time
        self._count = len(laws) - WEEK
        self._breaks = np.flatnonzero(laws[:-WEEK] != laws[WEEK:]) if self._count > 0 else np.empty(0, dtype=np.intp)

    def before(self, day: int) -> int:
        """Number of whole weeks."""
        last = day + self._lead_time - 1
        if last >= self._count:
            return 0
        place = int(np.searchsorted(self._breaks, last, side="right"))
        first = int(self._breaks[place - 1]) + 1 if place else 0
        return max(0, (day - first) // WEEK)


def _discounted(model: Model, discount: float) -> tuple[float, Packs]:
    values, change, valid = np.zeros(model.shape), np.inf, model.valid()
    while change > SPAN * (1 - discount):
        fresh, packs = model.backup(values, 0, discount)
        change = float(np.abs(fresh - values)[valid].max())
        values = fresh
    return -model.cost(values) - model.sunk(discount), packs[None]


def _average(model: Model) -> tuple[float, Packs]:
    """Relative value iteration: the gain lies between the smallest and the largest change of any state."""
    values, valid = np.zeros(model.shape), model.valid()
    while True:
        fresh, packs = model.backup(values, 0, 1.0)
        change = (fresh - values)[valid]
        if change.max() - change.min() < SPAN * max(1.0, abs(change.max())):
            return -float(change.max() + change.min()) / 2, packs[None]
        values = fresh - model.cost(fresh)
