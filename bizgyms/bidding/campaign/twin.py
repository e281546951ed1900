"""The compiled twin of a campaign's day: the same days as `CampaignWorld`, many at once."""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bizgyms.bidding.campaign import view as views
from bizgyms.bidding.campaign.bounds import bounds
from bizgyms.bidding.campaign.view import CampaignView, decided
from bizgyms.compiled import inline, jit
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.bidding.campaign import CampaignLuck, CampaignParameters
from envs_data.bidding.campaign.luck import CLICKED

penalty = inline(views.penalty)


class Campaign(NamedTuple):
    """Constants of the kernel.

    Attributes:
        expected, coming, usual: [ticks + 1] as `CampaignView` has them.
        prices: bid, log of its span, most shading, target, own and kept shares of `CampaignParameters.reporting`.
        weights: [terms].
        whole: budget, highest bid, and whether the winner pays his bid.
    """

    expected: Floats
    coming: Floats
    usual: Floats
    prices: Floats
    weights: Floats
    whole: Ints


class State(NamedTuple):
    """The state that a tick changes.

    Attributes:
        counts: [worlds, 4] ticks completed, first auction of the next, budget, and conversions reported so far.
        sums: [worlds, 3] conversions so far by true rates; predicted; predicted and not expected to be reported yet.
        reports: [worlds, ticks] conversions that will be reported in each tick.
    """

    counts: Ints
    sums: Floats
    reports: NDArray[np.int32]


TICK, FIRST, BUDGET, REPORTED = range(4)
TOTAL, PREDICTED, PENDING = range(3)
BID, LOG_SPAN, MAX_SHADING, TARGET, OWN, KEEPS = range(6)
WHOLE_BUDGET, HIGHEST, FIRST_PRICE = range(3)


