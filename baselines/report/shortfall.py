"""Where no agent captures half of what is left: which comes nearest, and why its trainings fall short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from baselines.agents import Kind
from baselines.judge.evidence import Evidence
from baselines.runs.results import Results, Run
from envs_data.arrays import Floats

HALF = 0.5
OPENING = "No agent captures half"
# A training still improves if its last quarter is this many standard errors above the quarter before.
CLEARLY = 2.0


def shortfall(evidence: Evidence, results: Results) -> Iterator[str]:
    """A note where the optimum is known, something is left above the best rule, and no agent captures half of it.

    Args:
        evidence: the rows of the board.
        results: the table of results.
    """
    ceiling = evidence.ceiling
    if ceiling is None or ceiling.low <= 0 or evidence.bound or not evidence.learners:
        return
    agents = [row for row in evidence.rows if row.role != Kind.BEST_POSSIBLE and row.captured is not None]
    if any((row.captured or 0.0) >= HALF for row in agents):
        return
    best = max(evidence.learners, key=lambda row: -np.inf if row.captured is None else row.captured)
    player = results.of(best.agent)
    if best.captured is None or player is None:
        return
    near = f"captures {best.captured * 100:.0f} %" if best.captured > 0 else "stays below the best rule"
    halves = sum(gain >= HALF * ceiling.value for gain in best.samples)
    left = evidence.money.a_year(ceiling.value)
    yield f"{OPENING} of the {left} that are left. {best.agent} comes nearest and {near}: " + (
        f"{halves} of its {len(best.samples)} trainings get there, the others do not."
        if halves
        else f"{_course(player.results)}."
    )


def _course(results: Sequence[Run]) -> str:
    """How a learner's value moved at the end of its trainings."""
    curves = [result.curve[1] for result in results if result.curve.shape[1] >= 4]  # a look in each quarter
    if len(curves) < 2:
        return "it was looked at too seldom while it learnt to tell why"
    rises = np.array([_rise(curve) for curve in curves])
    error = rises.std(ddof=1) / np.sqrt(len(rises))
    if rises.mean() > CLEARLY * error:
        return "it was still getting better when its steps were spent, so that more steps may help"
    return "it no longer got better in the last quarter of its steps, so that more of them alone will not do"


def _rise(curve: Floats) -> float:
    """Mean of the last quarter of the looks, less that of the quarter before."""
    quarter = len(curve) // 4
    return float(curve[-quarter:].mean() - curve[-2 * quarter : -quarter].mean())
