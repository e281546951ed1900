"""Under a fixed rule each model earns what its original earns, to the last digit, on the same random numbers."""

import importlib
import random

import gymnasium as gym
import numpy as np
import pytest

from bizgyms.testing import check_case

SEEDS = range(3)
TOTALS = {
    "hospital": lambda module: module.money,
    "machine_shop": lambda module: module.Machine.made * 4.0 + module.Machine.painted * 0.5,
    "call_centre": lambda module: sum(module.paid),
    "charging": None,
    "beer_game": lambda module: -module.Stage.cost,
    "job_shop": None,
}


def original(name, seed):
    """What the script earns, played anew as a process of its own would play it."""
    module = importlib.reload(importlib.import_module(f"models.originals.{name}"))
    random.seed(int(np.random.default_rng(seed).integers(2**63)))
    told = module.main()
    return told if TOTALS[name] is None else TOTALS[name](module)


def played(case, seed):
    env = gym.make(case.id).unwrapped
    rule = case.rules[0]
    row, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        seen = dict(zip((feature.name for feature in env.features), row.tolist(), strict=True))
        row, reward, over, _, _ = env.step(env.view.action_of(rule.function(seen), seen))
        total += reward
    return total


@pytest.mark.parametrize("name", TOTALS)
def test_a_fixed_rule_earns_what_the_script_earns(name):
    case = importlib.import_module(f"models.{name}").CASE
    for seed in SEEDS:
        assert played(case, seed) == pytest.approx(original(name, seed), rel=1e-12)


@pytest.mark.parametrize("name", ["hospital", "beer_game"])
def test_contract(name):
    check_case(importlib.import_module(f"models.{name}").CASE.id)
