"""A call centre: callers hang up when it takes too long; as many agents serve all day as there are desks."""

import random

import simpy

AGENTS = 6
paid = []


def caller(env, agents):
    """Waits, talks, and is worth nine."""
    with agents.request() as agent:
        yield agent | env.timeout(random.expovariate(1 / 4))
        if not agent.triggered:
            return
        yield env.timeout(random.expovariate(1 / 5))
        paid.append(9.0)


def lines(env, agents):
    """Calls come in, most of them around noon."""
    while True:
        busy = 1 - abs(env.now - 300) / 300
        yield env.timeout(random.expovariate(0.2 + 1.6 * max(0.0, busy)))
        env.process(caller(env, agents))


def wages(env, agents):
    """Every half an hour."""
    while True:
        yield env.timeout(30)
        paid.append(-12.5 * AGENTS)


def main():
    """Ten hours, in minutes."""
    env = simpy.Environment()
    agents = simpy.Resource(env, AGENTS)
    env.process(lines(env, agents))
    env.process(wages(env, agents))
    env.run(until=601)


if __name__ == "__main__":
    random.seed(1)
    main()
    print(sum(paid))
