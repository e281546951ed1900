"""The exact optimum of restocking one item, by dynamic programming over stock and deliveries under way.

With lost sales the state is (x0, x1, .., x_{L-1}): units on hand after delivery, and packs that arrive in 1 .. L-1
days (Zipkin 2008). With backorders the state is the inventory position alone.

Only states whose inventory position stays below a ceiling are kept. The ceiling begins where a newsvendor would stop
and is doubled until the optimal policy no longer orders up to it, so that it never decides.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from bizgyms.reference import Criterion, Reference, Solution, TooLargeError
from bizgyms.restock.item.bellman import Model, Packs, first_ceiling, model_of
from bizgyms.restock.item.view import ItemView
from envs_data.restock.item import ItemParameters

MOST_STATES = 3_000_000
MOST_WORK = 2e12
SPAN = 1e-12


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

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Decides for [worlds, features] observations; states beyond the table count as its edge."""
        p = self.view.parameters
        days = np.clip(p.days - observations[:, -1].astype(np.int64), 0, len(self.packs) - 1)
        if p.unmet == "backordered":
            position = observations[:, : max(p.lead_time, 1)].sum(axis=1)
            state = [np.rint(position).astype(np.int64) - self.lowest]
        else:
            stock = np.rint(observations[:, : max(p.lead_time, 1)]).astype(np.int64)
            state = [stock[:, 0], *(stock[:, 1:] // p.pack).T]
        inside = [np.clip(x, 0, size - 1) for x, size in zip(state, self.packs.shape[1:], strict=True)]
        return np.asarray(self.packs[(days, *inside)], dtype=np.int64)


def solve(parameters: ItemParameters, criterion: Criterion = "average", discount: float = 1.0) -> Solution:
    """The exact optimum.

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
    policy = TablePolicy(packs, ItemView(parameters), model.lowest)
    return Solution(value, policy, criterion, states=int(np.prod(model.shape)))


def reference(parameters: ItemParameters) -> Reference:
    """The exact optimum of an episode, as the mean return nobody can beat.

    Raises:
        TooLargeError: the item has too many states; the message names a pack that would do.
    """
    solution = solve(parameters, "total")
    method = f"dynamic programming over {solution.states:,} states a day"
    return Reference(solution.value, "exact", 0.0, method, solution.policy)


def _check(p: ItemParameters, criterion: str, discount: float) -> None:
    if criterion not in ("average", "discounted", "total"):
        raise ValueError(f"criterion is {criterion!r}; it must be 'average', 'discounted' or 'total'")
    if criterion == "discounted" and not 0 < discount < 1:
        raise ValueError(f"discount is {discount!r}; it must be between 0 and 1 for the discounted criterion")
    if criterion != "total" and len(p.laws()[0]) > 1:
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
    days = model.parameters.days
    packs = np.zeros((days, *model.shape), dtype=np.int8)
    values = np.zeros(model.shape)
    for day in reversed(range(days)):
        values, packs[day] = model.backup(values, day, 1.0)
    return -float(values[model.start()]) - model.sunk(1.0), packs


def _discounted(model: Model, discount: float) -> tuple[float, Packs]:
    values, change, valid = np.zeros(model.shape), np.inf, model.valid()
    while change > SPAN * (1 - discount):
        fresh, packs = model.backup(values, 0, discount)
        change = float(np.abs(fresh - values)[valid].max())
        values = fresh
    return -float(values[model.start()]) - model.sunk(discount), packs[None]


def _average(model: Model) -> tuple[float, Packs]:
    """Relative value iteration: the gain lies between the smallest and the largest change of any state."""
    values, valid = np.zeros(model.shape), model.valid()
    while True:
        fresh, packs = model.backup(values, 0, 1.0)
        change = (fresh - values)[valid]
        if change.max() - change.min() < SPAN * max(1.0, abs(change.max())):
            return -float(change.max() + change.min()) / 2, packs[None]
        values = fresh - fresh[model.start()]
