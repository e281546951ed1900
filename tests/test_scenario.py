"""Scenarios, changes of them, and arguments that cannot be: one clear error each."""

import json

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec

import baselines
import bizgyms
from baselines.cli import main
from bizgyms.registry import case
from bizgyms.scenario import load, resolve
from envs_data.parameters import ParameterError, Scenario
from envs_data.restock.item import ItemParameters

ITEM = "bizgyms/RestockItem-v0"
SHORT = ItemParameters(days=5, lead_time=2)


def test_scenarios_from_name_path_dict_and_parameters(tmp_path):
    path = tmp_path / "mine.json"
    Scenario(SHORT).save(path)
    for form in (SHORT, SHORT.to_dict(), str(path), path, Scenario(SHORT).to_dict()):
        assert resolve(case(ITEM), form) == SHORT
    assert load(case(ITEM), path).origins["days"].kind == "preset"


FAILS = case(ITEM).scenarios["rule-fails"].replace(lead_time=3, shortage=7.5)


@pytest.mark.parametrize(
    "given",
    [
        {"scenario": "rule-fails", "lead_time": 3, "shortage": 7.5},
        {"scenario": {"scenario": "rule-fails", "lead_time": np.int64(3)}, "shortage": np.float32(7.5)},
        {"scenario": case(ITEM).scenarios["rule-fails"], "lead_time": 3, "shortage": 7.5},
        {"scenario": {"scenario": {"scenario": "rule-fails", "lead_time": 3, "shortage": 7.5}}},
    ],
)
def test_fields_of_a_scenario_change_wherever_one_is_taken(given):
    for form in ({"scenario": given}, given):
        env = bizgyms.make("RestockItem", **form)
        assert env.unwrapped.parameters == FAILS
        assert gymnasium.make(EnvSpec.from_json(env.spec.to_json())).unwrapped.parameters == FAILS
        assert bizgyms.make_vec(ITEM, 2, **form).parameters == FAILS
        sync = bizgyms.make_vec(ITEM, 2, vectorization_mode="sync", **form)
        assert sync.envs[0].unwrapped.parameters == FAILS
        played = baselines.evaluate("RestockItem", lambda rows: np.ones(len(rows), dtype=int), 2, **form)
        assert (played.returns == _returns(FAILS)).all()


def _returns(parameters):
    return baselines.evaluate(ITEM, lambda rows: np.ones(len(rows), dtype=int), 2, scenario=parameters).returns


def test_score_says_which_fields_changed():
    board = baselines.score("NudgeHabit", ["random"], "tailoring-0.5", episodes=20, quiet=True, say=print, steps=5)
    assert "NudgeHabit, scenario tailoring-0.5 with steps=5" in board.title


def test_fields_change_the_default_scenario_where_none_is_named():
    wanted = case(ITEM).scenarios["corner-shop"].replace(lead_time=3)
    assert gymnasium.make(ITEM, lead_time=3).unwrapped.parameters == wanted
    assert gymnasium.make(ITEM, engine="compiled", lead_time=3).unwrapped.parameters == wanted
    assert gymnasium.make_vec(ITEM, num_envs=2, lead_time=3).parameters == wanted


def test_a_file_changes_a_scenario_or_another_file_beside_it(tmp_path):
    (tmp_path / "base.json").write_text(json.dumps({"case": ITEM, "scenario": "rule-fails", "lead_time": 3}))
    (tmp_path / "mine.json").write_text(json.dumps({"case": ITEM, "scenario": "base.json", "shortage": 7.5}))
    assert resolve(case(ITEM), tmp_path / "mine.json") == FAILS
    (tmp_path / "base.json").write_text(json.dumps({"case": ITEM, "scenario": "mine.json"}))
    with pytest.raises(ParameterError, match=r"changed from itself: mine\.json"):
        resolve(case(ITEM), tmp_path / "mine.json")
    with pytest.raises(ParameterError, match="a scenario of 'bizgyms/RestockBox-v0', not of 'bizgyms/RestockItem-v0'"):
        resolve(case(ITEM), {"case": "bizgyms/RestockBox-v0", "scenario": "corner-shop", "days": 9})


def test_what_changes_is_known_from_then_on_in_every_draw():
    shop = case(ITEM)
    found = shop.fit(shop.generate(shop.scenarios["corner-shop"], days=60)).scenario()
    changed = found.changed({"mean": 9.0})
    assert (found.origins["mean"].kind, changed.origins["mean"].kind) == ("fitted", "known")
    assert all("mean" in draw for draw in found.draws)
    assert all({**draw, "mean": 0} == {**now, "mean": 0} for draw, now in zip(found.draws, changed.draws, strict=True))
    assert not any("mean" in draw for draw in changed.draws)


def test_fields_are_set_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "mine.json"
    words = ["show", "RestockItem", "--scenario", "rule-fails", "--set", "lead_time=3", "shortage=7.5", "-o", path]
    assert main([str(word) for word in words]) == 0
    assert resolve(case(ITEM), path) == FAILS
    assert main(["show", str(path), "--set", "leadtime=3"]) == 2
    assert "unknown field 'leadtime'; did you mean 'lead_time'?" in capsys.readouterr().err


