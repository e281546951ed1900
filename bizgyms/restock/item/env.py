"""The Gymnasium environment of one item."""

from __future__ import annotations

from typing import Any, ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.restock.item.view import ItemView, reward_terms
from envs_data.restock.item import ItemParameters, ItemWorld


class RestockItem(BusinessEnv[ItemParameters, ItemWorld]):
    """How much of one item to order each day.

    ## Description
    A shop sells one item. Each morning it orders some packs, which arrive after a fixed lead time. What is left at
    closing costs holding, what customers did not get costs a shortage. With lost sales and a lead time this is the
    classic problem for which no simple rule is optimal [1].

    ## Action Space
    ``Discrete(max_packs + 1)``: packs ordered, 0 to ``max_packs``. Every action is possible; nothing is projected.
    ``info["decision"]`` is the order in units. `random` orders each number of packs with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | on_hand | units after this morning's delivery; below zero, customers waiting | always |
    | on_order_k | units that arrive in k days, k = 1 .. lead_time - 1 | lead_time > 1 |
    | weekday | Monday = 0 | demand depends on the weekday |
    | month | January = 0 | demand depends on the season |
    | forecast | expected demand of today and the next lead_time days | demand depends on the day |
    | days_left | days, today included | always |

    ## Rewards
    Money, a cost and so at most zero: ``holding`` (units left at closing), ``shortage`` (units not served that day;
    with backorders, units owed at closing) and ``ordering`` (a fixed cost a day with an order), added in this order.
    A sale pays nothing: its margin is part of ``shortage``, so that gains in cost are gains in profit.
    ``info`` has ``term_...``, and the day's ``demand``, ``sold``, ``lost`` and ``left`` in units.

    ## Starting State
    ``start_on_hand`` units, nothing on order.

    ## Episode End
    Terminated after ``days`` days. Stock left over is worth nothing.

    ## Order of Events
    1. The order due today is delivered. 2. The order is decided. 3. With lead time 0 it is delivered at once.
    4. Customers come. 5. Holding and shortage are counted. An order of day t is delivered on the morning of day
    t + lead_time, before the decision.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``corner-shop`` (default), ``rule-enough``, ``weekend-kiosk``, ``gift-season``, ``spare-part``, ``backorders``, and
    the published instances ``zipkin-poisson-p{4,9,39}-l{1,2,3,4}`` and ``zipkin-geometric-p{4,19}-l{1,2,3,4}``.
    ``bizgyms list`` prints the ceiling of each. The dial from "a rule is enough" to "a rule fails" is the cost of an
    order where demand changes over the week: without it a tuned rule stays within 2 % of the optimum (with lost sales
    and a long lead time, base-stock alone loses up to 10 %); with it only rules with a calendar time their orders well.

    ## Reference
    Exact, by dynamic programming over stock and deliveries under way. Where demand wanders around a hidden level
    (``level_spread``), a bound: the same for one who sees the level.

    ## References
    [1] Zipkin (2008), Old and new methods for lost-sales inventory systems, Operations Research 56(5).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/RestockItem-v0"
    view_type: ClassVar = ItemView
    world_type: ClassVar = ItemWorld
    view: ItemView

    def _decision(self, action: Any) -> int:
        return int(action) * self.parameters.pack

    def _observe(self, world: ItemWorld) -> list[float]:
        today, on_order = world.day, world.on_order
        pipeline = [on_order.get(day, 0) for day in range(today + 1, today + self.parameters.lead_time)]
        return [world.on_hand, *pipeline, *self.view.calendar_rows[today]]

    def _terms(self, world: ItemWorld) -> tuple[float, ...]:
        p = self.parameters
        return reward_terms(world.left, world.lost, world.ordered, p.holding, p.shortage, p.order_cost)

    def _figures(self, world: ItemWorld) -> tuple[float, ...]:
        return world.demand, world.sold, world.lost, world.left
