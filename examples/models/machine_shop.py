"""A machine shop: three machines wear out as they work; one repairman paints whenever nothing is to be repaired."""

import contextlib
import random

import simpy

from bizgyms.from_simpy import from_simpy


class Machine:
    """Makes parts; the more since it was last serviced, the sooner it breaks."""

    made = 0
    painted = 0.0

    def __init__(self, env, repairman, world):
        self.env, self.repairman, self.worn, self.world = env, repairman, 0, world
        env.process(self.works())

    def works(self):
        """Part by part; it is serviced when somebody says so."""
        while True:
            if (yield self.world.decide(worn=self.worn, waiting=len(self.repairman.queue))):
                yield from self.serviced(30)
            yield self.env.timeout(10)
            if random.random() < 0.0005 * self.worn:
                yield from self.serviced(180)
            else:
                Machine.made += 1
                self.world.count("parts", 4.0)
                self.worn += 1

    def serviced(self, minutes):
        """Waits for the repairman, and is as good as new."""
        with self.repairman.request(priority=0) as call:
            yield call
            yield self.env.timeout(minutes)
        self.worn = 0


def paints(env, repairman, world):
    """What the repairman does for want of better; a machine preempts it."""
    while True:
        with repairman.request(priority=1) as free:
            with contextlib.suppress(simpy.Interrupt):
                yield free
                yield env.timeout(60)
            Machine.painted += env.now - free.usage_since
            world.count("painting", (env.now - free.usage_since) * 0.5)


def main(world, rng):
    """A week of minutes: is a machine serviced before its next part?"""
    env = simpy.Environment()
    repairman = simpy.PreemptiveResource(env)
    for _ in range(3):
        Machine(env, repairman, world)
    env.process(paints(env, repairman, world))
    env.run(until=10_080)


def service_after(seen, parts=60):
    """What the manual says."""
    return int(seen["worn"] >= parts)


CASE = from_simpy(
    "models/MachineShop-v0",
    main,
    2,
    seen={"worn": (0, 5_000, "parts"), "waiting": (0, 3, "machines")},
    paid=["parts", "painting"],
    unit="minute",
    money="EUR",
    rules={service_after: {"parts": (10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 5_000)}},
)
