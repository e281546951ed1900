import dataclasses

import numpy as np
import pytest

from baselines.judge import statistics
from baselines.judge.break_even import BreakEven
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval
from baselines.judge.verdict import verdict

MONEY = Money("EUR", 0)
RULE = Row("rule", "rule S=4", "best rule", "observations", -1_000.0, over_today=Interval(200.0, 190.0, 210.0))
TODAY = Row("today", "today", "today", "observations", -1_200.0)


def learner(samples, error=0.0):
    gain = statistics.crossed_interval(np.array(samples), error)
    known = Row("PPO", "PPO", "deep", "", -1_000.0 + gain.value, 0.0, Interval(200.0 + gain.value, 0.0, 0.0), gain)
    return dataclasses.replace(known, samples=tuple(samples), gain_error=error, trainings=len(samples))


CEILING = Interval(400.0, 390.0, 410.0)


def judged(*learners, ceiling=CEILING, worth=0.0, **more):
    return verdict(Evidence([RULE, TODAY, *learners], ceiling, worth, 1_000, MONEY, **more))


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
        ([learner(spread(-100, 50))], {}, "Not worth it: PPO, the best learner, earns 100 EUR a year less"),
        ([learner(spread(20, 300))], {}, "Cannot tell yet: PPO"),
        ([learner(spread(100, 5, 3))], {}, "Preview (3 trainings): worth a closer look: PPO"),
        ([learner(spread(-100, 5, 3))], {}, "Preview (3 trainings): no sign of a gain yet: PPO"),
        ([learner(spread(5, 50, 3))], {}, "Preview (3 trainings): cannot tell yet: PPO"),
        (
            [learner(spread(100, 5, 3))],
            {"ceiling": Interval(1.0, -2.0, 4.0)},
            "Not worth it: over 1,000 episodes nothing",
        ),
        # A preview that cannot tell a large ceiling from none does not rule it out.
        (
            [learner(spread(100, 500, 3))],
            {"ceiling": Interval(100.0, -20.0, 220.0)},
            "Preview (3 trainings): cannot tell yet: PPO",
        ),
        ([learner(spread(100, 5))], {"worth": 500.0}, "Not worth it: nothing can gain more than 400 EUR a year"),
        # The ceiling itself is an estimate: up to its high end it may hold what is asked for.
        ([], {"worth": 405.0}, "Cannot tell yet: nothing was trained."),
        ([], {"worth": 415.0}, "Not worth it: nothing can gain more than 400 EUR a year"),
        ([], {}, "Cannot tell yet: nothing was trained. Nothing can gain more than 400 EUR a year (40 %) over"),
        (
            [],
            {"fitted": True},
            "Cannot tell yet: nothing was trained. In the fitted world nothing can gain more than 400",
        ),
        ([], {"worth": 415.0, "fitted": True}, "Not worth it: in the fitted world nothing can gain more than 400 EUR"),
        ([], {"ceiling": None}, "Cannot tell yet: nothing was trained. How much could be gained at most is not known"),
    ],
)
def test_verdicts(learners, options, start):
    assert judged(*learners, **options).startswith(start)


def doubted(row, low, high, holds=(30, 50)):
    return dataclasses.replace(row, table_over_rule=Interval((low + high) / 2, low, high), holds=holds)


def told(row, **options):
    return verdict(Evidence([RULE, TODAY, row], CEILING, 0.0, 1_000, MONEY, **options))


def test_a_gain_the_table_leaves_open_is_not_worth_it_yet():
    sure = learner(spread(100, 50))
    agreed = told(doubted(sure, 20, 180, (49, 50)))
    assert agreed.startswith("Worth it")
    assert "if the fitted world is right, 20 to 180 given what the table can tell; positive in 49 of 50 fits" in agreed
    open_ = told(doubted(sure, -40, 240), observed=200, would_help=("a column for stock at closing (on_hand)",))
    assert open_.startswith("Cannot tell yet: PPO, the best learner, earns 100 EUR")
    assert "a table of about 392 rows instead of 200; or in the table a column for stock at closing" in open_
    assert "no table of reasonable length" in told(doubted(sure, -4_000, 4_000), observed=200)


def test_nothing_to_gain_in_the_fitted_world_is_no_verdict_where_the_table_leaves_a_gain_open():
    nothing, row = Interval(0.0, -1.0, 1.0), learner(spread(-2, 1))

    def said(judged):
        return verdict(Evidence([RULE, TODAY, judged], nothing, 0.0, 4_000, MONEY, observed=365))

    assert said(row).startswith("Not worth it: over 4,000 episodes nothing")
    assert said(doubted(row, -8, -1)).startswith("Not worth it: over 4,000 episodes nothing")
    open_ = said(doubted(row, -8, 3))
    assert open_.startswith("Cannot tell yet: over 4,000 episodes nothing")
    assert "That is if the fitted world is right; the table leaves -8 to 3 open for PPO. What would tell: " in open_


def test_a_loss_the_table_leaves_open_is_not_settled_either():
    assert told(doubted(learner(spread(-100, 50)), -200, 50)).startswith("Cannot tell yet")
    assert told(doubted(learner(spread(-100, 50)), -200, -10)).startswith("Not worth it")


def test_what_would_tell_follows_from_the_spread():
    assert "about 60 trainings instead of 10" in judged(learner(spread(20, 100)))
    assert "more trainings would not" in judged(learner(spread(2, 300)))
    noisy = learner(spread(20, 1), error=40.0)
    assert "--episodes 48,000 instead of 1,000" in judged(noisy)
    assert "or a tighter bound" in told(learner(spread(20, 100)), bound=True)
    assert "a bound" in told(learner(spread(-100, 50)), bound=True)


def test_episodes_that_all_trainings_share_count_as_well():
    agreeing = learner(spread(20, 1))
    assert judged(agreeing).startswith("Worth it")
    assert judged(learner(spread(20, 1), error=15.0)).startswith("Cannot tell yet")


def test_the_verdict_names_what_it_rests_on():
    breaks = (BreakEven("shortage", 1.4, "assumed", 0.85), BreakEven("holding", 0.1, "known", None))
    said = told(learner_with_interval(100.0), breaks=breaks)
    assert (
        "It rests on shortage = 1.4, which is assumed: PPO beats the best rule as long as shortage is more than" in said
    )
    assert "does not turn on holding = 0.1" in said
    lost = told(learner_with_interval(-100.0), breaks=breaks[:1])
    assert "PPO would beat the best rule if shortage were less than 0.85" in lost
    assert told(learner(spread(100, 50)), distrust="Do not trust it.").endswith("Do not trust it.")


def learner_with_interval(mean):
    return dataclasses.replace(learner(spread(mean, 50)), over_rule=Interval(mean, mean - 10, mean + 10))


def test_the_rule_s_own_share_of_the_gain_is_told():
    assert "Tuning your rule alone gives 200 of the 300." in judged(learner(spread(100, 50)))


def test_a_preview_never_says_worth_it():
    rng = np.random.default_rng(0)
    for mean in rng.normal(0, 300, 200):
        assert not judged(learner(spread(mean, 1, 3))).startswith("Worth it")


def test_one_good_learner_among_many_must_pass_holm():
    barely = learner(spread(30, 60))
    assert judged(barely).startswith("Worth it")
    crowd = [dataclasses.replace(learner(spread(5, 60)), agent=f"other {k}") for k in range(12)]
    assert judged(barely, *crowd).startswith("Cannot tell yet")
