"""An emergency room: patients queue for four beds; who is not badly ill could also be sent to the clinic next door."""

import random

import simpy

BEDS = 4
WORTH = (150, 400, 900)
STAY = (40, 80, 160)
money = 0.0


def patient(env, beds, severity):
    """Waits for a bed, and pays less the longer it took."""
    global money  # noqa: PLW0603  as scripts do
    if severity == 0 and len(beds.queue) >= 6:
        money += 60
        return
    came = env.now
    with beds.request(priority=-severity) as bed:
        yield bed
        money += WORTH[severity] - 2.0 * (env.now - came)
        yield env.timeout(random.expovariate(1 / STAY[severity]))


def arrivals(env, beds):
    """A patient every quarter of an hour or so."""
    while True:
        yield env.timeout(random.expovariate(1 / 15))
        env.process(patient(env, beds, random.choice((0, 0, 0, 1, 1, 2))))


def main():
    """One day, in minutes."""
    env = simpy.Environment()
    beds = simpy.PriorityResource(env, BEDS)
    env.process(arrivals(env, beds))
    env.run(until=1440)


if __name__ == "__main__":
    random.seed(1)
    main()
    print(money)
