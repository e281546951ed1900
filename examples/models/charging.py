"""Charging stations: cars stay for a while and pay for what they got; power is dear in the evening."""

import random

import numpy as np
import simpy
from gymnasium import spaces

from bizgyms.from_simpy import from_simpy

STATIONS = 4
WARM_UP = 24


class Site:
    """The stations, and what was earned."""

    def __init__(self, world):
        self.env, self.world = simpy.Environment(), world
        self.stations = simpy.Resource(self.env, STATIONS)

    def tariff(self):
        """What a kWh costs now."""
        return 0.45 if 17 <= self.env.now % 24 < 21 else 0.15

    def car(self, stay, wants):
        """Charges hour by hour until it is full, or leaves."""
        with self.stations.request() as station:
            yield station
            for left in range(stay, 0, -1):
                decided = yield self.world.decide(wants=wants, left=left, tariff=self.tariff())
                power = min(decided, wants)
                self.world.count("profit", power * (0.40 - self.tariff()))
                wants -= power
                yield self.env.timeout(1)

    def cars(self):
        """A car every hour and a half."""
        while True:
            yield self.env.timeout(random.expovariate(1 / 1.5))
            self.env.process(self.car(random.randint(2, 7), random.uniform(10, 60)))


def main(world, rng):
    """Two weeks of hours after a day to warm up: how many kW does a car get for the next hour?"""
    site = Site(world)
    site.env.process(site.cars())
    site.env.run(until=15 * 24)


def full_power(seen, power=11.0):
    """At once, as much as the cable takes."""
    return power


def wait_for_night(seen, dear=0.3):
    """Nothing while power is dear."""
    return 0.0 if seen["tariff"] > dear else 11.0


CASE = from_simpy(
    "models/Charging-v0",
    main,
    spaces.Box(0.0, 11.0, (), np.float64),
    seen={"wants": (0, 60, "kWh"), "left": (0, 7, "hours"), "tariff": (0, 1, "EUR a kWh")},
    paid=["profit"],
    warm_up=WARM_UP,
    unit="hours",
    money="EUR",
    rules={full_power: {"power": (4.0, 7.0, 11.0)}, wait_for_night: {"dear": (0.1, 0.3)}},
)
