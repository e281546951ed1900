"""The Gymnasium environment of a shelf."""

from __future__ import annotations

from typing import Any, ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.pricing.shelf.view import NO_LIMIT, ShelfView, product_terms, project
from envs_data.pricing.shelf import ShelfParameters, ShelfWorld


class PricingShelf(BusinessEnv[ShelfParameters, ShelfWorld]):
    """The prices of several products of which a customer takes one or none.

    ## Description
    Products stand side by side. Customers come one by one, and each chooses by the multinomial logit among what is
    in stock and buying nothing, so that what is out sells the others. Customers may remember prices: a price above
    the reference price repels, one below it attracts, and the reference price follows what is charged. Changing a
    price may cost, or be allowed a few times only. The number of customers may depend on a level that is drawn once
    an episode and never told.

    ## Action Space
    ``MultiDiscrete([len(prices), ...])``: the price step of each product, 0 the lowest. ``info["decision"]`` is the
    steps after projection: with ``max_changes``, once no change is left further changes are skipped, in the order of
    the products. ``info["action_mask"]`` and ``action_masks()`` then rule out all steps but the last. `random` takes
    each step of each product with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | PRODUCT_stock | units, after a delivery | always |
    | PRODUCT_price | money: the price of the last period | always |
    | PRODUCT_sold | units sold in the last period | always |
    | PRODUCT_reference | money: what customers compare the price with | they do (``loss`` or ``gain``) |
    | factor | customers expected in this period, times the average | demand has a profile |
    | changes_left | price changes | ``max_changes`` |
    | sold_so_far, expected_so_far | units sold, and expected at level 1, so far | the level is hidden |
    | periods_left | periods, this one included | always |

    ## Rewards
    Money: ``revenue``, ``cost`` (of replacing what was sold) and ``changes`` (``change_cost`` for each price changed),
    each summed over the products in their order, then added in this one. ``info`` has ``term_...``, and the period's
    ``customers``, ``sold`` and ``left`` units, ``price_changes`` and products ``sold_out`` at its end.

    ## Starting State
    ``start_stock`` units and the price ``start_step`` of each product, which is also its reference price.

    ## Episode End
    Terminated after ``periods`` periods. Stock left over is worth nothing; give a ``cost`` where it is.

    ## Order of Events
    1. The delivery comes, if it is due. 2. Prices are decided, projected, and their changes paid. 3. Customers come
    one by one and choose among what is in stock at that moment. 4. Reference prices move to ``memory * reference +
    (1 - memory) * price``.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``juice-shelf`` (default), ``rule-enough``, ``price-memory``, ``loss-aversion``, ``scarce-shelf``, ``few-changes``,
    ``unknown-demand``, and the published instance ``equal-markup``. The dial from "a rule is enough" to "a rule fails"
    is memory: without it every period is alone; with it one price for ever fails, and a calendar takes what is left.

    ## Reference
    Exact where the shelf is small, by dynamic programming over stock, reference prices, last prices and changes left;
    values are interpolated between reference prices, and the method says to what that is exact. Where the level is
    hidden, the mean of the optima with a known level, a bound. Larger shelves have an upper bound: the sales-based
    linear programme [1], and where stock is scarce its decomposition by product [2], with reference prices at their
    kindest, free price changes and a known level. It is within 2 % of the best rule on ``juice-shelf``, and loose where
    customers remember prices or changes are few.

    ## References
    [1] Gallego, Ratliff and Shebalov (2015), A general attraction model and sales-based linear program for network
    revenue management under customer choice, Operations Research 63(1).
    [2] Zhang and Adelman (2009), An approximate dynamic programming approach to network revenue management with
    customer choice, Transportation Science 43(3).

    ## Version History
    v1: reference prices are not rounded. v0, which now plays as v1 does, rounded them to 101 points, so that a
    reference price never quite reached a price that stayed. Nothing else differs.
    """

    case_id: ClassVar = "bizgyms/PricingShelf-v1"
    view_type: ClassVar = ShelfView
    world_type: ClassVar = ShelfWorld
    view: ShelfView

    def _decision(self, action: Any) -> tuple[int, ...]:
        world, p = self._world_now, self.parameters
        assert world is not None
        steps = [0] * len(p.products)
        project(action, world.step, p.max_changes - world.changed if p.max_changes else NO_LIMIT, steps)  # type: ignore[arg-type]  # lists stand for arrays outside the kernel
        return tuple(int(step) for step in steps)

    def _observe(self, world: ShelfWorld) -> list[float]:
        p = self.parameters
        prices = [product.prices[step] for product, step in zip(p.products, world.step, strict=True)]
        row: list[float] = [*world.stock, *prices, *world.sold]
        if p.remembers:
            row += world.reference
        if p.profile:
            row.append(float(self.view.factors[world.period]))
        if p.max_changes:
            row.append(p.max_changes - world.changed)
        if p.hidden:
            row += [world.total_sold, world.expected]
        return [*row, p.periods - world.period]

    def _terms(self, world: ShelfWorld) -> tuple[float, ...]:
        p = self.parameters
        revenue = cost = 0.0
        for product, step, sold in zip(p.products, world.step, world.sold, strict=True):
            parts = product_terms(sold, product.prices[step], product.cost)
            revenue, cost = revenue + parts[0], cost + parts[1]
        return revenue, cost, -p.change_cost * world.changes

    def _figures(self, world: ShelfWorld) -> tuple[float, ...]:
        return world.came, sum(world.sold), world.left, world.changes, world.sold_out
