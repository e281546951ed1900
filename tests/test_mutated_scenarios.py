"""Scenario files broken at random: each is taken, or refused in sentences."""

import contextlib
import copy
import json
import random

import pytest

from baselines.cli import main
from bizgyms.registry import cases
from bizgyms.scenario import load
from envs_data.parameters import ParameterError, Scenario, read_scenario_file

VALUES = (
    *(None, True, False, 0, -0.0, -1, 1e300, -1e308, 5e-324, 10**400, 2**53 + 1, float("nan"), float("inf")),
    *("", "word", "1.5", "=1+1", "\ud800", "9" * 50, [], [[]], [1, [2]], [None], {}, {"a": 1}),
)
KEYS = ("scale", "days", "notes", "kind", "draws", "back_test")
SHOWN = 2_000


def places(value, at=()):
    """The way to every value inside one."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inside:
        yield (*at, key)
        yield from places(entry, (*at, key))


def mutated(values, rng):
    """A copy in which some values are others, or gone, or have company."""
    values = copy.deepcopy(values)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        *way, last = rng.choice([*places(values)] or [("case",)])
        holder = values
        for key in way:
            holder = holder[key]
        change = rng.random()
        if change < 0.7:
            holder[last] = rng.choice(VALUES)
        elif change < 0.85:
            holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
        elif isinstance(holder, dict):
            holder[rng.choice(KEYS)] = rng.choice(VALUES)
        else:
            holder.append(rng.choice(VALUES))
    return values


@pytest.fixture(scope="module")
def files():
    """What scenario files hold: of every case, and of a fit with draws, origins and notes."""
    own = [one for one in cases() if one.id.startswith("bizgyms/")]
    shop = next(one for one in own if one.name == "RestockItem")
    fitted = shop.fit(shop.generate(shop.scenarios["corner-shop"], days=90)).scenario().to_dict()
    presets = [Scenario(next(iter(one.scenarios.values()))).to_dict() for one in own]
    return [
        (one, json.loads(json.dumps(kept))) for one, kept in [*zip(own, presets, strict=True), *[(shop, fitted)] * 4]
    ]


@pytest.mark.parametrize("seed", range(10))
def test_a_mutated_scenario_file_is_taken_or_refused_in_sentences(files, seed, tmp_path):
    rng, path, taken = random.Random(seed), tmp_path / "mine.json", 0
    for _ in range(30):
        case, values = rng.choice(files)
        path.write_text(json.dumps(mutated(values, rng)))
        with contextlib.suppress(ParameterError):
            load(case, path)
            taken += 1
    assert taken < 30


@pytest.mark.slow
def test_mutated_scenario_files_are_shown_or_refused_in_sentences(files, tmp_path, capsys):
    rng, path = random.Random(0), tmp_path / "mine.json"
    for _ in range(SHOWN):
        path.write_text(json.dumps(mutated(rng.choice(files)[1], rng)))
        status = main(["show", str(path)])
        said = capsys.readouterr().err
        assert status == 0 or (status == 2 and said.startswith("bizgyms: ")), (status, said, path.read_text()[:3_000])


NO_SCENARIO = ("[" * 100_000, '{"case": ' + "9" * 5_000 + "}", "{", "\ufeff", "5", "{}", r'{"case": "\ud800"}')


@pytest.mark.parametrize("text", NO_SCENARIO)
def test_a_file_that_holds_no_scenario_is_one_sentence(tmp_path, text):
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as refused:
        read_scenario_file(path)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"notes": {"scale": 0}}, "notes.scale is 0; it must be at least 1"),
        ({"notes": {"back_test": {"series": {"low": ["x"]}}}}, "notes.back_test is .*; it must have all of"),
        ({"draws": 5}, "draws is 5; it must be a list"),
        ({"draws": [{"meen": 3}]}, r"draws\[0\]: unknown field 'meen'; did you mean 'mean'"),
        ({"parameters": {"weekday": [1, 1, 1, 1, 1, 1, []]}}, r"weekday\[6\] is \[\]; it must be a number"),
        ({"parameters": {"mean": 10**400}}, r"mean is 1000.*\.\.\.; it must be"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_place(tmp_path, change, message):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"case": "bizgyms/RestockItem-v0", **change}))
    with pytest.raises(ParameterError, match=message):
        load(next(one for one in cases() if one.name == "RestockItem"), path)
