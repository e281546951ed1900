"""The Gymnasium environment of one auction after the other."""

from __future__ import annotations

from typing import Any, ClassVar

from bizgyms.bidding.auction.view import AuctionView
from bizgyms.env import BusinessEnv
from envs_data.bidding.auction import AuctionParameters, AuctionWorld


class BiddingAuction(BusinessEnv[AuctionParameters, AuctionWorld]):
    """What to bid in each auction of a day, under a budget.

    ## Description
    An advertiser is offered one impression after the other, sees what each is worth to him, and bids against a best
    competing bid that he does not see. What he pays comes out of one budget.

    ## Action Space
    ``Discrete(max_bid + 1)``: the bid in whole units of money. A bid above the budget left is cut to it, so that
    overspending is impossible; ``info["decision"]`` is the bid after that. A bid of 0 never wins.
    `random` chooses each bid with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | value | value of the impression on offer | always |
    | budget | money left | always |
    | auctions_left | auctions, this one included | always |
    | competition | median best competing bid at this hour | always |
    | won_last | 0 or 1 | feedback ``win_only`` and ``minimum_bid`` |
    | minimum_last | smallest bid that would have won the last auction | feedback ``minimum_bid`` |

    ## Rewards
    ``value``: what a won impression is worth. The price paid only counts against the budget. ``info`` has ``term_...``,
    and ``auctions`` (1), ``won`` and ``paid``. What losers would have had to pay is in no mode part of ``info``.

    ## Starting State
    The whole budget.

    ## Episode End
    Terminated after ``auctions`` auctions. Budget left over is worth nothing.

    ## Order of Events
    1. An impression is offered and its value seen. 2. The bid is decided. 3. It wins if it is at least 1 and at least
    the best competing bid. 4. The winner pays his bid (first price) or the best competing bid (second price).

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``first-price`` (default), ``second-price``, ``tiny-first-price``, ``tiny-second-price``. The dial from "a rule is
    enough" to "a rule fails" is ``price``: in second price a linear bid paced by the budget is nearly optimal, in
    first price no multiple of the value is, and bids shaded by the law of wins leave a per cent.

    ## Reference
    Exact, by dynamic programming over auctions, budget and value.

    ## References
    [1] Balseiro and Gur (2019), Learning in repeated auctions with budgets, Management Science 65(9).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/BiddingAuction-v0"
    view_type: ClassVar = AuctionView
    world_type: ClassVar = AuctionWorld
    view: AuctionView

    def _decision(self, action: Any) -> int:
        assert self._world_now is not None
        return min(int(action), self._world_now.budget)

    def _observe(self, world: AuctionWorld) -> list[float]:
        left = self.parameters.auctions - world.auction
        told = [float(world.won), float(world.minimum)][: self.view.told]
        return [world.value, world.budget, left, float(self.view.medians[world.auction]), *told]

    def _terms(self, world: AuctionWorld) -> tuple[float, ...]:
        return (world.gained,)

    def _figures(self, world: AuctionWorld) -> tuple[float, ...]:
        return 1, world.won, world.paid
