"""Tables that are no log of messages: what they can tell is said, and what they cannot."""

import re

import numpy as np
import pandas as pd
import pytest

from envs_data.choice import choose_case
from envs_data.nudge.activity.fit import fit as fit_amounts
from envs_data.nudge.budget.fit import fit as fit_budget
from envs_data.nudge.habit import SCENARIOS
from envs_data.nudge.habit.fit import fit
from envs_data.nudge.habit.table import generate
from envs_data.nudge.reading import GENERIC, NONE, by_name, read_table
from envs_data.tables import TableError

MAPPED = {"message": "arm", "response": "visit"}


def experiment(people=3000, seed=1, **more):
    """An e-mail campaign: who is sent what is drawn, 20 % visit without a mail and 30 % with one."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["Red E-Mail", "Blue E-Mail", "No E-Mail"], size=people, p=[0.25, 0.25, 0.5])
    visit = (rng.random(people) < np.where(arm == "No E-Mail", 0.2, 0.3)).astype(int)
    return pd.DataFrame({"recency": rng.integers(1, 12, people), "arm": arm, "visit": visit, **more})


def refusal(what, *arguments, **options):
    with pytest.raises(TableError) as caught:
        what(*arguments, **options)
    return "\n".join(caught.value.problems)


def test_one_row_a_person_tells_the_lift_of_one_message_with_its_interval():
    table = experiment()
    table["propensity"] = np.where(table["arm"] == "No E-Mail", 0.5, 0.25)
    told = refusal(fit, table, columns=MAPPED)
    lift, low, high = map(float, re.search(r"Red E-Mail (\S+) .*?95 %: (\S+) to (\S+)\)", told).groups())
    rates = table.groupby("arm")["visit"].mean()
    assert lift == pytest.approx(rates["Red E-Mail"] - rates["No E-Mail"], abs=1e-3)
    assert low < 0.1 < high
    errors = [rates[arm] * (1 - rates[arm]) / (table["arm"] == arm).sum() for arm in ("Red E-Mail", "No E-Mail")]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(sum(errors)), rel=0.02)
    assert "It cannot tell how people get used to messages" in told
    assert refusal(choose_case, "nudge", table, MAPPED) == refusal(fit_amounts, table, columns=MAPPED) == told


def test_propensities_weigh_who_was_sent_more_often():
    """Keen people get a mail more often: the plain difference is .25 too much."""
    rng = np.random.default_rng(1)
    keen = rng.random(4000) < 0.5
    chance = np.where(keen, 0.8, 0.2)
    sent = rng.random(4000) < chance
    visit = (rng.random(4000) < np.where(keen, 0.6, 0.2) + 0.1 * sent).astype(int)
    table = pd.DataFrame({"person": range(4000), "treatment": sent.astype(int), "visit": visit})
    table["propensity"] = np.where(sent, chance, 1 - chance)
    told = refusal(fit, table, columns={"response": "visit"})
    _, low, high = map(float, re.search(r"generic (\S+) .*?95 %: (\S+) to (\S+)\)", told).groups())
    assert low < 0.1 < high < 0.2


@pytest.mark.parametrize("chance", [None, 1.0, 0.0])
def test_without_a_propensity_no_lift_is_told_but_what_would_tell_it(chance):
    told = refusal(fit, experiment(**({} if chance is None else {"propensity": chance})), columns=MAPPED)
    assert "95 %" not in told
    assert "a column propensity, such as 0.5" in told
    assert "log a row for each person and step: person, date, message (or none), propensity, response" in told


def test_without_people_who_got_nothing_no_lift_is_told():
    table = experiment(propensity=0.5)
    assert "95 %" not in refusal(fit, table[table["arm"] != "No E-Mail"], columns=MAPPED)


def test_totals_of_campaigns_are_told_apart_from_steps_of_people():
    table = pd.DataFrame({"campaign": ["a", "b"], "date": ["2025-01-06", "2025-01-13"], "sends": [900, "1,100"],
                          "opens": [90, 100], "clicks": [9, 11]})  # fmt: skip
    told = refusal(fit, table, columns={"message": "campaign"})
    assert told.startswith(
        "a row holds totals (sends, opens, clicks), not one person's step. They tell how one campaign"
    )
    assert "log a row for each person and step" in told
    assert refusal(choose_case, "nudge", table) == told
    assert "no column for person" in refusal(fit, table.assign(sends=1, opens=1, clicks=0))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["0", "1", "1"], [NONE, GENERIC, GENERIC]),
        (["0.0", "1.0", None], [NONE, GENERIC, NONE]),
        (["n", "Y", ""], [NONE, GENERIC, NONE]),
        (["false", "True", "none"], [NONE, GENERIC, NONE]),
        (["nein", "ja", "ja"], [NONE, GENERIC, GENERIC]),
        (["0", "1", "2"], [NONE, "1", "2"]),
        (["No E-Mail", "Mens E-Mail", "no sms"], [NONE, "Mens E-Mail", NONE]),
        (["f", "g", "h"], ["f", "g", "h"]),
    ],
)
def test_a_flag_is_one_generic_message_and_other_words_are_kinds(words, names):
    assert by_name(pd.Series(words)).tolist() == names


def log(steps=20, people=20, amounts=True):
    """Half the time a message, which adds 100 steps, or half of all responses."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"person": np.repeat(range(people), steps), "time": np.tile(range(steps), people)})
    table["message"], table["propensity"] = rng.integers(0, 2, len(table)), 0.5
    walked = np.round(200 + 100 * table["message"] + 20 * rng.standard_normal(len(table)))
    table["response"] = walked if amounts else (rng.random(len(table)) < 0.2 + 0.5 * table["message"]).astype(int)
    return table


