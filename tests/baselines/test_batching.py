"""Agents side by side decide as each would alone."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Problem
from baselines.batching import Panel, batched
from baselines.rules import rules
from envs_data.restock.box import SCENARIOS

BOX = bizgyms.case("RestockBox")
WORLDS = 60


@pytest.mark.parametrize("scenario", ["grocery-box", "spare-parts-box", "vanvuchelen-setting5"])
def test_joined_rules_decide_as_each_alone(scenario):
    p = SCENARIOS[scenario]
    problem = Problem(BOX, p, BOX.env.view_type(p))
    rows = _rows(p)
    rng = np.random.default_rng(1)
    for spec in rules(problem):
        if spec.kind != "rule":
            continue
        settings = spec.settings(problem)
        agents = [spec.build(problem, **settings[k]) for k in (0, len(settings) // 2, len(settings) - 1)]
        owner = rng.integers(len(agents), size=WORLDS)
        together, apart = batched(agents, owner), Panel(agents, owner)
        assert not isinstance(together, Panel)
        np.testing.assert_array_equal(together.act(rows), apart.act(rows), spec.name)
        for row, k in zip(range(5), owner, strict=False):
            np.testing.assert_array_equal(apart.act(rows)[row], agents[k].act(rows[row : row + 1])[0])


@pytest.mark.parametrize(
    ("case", "scenario"),
    [("RestockItem", "corner-shop"), ("RestockItem", "zipkin-poisson-p4-l2"), ("RestockBox", "grocery-box")],
)
def test_all_rules_together_decide_as_each_alone(case, scenario):
    case = bizgyms.case(case)
    p = case.scenarios[scenario]
    problem = Problem(case, p, case.env.view_type(p))
    rows = _rows(p)
    agents = []
    for spec in rules(problem):
        if spec.kind == "rule":
            settings = spec.settings(problem)
            agents += [spec.build(problem, **settings[k]) for k in {0, len(settings) // 2, len(settings) - 1}]
    rng = np.random.default_rng(3)
    owners = [rng.integers(len(agents), size=WORLDS), np.full(WORLDS, len(agents) - 1), np.repeat([2, 7], WORLDS // 2)]
    for owner in owners:
        together, apart = batched(agents, owner), Panel(agents, owner)
        np.testing.assert_array_equal(together.act(rows), apart.act(rows))


def _rows(p):
    """Observations some days into the episodes."""
    twin = bizgyms.make_vec(p, num_envs=WORLDS).unwrapped
    rows, _ = twin.reset(seed=0)
    for seed in range(12):
        twin.action_space.seed(seed)
        rows, *_ = twin.step(twin.action_space.sample() // 4)
    return rows
