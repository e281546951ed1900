"""A job shop: jobs queue at one machine, and somebody says which comes next; who is late pays."""

import random
from itertools import count

from bizgyms.from_simpy import from_simpy

NEXT = {
    "first come": lambda job: job.number,
    "shortest": lambda job: job.takes,
    "most urgent": lambda job: job.due,
}


class Job:
    """A job with a due date."""

    numbers = count()

    def __init__(self, now):
        self.number = next(Job.numbers)
        self.takes = random.uniform(0.5, 3.0)
        self.due = now + random.uniform(3.0, 12.0)


class Shop:
    """The machine and its queue."""

    def __init__(self, env, world):
        self.env, self.queue, self.work, self.world = env, [], env.event(), world

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
            late = sum(job.due < self.env.now for job in self.queue)
            order = yield self.world.decide(queue=len(self.queue), late=late)
            job = min(self.queue, key=NEXT[order])
            self.queue.remove(job)
            yield self.env.timeout(job.takes)
            self.world.count("jobs", 50.0 - 8.0 * max(0.0, self.env.now - job.due))


def main(world, rng):
    """In hours: which job comes next?"""
    env = world.clock
    shop = Shop(env, world)
    env.process(shop.jobs())
    yield from shop.machine()


def in_turn(seen):
    """First come, first served."""
    return "first come"


def by_due_date(seen, lost=4):
    """The most urgent one; the shortest where that many are late."""
    return "shortest" if seen["late"] >= lost else "most urgent"


CASE = from_simpy(
    "models/JobShop-v0",
    main,
    list(NEXT),
    seen={"queue": (0, 300, "jobs"), "late": (0, 300, "jobs")},
    paid=["jobs"],
    until=400,
    unit="hour",
    money="EUR",
    rules={in_turn: {}, by_due_date: {"lost": (0, 1, 2, 4, 8, 300)}},
)
