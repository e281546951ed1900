"""A job shop: jobs queue at one machine, first come first served; who is late pays."""

import random
from itertools import count

import simpy


class Job:
    """A job with a due date."""

    numbers = count()

    def __init__(self, now):
        self.number = next(Job.numbers)
        self.takes = random.uniform(0.5, 3.0)
        self.due = now + random.uniform(3.0, 12.0)


class Shop:
    """The machine and its queue."""

    def __init__(self, env):
        self.env, self.queue, self.work, self.earned = env, [], env.event(), 0.0

    def jobs(self):
        """Jobs come in for two weeks; then the shop closes its books."""
        while self.env.now < 336:
            yield self.env.timeout(random.expovariate(1 / 2.0))
            self.queue.append(Job(self.env.now))
            if not self.work.triggered:
                self.work.succeed()

    def machine(self):
        """One job after the other."""
        while True:
            if not self.queue:
                self.work = self.env.event()
                yield self.work
            job = min(self.queue, key=lambda job: job.number)
            self.queue.remove(job)
            yield self.env.timeout(job.takes)
            self.earned += 50.0 - 8.0 * max(0.0, self.env.now - job.due)


def main():
    """In hours."""
    env = simpy.Environment()
    shop = Shop(env)
    env.process(shop.jobs())
    env.process(shop.machine())
    env.run(until=400)
    return shop.earned


if __name__ == "__main__":
    random.seed(1)
    print(main())
