"""A board says plainly when no agent captures half of what is left, and what the trainings show of why."""

import numpy as np
import pytest

from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval
from baselines.report.shortfall import shortfall
from baselines.runs.results import EpisodeReturns, Results, Run

RULE = Row("rule", "fill-up level=30", "best rule", "observations", 1_000.0, captured=0.0)
BEST = Row("best possible", "best possible (exact)", "best possible", "", 1_100.0, captured=1.0)
LEFT = Interval(100.0, 90.0, 110.0)
RISING = np.arange(12.0) * 10
FLAT = np.array([0.0, 50.0, 80.0, 90.0] + [91.0, 90.0] * 4)


def learner(*gains):
    captured = float(np.mean(gains)) / LEFT.value
    return Row("PPO", "PPO", "deep", "observations", 1_000.0 + np.mean(gains), samples=gains, captured=captured)


def results(*curves):
    played = EpisodeReturns(np.zeros(2), np.ones(2, dtype=np.int64), {}, {}, {}, 0)
    noise = np.random.default_rng(0)
    looks = [np.array([np.arange(12.0), curve + noise.normal(size=12)]) for curve in curves]
    return Results(tuple(Run("PPO", "PPO", "deep", "observations", played, curve=own) for own in looks))


def said(row, *curves, ceiling=LEFT, bound=False):
    evidence = Evidence([RULE, BEST, row], ceiling, 0.0, 1_000, Money("EUR", 0), bound=bound)
    return list(shortfall(evidence, results(*curves)))


def test_a_learner_that_still_gets_better():
    [line] = said(learner(20.0, 25.0, 15.0), RISING, RISING, RISING)
    assert line.startswith("No agent captures half of the 100 EUR a year that are left. PPO comes nearest and captures")
    assert line.endswith(
        "captures 20 %: it was still getting better when its steps were spent, so that more steps may help."
    )


def test_a_learner_that_no_longer_does():
    [line] = said(learner(-20.0, -25.0, -15.0), FLAT, FLAT, FLAT)
    assert "stays below the best rule: it no longer got better" in line


def test_trainings_that_differ():
    [line] = said(learner(90.0, -25.0, -15.0), FLAT, FLAT, FLAT)
    assert line.endswith("captures 17 %: 1 of its 3 trainings get there, the others do not.")


@pytest.mark.parametrize(
    "case",
    [
        {"row": learner(60.0, 70.0, 65.0)},
        {"row": learner(20.0, 25.0, 15.0), "ceiling": Interval(1.0, -1.0, 3.0)},
        {"row": learner(20.0, 25.0, 15.0), "ceiling": None},
        {"row": learner(20.0, 25.0, 15.0), "bound": True},
    ],
    ids=["half is captured", "nothing is left", "nobody knows what is left", "a bound may be too high"],
)
def test_where_there_is_nothing_to_say(case):
    assert said(case.pop("row"), RISING, RISING, RISING, **case) == []


def test_a_learner_hardly_looked_at():
    [line] = said(learner(20.0, 25.0, 15.0), FLAT)
    assert line.endswith("captures 20 %: it was looked at too seldom while it learnt to tell why.")
