"""The beer game: four stages order from each other every week; what is ordered arrives two weeks later."""

import random

import simpy

from bizgyms.from_simpy import from_simpy

STAGES = ("retailer", "wholesaler", "distributor", "factory")


class Stage:
    """One stage of the chain: stock, what is owed downstream, and what is on its way."""

    def __init__(self, env, supplier, name, world):
        self.env, self.supplier, self.name, self.world = env, supplier, name, world
        self.stock, self.owed, self.coming = 12, 0, 16

    def asked_for(self, units, customer):
        """Ships what there is, and owes the rest."""
        self.owed += units
        shipped = min(self.stock, self.owed)
        self.stock -= shipped
        self.owed -= shipped
        if customer is not None:
            self.env.process(customer.delivery(shipped))

    def delivery(self, units):
        """Two weeks on the road."""
        yield self.env.timeout(2)
        self.stock += units
        self.coming -= units

    def orders(self):
        """Says what is there, and orders what it is told, every week."""
        while True:
            units = yield self.world.decide(self.name, stock=self.stock, coming=self.coming, owed=self.owed)
            self.coming += units
            if self.supplier is None:
                self.env.process(self.delivery(units))
            else:
                self.supplier.asked_for(units, self)
            self.world.count("cost", -(0.5 * self.stock + 1.0 * self.owed))
            yield self.env.timeout(1)


def market(env, retailer):
    """Customers of a week."""
    while True:
        retailer.asked_for(random.randint(2, 8), None)
        yield env.timeout(1)


def main(world, rng):
    """A year of weeks: how much does this stage order?"""
    env = simpy.Environment()
    supplier = None
    for name in reversed(STAGES):
        supplier = Stage(env, supplier, name, world)
        env.process(supplier.orders())
    env.process(market(env, supplier))
    env.run(until=52)


def fill_up(seen, target=40):
    """Up to a target that counts what is coming and what is owed."""
    return int(min(40, max(0, target - seen["stock"] - seen["coming"] + seen["owed"])))


CASE = from_simpy(
    "models/BeerGame-v0",
    main,
    dict.fromkeys(STAGES, 41),
    seen={"stock": (0, 3_000, "kegs"), "coming": (-3_000, 3_000, "kegs"), "owed": (0, 3_000, "kegs")},
    paid=["cost"],
    unit="week",
    money="EUR",
    rules={fill_up: {"target": range(8, 44, 4)}},
)
