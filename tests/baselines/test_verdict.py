import dataclasses

import numpy as np
import pytest

from baselines.judge.standings import Row
from baselines.judge.statistics import Interval
from baselines.judge.verdict import Evidence, Money, verdict

MONEY = Money("EUR", 0)
RULE = Row("rule", "rule S=4", "best rule", "observations", -1_000.0, over_today=Interval(200.0, 190.0, 210.0))
TODAY = Row("today", "today", "today", "observations", -1_200.0)


def learner(samples):
    mean = float(np.mean(samples))
    over_today = Interval(200.0 + mean, 0.0, 0.0)
    return Row("PPO", "PPO", "deep", "", -1_000.0 + mean, 0.0, over_today, None, tuple(samples), trainings=len(samples))


CEILING = Interval(400.0, 390.0, 410.0)


def judged(*learners, ceiling=CEILING, worth=0.0):
    return verdict(Evidence([RULE, TODAY, *learners], ceiling, worth, 1_000, MONEY))


def spread(mean, deviation, count=10):
    return [mean + deviation * x for x in np.linspace(-1, 1, count)]


@pytest.mark.parametrize(
    ("learners", "options", "start"),
    [
        (
            [learner(spread(100, 50))],
            {},
            "Worth it: PPO earns 300 EUR a year (25 %) over today's rule, 100 EUR a year over",
        ),
        ([learner(spread(100, 50))], {"worth": 300.0}, "Not worth it: PPO, the best learner, earns 100 EUR a year"),
        ([learner(spread(100, 50))], {"worth": 95.0}, "Cannot tell yet: PPO"),
        ([learner(spread(-100, 50))], {}, "Not worth it: PPO, the best learner, earns 100 EUR a year (95 % interval"),
        ([learner(spread(20, 300))], {}, "Cannot tell yet: PPO"),
        ([learner(spread(100, 5, 3))], {}, "Preview (3 trainings): worth a closer look: PPO"),
        ([learner(spread(-100, 5, 3))], {}, "Preview (3 trainings): no sign of a gain yet: PPO"),
        ([learner(spread(5, 50, 3))], {}, "Preview (3 trainings): cannot tell yet: PPO"),
        (
            [learner(spread(100, 5, 3))],
            {"ceiling": Interval(1.0, -2.0, 4.0)},
            "Not worth it: over 1,000 episodes nothing",
        ),
        ([learner(spread(100, 5))], {"worth": 500.0}, "Not worth it: nothing can gain more than 400 EUR a year"),
        ([], {}, "Cannot tell yet: nothing was trained. Nothing can gain more than 400 EUR a year (40 %) over"),
        ([], {"ceiling": None}, "Cannot tell yet: nothing was trained. How much could be gained at most is not known"),
    ],
)
def test_verdicts(learners, options, start):
    assert judged(*learners, **options).startswith(start)


def test_a_preview_never_says_worth_it():
    rng = np.random.default_rng(0)
    for mean in rng.normal(0, 300, 200):
        assert not judged(learner(spread(mean, 1, 3))).startswith("Worth it")


def test_one_good_learner_among_many_must_pass_holm():
    barely = learner(spread(30, 60))
    assert judged(barely).startswith("Worth it")
    crowd = [dataclasses.replace(learner(spread(5, 60)), agent=f"other {k}") for k in range(12)]
    assert judged(barely, *crowd).startswith("Cannot tell yet")
