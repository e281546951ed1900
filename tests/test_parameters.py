"""Parameters, scenarios and their files."""

import dataclasses
import datetime
import json
import pickle

import numpy as np
import pandas as pd
import pytest

import bizgyms
from envs_data.parameters import (
    Origin,
    ParameterError,
    Parameters,
    Scenario,
    quantity,
    read_scenario_file,
    unknown_name,
    write_whole,
)


@dataclasses.dataclass(frozen=True)
class Stall(Parameters):
    """A market stall."""

    case = "tests/Stall-v0"
    days: int = quantity(7, "days", "length", low=1, high=100)
    price: float = quantity(2.0, "money", "price of a unit", low=0)
    kind: str = quantity("fruit", "kind", "what is sold", choices=("fruit", "fish"))
    weekday: tuple[float, ...] = quantity((), "factors", "demand by weekday", low=0, lengths=(0, 7))
    open: bool = quantity(True, "", "whether it is open")

    def problems(self):
        if self.kind == "fish" and self.price < 1:
            yield "fish costs at least 1"


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(ParameterError) as caught:
        Stall(days=0, price=-1.0, kind="meat")
    assert caught.value.problems == (
        "days is 0; it must be between 1 and 100 (days)",
        "price is -1.0; it must be at least 0 (money)",
        "kind is 'meat'; it must be one of fruit, fish",
    )
    assert str(caught.value).startswith("tests/Stall-v0: days is 0")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"days": 1.5}, "days is 1.5; it must be a whole number"),
        ({"days": True}, "days is True; it must be a whole number"),
        ({"price": "2"}, "price is '2'; it must be a number"),
        ({"price": float("nan")}, "price is nan"),
        ({"price": float("inf")}, "price is inf"),
        ({"kind": 3}, "kind is 3; it must be a text"),
        ({"open": 1}, "open is 1; it must be true or false"),
        ({"weekday": 1.0}, "weekday is 1.0; it must be a list"),
        ({"weekday": (1.0, 2.0)}, "weekday has 2 entries; it must have 0 or 7"),
        ({"weekday": (1.0,) * 6 + (-1.0,)}, "weekday[6] is -1.0; it must be at least 0"),
        ({"weekday": (1.0,) * 6 + ("x",)}, "weekday[6] is 'x'"),
    ],
)
def test_a_wrong_value_names_field_value_and_remedy(values, message):
    with pytest.raises(ParameterError) as caught:
        Stall(**values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        ({"days": np.int64(2)}, {"days": 2}),
        ({"days": 2.0}, {"days": 2}),
        ({"days": np.array(2)}, {"days": 2}),
        (pd.DataFrame({"days": [2], "price": [3.5]}).iloc[0].to_dict(), {"days": 2, "price": 3.5}),
        ({"price": np.float32(2)}, {"price": 2.0}),
        ({"open": np.bool_(False)}, {"open": False}),
        ({"weekday": np.ones(7)}, {"weekday": (1.0,) * 7}),
        ({"weekday": pd.Series([np.float32(0.5)] * 7)}, {"weekday": (0.5,) * 7}),
        ({"kind": np.str_("fish")}, {"kind": "fish"}),
    ],
)
def test_what_numpy_and_pandas_made_is_taken_as_plain(values, plain):
    made = Stall.from_dict(values)
    assert made == Stall(**values) == Stall(**plain)
    assert json.loads(json.dumps(made.to_dict())) == json.loads(json.dumps(Stall(**plain).to_dict()))
    assert type(made.days) is int


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"days": np.float64(2.5)}, "days is 2.5; it must be a whole number"),
        ({"days": 1e300}, "days is 1e+300; it must be a whole number"),
        ({"price": np.datetime64("2025-01-06")}, "price is '2025-01-06'; it must be a number"),
        ({"price": pd.Timestamp("2025-01-06")}, "price is '2025-01-06'; it must be a number"),
        ({"price": datetime.datetime(2025, 1, 6, 8)}, "price is '2025-01-06T08:00:00'; it must be a number"),
        ({"weekday": np.array([1, -2])}, "weekday has 2 entries; it must have 0 or 7"),
        ({"open": np.int64(1)}, "open is 1; it must be true or false"),
    ],
)
def test_what_numpy_and_pandas_made_is_shown_plainly(values, message):
    with pytest.raises(ParameterError) as caught:
        Stall.from_dict(values)
    assert message in str(caught.value)


def test_nested_and_known_values_of_numpy_are_taken_too():
    rows = pd.DataFrame({"name": ["walk"], "right": np.float32([0.5])}).to_dict("records")
    habit = bizgyms.make("NudgeHabit", messages=np.array(rows), steps=np.int64(9)).unwrapped.parameters
    assert (habit.messages[0].right, habit.steps) == (0.5, 9)
    case = bizgyms.case("RestockItem")
    table = case.generate(case.scenarios["corner-shop"], seed=3)
    known = {"lead_time": np.int64(1), "price": np.float32(3.5)}
    found = case.fit(table, known=known)
    assert "lead_time 1, price 3.5" in found.summary()
    assert found.parameters.price == 3.5
    with pytest.raises(ParameterError, match=r"lead_time is 1\.5; it must be a whole number"):
        case.fit(table, known={"lead_time": np.float64(1.5)})


