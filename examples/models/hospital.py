"""An emergency room: patients queue for four beds; who is not badly ill could also be sent to the clinic next door."""

import random

import simpy

from bizgyms.from_simpy import from_simpy

BEDS = 4
WORTH = (150, 400, 900)
STAY = (40, 80, 160)


def patient(env, beds, severity, world):
    """Waits for a bed, and pays less the longer it took."""
    if severity == 0 and (yield world.decide(queue=len(beds.queue), busy=beds.count)) == "clinic":
        world.count("fees", 60)
        return
    came = env.now
    with beds.request(priority=-severity) as bed:
        yield bed
        world.count("fees", WORTH[severity] - 2.0 * (env.now - came))
        yield env.timeout(random.expovariate(1 / STAY[severity]))


def arrivals(env, beds, world):
    """A patient every quarter of an hour or so."""
    while True:
        yield env.timeout(random.expovariate(1 / 15))
        env.process(patient(env, beds, random.choice((0, 0, 0, 1, 1, 2)), world))


def main(world, rng):
    """One day, in minutes: who waits for a bed, and who is sent to the clinic?"""
    env = simpy.Environment()
    beds = simpy.PriorityResource(env, BEDS)
    env.process(arrivals(env, beds, world))
    env.run(until=1440)


def send_when_crowded(seen, limit=6):
    """The rule of the house."""
    return "clinic" if seen["queue"] >= limit else "bed"


CASE = from_simpy(
    "models/Hospital-v0",
    main,
    ["bed", "clinic"],
    seen={"queue": (0, 200, "patients"), "busy": (0, 4, "beds")},
    paid=["fees"],
    unit="minute",
    money="EUR",
    rules={send_when_crowded: {"limit": range(9)}},
)
