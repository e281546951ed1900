"""A car wash: cars arrive, wait for one of the bays, are washed, and leave. Plain SimPy; time in minutes."""

import random

import simpy

BAYS = 2
EVERY = 9.0
PATIENCE = 6


class Wash:
    """The bays, and what was earned."""

    def __init__(self, env):
        self.bays = simpy.Resource(env, BAYS)
        self.earned = 0.0


def car(env, wash):
    """One car: it drives on where too many wait."""
    if len(wash.bays.queue) >= PATIENCE:
        return
    with wash.bays.request() as bay:
        yield bay
        yield env.timeout(random.expovariate(1 / 20))
        wash.earned += 12


def arrivals(env, wash):
    """Cars for ever."""
    while True:
        yield env.timeout(random.expovariate(1 / EVERY))
        env.process(car(env, wash))


if __name__ == "__main__":
    random.seed(1)
    env = simpy.Environment()
    wash = Wash(env)
    env.process(arrivals(env, wash))
    env.run(until=720)
    print(f"earned {wash.earned:.0f}")
