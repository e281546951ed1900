"""The Gymnasium environment of one customer, visit by visit."""

from __future__ import annotations

from typing import ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.recommend.visit.view import VisitView, margin_of
from envs_data.recommend.visit import VisitParameters, VisitWorld


class RecommendVisit(BusinessEnv[VisitParameters, VisitWorld]):
    """Which kind of content to show one customer at each visit.

    ## Description
    What is clicked most is not what brings the customer back. Every visit pleases or disappoints; a satisfied
    customer clicks more and stays longer; and repetition bores. A rule that optimises clicks earns most today
    and loses the customer.

    ## Action Space
    ``Discrete(kinds)``: the kind shown, in the order of ``kinds`` (guide, range, offer). Every action is possible;
    nothing is projected. ``info["decision"]`` is the kind shown. `random` shows each with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit |
    |---|---|
    | satisfaction | levels, 0 to 4, as a survey would tell |
    | shown | kind shown at the last visit, from 1 on; 0 before the first |
    | repeats | visits in a row, up to ``boredom``, at which it had been shown just before |

    ## Rewards
    The scenario's ``money``: ``margin``, the expected clicks of the visit times what a click of that kind is worth.
    ``info`` has ``term_...``, and the visit's ``visits`` (1), ``clicks`` (expected), ``churned`` (1 where the customer
    left dissatisfied).

    ## Starting State
    Satisfaction ``start``, nothing shown yet.

    ## Episode End
    Terminated when the customer leaves: dissatisfied, with a probability that falls with satisfaction, or for a reason
    of their own, with probability ``exit`` a visit. There is no horizon and no discount: ``exit`` is worth a discount
    factor of 1 - ``exit``.

    ## Order of Events
    1. A kind is shown. 2. It is clicked and pays, at the satisfaction the customer came with, less what repeats have
    dulled. 3. The customer leaves for good, or not, at that satisfaction. 4. A customer who stays is pleased
    (satisfaction rises by one), disappointed (falls by one) or neither.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``home-page`` (default), ``lifetime-tiny`` (five states, no boredom), ``honest`` (what is clicked most pleases
    most: nothing to learn beyond clicks). ``dulls`` is the dial: without boredom a threshold on satisfaction is
    optimal; with it no single kind comes near the optimum. ``bizgyms list`` prints the ceiling of each.

    ## Reference
    Exact, by policy iteration over satisfaction, kind shown last and repeats.

    ## References
    Clicks against satisfaction: "kale and chocolate" (Choc/Kale) of RecSim, Ie et al. (2019), arXiv:1909.04847.

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/RecommendVisit-v0"
    view_type: ClassVar = VisitView
    world_type: ClassVar = VisitWorld
    view: VisitView

    def _observe(self, world: VisitWorld) -> list[float]:
        return [world.satisfaction, world.shown + 1, world.repeats]

    def _terms(self, world: VisitWorld) -> tuple[float, ...]:
        return (margin_of(world.clicks, self.parameters.worths()[world.shown]),)

    def _figures(self, world: VisitWorld) -> tuple[float, ...]:
        return 1, world.clicks, float(world.churned)
