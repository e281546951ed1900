"""A machine shop: three machines wear out as they work; one repairman paints whenever nothing is to be repaired."""

import contextlib
import random

import simpy


class Machine:
    """Makes parts; the more since it was last serviced, the sooner it breaks."""

    made = 0
    painted = 0.0

    def __init__(self, env, repairman):
        self.env, self.repairman, self.worn = env, repairman, 0
        env.process(self.works())

    def works(self):
        """Part by part; it is serviced after every sixty."""
        while True:
            if self.worn >= 60:
                yield from self.serviced(30)
            yield self.env.timeout(10)
            if random.random() < 0.0005 * self.worn:
                yield from self.serviced(180)
            else:
                Machine.made += 1
                self.worn += 1

    def serviced(self, minutes):
        """Waits for the repairman, and is as good as new."""
        with self.repairman.request(priority=0) as call:
            yield call
            yield self.env.timeout(minutes)
        self.worn = 0


def paints(env, repairman):
    """What the repairman does for want of better; a machine preempts it."""
    while True:
        with repairman.request(priority=1) as free:
            with contextlib.suppress(simpy.Interrupt):
                yield free
                yield env.timeout(60)
            Machine.painted += env.now - free.usage_since


def main():
    """A week of minutes."""
    env = simpy.Environment()
    repairman = simpy.PreemptiveResource(env)
    for _ in range(3):
        Machine(env, repairman)
    env.process(paints(env, repairman))
    env.run(until=10_080)


if __name__ == "__main__":
    random.seed(1)
    main()
    print(Machine.made * 4.0 + Machine.painted * 0.5)
