"""A car wash: cars arrive, wait for one of the bays, are washed, and leave. Plain SimPy; time in minutes."""

import simpy

from bizgyms.from_simpy import from_simpy

BAYS = 2
EVERY = 9.0
PATIENCE = 6
PROGRAMS = ((8, 9), (20, 12), (40, 20))


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
        minutes, price = PROGRAMS[(yield wash.world.decide(waiting=len(wash.bays.queue)))]
        wash.world.count("earned", price)
        yield env.timeout(wash.random.exponential(minutes))


def arrivals(env, wash):
    """Cars for ever."""
    while True:
        yield env.timeout(wash.random.exponential(EVERY))
        env.process(car(env, wash))


def story(world, rng):
    """Which program to run for the next car: quick, normal or thorough."""
    wash = Wash(world.clock)
    wash.world, wash.random = world, rng
    world.clock.process(arrivals(world.clock, wash))


CASE = from_simpy("examples/Wash-v0", story, 3, seen={"waiting": (0, 6)}, paid=["earned"], until=720, unit="minute")
