"""The Gymnasium environment of one user between clickbait and wholesome items."""

from __future__ import annotations

from typing import ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.recommend.satisfaction.view import SatisfactionView, minutes, satisfaction
from envs_data.recommend.satisfaction import SatisfactionParameters, SatisfactionWorld


class RecommendSatisfaction(BusinessEnv[SatisfactionParameters, SatisfactionWorld]):
    """Which of ten items to show next, from clickbait to wholesome.

    ## Description
    The published model of long-term satisfaction. Clickbait holds a user longer now, wholesome items make for
    satisfaction that makes every later item hold longer. ``sensitivity`` says how much. At its published default of
    .01 there is nothing to learn: always the most clickbait is optimal. Sensitive users are served almost as well by
    always showing the least. Only between about .06 and .09 do both rules lose more than they need to.

    ## Action Space
    ``Discrete(candidates)``: which candidate is shown; it is always consumed. Every action is possible; nothing is
    projected. ``info["decision"]`` is the candidate shown. `random` shows each with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit |
    |---|---|
    | satisfaction | share, logistic function of sensitivity times exposure |
    | exposure | to wholesome items, less clickbait: the state behind satisfaction |
    | steps_left | items, this one included |
    | candidate_0, candidate_1, ... | clickbait of each candidate, 0 to 1; 0 at the end |

    ## Rewards
    ``minutes`` the item holds the user, log-normal. ``info`` has ``term_...``, and the step's ``items`` (1),
    ``clickbait`` (of the item shown) and ``satisfaction`` (the user came with).

    ## Starting State
    Exposure uniform within ``start`` times its reach, 1 / (1 - memory).

    ## Episode End
    Terminated after ``steps`` items. The user never leaves.

    ## Order of Events
    1. Candidates are drawn evenly between 0 and 1 and seen. 2. One is shown and consumed, for a time that depends on
    the satisfaction the user came with. 3. Exposure moves, and satisfaction with it.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``crossover`` (default; sensitivity .07, both constant rules at 94 %), ``sensitive`` (.1, least clickbait at
    97 %), ``published-default`` (.01, most clickbait optimal: nothing to learn). ``bizgyms list`` prints the ceiling
    of each.

    ## Reference
    Exact up to a grid of exposure and of clickbait, whose error is stated as its standard error: the change from
    half the points to all.

    ## References
    [1] Ie et al. (2019), RecSim: a configurable simulation platform for recommender systems, arXiv:1909.04847;
    section on long-term satisfaction.

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/RecommendSatisfaction-v0"
    view_type: ClassVar = SatisfactionView
    world_type: ClassVar = SatisfactionWorld
    view: SatisfactionView

    def _observe(self, world: SatisfactionWorld) -> list[float]:
        left = self.parameters.steps - world.step
        return [satisfaction(world.exposure, self.parameters.sensitivity), world.exposure, left, *world.candidates]

    def _terms(self, world: SatisfactionWorld) -> tuple[float, ...]:
        p = self.parameters
        satisfied = satisfaction(world.came, p.sensitivity)
        return (float(minutes(satisfied, world.item, p.kale, p.clickbait, world.hold)),)

    def _figures(self, world: SatisfactionWorld) -> tuple[float, ...]:
        return 1, world.item, float(satisfaction(world.came, self.parameters.sensitivity))
