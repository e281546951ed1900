"""The Gymnasium environment of one person nudged to walk."""

from __future__ import annotations

from typing import ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.nudge.activity.view import ActivityView, reward_terms
from envs_data.nudge.activity import ActivityParameters, ActivityWorld


class NudgeActivity(BusinessEnv[ActivityParameters, ActivityWorld]):
    """Which of four messages to send, in a context that is seen through noise.

    ## Description
    A message makes a person walk more, the less the more used they are to messages. One that is tailored to what they
    are doing (their context: 0 or 1) helps four times as much as a generic one; tailored to the wrong context it does
    not help, and brings them nearer to leaving. The context is seen through noise.

    ## Action Space
    ``Discrete(4)``: 0 none, 1 generic, 2 tailored to context 0, 3 tailored to context 1. Every action is possible;
    nothing is projected. ``info["decision"]`` is the action. `random` takes each with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | habituation | share, 0 to 1 | always |
    | disengagement | share, 0 to 1 | always |
    | belief | probability that the context is 1, given what is seen | ``observed="belief"`` |
    | signal | context + sigma z | ``observed="signal"`` |
    | steps_left | steps, this one included | always |

    ## Rewards
    Steps walked (the scenario's ``money``): ``base``, and ``nudged`` = (1 - habituation after the message) times
    ``generic`` or ``tailored``, or nothing for the wrong context, added in this order. ``info`` has ``term_...``, and
    the step's ``sent``, ``wrong`` and ``left`` (0 or 1 each).

    ## Starting State
    ``start_habituation`` and ``start_disengagement``; the first context is drawn like every other.

    ## Episode End
    Terminated after ``steps`` steps, or as soon as disengagement reaches ``leaves``.

    ## Order of Events
    1. The context is drawn and seen through noise. 2. A message is sent, or none. 3. Habituation h becomes .9 h
    without a message and min(1, h + .05) with one; disengagement d stays without a message, becomes .9 d after one
    that helps and min(1, d + .4) after one for the wrong context. 4. The steps are walked, at the new habituation.
    5. The person leaves if disengagement is .99 or more. With ``dispersion`` each of h, d and the reward spreads
    evenly around these means, by that share of the distance to the nearer of 0 and 1 (of the reward, to 0).

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``daily-steps`` (default, sigma .4), ``clear-context`` (0), ``blurred-context`` (1), ``hidden-context`` (2),
    ``raw-context`` (sigma 1, the raw signal), ``moody-days`` (dispersed), ``rule-enough``. sigma is the dial: the
    noisier the context, the more a wrong message costs against a generic one, and the more depends on when to dare.
    ``bizgyms list`` prints the ceiling of each.

    ## Reference
    Exact up to the grid: dynamic programming over habituation, disengagement and belief. The belief is independent
    from step to step and enters in closed form; the standard error stated is the change of the value from half the
    grid points to all.

    ## References
    The model of StepCountJITAI (Karine and Marlin 2024), a simulated step count intervention, except that its
    noise is evenly spread and that the first context is drawn.

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/NudgeActivity-v0"
    view_type: ClassVar = ActivityView
    world_type: ClassVar = ActivityWorld
    view: ActivityView

    def _observe(self, world: ActivityWorld) -> list[float]:
        return [world.habituation, world.disengagement, world.signal, self.parameters.steps - world.step]

    def _terms(self, world: ActivityWorld) -> tuple[float, ...]:
        p = self.parameters
        gain = (p.generic if world.sent == 1 else p.tailored) if world.right else 0.0
        return reward_terms(p.base, gain, world.habituation, world.walked)

    def _figures(self, world: ActivityWorld) -> tuple[float, ...]:
        sent = world.sent > 0
        return float(sent), float(sent and not world.right), float(world.left)
