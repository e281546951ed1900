"""Notes that only the boards of one family have."""

from __future__ import annotations

from baselines.agents import Kind, Problem
from baselines.judge.evidence import Evidence

# Agents trained on clicks, by their names on a board.
CLICKS = ("click model", "PPO on clicks")


def _two_goals(evidence: Evidence) -> list[str]:
    """What optimising clicks earns, compared with optimising the lifetime and with what is possible."""
    money = evidence.money
    clicks = max((row.value for row in evidence.rows if row.agent in CLICKS and row.value is not None), default=None)
    possible = evidence.of_role(Kind.BEST_POSSIBLE)
    if clicks is None or possible is None or possible.value is None:
        return []
    learners = [row for row in evidence.learners if row.agent not in CLICKS]
    best = max(learners, key=lambda row: row.value or 0.0, default=None)
    lifetime = "nothing yet" if best is None or best.value is None else f"{money(best.value)} ({best.agent})"
    return [
        f"Trained on clicks: {money(clicks)}; trained on the lifetime: {lifetime}; "
        f"possible: {money.a_year(possible.value)}."
    ]


# The notes of each family.
OF_FAMILY = {"recommend": _two_goals}


def remarks(problem: Problem, evidence: Evidence) -> list[str]:
    """The notes of a case's family on a board; none for a case with rules of its own."""
    if problem.case.has("rules") or problem.case.family not in OF_FAMILY:
        return []
    return OF_FAMILY[problem.case.family](evidence)
