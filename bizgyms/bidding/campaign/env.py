"""The Gymnasium environment of a campaign's day."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from bizgyms.bidding.campaign.bounds import bounds
from bizgyms.bidding.campaign.view import CampaignView, penalty
from bizgyms.env import BusinessEnv
from envs_data.bidding.campaign import CampaignLuck, CampaignParameters, CampaignWorld


class BiddingCampaign(BusinessEnv[CampaignParameters, CampaignWorld]):
    """What to bid per conversion, quarter hour by quarter hour, under a budget and perhaps a target cost.

    ## Description
    A media buyer sets a bid per conversion. Of every impression offered a conversion rate is predicted; bid times
    rate is what it is worth, and what is bid, shaded if so decided. Traffic and competition follow the hours of the
    day and shocks of the day, the hour and the tick. Clicks come at once and conversions late. True conversion rates
    may differ from the predicted ones by a hidden factor of the day.

    ## Action Space
    ``Box(-1, 1, (1,))``: the bid per conversion is ``bid * bid_span ** action``. In first price ``Box(-1, 1, (2,))``:
    the second entry is the shading c, from 0 to ``max_shading``; what is bid is w / sqrt(1 + c w / usual), where w is
    bid times rate and ``usual`` the usual median of competition at this hour. Bids are rounded down to whole money and
    cut to ``highest`` (which always wins) and to the budget left. ``info["decision"]`` is bid per conversion and
    shading. `random` chooses evenly from the box.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | budget | money left | always |
    | ticks_left | ticks, this one included | always |
    | expected, expected_left | auctions, usual in this tick, and from it on | always |
    | usual | money: usual median competition in this tick | always |
    | offered_last, spent_last | auctions and money of the last tick | always |
    | bid_last | money a conversion; ``bid`` at first | always |
    | reported | conversions reported so far | always |
    | won_last | auctions won in the last tick | feedback ``win_only`` and ``minimum_bid`` |
    | predicted, due | conversions predicted of impressions won; of these, due to be reported by now | the same |
    | minimum_last | money: mean smallest winning bid in the last tick | feedback ``minimum_bid`` |

    ## Rewards
    Conversions, by true rates: ``conversions`` of impressions won in the tick, whenever they are reported; and
    ``penalty``, at the end, where the cost per conversion K / V is above ``target`` C: the day's return is then
    V min(1, (C V / K)^2). ``info`` has ``term_...``, and the tick's ``auctions``, ``won``, ``spent``, ``clicks`` and
    ``reported``. Where the scenario has ``bounds``, the last step's ``info`` tells the day's three bounds,
    ``hindsight``, ``lagrangian`` and ``score_bound``; they are 0 otherwise.

    ## Starting State
    The whole budget.

    ## Episode End
    Terminated after ``ticks`` ticks. Budget left over is worth nothing.

    ## Order of Events
    1. The bid per conversion is decided. 2. The tick's auctions are held one after the other: a bid wins if it is at
    least the best competing bid and at least 1; the winner pays his bid (first price) or the best competing bid
    (second price), at once. 3. Conversions due in this tick are reported.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``first-price`` (default), ``second-price``, ``floors``, ``blind``, ``target``, ``target-3h``, ``target-8h``, the
    small ``small-first-price``, ``small-second-price`` and ``small-target``, and ``big-day`` (200,000 auctions). The
    dial is ``price``: in second price a linear bid paced to the traffic is nearly optimal, in first price it is not;
    and ``delay``, under a target.

    ## Reference
    A bound: the smallest mean of the hindsight knapsack (tight in second price), the Lagrangian bound (tight in first
    price) and the score bound (under a target), see `bizgyms.bidding.campaign.bounds`.

    ## References
    [1] Balseiro and Gur (2019), Learning in repeated auctions with budgets, Management Science 65(9).
    [2] Su et al. (2024), AuctionNet: a novel benchmark for decision-making in large-scale games, NeurIPS.

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/BiddingCampaign-v0"
    view_type: ClassVar = CampaignView
    view: CampaignView

    def _world(self, luck: CampaignLuck, record: bool) -> CampaignWorld:
        self._luck_now = luck
        return CampaignWorld(self.parameters, luck, record=record)

    def _decision(self, action: Any) -> tuple[float, float]:
        self._bid, shading = self.view.decide(np.asarray(action, dtype=np.float32))
        return self._bid, shading

    def _observe(self, world: CampaignWorld) -> list[float]:
        p, view, tick = self.parameters, self.view, world.tick
        bid = self._bid if tick else p.bid
        told = [
            world.won,
            world.predicted,
            world.predicted - world.pending,
            world.minimum / world.offered if world.offered else 0.0,
        ]
        return [
            world.budget,
            p.ticks - tick,
            float(view.expected[tick]),
            float(view.coming[tick]),
            float(view.usual[tick]),
            world.offered,
            world.spent,
            bid,
            world.told,
            *told[: view.told],
        ]

    def _terms(self, world: CampaignWorld) -> tuple[float, ...]:
        p = self.parameters
        ends = world.tick == p.ticks
        return world.value, penalty(world.total, p.budget - world.budget, p.target) if ends else 0.0

    def _figures(self, world: CampaignWorld) -> tuple[float, ...]:
        p, told = self.parameters, (0.0, 0.0, 0.0)
        if p.bounds and world.over:
            told = bounds(p, self._luck_now, 0)
        return world.offered, world.won, world.spent, world.clicks, world.reported, *told
