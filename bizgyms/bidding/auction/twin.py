"""The compiled twin of one auction after the other: the same days as `AuctionWorld`, thousands at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.bidding.auction.view import AuctionView
from bizgyms.compiled import jit, neighbours
from bizgyms.luck import span
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.bidding.auction import AuctionLuck, AuctionParameters

# Rows of the state of all worlds: auctions held, and money left.
AUCTION, BUDGET = range(2)


class AuctionTwin(Twin[AuctionParameters, AuctionLuck]):
    """`BiddingAuction` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/BiddingAuction-v0"
    view_type: ClassVar = AuctionView
    memory_order: ClassVar = "F"
    view: AuctionView

    def _allocate(self) -> None:
        p = self.parameters
        self._state = np.zeros((2, self.num_envs), dtype=np.int32)
        self._worth = np.zeros(self.num_envs)
        self._values = np.array(p.values)
        # Numbers alone take longer to hand over than arrays.
        paying = np.array([p.price == "first", *self._weights])
        self._played = (paying, self._values, self.view.medians, self._state, self._worth)

    def _begin(self, rows: Places) -> None:
        p, these = self.parameters, span(rows)
        self._state[AUCTION, these] = 0
        self._state[BUDGET, these] = p.budget
        self._worth[these] = self._values[self._luck.value[these, 0]]
        self._observations[these] = 0.0
        self._observations[these, 0] = self._worth[these]
        self._observations[these, 1:4] = p.budget, p.auctions, self.view.medians[0]

    def _memory(self) -> tuple[Array, ...]:
        return self._state, self._worth

    def _taken(self) -> Ints:
        return np.asarray(self._state[AUCTION], dtype=np.int64)

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


@jit
def _advance(
    actions: Ints,
    idle: Flags,
    luck: AuctionLuck,
    outcome: Outcome,
    paying: Floats,
    values: Floats,
    medians: Rows,
    state: NDArray[np.int32],
    worth: Floats,
) -> bool:
    """One auction of every world that is not idle; returns whether any episode ended.

    Neighbours at the same auction are played together: short loops over whole rows are what the processor takes
    several worlds of at once.
    """
    observations, results, decisions, terminated = outcome
    value, competing = luck
    ended, auctions = False, value.shape[1]
    first_price, weight = paying[0] > 0.0, paying[1]
    low, worlds = np.uint64(0), np.uint64(len(idle))
    while low < worlds:
        now = state[AUCTION, low]
        high = neighbours(low, worlds, idle, state[AUCTION])
        if not idle[low]:
            after = now + 1
            _settle(low, high, actions, competing[:, now], first_price, decisions, state[BUDGET], results)
            _gain(low, high, weight, worth, results)
            if after < auctions:
                _offer(low, high, value[:, after], values, worth)
            else:
                # No impression is on offer after the last auction, but the final observation must still be finite.
                worth[low:high] = 0.0
                terminated[low:high] = ended = True
            state[AUCTION, low:high] = after
            _observe(low, high, worth, state[BUDGET], auctions - after, medians[after], observations)
            # These columns exist only where the scenario's feedback reveals them.
            if observations.shape[1] > 4:
                observations[low:high, 4] = results[3, low:high]
            if observations.shape[1] > 5:
                observations[low:high, 5] = competing[low:high, now]
        low = high
    return ended


@jit
def _settle(
    low: np.uint64,
    high: np.uint64,
    actions: Ints,
    competing: NDArray[np.signedinteger],
    first_price: bool,
    bids: Ints,
    budget: NDArray[np.int32],
    results: Floats,
) -> None:
    """Bids are cut to the budget; a bid that matches the best competing bid wins, and pays."""
    every, won, paid = results[2], results[3], results[4]
    for world in range(low, high):
        # Cut first, so that the decision reported is the bid that took part.
        bids[world] = min(np.int64(actions[world]), np.int64(budget[world]))
    for world in range(low, high):
        bid, minimum = np.int32(bids[world]), np.int32(competing[world])
        # A bid of 0 never wins, even where nobody else bids.
        wins = bid >= max(minimum, np.int32(1))
        # Whole money on both sides, so that the budget never rounds.
        pays = (bid if first_price else minimum) if wins else np.int32(0)
        budget[world] -= pays
        every[world], won[world], paid[world] = 1.0, 1.0 if wins else 0.0, pays


@jit
def _gain(low: np.uint64, high: np.uint64, weight: float, worth: Floats, results: Floats) -> None:
    """A bidder who won receives the value of the impression."""
    rewards, gained, won = results[0], results[1], results[3]
    for world in range(low, high):
        gained[world] = worth[world] if won[world] > 0.0 else 0.0
        # Starts at 0.0 as the world does, so that a weight of -1 gives 0.0 and not -0.0 for an auction lost.
        rewards[world] = 0.0 + weight * gained[world]


@jit
def _offer(
    low: np.uint64,
    high: np.uint64,
    value: NDArray[np.signedinteger],
    values: Floats,
    worth: Floats,
) -> None:
    """The next impression is seen."""
    for world in range(low, high):
        # An unsigned index cannot count from the end, and the compiler drops the check for it.
        worth[world] = values[np.uint64(value[world])]


@jit
def _observe(
    low: np.uint64,
    high: np.uint64,
    worth: Floats,
    budget: NDArray[np.int32],
    left: int,
    median: float,
    observations: Rows,
) -> None:
    offered, money = observations[:, 0], observations[:, 1]
    for world in range(low, high):
        offered[world] = worth[world]
        money[world] = budget[world]
    observations[low:high, 2] = left
    observations[low:high, 3] = median
