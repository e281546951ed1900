"""Scenarios, and arguments that cannot be: one clear error each."""

import pytest

import bizgyms
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
    assert resolve(case(ITEM), {"days": 9}) == ItemParameters(days=9)


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
        ({"days": 0, "mean": -1.0}, "days is 0; .*\n.*mean is -1.0"),
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
    with pytest.raises(TypeError, match="unexpected keyword"):
        case(ITEM).env(normalise=True)
    with pytest.raises(TypeError, match="unexpected keyword"):
        case(ITEM).twin(normalise=True)


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
