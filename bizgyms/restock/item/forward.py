"""The exact value of any agent for one item: the law of the shop's state, carried forward day by day."""

from __future__ import annotations

import numpy as np

from bizgyms.compiled import jit
from bizgyms.reference import Policy, TooLargeError
from bizgyms.restock.item.view import ItemView, reward_terms
from envs_data.arrays import Floats, Ints
from envs_data.restock.item import ItemParameters

MOST_STATES = 4_000_000
# A state less likely than this is dropped; in all, at most this times the number of states is lost.
NEGLIGIBLE = 1e-14


def episode_value(parameters: ItemParameters, policy: Policy, believed: ItemView | None = None) -> float:
    """Mean return of an episode under a policy, without simulation.

    The state is stock on hand and what is on order. Each day its law is moved on by the law of demand; the policy is
    asked for every state that can be.

    Args:
        parameters: the item.
        policy: decides by the observation alone; one that draws random numbers has no single value.
        believed: the view whose calendar and forecast the policy sees, where it believes in other parameters than
            those that hold; None for the item's own.

    Returns:
        Money an episode.

    Raises:
        ValueError: demand with a hidden level, which the state does not hold.
        TooLargeError: more states than memory holds.
    """
    p = parameters
    if p.level_spread:
        raise ValueError("no exact value where demand has a hidden level (level_spread): simulate, with evaluate()")
    view = ItemView(p) if believed is None else believed
    pmfs, law_of_day = p.laws()
    lowest = -(max(len(pmf) for pmf in pmfs) - 1) * p.days if p.unmet == "backordered" else 0
    law = np.zeros((p.start_on_hand - lowest + 1, _pipelines(p)))
    law[-1, 0] = 1.0
    costs = np.array([p.holding, p.shortage, p.order_cost])
    total = 0.0
    for day in range(p.days):
        packs = _packs(p, view, policy, law, lowest, day)
        _check(law.size)
        grown = np.zeros((law.shape[0] + p.max_packs * p.pack, law.shape[1]))
        total += _day(law, packs, pmfs[law_of_day[day]], p.lead_time, p.pack, p.max_packs, lowest, costs, grown)
        law = grown[: 1 + int(np.flatnonzero(grown.any(axis=1)).max())]
    return float(total)


def _pipelines(p: ItemParameters) -> int:
    """Number of possible pipelines of outstanding orders."""
    count = int((p.max_packs + 1) ** max(p.lead_time - 1, 0))
    _check(count * (p.start_on_hand + p.max_packs * p.pack + 1))
    return count


def _check(states: int) -> None:
    if states > MOST_STATES:
        raise TooLargeError(f"{states:,} states and more; larger packs or a shorter lead time would make them fewer")


def _packs(p: ItemParameters, view: ItemView, policy: Policy, law: Floats, lowest: int, day: int) -> Ints:
    """[stock, pipelines] the policy's order in each possible state; 0 in the others."""
    stock, pipeline = np.nonzero(law > NEGLIGIBLE)
    base = p.max_packs + 1
    slots = [pipeline // base**k % base * p.pack for k in range(max(p.lead_time - 2, -1), -1, -1)]
    calendar = np.broadcast_to(view.calendar_columns[day], (len(stock), view.calendar_columns.shape[1]))
    rows = np.column_stack([stock + lowest, *slots, calendar]).astype(np.float32)
    packs = np.zeros(law.shape, dtype=np.int64)
    packs[stock, pipeline] = np.asarray(policy.act(rows)).reshape(-1)
    return packs


@jit
def _day(
    law: Floats,
    packs: Ints,
    pmf: Floats,
    lead_time: int,
    pack: int,
    most: int,
    lowest: int,
    costs: Floats,
    onward: Floats,
) -> float:
    """Expected reward of a day; adds to ``onward`` the law of the next morning's state."""
    expected = 0.0
    last = law.shape[1] // (most + 1)
    for x in range(law.shape[0]):
        for q in range(law.shape[1]):
            weight = law[x, q]
            if weight <= NEGLIGIBLE:
                continue
            order = packs[x, q]
            stock, after, arriving = x + lowest, 0, 0
            if lead_time == 0:
                stock += order * pack
            elif lead_time == 1:
                arriving = order * pack
            else:
                arriving = (q // last) * pack
                after = (q % last) * (most + 1) + order
            for wanted in range(len(pmf)):
                if pmf[wanted] == 0.0:
                    continue
                left = stock - wanted
                if lowest == 0 and left < 0:
                    left = 0
                lost = max(-left, 0) if lowest < 0 else max(wanted - stock, 0)
                terms = reward_terms(max(left, 0), lost, order, costs[0], costs[1], costs[2])
                chance = weight * pmf[wanted]
                expected += chance * (terms[0] + terms[1] + terms[2])
                onward[left + arriving - lowest, after] += chance
    return expected
