"""What each part of policy iteration is worth. Makes ``docs/evidence/learners.csv``.

Run ``python -m benchmarks.learners [trainings]``: 3 of each by default. It goes on where it stopped. Every training
begins at the best rule of ``baselines/ceilings.csv``, but for those that begin at the case's first rule, untuned, and
takes the steps of a full board. ``captured`` is the share of what the best rule leaves, on the evaluation luck.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Agent, Kind, Problem, problem_of
from baselines.ladder.current_rule import plain_name, today_of
from baselines.learners.policy_iteration import PolicyIteration
from baselines.play import checkpoints, seeds
from baselines.play.budget import BUDGETS
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from baselines.rules import rules
from baselines.transitions import played_out
from benchmarks import result_rows
from bizgyms import registry
from envs_data.arrays import Array, Flags, Mask, Rows

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "evidence" / "learners.csv"
SCENARIOS = (("RestockItem", "corner-shop"), ("NudgeHabit", "tailoring-0.3"), ("NudgeBudget", "dosage"))
TRAININGS, LOOKED_AT = 3, 200
FULL = BUDGETS["full"]


class Ungated(PolicyIteration):
    """Deviates wherever the network predicts a gain."""

    def _choose_gate(self, envs: Callable[..., Any], inputs: Rows, episodes: int, seed: int) -> int:
        steps = super()._choose_gate(envs, inputs, episodes, seed)
        self.network["gate"] = np.array(0.0)
        return steps


def _one_round(problem: Problem, rule: str, tuned: Any) -> PolicyIteration:
    agent = PolicyIteration(problem, rule, tuned)
    agent.hyperparameters["rounds"] = 1
    return agent


VARIANTS: dict[str, Callable[[Problem, str, Any], PolicyIteration]] = {
    "as shipped": PolicyIteration,
    "gate off": Ungated,
    "one round": _one_round,
    "begun at the first rule": lambda problem, rule, tuned: PolicyIteration(problem),
}


def best_rule(problem: Problem, scenario: str) -> tuple[str, dict[str, Any], Agent]:
    """Name, setting and agent of the best rule that the table of ceilings names."""
    known = pd.read_csv(ROOT / "baselines" / "ceilings.csv", dtype=str, keep_default_na=False)
    label = str(known[(known.case == problem.case.id) & (known.scenario == scenario)].iloc[0]["best_rule"])
    listed = rules(problem)
    fitting = [spec for spec in listed if f"{label} ".startswith(f"{spec.name} ")]
    spec = max(fitting, key=lambda one: len(one.name))
    setting = label[len(spec.name) :].strip().replace(", ", ",")
    found = today_of(problem, listed, f"{plain_name(spec.name)}:{setting}".rstrip(":"))
    assert found is not None
    assert found.key is not None
    return spec.name, dict(found.key["setting"]), found.agent


def measured(name: str, scenario: str, variant: str, training: int) -> dict[str, Any]:
    """A row: one training of one variant."""
    case = registry.case(name)
    problem = problem_of(case, case.scenarios[scenario])
    rule, setting, agent = best_rule(problem, scenario)
    envs, seed = environments(case, problem.parameters), seeds.training(0, training)
    learner = VARIANTS[variant](problem, rule, setting)
    checkpoints.learn(problem, learner, envs, FULL.steps[Kind.BRANCHING], seed)
    reference = case.reference(problem.parameters)
    assert reference.policy is not None
    ours, theirs, best = (
        play(problem, one, FULL.episodes, seeds.evaluation(0), variant).returns
        for one in (learner, agent, reference.policy)
    )
    return {
        "case": name,
        "scenario": scenario,
        "variant": variant,
        "training": training,
        "rule": round(float(theirs.mean()), 3),
        "value": round(float(ours.mean()), 3),
        "best_possible": round(float(best.mean()), 3),
        "captured": round(float((ours - theirs).mean() / (best - theirs).mean()), 3),
        "deviates": round(deviating(problem, learner, envs), 3),
    }


def deviating(problem: Problem, learner: PolicyIteration, envs: Callable[..., Any]) -> float:
    """The share of decisions that are not the rule's, where the learner plays."""
    twin = envs(LOOKED_AT, autoreset_mode="Disabled").unwrapped
    other: list[Flags] = []

    def decide(rows: Rows, mask: Mask) -> Array:
        decided = learner.act(rows, mask)
        differs = (decided != learner.rule.act(rows, mask)).reshape(len(rows), -1).any(axis=1)
        other.append(differs[~twin.over])
        return decided

    played_out(twin, decide, twin.reset(seed=seeds.tuning(0)))
    return float(np.concatenate(other).mean())


def main(trainings: int) -> None:
    """Measures what is missing."""
    one_thread()
    done = {(row["case"], row["scenario"], row["variant"], int(row["training"])) for row in result_rows.known(OUT)}
    for training, (name, scenario), variant in itertools.product(range(trainings), SCENARIOS, VARIANTS):
        if (name, scenario, variant, training) not in done:
            result_rows.add(OUT, measured(name, scenario, variant, training))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRAININGS)
