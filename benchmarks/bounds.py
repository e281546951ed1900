"""How far bounds stand above the best known policy: makes ``docs/evidence/bounds.csv``.

Run ``python -m benchmarks.bounds [CASE[:SCENARIO] ...]``: every scenario with a bound where none is named.
The gap is told as a share of mean gross revenue (the reward terms that come in), or of what the best known policy costs
where all is cost, and measured on evaluation luck. Best known is the best of the rule and the learner or planner in
``baselines/ceilings.csv``, and the policy behind the bound.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines.agents import Agent, AgentError, Problem, problem_of
from baselines.judge.time_scale import time_scale
from baselines.ladder.current_rule import today_of
from baselines.play import seeds
from baselines.play.budget import BUDGETS
from baselines.play.rollout import play
from baselines.protocols.ceilings_table import ceilings
from baselines.rules import rules
from baselines.runs.results import EpisodeReturns
from benchmarks import result_rows
from benchmarks.rules import scenarios
from bizgyms import registry
from envs_data.parameters import write_whole

OUT = Path(__file__).parents[1] / "docs" / "evidence" / "bounds.csv"
OWN = "the policy behind the bound"


def as_typed(label: str) -> str:
    """``name:a=1,b=2`` of a board's label ``name a=1, b=2``."""
    head, sign, _ = label.partition("=")
    if not sign:
        return label
    name, _, _ = head.rpartition(" ")
    return f"{name}:{label[len(name) :].strip()}"


def gross(played: EpisodeReturns) -> float:
    """What comes in a mean episode; what it costs where nothing does."""
    means = [float(amounts.mean()) for amounts in played.terms.values()]
    return sum(mean for mean in means if mean > 0) or abs(played.mean)


def candidates(problem: Problem, row: Mapping[str, str], own: Agent | None) -> Iterator[tuple[str, Agent]]:
    """Policies that can be played: what the table of ceilings names, and the policy behind the bound."""
    for label in (row.get("best_rule", ""), row.get("recipe", "")):
        try:
            today = today_of(problem, rules(problem), as_typed(label)) if label else None
        except AgentError:  # a learner's recipe: its value is in the table
            continue
        if today is not None:
            yield label, today.agent
    if own is not None:
        yield OWN, own


def row(case: registry.Case, scenario: str) -> dict[str, Any] | None:
    """The gap of a scenario, an episode; None where its reference is exact."""
    problem = problem_of(case, case.scenarios[scenario])
    start = time.process_time()
    reference = case.reference(problem.parameters)
    seconds = time.process_time() - start
    if reference.kind == "exact":
        return None
    known = ceilings().get((case.id, scenario), {})
    found = []
    for label, agent in candidates(problem, known, reference.policy):
        played = play(problem, agent, BUDGETS["full"].episodes, seeds.evaluation(0), label)
        found.append((played.mean, label, played))
    value, recipe, played = max(found, key=lambda one: one[0])
    error = played.returns.std(ddof=1) / np.sqrt(len(played.returns))
    # What was trained cannot be played again here; its value is in the table, money a year.
    told = float(known.get("best_known", "").replace(",", "") or "nan") / time_scale(problem, [played]).episodes
    if known.get("recipe", "") not in [label for _, label, _ in found] and told > value:
        value, recipe = told, known["recipe"]
    return {
        "case": case.id,
        "scenario": scenario,
        "bound": f"{reference.value:.6g}",
        "bound_error": f"{reference.stderr:.2g}",
        "best_known": f"{value:.6g}",
        "best_known_error": f"{error:.2g}",
        "gross": f"{gross(played):.6g}",
        "gap_per_cent": f"{100 * (reference.value - value) / gross(played):.3g}",
        "seconds": f"{seconds:.1f}",
        "method": reference.method,
        "recipe": recipe,
    }


def keep(new: Mapping[str, Any]) -> None:
    """Adds a row to those there are, in the order of the registry."""
    rows = {(old["case"], old["scenario"]): old for old in result_rows.known(OUT)}
    rows[new["case"], new["scenario"]] = dict(new)
    order = [(case.id, scenario) for case in registry.cases() for scenario in case.scenarios]
    write_whole(OUT, result_rows.written([rows[key] for key in order if key in rows]))


def main(words: Sequence[str]) -> None:
    """Measures what is named, or every scenario with a bound."""
    for case, scenario in scenarios(words or [case.id for case in registry.cases() if case.has("reference")]):
        if not words and ceilings().get((case.id, scenario), {}).get("kind") == "exact":
            continue
        new = row(case, scenario)
        if new is not None:
            keep(new)
            sys.stdout.write(f"{case.id}:{scenario}: {new['gap_per_cent']} %\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
