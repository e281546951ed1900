"""How fast the twins are when episodes end as they may, in u a step: at random play, and under a case's first rule.

    python -m benchmarks.random_play [CASE ...] [--all-scenarios]

Learners explore, so their episodes are short: what a short episode costs counts as much as what a long one does.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import bizgyms
from baselines.agents import Kind, problem_of
from baselines.rules import rules
from benchmarks.speed import seconds, unit
from bizgyms.registry import Case

WORLDS, STEPS, REPEATS = 1_024, 200, 7
SEED = 0


def steps(case: Case, scenario: str, decide: Callable[[Any], Any], anew: bool) -> Callable[[], None]:
    """Steps whose decisions were taken beforehand: from a reset on, on the same luck, or going on and on."""
    envs: Any = bizgyms.make_vec(case.id, WORLDS, scenario=scenario)
    observations, _ = envs.reset(seed=SEED)
    decisions = []
    for _ in range(STEPS):
        decisions.append(np.array(decide(observations)))
        observations, *_ = envs.step(decisions[-1])

    def play() -> None:
        if anew:
            envs.reset(seed=SEED)
        for decision in decisions:
            envs.step(decision)

    return play


def at_random(case: Case, scenario: str) -> Callable[[], None]:
    """Random play."""
    space = bizgyms.make_vec(case.id, WORLDS, scenario=scenario).action_space
    space.seed(SEED)
    return steps(case, scenario, lambda _: space.sample(), anew=False)


def by_rule(case: Case, scenario: str) -> Callable[[], None]:
    """Play by the first rule of the ladder, as it is before tuning."""
    problem = problem_of(case, case.scenarios[scenario])
    first = next(spec for spec in rules(problem) if spec.kind is Kind.RULE)
    agent = first.build(problem, **first.settings(problem)[0])
    return steps(case, scenario, agent.act, anew=True)


def in_turn(plays: list[Callable[[], None]]) -> list[float]:
    """Median cost of a step of each, in u, measured in turn."""
    costs: list[list[float]] = [[] for _ in plays]
    for play in plays:
        play()
    for _ in range(REPEATS):
        for play, own in zip(plays, costs, strict=True):
            before = unit()
            each = seconds(play, 0.1) / (STEPS * WORLDS)
            own.append(each / ((before + unit()) / 2))
    return [statistics.median(own) for own in costs]


def rows(names: list[str], all_scenarios: bool) -> Iterator[tuple[str, str, float, float]]:
    """Case, scenario, u a step at random play, u a step by the rule."""
    for case in bizgyms.cases():
        if not names or case.name in names:
            for scenario in list(case.scenarios)[: None if all_scenarios else 1]:
                yield case.name, scenario, *in_turn([make(case, scenario) for make in (at_random, by_rule)])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="names of cases; all if none is given")
    parser.add_argument("--all-scenarios", action="store_true", help="not only the first of each case")
    options = parser.parse_args()
    table = Table("case", "scenario", "u a step at random", "u a step by rule", title=f"{WORLDS:,} worlds")
    for name, scenario, random, rule in rows(options.cases, options.all_scenarios):
        table.add_row(name, scenario, f"{random:.1f}", f"{rule:.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
