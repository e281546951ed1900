"""Where nobody knows what is possible, the best so far is named with its recipe."""

from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row
from baselines.report import notes

RULE = Row("rule", "fill-up level=30", "best rule", "observations", 18_209.0)
LEARNER = Row("Q", "Q-learning", "tabular", "observations", 18_786.0, trainings=3, steps=125_000)


def said(*rows):
    return list(notes.best_known(Evidence(rows, None, 0.0, 250, Money("EUR", 0))))


def test_the_best_row_is_named_with_its_recipe():
    unknown = Row("best possible", "best possible", "best possible", "", note="the case has no reference")
    assert said(unknown, RULE, LEARNER) == [
        "What is possible is unknown; best known so far: 18,786 EUR a year by Q-learning, "
        "mean of 3 trainings of 125,000 steps."
    ]
    assert said(unknown, RULE)[0].endswith("18,209 EUR a year by fill-up level=30.")


def test_where_the_possible_is_known_nothing_is_said():
    assert said(Row("best possible", "best possible (exact)", "best possible", "", 19_000.0), RULE) == []