def test_estimates_out_of_range_are_kept_at_their_bounds_and_told():
    kept, told = Stall.kept_in_range({"days": np.int64(200), "price": -0.5, "kind": "fish", "weekday": [1.0, -1.0]})
    assert kept == {"days": 100, "price": 0, "kind": "fish", "weekday": [1.0, 0]}
    assert told == [
        "days (length) came out at 200, and 100 is the most that a world can hold: it is kept there.",
        "price (price of a unit) came out at -0.5, and 0 is the least that a world can hold: it is kept there.",
        "weekday (demand by weekday) came out beyond what a world can hold in places, and is kept at least 0.",
    ]
    assert Stall.kept_in_range({"days": 100, "price": float("nan")})[1] == []


def test_relations_between_fields_are_checked():
    with pytest.raises(ParameterError, match="fish costs at least 1"):
        Stall(kind="fish", price=0.5)


def test_parameters_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Stall().days = 3


def test_an_unknown_field_names_the_nearest_and_other_problems_too():
    with pytest.raises(ParameterError) as caught:
        Stall.from_dict({"pricee": 3.0, "days": 0})
    assert caught.value.problems[0] == "unknown field 'pricee'; did you mean 'price'?"
    assert "days is 0" in caught.value.problems[1]


def test_json_round_trip():
    stall = Stall(days=9, kind="fish", weekday=(1.0, 1, 1, 1, 1, 2, 0.5))
    assert Stall.from_dict(json.loads(json.dumps(stall.to_dict()))) == stall


def test_replace_checks_as_at_birth():
    assert Stall().replace(days=3).days == 3
    with pytest.raises(ParameterError, match="days is 0"):
        Stall().replace(days=0)


def test_errors_survive_pickling():
    error = ParameterError("place", ["one", "two"])
    again = pickle.loads(pickle.dumps(error))
    assert (again.where, again.problems, str(again)) == (error.where, error.problems, str(error))


def test_a_scenario_file_carries_case_and_origins(tmp_path):
    path = tmp_path / "mine.json"
    origins = {"price": Origin("fitted", stderr=0.1, note="from a table"), "days": Origin("known")}
    scenario = Scenario(Stall(price=3.0), origins, draws=({"price": 3.1},), notes={"coverage": 0.8})
    scenario.save(path)
    values = read_scenario_file(path)
    assert values["case"] == "tests/Stall-v0"
    assert values["origins"]["price"] == {"kind": "fitted", "stderr": 0.1, "note": "from a table"}
    assert values["origins"]["kind"] == {"kind": "preset"}
    again = Scenario.from_dict(values, Stall)
    assert again.parameters == scenario.parameters
    assert again.origins["price"] == origins["price"]
    assert (again.draws, again.notes) == (scenario.draws, scenario.notes)
    again.save(path)
    assert read_scenario_file(path) == values


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON: .* line 1, column 2"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[1]", 'key "case"'),
        (b"{}", 'key "case"'),
        (b"", "not JSON"),
    ],
)
def test_a_bad_file_says_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(ParameterError, match=message) as caught:
        read_scenario_file(path)
    assert caught.value.where == str(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(ParameterError, match="no such file"):
        read_scenario_file(tmp_path / "none.json")
    with pytest.raises(ParameterError, match="folder"):
        read_scenario_file(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"case": "tests/Other-v0"}, "scenario of 'tests/Other-v0', not of 'tests/Stall-v0'"),
        ({"case": "tests/Stall-v0", "parametres": {}}, "unknown key 'parametres'; did you mean 'parameters'"),
        ({"case": "tests/Stall-v0", "parameters": []}, "parameters"),
        ({"case": "tests/Stall-v0", "parameters": {"days": 0}}, "days is 0"),
        ({"case": "tests/Stall-v0", "origins": {"days": {"kind": "guessed"}}}, "guessed"),
        ({"case": "tests/Stall-v0", "origins": {"days": {"sort": "known"}}}, "sort"),
        ({"case": "tests/Stall-v0", "origins": {"dayz": {"kind": "known"}}}, "dayz"),
    ],
)
def test_a_wrong_scenario_file_is_one_clear_error(values, message):
    with pytest.raises(ParameterError, match=message):
        Scenario.from_dict(values, Stall)


def test_writing_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "mine.json"
    write_whole(path, "old")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.json"]


def test_unknown_names_without_a_near_one_list_all():
    assert unknown_name("colour", "zzz", ["red", "blue"]) == "unknown colour 'zzz'; known: red, blue"


def test_ranges_in_words():
    quantities = Stall.quantities()
    assert quantities["days"].range() == "between 1 and 100"
    assert quantities["price"].range() == "at least 0"
    assert quantities["kind"].range() == "one of fruit, fish"


def test_origins_of_a_box_may_be_of_all_items_or_of_one():
    box = bizgyms.case("RestockBox").scenarios["rule-enough"]
    values = Scenario(box, {"price.soap": Origin("known"), "holding": Origin("assumed")}).to_dict()
    found = Scenario.from_dict(values, type(box)).origins
    assert (found["price.soap"].kind, found["holding"].kind, found["days"].kind) == ("known", "assumed", "preset")
    values["origins"]["price.tea"] = {"kind": "known"}
    with pytest.raises(ParameterError, match=r"unknown field 'price\.tea'"):
        Scenario.from_dict(values, type(box))
