"""Named scenarios of `HabitParameters`: the published model at several q, and business ones."""

from __future__ import annotations

from envs_data.nudge.habit.parameters import HabitParameters, Message
from envs_data.parameters import Scenarios


def tailoring(q: float) -> HabitParameters:
    """The model of 24 states: tailoring is right with probability q and pays four times as much."""
    tailored = Message(name="tailored", right=q, worth=4.0)
    return HabitParameters(paid="expected", messages=(Message(), tailored))


# The dial: with tailoring that is always right a threshold is nearly enough, with a coin toss it fails. A rule that
# backs off, and knows when nothing later counts, is enough from a coin toss on.
_QS = {"rule-enough": 1.0, "tailoring-0.9": 0.9, "tailoring-0.7": 0.7, "tailoring-0.5": 0.5, "tailoring-0.3": 0.3}

_NAMED: dict[str, HabitParameters] = {
    # A shop's weekly newsletter for a year: margin of purchases within seven days, less the discount. Those who
    # unsubscribe are lost. The discount sells most, but is also taken by those who would have bought anyway.
    "newsletter": HabitParameters(
        steps=52,
        step_days=7.0,
        patience=3,
        fades=0.35,
        forgives=0.25,
        base=0.04,
        worth=18.0,
        messages=(
            Message(name="generic", right=0.9, response=0.08, worth=18.0, cost=0.02),
            Message(name="tailored", right=0.94, response=0.14, worth=18.0, cost=0.1),
            Message(name="discount", right=0.97, response=0.26, worth=12.0, cost=0.02),
        ),
        money="EUR",
    ),
    # An exercise programme: a reminder to move, or one that fits the calendar; a response is a workout.
    "get-fit": HabitParameters(
        steps=90,
        levels=6,
        fades=0.4,
        base=0.15,
        worth=1.0,
        messages=(
            Message(name="generic", right=0.95, response=0.25),
            Message(name="tailored", right=0.75, response=0.6, worth=1.0),
        ),
        money="workouts",
    ),
    # Logging meals: prompts work for a while; a prompt at the wrong moment is one step to the door.
    "lose-weight": HabitParameters(
        steps=84,
        patience=3,
        fades=0.3,
        forgives=0.2,
        base=0.3,
        worth=1.0,
        messages=(
            Message(name="generic", right=0.97, response=0.3, worth=1.0),
            Message(name="tailored", right=0.85, response=0.65, worth=1.0),
        ),
        money="days logged",
    ),
    **{name: tailoring(q) for name, q in _QS.items()},
}

SCENARIOS = Scenarios(_NAMED, former={"rule-fails": "tailoring-0.5"})
