"""The Gymnasium environment of a box of items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.restock.box.view import BoxView, item_terms, order_terms
from envs_data.restock.box import BoxParameters, BoxWorld
from envs_data.restock.box.order import held


class RestockBox(BusinessEnv[BoxParameters, BoxWorld]):
    """How many packs of each item of one box to order each day.

    ## Description
    A shop sells several items that share its room, its trucks and its customers. Each morning it orders some packs
    of each. Items may spoil, lead times may be random, orders may be limited, and a customer whose item is out may
    take another one. A box is the environment, its items the state.

    ## Action Space
    ``MultiDiscrete([max_packs + 1, ...])``: packs ordered of each item. ``info["decision"]`` is the order in units
    after projection: if it is larger than the room left under ``capacity`` (on hand and on order together) or than
    ``max_order``, every line is cut in proportion, to floor(packs * room / units ordered) packs; if what remains is
    smaller than ``min_order``, nothing is ordered. With ``capacity`` or ``max_order``, ``info["action_mask"]`` and
    ``action_masks()`` rule out packs of an item that are too many even if nothing else is ordered. `random` orders
    each number of packs of each item with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | ITEM_on_hand | units after this morning's delivery; below zero, customers waiting | the item keeps for ever |
    | ITEM_on_hand_d | units that may be sold for d days, today included, d = 1 .. shelf_life | it has a shelf life |
    | ITEM_on_order_k | units that arrive in k days, k = 1 .. lead time - 1 | its lead time is fixed |
    | ITEM_on_order | units ordered and not delivered | its lead time is random |
    | ITEM_demand or ITEM_sales | units asked for, or only sold, yesterday (``observed``) | always |
    | ITEM_forecast | expected demand of today and the next (longest) lead time days | demand depends on the day |
    | ITEM_promotion | promoted today | there are promotions |
    | weekday, month | Monday = 0, January = 0 | demand depends on them |
    | days_left | days, today included | always |

    ## Rewards
    Money, a profit: ``sales``, ``purchase`` (paid at ordering), ``holding``, ``waste``, ``shortage``, ``lines``
    (cost of each item ordered), ``ordering`` (cost of ordering at all) and ``truck`` (cost of each started truck of
    ``truck_size`` units of the day's order), each summed over the items in their order, then added in this one.
    ``info`` has ``term_...``, and the day's ``demand``, ``sold``, ``unmet``, ``left``, ``wasted`` and ``ordered``,
    in units of all items together.

    ## Starting State
    ``start_on_hand`` units of each item, all fresh; nothing on order.

    ## Episode End
    Terminated after ``days`` days. Stock left over and units on order are worth nothing.

    ## Order of Events
    1. Orders due today are delivered: fresh units, with ``shelf_life`` days to live, today included. Waiting
       customers are served first.
    2. The order is decided, cut if need be, and paid. Each line has its own lead time, luck of that day and item;
       with lead time 0 it is delivered at once, otherwise on the morning of day t + lead time.
    3. Customers come one by one in random order. Each wants one unit of one item and takes the oldest (FIFO) or the
       freshest (LIFO). If the item is out he asks for a substitute with the matrix's probability, once; who gets
       nothing is lost, or waits if his own item is backordered (he pays at once).
    4. At closing units in their last day of life are thrown away. The others age by a day and cost holding.
       Shortage is paid for every customer lost that day and every unit still owed.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``grocery-box`` (default; every mechanism on), ``loyal-customers`` (without substitutes), ``spare-parts-box``,
    ``fashion-box``, ``rule-enough``, ``lunch-vans``, and the published instances ``de-moor-l1-{lifo,fifo}-w{7,10}``,
    ``hendrix-m2``, ``hendrix-m3``, ``hendrix-two-items``, ``vanvuchelen-setting5``, ``shared-order-c{5,6,7,9}``.
    ``bizgyms list`` prints the ceiling of each. The dial from "a rule is enough" to "a rule fails" is coupling: the
    more items share room and customers, and the faster they spoil, the more a level for each item loses. Trucks alone
    are no reason: in ``lunch-vans`` a timetable of whole ones takes next to all.

    ## Reference
    Exact, by dynamic programming, for one or two items with fixed lead times; otherwise an upper bound.

    ## References
    [1] De Moor, Gijsbrechts and Boute (2022), Reward shaping to improve the performance of deep reinforcement
    learning in perishable inventory management, European Journal of Operational Research 301(2).
    [2] Farrington, Wong, Li and Utley (2025), Going faster to see further: GPU-accelerated value iteration and
    simulation for perishable inventory control using JAX, Annals of Operations Research 349.
    [3] Hendrix, Ortega, Haijema, Buisman and Garcia (2019), On computing optimal policies in perishable inventory
    control using value iteration, Computational and Mathematical Methods 1(4).
    [4] Vanvuchelen, Gijsbrechts and Boute (2020), Use of proximal policy optimization for the joint replenishment
    problem, Computers in Industry 119.

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/RestockBox-v0"
    view_type: ClassVar = BoxView
    world_type: ClassVar = BoxWorld
    view: BoxView

    def _decision(self, action: Any) -> tuple[int, ...]:
        assert self._world_now is not None
        return self.view.projected(action, held(self._world_now))

    def _observe(self, world: BoxWorld) -> list[float]:
        row: list[float] = []
        for item, shelf, on_order in zip(world.items, world.shelf, world.on_order, strict=True):
            row += shelf
            if len(item.lead_times) > 1:
                row.append(sum(on_order.values()))
            else:
                ahead = range(world.day + 1, world.day + item.longest_lead_time)
                row += [on_order.get(day, 0) for day in ahead]
        row += world.sold if self.parameters.observed == "sales" else world.demand
        row += self.view.calendar_columns[world.day].tolist()
        return row

    def _terms(self, world: BoxWorld) -> tuple[float, ...]:
        p, sums = self.parameters, [0.0] * 6
        days = zip(world.sold, world.promised, world.ordered, world.left, world.wasted, world.unmet, strict=True)
        for k, (sold, promised, ordered, left, wasted, unmet) in enumerate(days):
            parts = item_terms(sold + promised, ordered, left, wasted, unmet, self.view.money_of_items, k)
            sums = [total + part for total, part in zip(sums, parts, strict=True)]
        return (*sums, *order_terms(sum(world.ordered), p.order_cost, p.truck_cost, p.truck_size))

    def _figures(self, world: BoxWorld) -> tuple[float, ...]:
        counts: tuple[Sequence[int], ...]
        counts = (world.demand, world.sold, world.unmet, world.left, world.wasted, world.ordered)
        return tuple(sum(count) for count in counts)
