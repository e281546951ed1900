"""From a log of messages that many share to types of people, and back."""

from pathlib import Path

import numpy as np
import pytest
from scipy import special

from envs_data.choice import choose_case
from envs_data.nudge.budget.fit import fit
from envs_data.nudge.budget.memory import reviews_of
from envs_data.nudge.budget.parameters import BudgetParameters, PersonType
from envs_data.nudge.budget.people import OF_TYPE, Log, Row, TypeModel, logs_of, matrices_of, predicted
from envs_data.nudge.budget.scenarios import SCENARIOS, four_types, population
from envs_data.nudge.budget.table import generate
from envs_data.nudge.estimation import estimate
from envs_data.nudge.hidden import UNKNOWN
from envs_data.nudge.log_fit import NOT_IDENTIFIED
from envs_data.nudge.reading import NONE, read_table
from envs_data.parameters import ParameterError
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
OPEN = four_types(4)[1].replace(count=200)
CROWD = BudgetParameters(cap=40, types=(OPEN,))
FIELDS = OF_TYPE["burden"]


@pytest.fixture(scope="module")
def log():
    return generate(CROWD, seed=2)


@pytest.fixture(scope="module")
def fitted(log):
    return fit(log)


def test_the_log_has_the_columns_of_its_contract_and_keeps_the_cap():
    frame = generate(SCENARIOS["clinic"], seed=1)
    assert [*frame] == ["person", "group", "time", "available", "message", "propensity", "response", "left"]
    assert (frame.loc[frame["available"] == 0, "message"] == NONE).all()
    assert (frame["message"] != NONE).groupby(frame["time"]).sum().max() == 2
    assert frame["propensity"].between(0, 1, inclusive="right").all()
    assert frame.equals(generate(SCENARIOS["clinic"], seed=1))
    assert len(generate(SCENARIOS["clinic"], people=1, days=9)) == 4 * 9


@pytest.mark.parametrize("cap", [1, 5, 40, 200])
def test_propensity_is_the_frequency_of_the_decision(cap):
    frame = generate(CROWD.replace(cap=cap, availability=0.9), seed=3)
    reached = frame[frame["available"] == 1]
    # Inverse weights give everybody as many rows with a message as there are rows.
    sent = (reached["message"] != NONE) / reached["propensity"]
    assert sent.mean() == pytest.approx(1.0, abs=5 * sent.std() / len(sent) ** 0.5)
    assert (1 / frame.loc[frame["available"] == 0, "propensity"] == 1).all()


def test_the_likelihood_of_two_steps_by_hand():
    p = BudgetParameters(levels=1, types=(PersonType(stays=0.8, returns=0.1, lifts=0.5, hurts=0.3, tires=0.6),))
    moves = matrices_of(p)
    lapsed, engaged = moves[0][2, :2], moves[1][2, 2:]
    assert lapsed.sum() == pytest.approx(0.2)
    assert engaged.sum() == pytest.approx(0.8)
    log = Log("x", np.array([[4, 4]]))  # a message and a response, twice
    burdened = 0.8 - 0.3
    assert predicted(p, log)[0] == pytest.approx([0.9, 0.4 * 0.9 + 0.6 * burdened])


@pytest.mark.parametrize("mechanism", ["burden", "dosage", "rest"])
def test_everything_that_can_be_seen_of_a_step_has_probability_one(mechanism):
    silent_no, silent_yes, silent, no, yes, messaged = matrices_of(CROWD.replace(mechanism=mechanism))
    for one, other, both in ((silent_no, silent_yes, silent), (no, yes, messaged)):
        assert one + other == pytest.approx(both)
        assert both.sum(axis=1) == pytest.approx(np.ones(len(both)))


def test_the_round_trip_recovers_people_within_its_own_intervals(fitted):
    found, errors = fitted.parameters.types[0], fitted.origins["types"].stderr
    for field, error in zip(FIELDS, errors, strict=True):
        assert abs(getattr(found, field) - getattr(OPEN, field)) < 3.3 * error < 0.5
    assert fitted.back_test.passed
    assert fitted.parameters.cap == 40
    assert fitted.parameters.start == "engaged"
    assert len(fitted.draws) == 50
    assert fitted.parameters.replace(**fitted.draws[0]).types[0].stays != found.stays


@pytest.mark.slow
def test_intervals_cover_what_they_say():
    inside = []
    for seed in range(20):
        model = TypeModel(CROWD, logs_of(read_table(generate(CROWD, seed=seed)).frame)[0], [(f, None) for f in FIELDS])
        found = estimate(model)
        true = special.logit(model.start())
        inside.append(np.abs(found.theta - true) < 1.96 * np.sqrt(np.diag(found.covariance)))
    assert 0.88 < np.mean(inside) < 0.99


