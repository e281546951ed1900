"""A bakery that decides every morning how much to bake; what is left in the evening is given away."""

import dataclasses

import gymnasium

import bizgyms
from bizgyms.env import BusinessEnv
from bizgyms.view import Feature, View
from envs_data.parameters import Parameters, quantity
from envs_data.world import World


@dataclasses.dataclass(frozen=True)
class BakeryParameters(Parameters):
    case = "examples/Bakery-v0"
    days: int = quantity(60, "days", "length of an episode", low=1, high=3650)
    rain: float = quantity(0.3, "share", "of days on which it rains", low=0, high=1)
    price: float = quantity(3.0, "EUR a loaf", "what a customer pays", low=0)
    flour: float = quantity(1.0, "EUR a loaf", "what baking costs", low=0)


class BakeryWorld(World):
    def __init__(self, parameters, rng, record):
        super().__init__(record)
        self.clock.process(self.bakery(parameters, rng))

    def bakery(self, p, rng):
        for day in range(p.days):
            rains = rng.random() < p.rain
            loaves = yield self.decide(rains=rains)
            self.count("flour", -p.flour * loaves)
            for _ in range(rng.poisson(12 if rains else 30)):
                yield self.clock.timeout(rng.exponential(0.2))
                self.count("sales", p.price if loaves > 0 else 0.0)
                loaves -= 1
            yield self.clock.timeout(max(0.0, 24 * (day + 1) - self.clock.now))
        self.finish(rains=False)


class BakeryView(View):
    terms, figures = ("sales", "flour"), ()

    def _features(self):
        return (Feature("rains", "yes or no", "whether it rains today", 0, 1),)

    def _action_space(self):
        return gymnasium.spaces.Discrete(61)


class Bakery(BusinessEnv):
    case_id, view_type, world_type = "examples/Bakery-v0", BakeryView, BakeryWorld


bizgyms.add(bizgyms.Case("examples/Bakery-v0", scenarios={"default": BakeryParameters()}, env=Bakery))
