"""Named scenarios of `BudgetParameters`: populations with a cap and without, each mechanism, and what people want."""

from __future__ import annotations

from envs_data.nudge.budget.parameters import BudgetParameters, PersonType
from envs_data.parameters import Scenarios

# stays, returns, wakes, hurts, recovers of four types, each within the ranges of the random population of the notes:
# stays .75 to .9, returns .03 to .12, wakes .3 to .6, hurts .15 to .35, recovers .25 to .5.
_FOUR = {
    "steady": (0.88, 0.05, 0.35, 0.30, 0.30),
    "open": (0.82, 0.08, 0.55, 0.20, 0.40),
    "restless": (0.76, 0.11, 0.45, 0.25, 0.45),
    "touchy": (0.84, 0.04, 0.40, 0.35, 0.25),
}


def four_types(people: int) -> tuple[PersonType, ...]:
    """Four types of people in equal parts; ``people`` is a multiple of four."""
    return tuple(
        PersonType(name, people // 4, stays=stays, returns=returns, wakes=wakes, hurts=hurts, recovers=recovers)
        for name, (stays, returns, wakes, hurts, recovers) in _FOUR.items()
    )


def population(people: int) -> BudgetParameters:
    """People of four types, of whom a fifth may be messaged each day."""
    return BudgetParameters(cap=people // 5, types=four_types(people))


_NAMED: dict[str, BudgetParameters] = {
    # A clinic's coach writes to two of twelve people a day; nobody is always reachable.
    "clinic": BudgetParameters(cap=2, availability=0.8, types=four_types(12)),
    "twenty-people": population(20),
    "hundred-people": population(100),
    # No cap, so only burden limits messages: messaging everybody every day drives people away; asking the rested does
    # not.
    "no-cap": BudgetParameters(cap=12, types=four_types(12)),
    # No burden either way: a message never hurts later, so the largest gain today is the right choice.
    "rule-enough": BudgetParameters(cap=3, types=tuple(kind.replace(hurts=0.0, tires=0.0) for kind in four_types(12))),
    # Suggestions to walk five times a day, to all who can be reached; the dose of past messages fades by a twentieth.
    "dosage": BudgetParameters(
        steps=210,
        decisions_a_day=5,
        cap=5,
        availability=0.8,
        mechanism="dosage",
        levels=20,
        types=(PersonType(name="walker", count=1, stays=0.6, returns=0.2, wakes=0.35, hurts=0.4),),
        money="active hours",
    ),
    # Reminders to brush, morning and evening for ten weeks: over a mean of messages they work half as well.
    "brushing": BudgetParameters(
        steps=140,
        decisions_a_day=2,
        cap=6,
        mechanism="dosage",
        levels=7,
        keeps=13 / 14,
        dose=0.5,
        numbs_from=0.5,
        types=(
            PersonType(name="regular", count=5, stays=0.75, returns=0.35, wakes=0.25, hurts=0.05),
            PersonType(name="forgetful", count=3, stays=0.55, returns=0.25, wakes=0.45, hurts=0.1),
        ),
        money="sessions",
    ),
    # A message works again after a rest: the longer ago the last, the better, and none in the evening.
    "rested-messages": BudgetParameters(
        steps=120,
        decisions_a_day=2,
        quiet=(1,),
        cap=2,
        mechanism="rest",
        levels=6,
        types=(PersonType(name="reader", count=10, stays=0.8, returns=0.1, wakes=0.5, hurts=0.0),),
        money="engaged half days",
    ),
    # Words of a language, one review a day: a good review at the right time lengthens the memory most.
    "learn-a-subject": BudgetParameters(
        steps=90,
        cap=3,
        mechanism="memory",
        levels=30,
        start="lapsed",
        types=(PersonType(name="word", count=20),),
        money="words known",
    ),
    # A weight group: daily weighing is the goal, and people lapse for weeks.
    "lose-weight": BudgetParameters(
        steps=84,
        cap=3,
        types=(
            PersonType(name="keen", count=6, stays=0.93, returns=0.10, wakes=0.4, hurts=0.15, recovers=0.4),
            PersonType(name="wavering", count=6, stays=0.80, returns=0.03, wakes=0.3, hurts=0.3, recovers=0.3),
        ),
        money="days weighed",
    ),
    # Customers who stopped buying: an engaged one is worth 1.40 a day, a letter costs .60.
    "come-back": BudgetParameters(
        cap=3,
        start="lapsed",
        worth=1.4,
        cost=0.6,
        types=(
            PersonType(name="recent", count=8, stays=0.93, returns=0.02, wakes=0.12, hurts=0.1, recovers=0.2),
            PersonType(name="long gone", count=8, stays=0.9, returns=0.005, wakes=0.05, hurts=0.1, recovers=0.2),
        ),
        money="EUR",
    ),
}

SCENARIOS = Scenarios(_NAMED, former={"rule-fails": "no-cap"})
