"""The compiled twin of one auction after the other: the same days as `AuctionWorld`, thousands at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.bidding.auction.view import AuctionView
from bizgyms.compiled import jit
from bizgyms.twin import Twin
from envs_data.bidding.auction import AuctionLuck, AuctionParameters


class AuctionTwin(Twin[AuctionParameters, AuctionLuck]):
    """`BiddingAuction` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/BiddingAuction-v0"
    view_type: ClassVar = AuctionView
    view: AuctionView

    def _allocate(self) -> None:
        self._auction = np.zeros(self.num_envs, dtype=np.int64)
        self._budget = np.zeros(self.num_envs, dtype=np.int64)
        self._values = np.array(self.parameters.values)

    def _begin(self, rows: NDArray[np.intp]) -> None:
        self._auction[rows] = 0
        self._budget[rows] = self.parameters.budget
        self._observations[rows] = 0.0
        self._observations[rows, 0] = self._values[self._luck.value[rows, 0]]
        self._observations[rows, 1] = self.parameters.budget
        self._observations[rows, 2] = self.parameters.auctions
        self._observations[rows, 3] = self.view.medians[0]

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        return _advance(
            actions,
            idle,
            self._luck.value,
            self._luck.competing,
            self.parameters.price == "first",
            self._values,
            self.view.medians,
            self._weights[0],
            self._auction,
            self._budget,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


@jit
def _advance(
    actions: NDArray[np.int64],
    idle: NDArray[np.bool_],
    value: NDArray[np.signedinteger],
    competing: NDArray[np.signedinteger],
    first_price: bool,
    values: NDArray[np.float64],
    medians: NDArray[np.float32],
    weight: float,
    auction: NDArray[np.int64],
    budget: NDArray[np.int64],
    observations: NDArray[np.float32],
    rewards: NDArray[np.float64],
    terms: NDArray[np.float64],
    figures: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One auction of every world that is not idle; returns whether any episode ended."""
    auctions = value.shape[1]
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        now = auction[world]
        bid = min(np.int64(actions[world]), budget[world])
        minimum = np.int64(competing[world, now])
        won = bid >= max(minimum, 1)
        paid = (bid if first_price else minimum) if won else 0
        gained = values[value[world, now]] if won else 0.0
        budget[world] -= paid
        terms[0, world] = gained
        rewards[world] = 0.0 + weight * gained
        figures[0, world], figures[1, world], figures[2, world] = 1, won, paid
        decisions[world] = bid

        now += 1
        auction[world] = now
        terminated[world] = now == auctions
        ended |= terminated[world]
        observations[world, 0] = values[value[world, now]] if now < auctions else 0.0
        observations[world, 1] = budget[world]
        observations[world, 2] = auctions - now
        observations[world, 3] = medians[now]
        if observations.shape[1] > 4:
            observations[world, 4] = won
        if observations.shape[1] > 5:
            observations[world, 5] = minimum
    return ended
