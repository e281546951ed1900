"""Worlds that the fit does not know: their tables carry on where they end, and the page counts what it should."""

import numpy as np
import pytest

from benchmarks import outside
from benchmarks.outside_families import CONTINUATIONS, Life
from benchmarks.outside_laws import BUSINESSES
from benchmarks.outside_page import families
from benchmarks.outside_page import outside as page


@pytest.mark.parametrize("law", outside.LAWS)
def test_a_table_is_the_past_of_its_continuations(law):
    frame, futures = outside.table(law, 3)
    again, _ = outside.table(law, 3)
    assert frame.equals(again)
    assert futures.shape == (outside.CONTINUATIONS, outside.YEAR)
    assert len(np.unique(futures.sum(axis=1))) > 1
    assert np.issubdtype(frame["units"].dtype, np.floating)
    assert (frame["units"] % 1 == 0).all()


def test_what_drifts_carries_on():
    ends = [outside.table("slow drift", seed) for seed in range(6)]
    last = np.array([frame["units"].tail(28).mean() for frame, _ in ends])
    first = np.array([futures[:, :28].mean() for _, futures in ends])
    assert np.corrcoef(last, first)[0, 1] > 0.8


def test_the_page_counts_tables_that_were_accepted():
    row = {"law": "rising", "accepted": "True", "low": "-5", "high": "5", "truth": "3"}
    rows = [row, {**row, "low": "4", "high": "9", "truth": "-1"}, {**row, "accepted": "False", "truth": "90"}]
    assert "| rising | 2 of 3 | 1 of 2 | 8 | 1 |" in page(rows)
    assert page([]) == ""


def test_the_page_says_what_was_asked_for_and_what_was_measured():
    row = {"law": "as the fit has it", "accepted": "True", "low": "-5", "high": "5", "truth": "3"}
    outer = [{**row, "law": "rising", "low": "1", "high": "16", "truth": truth} for truth in ("2", "3", "4", "-40")]
    said = " ".join(page([row, *outer]).split())
    assert "holds the truth in 75% (asked for: 80 %), in no law in less than 75% (60 %; rising)" in said
    assert "width is 1.5 times that of tables of the family" in said
    assert "Wrong signs are 1 of 4 (at most 2.5 % and what chance adds), 1 of them" in said


def test_other_families_are_told_by_table_and_law():
    row = {"family": "shelf", "law": "rising", "accepted": "True", "low": "-5", "high": "5", "truth": "3"}
    rows = [row, {**row, "low": "0", "high": "0", "truth": "0"}]
    assert "| shelf | rising | 1 of 2 | 1 of 1 | 10 | 0 |" in families(rows)
    assert families([]) == ""


@pytest.mark.parametrize("name", ["season", "shelf", "messages", "box"])
def test_every_law_leaves_a_table_that_its_continuations_carry_on(name):
    business = BUSINESSES[name]
    for law in list(business.laws.values())[1:4]:
        life = Life(business, law, 1)
        assert life.table().equals(life.table())
    p, luck = next(life.continuations())
    assert len(luck[0]) == CONTINUATIONS * business.ahead
    assert p.case == life.id


def test_what_drifts_in_a_shelf_carries_on():
    business = BUSINESSES["shelf"]
    lives = [Life(business, business.laws["slow drift"], seed) for seed in range(6)]
    last = [life.table()["visitors"].tail(39).mean() for life in lives]
    first = [next(life.continuations())[1].customers[:, :4].mean() for life in lives]
    assert np.corrcoef(last, first)[0, 1] > 0.6