def test_a_flag_is_fitted_as_the_generic_message_it_is():
    table = log()
    flagged, named = (fit_amounts(table.assign(message=table["message"].map(words)))
                      for words in ({0: "0", 1: "1"}, {0: "", 1: "walk"}))  # fmt: skip
    assert flagged.parameters == named.parameters
    assert abs(flagged.parameters.generic - 100) < 4 * flagged.origins["generic"].stderr
    assert flagged.origins["tailored"].kind == "assumed"
    assert flagged.parameters.tailored == flagged.parameters.generic
    assert "context" not in flagged.lines[0][1]
    assert "sigma" not in flagged.summary()
    for draw in flagged.draws:
        flagged.parameters.replace(**draw)


def test_kinds_that_end_in_digits_are_tailored_only_beside_a_context():
    table = log()
    table["message"] = table["message"].map({0: "none", 1: "mail-1"})
    assert fit_amounts(table).origins["tailored"].kind == "assumed"
    table.loc[table["time"] % 2 == 0, "message"] = "mail-0"
    told = refusal(fit_amounts, table.assign(time=table["time"]))
    assert "mail-0, mail-1: at most one message is generic; give them one name" in told
    assert "--columns context=NAME" in told
    seen = table.assign(seen=np.where(table["message"] == "mail-1", 1, 0))
    assert fit_amounts(seen, columns={"context": "seen"}).origins["tailored"].kind == "fitted"


def test_the_line_to_type_keeps_columns_days_notation_and_known_values():
    table = log(amounts=False).rename(columns={"message": "mailed"})
    table["day"] = (pd.Timestamp("2025-01-06") + pd.to_timedelta(table["time"], unit="D")).dt.strftime("%d.%m.%Y")
    asked = {"columns": {"message": "mailed"}, "since": "2025-01-07"}
    found = fit_budget(table.drop(columns="time"), known={"worth": np.float64(1.5)}, **asked)
    typed = dict(found.lines)["type"]
    assert (
        "fit nudge table.csv --columns message=mailed --since 2025-01-07 --case NudgeBudget --known worth=1.5" in typed
    )
    assert " cost=0 " in typed
    assert found.observed == len(table) - 20


def test_amounts_known_beside_usual_ones_contradict_nothing():
    table = log()
    assert fit_amounts(table, known={"generic": 300}).parameters.tailored == 300
    found = fit_amounts(table, known={"tailored": 20.0})
    assert found.parameters.generic == found.parameters.tailored == 20


def test_an_estimate_that_runs_to_its_end_is_told_in_words():
    found = fit(generate(SCENARIOS["get-fit"].replace(base=0.0, steps=30), seed=1, people=60))
    assert "base ran to 0: nobody seems to respond without a message in this table." in found.notes
    assert "generic response ran" not in " ".join(found.notes)


def test_more_people_than_a_world_holds_stand_in_proportion():
    table = log(steps=2, people=2500, amounts=False)
    found = fit_budget(table)
    assert found.parameters.people <= 2000
    share = table.loc[table["time"] == 0, "message"].sum() / 2500
    assert found.parameters.cap / found.parameters.people == pytest.approx(share, abs=0.03)
    assert any("A world holds 2,000 people at most" in note for note in found.notes)


def test_known_types_are_those_of_the_table():
    table = log(amounts=False)
    table["group"] = np.where(table["person"] < 10, "old", "new")
    with pytest.raises(ValueError, match="types are everybody, and those of the table old, new; name them alike"):
        fit_budget(table, known={"types": [{"name": "everybody", "count": 20}]})
    known = {"types": [{"name": "new", "count": 10}, {"name": "old", "count": 10, "stays": 0.5}]}
    assert fit_budget(table, known=known).parameters.types[1].stays == 0.5


def test_steps_that_lie_too_far_apart_or_are_too_many_are_refused_with_a_remedy():
    rows = pd.DataFrame({"person": ["a"] * 3, "time": [0, 1, 1e12], "message": ["x", "", "x"], "response": [1, 0, 0]})
    said = refusal(read_table, rows)
    assert said.startswith("row 4, column 'time': 1e+12 is 2000 steps or more after this person's first row")
    assert "--columns date=NAME" in said
    days = rows.assign(time=["2025-01-06", "2025-01-07", "2099-01-01"])
    assert read_table(days.iloc[:2], columns={"date": "time"}).frame["time"].tolist() == [0, 1]
    said = refusal(read_table, days.drop(columns="person").assign(person="a").rename(columns={"time": "date"}))
    assert "choose days with --since and --until" in said
    days = days.rename(columns={"time": "date"})
    assert len(read_table(days, until="2025-12-31").frame) == 2
    assert "more than 1e+15" in refusal(read_table, rows.assign(time=[0, 1, 1e308]))
    yearly = days.assign(date=["2020-01-06", "2022-01-07", "2024-01-09"])
    assert "a step can be a year at most" in refusal(read_table, yearly)
