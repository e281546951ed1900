"""JSON schemas of scenario files: they take what the package takes, and refuse what it refuses."""

import copy
import json

import pytest
from jsonschema import Draft202012Validator

from baselines.cli import main
from bizgyms.registry import case, cases
from bizgyms.scenario import load
from envs_data.parameters import ParameterError, Scenario

CASES = [one for one in cases() if one.id.startswith("bizgyms/")]


def problems(schema, value):
    return [*Draft202012Validator(schema).iter_errors(value)]


def taken(one, values):
    """Whether the package takes a scenario file."""
    try:
        load(one, values)
    except ParameterError:
        return False
    return True


def test_a_file_that_changes_a_scenario_keeps_to_the_schema():
    one = case("RestockItem")
    schema = schema_of(one)
    file = {"case": one.id, "scenario": "corner-shop", "lead_time": 3}
    assert problems(schema, file) == []
    assert taken(one, file)
    assert problems(schema, {**file, "lead_time": -3})
    del file["scenario"]
    assert problems(schema, file)
    assert not taken(one, file)


def schema_of(one):
    return json.loads(json.dumps(Scenario.json_schema(one.parameters)))


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_every_scenario_of_every_case_keeps_to_its_schema(one):
    schema = schema_of(one)
    for parameters in one.scenarios.values():
        values = json.loads(json.dumps(Scenario(parameters).to_dict()))
        assert problems(schema, values) == []
        assert taken(one, {"$schema": "case.schema.json", **values})


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_the_schema_refuses_what_the_package_refuses(one):
    schema, tried = schema_of(one), 0
    values = json.loads(json.dumps(Scenario(next(iter(one.scenarios.values()))).to_dict()))
    for name, field in schema["properties"]["parameters"]["properties"].items():
        wrong = {"beyond": 3}
        if "maximum" in field:
            wrong["high"] = field["maximum"] + 1
        if "minimum" in field:
            wrong["low"] = field["minimum"] - 1
        for value in ([], "word", *wrong.values(), wrong):
            changed = copy.deepcopy(values)
            changed["parameters"][name] = value
            if problems(schema, changed):
                tried += 1
                assert not taken(one, changed), (name, value)
    assert tried > 2 * len(values["parameters"])
    for key in ("parameters", "origins"):
        changed = copy.deepcopy(values)
        changed[key]["no_such_field"] = {"kind": "known"}
        assert problems(schema, changed)
        assert not taken(one, changed)


def test_a_schema_says_unit_meaning_range_length_and_default_of_nested_fields_too():
    schema = case("NudgeHabit").parameters.json_schema()["properties"]
    assert schema["steps"] == {
        "description": "length of an episode (steps)", "type": "integer", "minimum": 1, "maximum": 2000, "default": 60,
    }  # fmt: skip
    assert schema["paid"]["enum"] == ["drawn", "expected"]
    assert (schema["messages"]["minItems"], schema["messages"]["maxItems"]) == (1, 8)
    assert schema["messages"]["items"]["properties"]["right"]["maximum"] == 1
    weekday = case("RestockItem").parameters.json_schema()["properties"]["weekday"]
    assert weekday["items"]["type"] == "number"


def test_show_prints_and_writes_the_schema(tmp_path, capsys):
    path = tmp_path / "restock.schema.json"
    assert main(["show", "RestockItem", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of(case("RestockItem"))
    assert main(["show", "RestockItem", "--schema", "-o", str(path)]) == 0
    assert json.loads(path.read_text()) == schema_of(case("RestockItem"))
    assert f'"$schema": "{path}"' in capsys.readouterr().out
