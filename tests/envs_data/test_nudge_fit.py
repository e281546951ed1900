"""From a log to people: the likelihood by hand, the round trip, what a log cannot tell, the back-test."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import special

from envs_data.nudge.estimation import estimate
from envs_data.nudge.habit import SCENARIOS, HabitParameters, Message
from envs_data.nudge.habit.fit import OF_KIND, SHARED, fit, people_differ
from envs_data.nudge.habit.likelihood import HabitModel, Row, filtered, first_states, log_of, matrices_of, transitions
from envs_data.nudge.habit.table import generate
from envs_data.nudge.hidden import UNKNOWN, expected_moves
from envs_data.nudge.log_fit import NOT_IDENTIFIED
from envs_data.nudge.reading import read_table
from envs_data.parameters import ParameterError
from envs_data.tables import TableError

FIT = SCENARIOS["get-fit"].replace(levels=5, steps=60)
NAMES = (*((field, None) for field in SHARED), *itertools.product(OF_KIND, (0, 1)))


@pytest.fixture(scope="module")
def log():
    return generate(FIT, seed=3, days=60, people=200)


@pytest.fixture(scope="module")
def fitted(log):
    return fit(log)


@pytest.fixture(scope="module")
def short(log):
    """Fewer people, for less time: enough for what a fit says."""
    return log[(log["person"] < "p0080") & (log["time"] < 25)]


def small(message, response, left):
    frame = pd.DataFrame({"person": "a", "time": range(len(message)), "message": message, "response": response})
    return log_of(frame.assign(left=left), ("x",))


def test_everything_that_can_be_seen_of_a_step_has_probability_one():
    p = HabitParameters(base=0.1, messages=(Message("x", right=0.7, response=0.4),))
    for kind in (0, 1):
        shown = (Row(kind, response, UNKNOWN, left) for response, left in itertools.product((0, 1), (0, 1)))
        total = sum(transitions(p, row, True) for row in shown)
        assert total.sum(axis=1) == pytest.approx(np.ones(len(total)))


def test_the_likelihood_of_two_messages_by_hand():
    p = HabitParameters(base=0.1, levels=2, patience=1, messages=(Message("x", right=0.7, response=0.4),))
    total, predicted = filtered(p, small(["x", "x"], [1, 0], [0, 1]))
    first, second = 0.7 * (0.1 + 0.9 * 0.4 * 0.5), 0.3 * 0.9
    assert total[0] == pytest.approx(np.log(first * second))
    assert predicted[0] == pytest.approx([0.7 * 0.28 + 0.3 * 0.1, 0.1])


def test_the_slope_by_fishers_identity_is_the_slope_of_the_likelihood(log):
    frame = read_table(log[log["person"] < "p0020"]).frame
    seen = log_of(frame, tuple(message.name for message in FIT.messages))
    moves = expected_moves(matrices_of(FIT, seen), first_states(FIT, seen), seen.shown)
    step = 1e-5
    for field in ("base", "fades", "forgives"):
        up, down = (FIT.replace(**{field: getattr(FIT, field) + sign * step}) for sign in (1, -1))
        straight = (filtered(up, seen)[0] - filtered(down, seen)[0]).sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.log(matrices_of(up, seen)) - np.log(matrices_of(down, seen))
        assert np.nansum(moves * np.where(np.isfinite(change), change, 0)) == pytest.approx(straight, rel=1e-4)


def test_the_round_trip_recovers_people_within_its_own_intervals(fitted):
    found = fitted.parameters
    for field in ("base", "fades", "forgives"):
        assert abs(getattr(found, field) - getattr(FIT, field)) < 3.3 * fitted.origins[field].stderr
    true = [value for message in FIT.messages for value in (message.response, message.right)]
    ours = [value for message in found.messages for value in (message.response, message.right)]
    assert (np.abs(np.subtract(ours, true)) < 3.3 * np.array(fitted.origins["messages"].stderr)).all()
    assert fitted.back_test.passed
    assert len(fitted.draws) == 50
    for draw in fitted.draws[:5]:
        assert found.replace(**draw).base == draw["base"]


@pytest.mark.slow
def test_intervals_cover_what_they_say():
    inside = []
    for seed in range(20):
        seen = log_of(read_table(generate(FIT, seed=seed)).frame, ("generic", "tailored"))
        model = HabitModel(FIT, seen, NAMES)
        found, true = estimate(model), model.start()
        inside.append(np.abs(found.theta - special.logit(true)) < 1.96 * np.sqrt(np.diag(found.covariance)))
    assert 0.88 < np.mean(inside) < 0.99


def test_without_propensities_the_lift_is_not_identified_and_a_holdout_is_named(log):
    found = fit(log[log["time"] < 25].drop(columns="propensity"))
    assert all(message.response == 0 for message in found.parameters.messages)
    text = found.summary()
    assert "not identified: no column gives the probability" in " ".join(text.split())
    assert "send nothing to 40 of the 200 people, drawn at random, for" in " ".join(text.split())
    assert NOT_IDENTIFIED in found.back_test.problems
    assert found.origins["fades"].kind == "assumed"


def test_messages_to_everybody_identify_no_lift(short):
    found = fit(short[short["message"] != "none"].assign(available=1))
    assert "everybody who could be reached was sent a message" in " ".join(found.summary().split())
    assert not found.back_test.passed


def test_without_leaving_nobody_is_taken_to_leave(short):
    found = fit(short.drop(columns=["left", "context"]))
    assert all(message.right == 1 for message in found.parameters.messages)
    assert found.origins["forgives"].kind == "assumed"
    assert any("No column says who left" in note for note in found.notes)


def test_patience_is_read_off_known_contexts_and_a_wrong_guess_breaks_nothing():
    news = generate(SCENARIOS["newsletter"], seed=0, days=20, people=80)
    assert fit(news).parameters.patience == 3
    guessed = fit(news, known={"patience": 5})
    assert np.isfinite(guessed.origins["messages"].stderr).all()


def test_known_fields_win_and_worth_holds_for_every_kind(short):
    found = fit(short, known={"worth": 18, "patience": 4, "base": 0.15})
    assert [message.worth for message in found.parameters.messages] == [18, 18]
    assert found.parameters.base == 0.15
    assert {found.origins[name].kind for name in ("worth", "patience", "base")} == {"known"}
    assert "base" not in found.draws[0]


def test_people_who_differ_are_told_and_people_who_do_not_are_not(log):
    names = tuple(message.name for message in FIT.messages)
    alike = people_differ(FIT, log_of(read_table(log).frame, names))
    keen = generate(FIT.replace(base=0.5), seed=4, people=100)
    both = pd.concat([log, keen.assign(person="k" + keen["person"])])
    spread, share = people_differ(FIT.replace(base=0.25), log_of(read_table(both).frame, names))
    assert alike == (0.0, 0.0)
    assert 0.1 < spread < 0.3
    assert 0.8 < share < 1


def test_people_who_change_fail_the_back_test(log):
    later = log.copy()
    rows = later["time"] >= 48
    later.loc[rows, "response"] = np.random.default_rng(0).integers(0, 2, int(rows.sum()))
    found = fit(later)
    assert any("responses rose by" in problem for problem in found.back_test.problems)
    assert found.back_test.verdict.startswith("Do not trust")


def test_impossible_requests_are_refused(log):
    with pytest.raises(ParameterError, match="did you mean 'patience'"):
        fit(log, known={"patienc": 3})
    with pytest.raises(ParameterError, match="NudgeHabit can"):
        fit(log, case="NudgeBudget")
    with pytest.raises(TableError, match="at least 100 are needed"):
        fit(log.head(20))
