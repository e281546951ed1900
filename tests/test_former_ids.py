"""Ids of former versions still make their cases, and say that there is a newer one."""

import json

import gymnasium
import pytest

import bizgyms
from baselines.cli import main
from bizgyms.registry import FormerIdWarning
from bizgyms.testing.play import Decisions, episode

FORMER = [(id, case) for case in bizgyms.cases() for id in case.former]


@pytest.mark.parametrize(("id", "case"), FORMER)
def test_gymnasium_makes_the_present_version_and_says_that_it_is_newer(id, case):
    with pytest.warns(DeprecationWarning, match="out of date"):
        old = gymnasium.make(id, disable_env_checker=True)
    decisions = Decisions(old.action_space, world=0)
    assert episode(old, decisions, seed=1) == episode(bizgyms.make(case.id), decisions, seed=1)
    with pytest.warns(DeprecationWarning, match="out of date"):
        twin = gymnasium.make_vec(id, num_envs=2)
    assert twin.unwrapped.case_id == case.id


@pytest.mark.parametrize(("id", "case"), FORMER)
def test_bizgyms_says_one_sentence(id, case):
    for make in (bizgyms.make, bizgyms.make_vec):
        with pytest.warns(FormerIdWarning) as said:
            made = make(id)
        assert [str(one.message) for one in said] == [f"{id} is played as {case.id}; its model card says what changed"]
        assert made.unwrapped.case_id == case.id


@pytest.mark.parametrize(("id", "case"), FORMER)
@pytest.mark.filterwarnings("default::bizgyms.registry.FormerIdWarning")
def test_a_scenario_file_of_a_former_version_is_read(id, case, tmp_path, capsys):
    path = tmp_path / "mine.json"
    assert main(["show", case.id, "-o", str(path)]) == 0
    path.write_text(json.dumps({**json.loads(path.read_text()), "case": id}))
    assert bizgyms.make(case.id, scenario=str(path)).unwrapped.parameters == next(iter(case.scenarios.values()))
    capsys.readouterr()
    for word in (str(path), id):
        assert main(["show", word]) == 0
        out, err = capsys.readouterr()
        assert case.id in out
        assert err == f"bizgyms: {id} is played as {case.id}; its model card says what changed\n"
