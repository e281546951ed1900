"""A call centre: callers hang up when it takes too long; how many agents serve is decided every half an hour."""

import random

import simpy

from bizgyms.from_simpy import from_simpy
from bizgyms.own import Staff

AGENTS = 6


def caller(env, agents, world):
    """Waits, talks, and is worth nine."""
    with agents.request() as agent:
        yield agent | env.timeout(random.expovariate(1 / 4))
        if not agent.triggered:
            return
        yield env.timeout(random.expovariate(1 / 5))
        world.count("calls", 9.0)


def lines(env, agents, world):
    """Calls come in, most of them around noon."""
    while True:
        busy = 1 - abs(env.now - 300) / 300
        yield env.timeout(random.expovariate(0.2 + 1.6 * max(0.0, busy)))
        env.process(caller(env, agents, world))


def wages(env, agents, world):
    """Every half an hour."""
    while True:
        wanted = yield world.decide(waiting=agents.waiting, busy=agents.busy, minute=env.now)
        agents.set(wanted)
        yield env.timeout(30)
        world.count("wages", -12.5 * wanted)


def main(world, rng):
    """Ten hours, in minutes: how many agents serve for the next half an hour?"""
    env = simpy.Environment()
    agents = Staff(env, AGENTS)
    env.process(lines(env, agents, world))
    env.process(wages(env, agents, world))
    env.run(until=601)


def steady(seen, agents=6):
    """The same all day."""
    return agents


def follow_the_day(seen, least=2, most=9):
    """Most at noon, and least at the ends."""
    return round(least + (most - least) * (1 - abs(seen["minute"] + 15 - 300) / 315))


CASE = from_simpy(
    "models/CallCentre-v0",
    main,
    13,
    seen={"waiting": (0, 100, "callers"), "busy": (0, 100, "agents"), "minute": (0, 601, "minutes")},
    paid=["calls", "wages"],
    unit="minute",
    episodes_per_year=250,
    money="EUR",
    rules={steady: {"agents": range(13)}, follow_the_day: {"least": range(5), "most": range(5, 13)}},
)