def test_everything_wrong_with_the_arguments_is_said_at_once():
    with pytest.raises(ParameterError) as caught:
        gymnasium.make(ITEM, leadtime=3, normalise=True, engine="fast", weights={"holdin": 2.0}, shortage=-1)
    for said in (
        "engine: 'fast' is not possible",
        "unknown reward term 'holdin'; did you mean 'holding'?",
        "unexpected keyword argument 'leadtime', which is no field either; did you mean 'lead_time'?",
        "unexpected keyword argument 'normalise', which is no field either; did you mean 'normalize'?",
        "shortage is -1; it must be",
    ):
        assert said in str(caught.value)
    with pytest.raises(
        ParameterError,
        match=r"num_envs: 0 is not possible(.|\n)*'leed_time', which is no field either; did you mean 'lead_time'",
    ):
        gymnasium.make_vec(ITEM, num_envs=0, leed_time=3)


@pytest.mark.parametrize("limit", [0, -1, 2.5, True, "5"])
def test_an_impossible_limit_of_steps_is_refused_at_once(limit):
    with pytest.raises(ParameterError, match=r"max_episode_steps: .* it must be a whole number from 1 on"):
        gymnasium.make_vec(ITEM, num_envs=2, max_episode_steps=limit)


@pytest.mark.parametrize("make", [gymnasium.make, gymnasium.make_vec])
def test_an_id_without_its_namespace_gets_a_hint(make):
    with pytest.raises(gymnasium.error.NameNotFound, match="did you mean 'bizgyms/RestockItem-v0'"):
        make("RestockItem-v0")


def test_a_fit_s_own_scenario_is_taken_with_its_origins():
    shop = case(ITEM)
    found = shop.fit(shop.generate(shop.scenarios["corner-shop"], days=60)).scenario()
    assert load(shop, found) is found
    with pytest.raises(ParameterError, match="ItemParameters is not of case bizgyms/PricingSeason-v0"):
        load(case("bizgyms/PricingSeason-v0"), found)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("corner-shp", "unknown scenario 'corner-shp'; did you mean 'corner-shop'"),
        ("nowhere.json", "nowhere.json: no such file"),
        ({"dayz": 3}, "unknown field 'dayz'; did you mean 'days'"),
        ({"scenario": "corner-shop", "dayz": 3}, "unknown field 'dayz'; did you mean 'days'"),
        ({"lead_time": 3}, "write scenario='corner-shop', lead_time=3 or scenario={'scenario': 'corner-shop', 'lead_t"),
        ({"days": 0, "mean": -1.0}, "days is 0; .*\n.*mean is -1.0.*\n.*must name the scenario that they change"),
        ({"case": "bizgyms/Other-v0"}, "not of 'bizgyms/RestockItem-v0'"),
        (7, "7 is neither a name, a path, a dict nor parameters"),
    ],
)
def test_a_wrong_scenario_is_one_clear_error(scenario, message):
    with pytest.raises(ParameterError, match=message):
        resolve(case(ITEM), scenario)


def test_a_wrong_field_in_a_file_names_the_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"case": "bizgyms/RestockItem-v0", "parameters": {"days": 0}}')
    with pytest.raises(ParameterError, match=r"mine\.json: bizgyms/RestockItem-v0: days is 0"):
        resolve(case(ITEM), path)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"engine": "fast"}, "engine: 'fast' is not possible; it must be one of 'simpy', 'compiled'"),
        ({"render_mode": "3d"}, "render_mode: '3d' is not possible"),
        ({"weights": {"holdin": 2.0}}, "unknown reward term 'holdin'; did you mean 'holding'"),
        ({"weights": {"holding": float("nan")}}, "weight of holding is nan; it must be a finite number"),
    ],
)
def test_wrong_arguments_of_an_environment(kwargs, message):
    with pytest.raises(ParameterError, match=message):
        case(ITEM).env(**kwargs)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_envs": 0}, "num_envs: 0 is not possible"),
        ({"engine": "simpy"}, "vectorization_mode='sync'"),
        ({"autoreset_mode": "never"}, "'never' is not possible; it must be one of 'NextStep'"),
        ({"scenario": "x"}, "unknown scenario 'x'"),
    ],
)
def test_wrong_arguments_of_a_twin(kwargs, message):
    with pytest.raises(ParameterError, match=message):
        case(ITEM).twin(**kwargs)


def test_no_argument_is_swallowed():
    for make in (case(ITEM).env, case(ITEM).twin):
        for kind in (ParameterError, TypeError):
            with pytest.raises(kind, match=r"unexpected keyword argument 'normalise'.*; did you mean 'normalize'"):
                make(normalise=True)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_unknown_reset_options_are_refused(engine):
    with pytest.raises(ParameterError, match="unknown option 'lucky'; did you mean 'luck'"):
        case(ITEM).env(engine=engine).reset(options={"lucky": 1})


@pytest.mark.parametrize(
    ("name", "former", "present"),
    [
        ("RestockItem", "rule-fails", "weekend-kiosk"),
        ("RestockBox", "rule-fails", "lunch-vans"),
        ("PricingShelf", "rule-fails", "price-memory"),
        ("NudgeHabit", "rule-fails", "tailoring-0.5"),
        ("NudgeBudget", "rule-fails", "no-cap"),
    ],
)
def test_a_former_name_finds_its_scenario_and_is_not_listed(name, former, present):
    scenarios = case(name).scenarios
    assert former not in list(scenarios)
    assert resolve(case(name), former) is scenarios[present] is scenarios[former]
    assert bizgyms.make(name, scenario=former).unwrapped.parameters == scenarios[present]
    with pytest.raises(ParameterError, match="unknown scenario 'rule-failed'"):
        resolve(case(name), "rule-failed")