class CampaignTwin(Twin[CampaignParameters, CampaignLuck]):
    """`BiddingCampaign` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/BiddingCampaign-v0"
    view_type: ClassVar = CampaignView
    view: CampaignView

    def _allocate(self) -> None:
        p, view, worlds = self.parameters, self.view, self.num_envs
        campaign = Campaign(
            expected=view.expected,
            coming=view.coming,
            usual=view.usual,
            prices=np.array([p.bid, view.log_span, p.max_shading, p.target, *p.reporting()]),
            weights=self._weights,
            whole=np.array([p.budget, p.highest, p.price == "first"], dtype=np.int64),
        )
        self._state = State(
            counts=np.zeros((worlds, 4), dtype=np.int64),
            sums=np.zeros((worlds, 3)),
            reports=np.zeros((worlds, p.ticks), dtype=np.int32),
        )
        self._played = (campaign, self._state)

    def _begin(self, rows: Places) -> None:
        state, view, p = self._state, self.view, self.parameters
        state.counts[rows] = 0
        state.counts[rows, BUDGET] = p.budget
        state.sums[rows] = 0.0
        state.reports[rows] = 0
        self._observations[rows] = 0.0
        self._observations[rows, :5] = [p.budget, p.ticks, view.expected[0], view.coming[0], view.usual[0]]
        self._observations[rows, 7] = p.bid

    def _memory(self) -> tuple[Array, ...]:
        return tuple(part.T for part in self._state)

    def _taken(self) -> Ints:
        return self._state.counts[:, TICK]

    def _advance(self, actions: Array, idle: Flags) -> bool:
        ended = _advance(actions, idle, self._drawn, self._outcome, *self._played)
        if ended and self.parameters.bounds:
            for world in np.flatnonzero(self._terminated & ~idle):
                self._figures[5:, world] = bounds(self.parameters, self._luck, int(world))
        return ended


@jit
def _advance(
    actions: Rows,
    idle: Flags,
    luck: CampaignLuck,
    outcome: Outcome,
    campaign: Campaign,
    state: State,
) -> bool:
    """One tick of every world that is not idle; returns whether any episode ended."""
    observations, results, decisions, terminated = outcome
    arrivals, _, bias, rate, competing, result = luck
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        prices, counts = campaign.prices, state.counts[world]
        tick, first = counts[TICK], counts[FIRST]
        # The helper is shared with the world: two implementations of exp may differ in the last bit.
        bid, shading = decided(actions[world], prices[BID], prices[LOG_SPAN], prices[MAX_SHADING])
        last, before = first + arrivals[world, tick], counts[BUDGET]
        won, clicks, minimum, value, new = _settle(
            rate[world, first:last],
            competing[world, first:last],
            result[world, first:last],
            bias[world],
            bid,
            shading,
            campaign.usual[tick],
            campaign.whole,
            counts,
            state.reports[world],
        )
        counts[FIRST] = last
        _close(world, value, new, before, won, clicks, last - first, campaign, state, results)
        decisions[world, 0], decisions[world, 1] = bid, shading
        terminated[world] = tick + 1 == arrivals.shape[1]
        ended |= terminated[world]
        mean = minimum / (last - first) if last > first else 0.0
        _observe(world, bid, before - counts[BUDGET], won, last - first, mean, campaign, state, observations[world])
    return ended


@jit
def _settle(
    rate: Rows,
    competing: NDArray[np.int16],
    outcome: NDArray[np.int16],
    bias: float,
    bid: float,
    shading: float,
    usual: float,
    whole: Ints,
    counts: Ints,
    reports: NDArray[np.int32],
) -> tuple[int, np.int64, np.int64, float, float]:
    """A tick's auctions in order of arrival: wins, clicks, smallest winning bids, conversions by true rates, predicted.

    A tick without an auction leaves nothing.
    """
    won, clicks, total_minimum, value, new = 0, np.int64(0), np.int64(0), 0.0, 0.0
    budget, highest, first_price = counts[BUDGET], whole[HIGHEST], whole[FIRST_PRICE] > 0
    # One auction after the other: each offer is cut to what the earlier ones left of the budget.
    for k in range(len(rate)):
        # Rates are stored in 32 bits to save memory; Python multiplies in 64, and so must the kernel.
        worth = bid * np.float64(rate[k])
        if shading > 0.0:
            worth = worth / math.sqrt(1.0 + shading * worth / usual)
        # Rounded down to whole money, so that spending adds up exactly in any order.
        offer = min(np.int64(worth), highest, budget)
        minimum = np.int64(competing[k])
        total_minimum += minimum
        if offer >= minimum:
            budget -= offer if first_price else minimum
            won += 1
            new += np.float64(rate[k])
            # The day's bias may push a rate above 1, but no impression can convert more than once.
            value += min(np.float64(rate[k]) * bias, 1.0)
            clicks += outcome[k] >= CLICKED
            due = counts[TICK] + outcome[k]
            # A conversion due after the last tick is never reported.
            if outcome[k] >= 0 and due < len(reports):
                reports[due] += 1
    counts[BUDGET] = budget
    return won, clicks, total_minimum, value, new


@inline
def _close(
    world: int,
    value: float,
    new: float,
    before: int,
    won: int,
    clicks: np.int64,
    offered: int,
    campaign: Campaign,
    state: State,
    results: Floats,
) -> None:
    """Adds the tick to the day, and writes reward, terms and figures."""
    sums, counts, prices, result = state.sums[world], state.counts[world], campaign.prices, results[:, world]
    reported = state.reports[world, counts[TICK]]
    counts[REPORTED] += reported
    counts[TICK] += 1
    sums[TOTAL] += value
    sums[PREDICTED] += new
    # Delays are memoryless, so one number is enough: the old pending conversions shrink by one factor, new ones join.
    sums[PENDING] = sums[PENDING] * prices[KEEPS] + new * prices[OWN]
    taken = 0.0
    # The target is a cost per conversion of the whole day, which is known only now.
    if counts[TICK] == state.reports.shape[1]:
        taken = penalty(sums[TOTAL], campaign.whole[WHOLE_BUDGET] - counts[BUDGET], prices[TARGET])
    result[0] = 0.0 + campaign.weights[0] * value + campaign.weights[1] * taken
    result[1], result[2] = value, taken
    result[3], result[4], result[5], result[6], result[7] = offered, won, before - counts[BUDGET], clicks, reported
    # Bounds need the whole day's luck: `CampaignTwin` writes them where the scenario asks for them.
    result[8], result[9], result[10] = 0.0, 0.0, 0.0


@inline
def _observe(
    world: int,
    bid: float,
    spent: int,
    won: int,
    offered: int,
    minimum: float,
    campaign: Campaign,
    state: State,
    row: Rows,
) -> None:
    counts, sums = state.counts[world], state.sums[world]
    tick = counts[TICK]
    row[0] = counts[BUDGET]
    row[1] = len(campaign.usual) - 1 - tick
    row[2], row[3], row[4] = campaign.expected[tick], campaign.coming[tick], campaign.usual[tick]
    row[5], row[6], row[7] = offered, spent, bid
    row[8] = counts[REPORTED]
    # Feedback decides how many columns there are.
    if len(row) > 9:
        row[9], row[10], row[11] = won, sums[PREDICTED], sums[PREDICTED] - sums[PENDING]
    if len(row) > 12:
        row[12] = minimum
