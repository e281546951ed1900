"""The exact optimum of a day of auctions: V_t(b) = E_v max over bids, for every auction t and budget b."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bizgyms.reference import Reference, TooLargeError
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.bidding.auction import AuctionParameters

MOST_ENTRIES = 200_000_000
Bids = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class BidTable:
    """Bids as a table over the state.

    Attributes:
        bids: [auctions, budget left, value] what to bid.
        values: [values] what winning can be worth.
    """

    bids: Bids
    values: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """Decides for [worlds, features] observations."""
        auctions, budgets, values = self.bids.shape
        auction = np.clip(auctions - observations[:, 2].astype(np.int64), 0, auctions - 1)
        budget = np.clip(observations[:, 1].astype(np.int64), 0, budgets - 1)
        midway = (self.values[1:] + self.values[:-1]) / 2
        value = np.minimum(np.searchsorted(midway, observations[:, 0]), values - 1)
        return np.asarray(self.bids[auction, budget, value], dtype=np.int64)


def gains(p: AuctionParameters, pmf: Floats, later: Floats) -> Floats:
    """[budget left, bid, value] expected value from an auction on; minus infinity for bids above the budget.

    Args:
        p: the auctions.
        pmf: [max_bid + 2] law of the best competing bid.
        later: [budget + 1] expected value from the next auction on.
    """
    budgets, bids = np.arange(len(later))[:, None], np.arange(p.max_bid + 1)
    wins = np.cumsum(pmf[:-1])
    after = later[np.maximum(budgets - bids, 0)]
    kept = wins * after if p.price == "first" else np.cumsum(pmf[:-1] * after, axis=1)
    rest = np.where(bids <= budgets, kept + (1 - wins) * later[:, None], -np.inf)
    return np.asarray(rest[:, :, None] + wins[:, None] * np.array(p.values))


def evaluate(p: AuctionParameters, choose: Callable[[int, Floats], Bids]) -> tuple[float, Bids]:
    """The exact value of a rule, by backward induction.

    Args:
        p: the auctions.
        choose: ``choose(auction, gains) -> [budget left, value] bids``, given what each bid leads to.

    Returns:
        Expected value of a day, and the bids [auctions, budget left, value].
    """
    later, law = np.zeros(p.budget + 1), p.competing()
    bids = np.zeros((p.auctions, p.budget + 1, len(p.values)), dtype=np.uint8)
    affordable = np.arange(p.budget + 1)[:, None]
    for auction in reversed(range(p.auctions)):
        gain = gains(p, law[auction], later)
        bids[auction] = np.minimum(choose(auction, gain), affordable)
        chosen = np.take_along_axis(gain, bids[auction][:, None, :].astype(np.intp), axis=1)[:, 0]
        later = chosen @ np.array(p.chances)
    return float(later[-1]), bids


def reference(parameters: AuctionParameters) -> Reference:
    """The exact optimum of a day.

    Raises:
        TooLargeError: too many states; the message says what would help.
    """
    p = parameters
    states = p.auctions * (p.budget + 1) * len(p.values)
    if states > MOST_ENTRIES:
        raise TooLargeError(f"{states:,} states are too many to solve exactly; count money in larger units")
    value, bids = evaluate(p, lambda _, gain: gain.argmax(axis=1).astype(np.uint8))
    method = f"dynamic programming over {states:,} states"
    return Reference(value, "exact", 0.0, method, BidTable(bids, np.array(p.values)))
