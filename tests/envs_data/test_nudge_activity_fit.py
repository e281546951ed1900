"""From a log of what people walk to people who habituate and leave, and back."""

from pathlib import Path

import numpy as np
import pytest

from envs_data.choice import choose_case
from envs_data.nudge.activity import SCENARIOS, ActivityParameters
from envs_data.nudge.activity.fit import dispersion_of, fit
from envs_data.nudge.activity.leaving import estimate_leaving
from envs_data.nudge.activity.likelihood import Walk, estimate, habituation, kinds_of, log_of, right_after, right_before
from envs_data.nudge.activity.table import generate
from envs_data.nudge.log_fit import NOT_IDENTIFIED
from envs_data.nudge.reading import NONE, WALKED, read_table
from envs_data.parameters import ParameterError
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
STEPS = SCENARIOS["daily-steps"]
FIELDS = ("sigma", "base", "generic", "tailored", "fades", "rises", "forgives", "annoys")


@pytest.fixture(scope="module")
def table():
    return generate(STEPS, seed=1, days=60)


@pytest.fixture(scope="module")
def fitted(table):
    return fit(table)


@pytest.fixture(scope="module")
def log(table):
    return log_of(read_table(table, contract=WALKED).frame)


def test_the_log_has_the_columns_of_its_contract_and_ends_with_leaving(table):
    assert [*table] == ["person", "time", "available", "context", "message", "propensity", "response", "left"]
    assert (table.loc[table["available"] == 0, "message"] == NONE).all()
    assert (1 / table.loc[table["available"] == 1, "propensity"]).mean() == pytest.approx(4, rel=0.05)
    assert table["left"].sum() == table.groupby("person")["left"].last().sum() > 100
    assert table.head(50).equals(generate(STEPS, seed=1, days=60, people=200).head(50))


def test_what_is_walked_is_whole_and_right_in_the_mean():
    flat = ActivityParameters(base=0.3, generic=0.4, tailored=0.4, rises=0.0, start_habituation=0.0)
    walked = generate(flat, seed=2, people=100)
    for kind, mean in ((NONE, 0.3), ("generic", 0.7)):
        rows = walked.loc[walked["message"] == kind, "response"]
        assert rows.isin((0, 1)).all()
        assert rows.mean() == pytest.approx(mean, abs=5 * (mean * (1 - mean) / len(rows)) ** 0.5)


def test_habituation_and_belief_are_those_of_the_world(log):
    kind = np.array([[0, 1, 3, 0]])
    after = [0.09, 0.14, 0.19, 0.171]
    assert habituation(STEPS, kind)[0] == pytest.approx(after)
    one = log._replace(kind=kind, signal=np.array([[0.0, 0.0, 0.5, 1.0]]))
    assert right_before(STEPS, one)[0] == pytest.approx([1, 1, 0.5, 1])
    seen = one._replace(kind=np.full((1, 4), 3))
    assert right_before(STEPS, seen)[0, 3] == pytest.approx(1 / (1 + np.exp(-0.5 / 0.16)))


def test_what_is_walked_says_whether_a_message_was_right(log):
    after = right_after(STEPS, np.array([0.5, 0.0]), log)
    tailored = log.there & (log.kind > 1)
    assert ((after < 0.01) | (after > 0.99))[tailored].mean() > 0.99
    assert after[tailored].mean() == pytest.approx(right_before(STEPS, log)[tailored].mean(), abs=0.03)


def test_the_round_trip_recovers_people_within_its_own_intervals(fitted):
    for name in FIELDS:
        assert fitted.origins[name].kind == "fitted"
        assert abs(getattr(fitted.parameters, name) - getattr(STEPS, name)) < 3.3 * fitted.origins[name].stderr
    assert fitted.parameters.dispersion == 0
    assert fitted.back_test.passed
    assert len(fitted.draws) == 50
    assert fitted.parameters.replace(**fitted.draws[0]).annoys != fitted.parameters.annoys