@pytest.mark.slow
def test_types_of_people_are_recovered_and_lean_on_their_mean():
    p = population(200)
    found = fit(generate(p, seed=3))
    assert [kind.name for kind in found.parameters.types] == [kind.name for kind in p.types]
    errors = np.array(found.origins["types"].stderr).reshape(4, -1)
    off = [
        [getattr(a, f) - getattr(b, f) for f in FIELDS] for a, b in zip(found.parameters.types, p.types, strict=True)
    ]
    assert np.mean(np.abs(off) < 1.96 * errors) > 0.85
    assert (np.abs(off) < 4 * errors).all()
    assert any("leans on the mean" in note for note in found.notes)


def test_half_lives_are_recovered_from_reviews():
    p = SCENARIOS["learn-a-subject"]
    found = fit(generate(p, seed=1, people=200), known={"mechanism": "memory", "levels": 30})
    ours, errors = np.array(found.parameters.half_lives), np.array(found.origins["half_lives"].stderr)
    assert (np.abs(np.log(ours / p.half_lives)) < 3.3 * errors / ours).all()
    assert found.parameters.start == "lapsed"
    assert found.back_test.passed
    assert found.parameters.replace(**found.draws[0]).half_lives != found.parameters.half_lives


def test_reviews_are_followed_from_one_to_the_next():
    p = BudgetParameters(mechanism="memory", levels=5, start="engaged", half_lives=(1.0, 2.0))
    good, bad, none = 4, 3, 2
    seen = reviews_of(p, Log("x", np.array([[none, good, good, none, bad, none]])))
    assert seen.mood.tolist() == [[0, 0, 1, 1, 1, 0]]
    assert seen.since.tolist() == [[0, 1, 0, 0, 1, 0]]
    assert np.isfinite(seen.good[0]).tolist() == [False, True, True, False, True, False]


def test_quiet_hours_and_a_rest_are_read_off_the_log():
    rest = SCENARIOS["rested-messages"]
    found = fit(generate(rest, seed=1, people=60), known={"mechanism": "rest", "decisions_a_day": 2, "levels": 6})
    assert found.parameters.quiet == (1,)
    assert abs(found.parameters.types[0].wakes - 0.5) < 3.3 * found.origins["types"].stderr[3]


def test_without_propensities_the_lift_is_not_identified_and_a_holdout_is_named(log):
    found = fit(log.drop(columns="propensity"))
    assert found.parameters.types[0].lifts == found.parameters.types[0].wakes == 0
    text = " ".join(found.summary().split())
    assert "not identified: no column gives the probability" in text
    assert "send nothing to 40 of the 200 people, drawn at random, for" in text
    assert NOT_IDENTIFIED in found.back_test.problems


def test_people_who_differ_without_a_column_of_types_are_told():
    found = fit(generate(SCENARIOS["lose-weight"], seed=1, people=60).drop(columns="group"))
    assert any("--columns group=NAME" in note for note in found.notes)


def test_known_fields_win(log):
    found = fit(log, known={"cap": 7, "worth": 2.5, "types": [OPEN.to_dict()]})
    assert found.parameters.types == (OPEN,)
    assert found.parameters.worth == 2.5
    assert found.parameters.cap == 7
    assert found.draws == ()


def test_impossible_requests_and_tables_are_refused(log):
    with pytest.raises(ParameterError, match="did you mean 'levels'"):
        fit(log, known={"level": 3})
    with pytest.raises(ParameterError, match="NudgeBudget can"):
        fit(log, case="NudgeHabit")
    with pytest.raises(TableError, match="at least 100 are needed"):
        fit(log.head(20))
    with pytest.raises(TableError, match="2 kinds of message"):
        fit(log.assign(message=np.where(log["time"] % 2, "a", "b")))


def test_one_kind_and_nobody_leaving_is_a_budget(log):
    assert choose_case("nudge", log)[0] == "NudgeBudget"
    assert choose_case("nudge", SAMPLES / "newsletter.csv") == (
        "NudgeHabit",
        "3 kinds of message in column message: discount, generic, tailored",
    )
    leaving = log.assign(left=(log["time"] == 59).astype(int))
    assert choose_case("nudge", leaving)[0] == "NudgeHabit"
    assert choose_case("nudge", log.assign(response=log["response"] * 40))[0] == "NudgeActivity"


def test_the_sample_table_is_what_its_card_says():
    made = generate(SCENARIOS["clinic"], seed=8).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / "clinic.csv").read_text(encoding="utf-8") == made
    assert '`generate(SCENARIOS["clinic"], seed=8)`' in (SAMPLES / "README.md").read_text()


def test_a_response_nobody_knows_is_summed_over():
    code = np.array([[1, 2, 1]])
    p = BudgetParameters(types=(PersonType(stays=0.9, returns=0.2),))
    assert Row(0, UNKNOWN) == Row(0, -1)
    assert predicted(p, Log("x", code))[0, 2] == pytest.approx(0.9 * 0.9 + 0.1 * 0.2)
