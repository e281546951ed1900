"""The beer game: four stages order from each other every week; what is ordered arrives two weeks later."""

import random

import simpy

STAGES = ("retailer", "wholesaler", "distributor", "factory")
TARGET = 40


class Stage:
    """One stage of the chain: stock, what is owed downstream, and what is on its way."""

    cost = 0.0

    def __init__(self, env, supplier):
        self.env, self.supplier = env, supplier
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
        """Fills up to the target, every week."""
        while True:
            units = max(0, TARGET - self.stock - self.coming + self.owed)
            self.coming += units
            if self.supplier is None:
                self.env.process(self.delivery(units))
            else:
                self.supplier.asked_for(units, self)
            Stage.cost += 0.5 * self.stock + 1.0 * self.owed
            yield self.env.timeout(1)


def market(env, retailer):
    """Customers of a week."""
    while True:
        retailer.asked_for(random.randint(2, 8), None)
        yield env.timeout(1)


def main():
    """A year of weeks."""
    env = simpy.Environment()
    supplier = None
    for _ in STAGES:
        supplier = Stage(env, supplier)
        env.process(supplier.orders())
    env.process(market(env, supplier))
    env.run(until=52)


if __name__ == "__main__":
    random.seed(1)
    main()
    print(-Stage.cost)
