"""The study of gaps: labels can be typed back, what comes in is counted, and no committed bound was ever beaten."""

import numpy as np
import pytest

import bizgyms
from baselines.runs.results import EpisodeReturns
from benchmarks import bounds, result_rows


@pytest.mark.parametrize(
    ("label", "typed"),
    [("myopic-2", "myopic-2"), ("(s,S) service=0.9, gap=14", "(s,S):service=0.9, gap=14"), ("a b c=1", "a b:c=1")],
)
def test_a_label_is_typed_back(label, typed):
    assert bounds.as_typed(label) == typed


@pytest.mark.parametrize(("sales", "cost", "share"), [(10.0, -4.0, 10.0), (0.0, -4.0, 4.0)])
def test_what_comes_in_is_counted_and_where_nothing_does_what_it_costs(sales, cost, share):
    terms = {"sales": np.full(3, sales), "cost": np.full(3, cost)}
    played = EpisodeReturns(np.full(3, sales + cost), np.ones(3, dtype=np.int64), {}, terms, {}, None)
    assert bounds.gross(played) == share


def test_a_scenario_with_an_exact_optimum_has_no_row():
    assert bounds.row(bizgyms.case("RecommendLifetime"), "tiny") is None


def test_no_committed_bound_was_beaten():
    for row in result_rows.known(bounds.OUT):
        error = np.hypot(float(row["bound_error"]), float(row["best_known_error"]))
        assert float(row["best_known"]) <= float(row["bound"]) + 4 * error, row["scenario"]
