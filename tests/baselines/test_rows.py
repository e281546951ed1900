"""A line of the board, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from baselines.judge import rows
from baselines.judge.anchors import best_of


def player(*curves):
    return SimpleNamespace(results=[SimpleNamespace(curve=np.array(curve, dtype=float)) for curve in curves])


def anchors(rule):
    returns = np.full(10, float(rule))
    return SimpleNamespace(
        best_rule=SimpleNamespace(played=SimpleNamespace(returns=returns)), scale=SimpleNamespace(steps=100.0)
    )


@pytest.mark.parametrize(
    ("values", "years"),
    [((1, 6, 4, 7, 8), 4.0), ((6, 7, 8, 9, 9), 1.0), ((1, 9, 9, 9, 5), None), ((9, 9, 9, 9, 4), None)],
)
def test_a_learner_has_passed_the_rule_once_it_stays_above(values, years):
    steps = (100, 200, 300, 400, 500)
    assert rows._years_to_pass(anchors(5), player((steps, values))) == years


def test_it_is_the_mean_of_the_trainings_that_passes():
    steps = (100, 200, 300)
    assert rows._years_to_pass(anchors(5), player((steps, (9, 4, 9)), (steps, (2, 7, 9)))) == 1.0


def test_the_best_rule_is_the_best_on_the_tuning_luck():
    one, two, today = (SimpleNamespace(tuned=value) for value in (-3.0, -2.0, -2.5))
    assert best_of([one, two], today) is two
    assert best_of([one], today) is today
    assert best_of([one], SimpleNamespace(tuned=-3.0)) is one, "today's rule only where it is better"
