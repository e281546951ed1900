"""What a reader of a board should know beside its rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from baselines.agents import Kind, Problem
from baselines.judge.evidence import Evidence
from baselines.judge.time_scale import TimeScale
from baselines.runs.code import own_code
from bizgyms.registry import Case
from bizgyms.scenario import BASE, ScenarioLike, resolve
from envs_data.parameters import Parameters, Scenario

# Fields on the period that is played, not on the world.
BOOKKEEPING = ("start_date", "days")


def title(problem: Problem, scenario: ScenarioLike, episodes: int) -> str:
    """Case, scenario and what is played, in words."""
    name = _scenario_name(problem.case, problem.parameters, scenario)
    # Without a draw of its own a world may use up its random numbers differently after different decisions.
    same = "luck" if problem.case.has("draw") else "seeds"
    return f"{problem.case.name}, {name}, {episodes:,} episodes, the same {same} for everyone"


def _scenario_name(case: Case, parameters: Parameters, scenario: ScenarioLike) -> str:
    names = [name for name, known in case.scenarios.items() if known == parameters]
    if names:
        return f"scenario {names[0]}"
    if isinstance(scenario, Mapping) and BASE in scenario:
        base, fields = scenario[BASE], [f"{name}={scenario[name]}" for name in scenario if name not in (BASE, "case")]
        return f"{_scenario_name(case, resolve(case, base), base)} with {', '.join(fields)}"
    return f"scenario {scenario}" if isinstance(scenario, (str, os.PathLike)) else "a scenario of yours"


def provenance(source: Scenario) -> Iterator[str]:
    """Scale and assumptions of a fitted scenario. A failed back-test is part of the verdict."""
    if source.scale > 1:
        yield f"One customer here stands for {source.scale:,} units of the table; amounts are told in the table's own."
    assumed = [name for name, origin in source.origins.items() if origin.kind == "assumed" and name not in BOOKKEEPING]
    if assumed:
        yield f"Assumed, neither fitted nor known: {', '.join(assumed)}."


def code_note(case: Case) -> Iterator[str]:
    """Where the code of a user's own case is, and its digest; nothing of the package's cases."""
    code = own_code(case)
    if code is not None:
        yield f"Code of the case: {code['path']}, digest {code['digest']}."


def learning(evidence: Evidence, scale: TimeScale) -> Iterator[str]:
    """What learning on the live system would have cost, in money and in the business's own time."""
    rule = evidence.best_rule
    for found in evidence.learners:
        said = []
        if found.earned_while_learning is not None and rule is not None and rule.value is not None:
            said.append(
                f"loses {evidence.money.a_year(rule.value - found.earned_while_learning)} against the best rule"
            )
        if found.years_to_pass is not None:
            said.append(f"needs {scale.experience(found.years_to_pass * scale.steps)} of experience to pass it")
        elif found.watched:
            said.append(f"has not passed it for good in {scale.experience(found.steps)} of experience")
        if said:
            yield f"{found.agent} while it learns {', and '.join(said)}."
        if found.about:
            yield f"{found.agent} after its first training: {found.about}."


def best_known(evidence: Evidence) -> Iterator[str]:
    """Where the best possible is unknown: the best so far, with its recipe."""
    possible = evidence.of_role(Kind.BEST_POSSIBLE)
    if possible is None or possible.value is not None:
        return
    rows = [row for row in evidence.rows if row.value is not None]
    best = max(rows, key=lambda row: row.value or 0.0, default=None)
    if best is None or best.value is None:
        return
    trained = f", mean of {best.trainings} trainings of {best.steps:,} steps" if best.trainings else ""
    known = evidence.money.a_year(best.value)
    yield f"What is possible is unknown; best known so far: {known} by {best.label}{trained}."


def planners(evidence: Evidence) -> Iterator[str]:
    """Planners that earn more than the best rule: what looking ahead is worth, without any learning."""
    for row in evidence.rows:
        gain = row.over_rule
        if row.role == Kind.PLANNER and gain is not None and gain.low > 0:
            earned = f"earns {evidence.money.a_year(gain.value)} more than your best rule without learning"
            yield f"{row.label} is a planner: it plays or solves the world to decide, and {earned}."


def below_the_rule(evidence: Evidence) -> Iterator[str]:
    """For learners that stay below the best rule: which of the simple checks hold."""
    rule, random, search = evidence.best_rule, evidence.of_role(Kind.RANDOM), evidence.of_role(Kind.SEARCH)
    if rule is None or rule.value is None:
        return
    below = [row.agent for row in evidence.learners if row.value is not None and row.value < rule.value]
    if not below:
        return
    said = ["the rule runs through the same environment"]
    if random is not None and random.value is not None:
        said.append(f"random play {'differs' if random.error > 0 else 'never differs'} from episode to episode")
        if search is None or search.value is None:
            said.append("whether the cross-entropy method beats random was not tried (--agents cross-entropy)")
        else:
            beats = "beats" if search.value > random.value else "does not beat"
            said.append(f"the cross-entropy method {beats} random")
    yield f"Below the best rule: {', '.join(below)}. Checks: {'; '.join(said)}."
