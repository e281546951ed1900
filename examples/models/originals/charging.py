"""Charging stations: cars stay for a while and pay for what they got; power is dear in the evening."""

import random

import simpy

STATIONS = 4
WARM_UP = 24


class Site:
    """The stations, and what was earned."""

    def __init__(self):
        self.env = simpy.Environment()
        self.stations = simpy.Resource(self.env, STATIONS)
        self.profit = 0.0

    def tariff(self):
        """What a kWh costs now."""
        return 0.45 if 17 <= self.env.now % 24 < 21 else 0.15

    def car(self, stay, wants):
        """Charges hour by hour until it is full, or leaves."""
        with self.stations.request() as station:
            yield station
            for _ in range(stay):
                power = min(11.0, wants)
                if self.env.now >= WARM_UP:
                    self.profit += power * (0.40 - self.tariff())
                wants -= power
                yield self.env.timeout(1)

    def cars(self):
        """A car every hour and a half."""
        while True:
            yield self.env.timeout(random.expovariate(1 / 1.5))
            self.env.process(self.car(random.randint(2, 7), random.uniform(10, 60)))


def main():
    """Two weeks of hours after a day to warm up."""
    site = Site()
    site.env.process(site.cars())
    site.env.run(until=15 * 24)
    return site.profit


if __name__ == "__main__":
    random.seed(1)
    print(main())
