"""The Gymnasium environment of one person who habituates."""

from __future__ import annotations

from typing import ClassVar

from bizgyms.env import BusinessEnv
from bizgyms.nudge.habit.view import HabitView, reward_terms
from envs_data.nudge.habit import HabitParameters, HabitWorld


class NudgeHabit(BusinessEnv[HabitParameters, HabitWorld]):
    """Whether to send one person a message, and which.

    ## Description
    Every message is answered a little less than the one before it; a rest restores it. A message that is wrong for
    the moment annoys, and who is annoyed too often leaves for good. So the best next message depends on what was
    sent before, and often it is none.

    ## Action Space
    ``Discrete(kinds + 1)``: 0 for none, else the kind of message, in the order of ``messages`` (generic, tailored;
    ``newsletter`` also has a discount). Every action is possible; nothing is projected. ``info["decision"]`` is the
    kind sent. `random` sends each kind, and none, with the same probability.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit |
    |---|---|
    | habituation | levels, 0 (new) to ``levels`` (messages no longer work) |
    | disengagement | levels, 0 to ``patience`` (left for good) |
    | steps_left | steps, this one included |

    ## Rewards
    The scenario's ``money``: ``responses`` (worth of a response, that of the kind sent) and ``messages`` (minus their
    cost), added in this order. With ``paid="expected"`` the chance of a response is paid instead of a drawn one.
    ``info`` has ``term_...``, and the step's ``responded``, ``sent``, ``wrong`` and ``left`` (0 or 1 each).

    ## Starting State
    ``start_habituation`` and ``start_disengagement``.

    ## Episode End
    Terminated after ``steps`` steps, or when disengagement reaches ``patience``: the person has left for good and
    pays nothing any more, not even what they would have paid without messages.

    ## Order of Events
    1. A message is sent, or none. 2. With one, habituation rises by one (at most to ``levels``) and the message turns
    out right or wrong. 3. The person responds, or not, at the habituation reached. 4. After a right message
    disengagement falls by one with probability ``forgives``, after a wrong one it rises by one; without a message
    habituation falls by one with probability ``fades``. 5. At ``patience`` the person leaves.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``newsletter`` (default; money, weekly), ``get-fit``, ``lose-weight``, and the model of 24 states at tailoring
    that is right with probability q: ``rule-enough`` (1), ``tailoring-0.9``, ``tailoring-0.7``, ``tailoring-0.5``
    and ``tailoring-0.3``. q is the dial: a threshold on habituation is nearly enough at q = 1 and takes little more
    than half of what is possible at q = .5; one that also backs off, and sends what it likes in the last steps, is
    enough from q = .5 on. ``bizgyms list`` prints the ceiling of each.

    ## Reference
    Exact, by dynamic programming over habituation and disengagement.

    ## References
    Habituation and burden: Nahum-Shani et al. (2018), Just-in-time adaptive interventions, Annals of Behavioral
    Medicine 52(6).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/NudgeHabit-v0"
    view_type: ClassVar = HabitView
    world_type: ClassVar = HabitWorld
    view: HabitView

    def _observe(self, world: HabitWorld) -> list[float]:
        return [world.habituation, world.disengagement, self.parameters.steps - world.step]

    def _terms(self, world: HabitWorld) -> tuple[float, ...]:
        p = self.parameters
        return reward_terms(world.responded, p.worths()[world.sent], p.costs()[world.sent])

    def _figures(self, world: HabitWorld) -> tuple[float, ...]:
        sent = world.sent > 0
        return world.responded, float(sent), float(sent and not world.right), float(world.left)