@pytest.mark.slow
def test_intervals_cover_what_they_say():
    inside = []
    for seed in range(10):
        seen = log_of(read_table(generate(STEPS, seed=seed, days=60), contract=WALKED).frame)
        found = estimate(Walk(STEPS.replace(generic=30.0, tailored=100.0), seen, FIELDS[:6]))
        p = found.parameters
        leaving = estimate_leaving(p, seen, right_after(p, found.noise, seen))
        errors = [*found.stderrs().values(), *leaving.stderr]
        values = [*(getattr(p, name) for name in FIELDS[:6]), *leaving.mean]
        inside.append([abs(v - getattr(STEPS, f)) < 1.96 * e for v, f, e in zip(values, FIELDS, errors, strict=True)])
    assert np.mean(inside) > 0.88


@pytest.mark.slow
def test_days_that_differ_are_seen():
    seen = log_of(read_table(generate(SCENARIOS["moody-days"], seed=1, days=60), contract=WALKED).frame)
    found, error = dispersion_of(estimate(Walk(STEPS, seen, FIELDS[:6])), seen)
    assert found == pytest.approx(0.5, abs=0.1)
    assert 0 < error < 0.05


def test_who_leaves_when_tells_how_wrong_messages_annoy(log):
    right = right_after(STEPS, np.array([0.5, 0.0]), log)
    found = estimate_leaving(STEPS, log, right)
    assert (np.abs(found.mean - (0.9, 0.4)) < 4 * found.stderr).all()
    assert (found.stderr < 0.01).all()
    assert found.chance.sum() == pytest.approx(1)
    nobody = log._replace(left=np.zeros_like(log.left))
    assert estimate_leaving(STEPS, nobody, right).mean[1] < 0.3


def test_a_context_seen_as_it_is_has_no_noise():
    found = fit(generate(SCENARIOS["clear-context"], seed=2, people=60))
    assert found.parameters.sigma == 0
    assert "the context was seen as it is" in found.origins["sigma"].note
    assert abs(found.parameters.tailored - 200) < 4 * found.origins["tailored"].stderr


def test_without_propensities_the_lift_is_not_identified_and_a_holdout_is_named(table):
    found = fit(table.drop(columns="propensity"))
    assert found.parameters.generic == found.parameters.tailored == 0
    text = " ".join(found.summary().split())
    assert "not identified: no column gives the probability" in text
    assert "send nothing to 40 of the 200 people, drawn at random, for" in text
    assert NOT_IDENTIFIED in found.back_test.problems


def test_messages_to_everybody_identify_no_lift(table):
    found = fit(table[table["message"] != NONE].assign(available=1))
    assert "everybody who could be reached was sent a message" in " ".join(found.summary().split())
    assert not found.back_test.passed


def test_without_anybody_leaving_what_drives_away_is_assumed(table):
    found = fit(table[table["person"] < "p0060"].drop(columns="left"))
    assert found.origins["annoys"].kind == "assumed"
    assert any("0 people left" in note for note in found.notes)


def test_impossible_requests_and_tables_are_refused(table):
    with pytest.raises(ParameterError, match="did you mean 'sigma'"):
        fit(table, known={"sigm": 0.4})
    with pytest.raises(ParameterError, match="NudgeActivity can"):
        fit(table, case="NudgeHabit")
    with pytest.raises(TableError, match="at least 100 are needed"):
        fit(table.head(20))
    with pytest.raises(TableError, match="a, b: at most one message is generic"):
        fit(table.assign(message=np.where(table["time"] % 2, "a", "b"), available=1))
    with pytest.raises(TableError, match="row 2, column 'response': -1 is less than 0"):
        fit(table.assign(response=-1))


def test_amounts_are_activity(table):
    assert choose_case("nudge", table) == ("NudgeActivity", "column response holds amounts, not yes and no")
    assert (
        choose_case("nudge", table.rename(columns={"response": "steps"}), {"response": "steps"})[0] == "NudgeActivity"
    )
    kinds = kinds_of(read_table(table, contract=WALKED).frame)
    assert kinds == {NONE: 0, "generic": 1, "tailored-0": 2, "tailored-1": 3}


def test_the_sample_table_is_what_its_card_says():
    made = generate(STEPS, seed=9, people=30).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / "daily_steps.csv").read_text(encoding="utf-8") == made
    assert '`generate(SCENARIOS["daily-steps"], seed=9, people=30)`' in (SAMPLES / "README.md").read_text()
