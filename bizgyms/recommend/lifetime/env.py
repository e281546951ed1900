"""The Gymnasium environment of a customer's lifetime in a shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bizgyms.env import BusinessEnv, Engine
from bizgyms.recommend.lifetime.twin import LifetimeTwin
from bizgyms.recommend.lifetime.view import FIGURE_OF, LifetimeView, Objective, check_objective, project
from bizgyms.scenario import ScenarioLike
from envs_data.recommend.lifetime import LifetimeParameters, LifetimeWorld


class RecommendLifetime(BusinessEnv[LifetimeParameters, LifetimeWorld]):
    """What to show a customer at each visit, from the first to the last.

    ## Description
    A shop shows a slate of items at each visit. The customer clicks one of them or none, may buy what was clicked and
    may send it back. Tastes are hidden and may drift; topics bore who has clicked them often; what was clicked pleases
    or disappoints, and satisfaction decides, together with the customer's own nature, how soon the next visit comes
    and whether it comes at all. What is clicked most is not what keeps customers.

    ## Action Space
    ``MultiDiscrete([items] * slate)``: the item at each place, the top one first. ``info["decision"]`` is the slate
    after projection: a place that asks for an item which is not in stock, or which stands above already, stays empty
    (-1). Where items may be out of stock ``info["action_mask"]`` and ``action_masks()`` have one entry an item for
    each place. `random` takes each item of the mask with the same probability, place by place.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | ITEM_available | 1 where it is in stock | always |
    | ITEM_popularity | weight beside 1 for no click; of new items the mean, until ``known_after`` days | always |
    | ITEM_rating, ITEM_margin, ITEM_topic | its quality, margin and topic, which never change | always |
    | day, since | days since the first visit, and since the last | always |
    | visits, clicks, purchases, sent_back | so far | always |
    | earned | margin so far | always |
    | recent_k, shown_k | clicks on topic k, places it was shown at; each visit before counts 4/5 | always |
    | last_j, clicked, bought | the last slate, the place clicked (0 none), whether it was bought | always |
    | satisfaction, segment, bored_k, rate, leaves | the hidden state | ``revealed`` |

    ## Rewards
    Money: ``sales`` (margins of the visit's purchase) and ``refunds`` (margin and handling of what comes back until the
    next visit), added in this order. With ``objective`` the reward is instead the visit's ``clicks``, minutes
    (``time``) or ``purchases``: what is trained on; scores are always margin, and ``term_...`` too. ``info`` has
    the visit's ``clicks``, ``purchases``, ``minutes``, ``empty`` places, the ``days`` to the next visit (or the end),
    whether the customer ``churned``, and whether the episode was ``capped``.

    ## Starting State
    The first visit: satisfaction ``start``, no boredom, nothing known.

    ## Episode End
    Terminated when the customer leaves, when ``days`` are over, or after ``visits`` visits (``capped``). What is still
    to come back is booked at once.

    ## Order of Events
    1. The slate is shown. 2. The customer clicks by the multinomial logit, with weights
    ``exp(appeal + taste) * position^place * boredom`` beside 1 for no click. 3. Boredom of the topic clicked rises by
    ``bores``, that of all others falls by one. 4. Satisfaction rises, or falls, by what was clicked. 5. A click may
    become a purchase, and that a parcel that comes back after ``return_days``. 6. After every visit but the first the
    customer may leave for good. 7. Days pass until the next visit: parcels come back, items arrive and sell out.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case; ``objective``: ``margin`` (default),
    ``clicks``, ``time`` or ``purchases``.

    ## Scenarios
    ``web-shop`` (default), ``clickbait``, ``honest`` (what is clicked most is best: the rule is enough), ``boredom``,
    ``drift`` (tastes shift half way), ``cdnow`` (the published fit), and with exact optima ``tiny``, ``tiny-boredom``,
    ``tiny-honest``. The dial is how appeal goes with quality, times ``hold``: where what is clicked pleases, or
    satisfaction holds nobody, a click model is enough.

    ## Reference
    Exact by dynamic programming where the state is revealed, everybody is alike and the days never end first. Else an
    upper bound: nature, segment and satisfaction are known, nothing bores and nothing is sold out; its policy plans
    with what it can guess of them.

    ## References
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an alternative to the Pareto/NBD model,
    Marketing Science 24(2).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/RecommendLifetime-v0"
    view_type: ClassVar = LifetimeView
    world_type: ClassVar = LifetimeWorld
    view: LifetimeView

    def __init__(
        self,
        scenario: ScenarioLike = None,
        engine: Engine = "simpy",
        normalize: bool = False,
        weights: Mapping[str, float] | None = None,
        render_mode: str | None = None,
        objective: Objective = "margin",
        **changes: Any,
    ) -> None:
        check_objective(objective, weights)
        super().__init__(scenario, engine, normalize, weights, render_mode, **changes)
        self.objective = objective
        if isinstance(self._twin, LifetimeTwin):
            self._twin.aim_at(objective)

    def _decision(self, action: Any) -> tuple[int, ...]:
        world = self._world_now
        assert world is not None
        shown = [0] * self.parameters.slate
        self._empty = project([int(item) for item in action], world.there, shown)
        return tuple(shown)

    def _play_world(self, action: Any) -> tuple[float, bool, dict[str, Any]]:
        reward, over, info = super()._play_world(action)
        return (reward if self.objective == "margin" else float(info[FIGURE_OF[self.objective]])), over, info

    def _observe(self, world: LifetimeWorld) -> list[float]:
        p, view = self.parameters, self.view
        now = world.clock.now
        known = [now >= (item.arrives + p.known_after) * 24.0 or item.arrives == 0 for item in p.items]
        row: list[float] = [*world.there]
        row += [float(w) if sure else view.unknown for w, sure in zip(view.popularity, known, strict=True)]
        row += [item.quality for item in p.items]
        row += [item.margin for item in p.items]
        row += view.topic_of.tolist()
        row += [now / 24.0, (now - world.previous) / 24.0, world.visit, world.clicks, world.purchases]
        row += [world.sent_back, world.earned, *world.recent, *world.shown, *world.slate]
        row += [0 if world.place == p.slate else world.place + 1, world.bought]
        if p.revealed:
            row += [world.satisfaction, world.segment, *world.bored, world.rate, world.leaves]
        return row

    def _figures(self, world: LifetimeWorld) -> tuple[float, ...]:
        seen = (world.counted(name) for name in ("clicks", "purchases", "minutes"))
        return 1.0, *seen, world.elapsed / 24.0, float(self._empty), float(world.churned), float(world.capped)
