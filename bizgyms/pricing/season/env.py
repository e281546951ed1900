"""The Gymnasium environment of a season."""

from __future__ import annotations

from typing import ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.pricing.season.view import SeasonView, reward_terms
from envs_data.pricing.season import SeasonParameters, SeasonWorld


class PricingSeason(BusinessEnv[SeasonParameters, SeasonWorld]):
    """Which price to charge in each period of a season, for a stock that cannot be refilled.

    ## Description
    A seller has some units and some weeks. Customers come at random, and each buys one unit if the price is at most
    what it is worth to him, which is exponential: demand is a exp(-alpha p), as in [1]. At the beginning of each
    period the seller picks a step of a price ladder. In hidden scenarios the number of customers, their sensitivity
    or both are drawn once a season from a known list and never told: the seller learns while earning.

    ## Action Space
    ``Discrete(len(prices))``: the price step, 0 the lowest. Every action is possible; nothing is projected.
    ``info["decision"]`` is the step. `random` takes each step with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | stock | units left | always |
    | periods_left | periods, this one included | always |
    | sold | units sold in the last period | always |
    | factor | customers expected in this period, times the average | demand has a profile |
    | sold_at_k | units sold so far at price step k | demand is hidden |
    | time_at_k | periods at price step k so far, weighted with their factor | demand is hidden |

    What was sold at which price, and for how long it was charged, is all that the past tells about a hidden demand,
    so that the observation is a state.

    ## Rewards
    Money: ``revenue`` (price times units sold) and ``salvage`` (units left after the last period, at their salvage
    value), added in this order. The stock is there and paid for: its cost is no part of the reward.
    ``info`` has ``term_...``, and the period's ``customers``, ``sold``, ``lost`` (would have bought, but nothing was
    left) and ``left`` in units.

    ## Starting State
    ``start_stock`` units; a hidden demand is drawn, each with the same probability.

    ## Episode End
    Terminated after ``periods`` periods, sold out or not.

    ## Order of Events
    1. The price is decided. 2. Customers come one by one; each who would pay the price takes a unit while there is
    one. 3. After the last period what is left is salvaged.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``winter-coats`` (default), ``rule-enough``, ``rule-fails``, ``fad-or-flop``, ``scarce-stock``, ``few-changes``,
    ``late-season``, ``unknown-elasticity``, and the published instances ``gallego-van-ryzin-n1`` and
    ``gallego-van-ryzin-k{1,2,5,10,20,50}``. ``bizgyms list`` prints the ceiling of each. The dial from "a rule is
    enough" to "a rule fails" is what is known: with a known demand one fixed price takes nearly all, and what is left
    shrinks with the stock; a hidden demand has to be found out while it is served.

    ## Reference
    Exact, by dynamic programming over stock and time, where demand is known. Where it is hidden, an upper bound: the
    mean of the optima with a known demand, and with two possible demands the value of the belief problem with beliefs
    interpolated, which is never below the best possible and mostly within a fraction of a per cent of it.

    ## References
    [1] Gallego and van Ryzin (1994), Optimal dynamic pricing of inventories with stochastic demand over finite
    horizons, Management Science 40(8).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/PricingSeason-v0"
    view_type: ClassVar = SeasonView
    world_type: ClassVar = SeasonWorld
    view: SeasonView

    def _observe(self, world: SeasonWorld) -> list[float]:
        p = self.parameters
        row: list[float] = [world.stock, p.periods - world.period, world.sold]
        if p.profile:
            row.append(float(self.view.factors[world.period]))
        if p.hidden:
            row += [*world.sold_at, *world.time_at]
        return row

    def _terms(self, world: SeasonWorld) -> tuple[float, ...]:
        p = self.parameters
        salvage = p.salvage if world.period == p.periods else 0.0
        return reward_terms(world.sold, p.prices[world.step], world.stock, salvage)

    def _figures(self, world: SeasonWorld) -> tuple[float, ...]:
        return world.came, world.sold, world.lost, world.stock
