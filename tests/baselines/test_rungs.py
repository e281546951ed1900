"""Rungs that simulate give the same numbers wherever they are trained, are kept, and never exceed what is possible."""

import dataclasses

import numpy as np
import pytest

from baselines.agents import problem_of
from baselines.ladder.specs import ladder_of
from baselines.learners.policy_iteration import PolicyIteration
from baselines.play.experiment import Experiment
from baselines.play.rollout import play
from baselines.play.training import environments, one_thread
from baselines.runs.run_file import RunFile
from bizgyms import case
from tests.baselines.small import SHOP, little_training

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)
NAMES = ("policy-iteration", "pathwise")


def trained(path, processes, executor="processes"):
    """Returns of one training of each, from a run file."""
    listed = [spec for spec in ladder_of(ITEM, SHOP) if spec.name in NAMES]
    specs = [dataclasses.replace(spec, improves=False) for spec in listed]  # no rule is tuned first
    budget = dataclasses.replace(little_training(), trainings=1, episodes=50)
    experiment = Experiment(PROBLEM, budget, 0, RunFile(path))
    runs = experiment.train(specs, processes, lambda name: None, executor)
    assert [run.error for run in runs] == [""] * len(NAMES)
    return {run.agent: run.played.returns for run in runs}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "runs.h5"
    return path, trained(path, 0)


@pytest.mark.parametrize("executor", ["processes", "ray"])
def test_elsewhere_they_give_the_same_numbers(here, executor, tmp_path):
    if executor == "ray":
        pytest.importorskip("ray", reason="ray is not installed")
    found = trained(tmp_path / "runs.h5", 1, executor)
    for name, returns in here[1].items():
        np.testing.assert_array_equal(found[name], returns)


def test_what_is_in_the_run_file_is_not_trained_again(here, monkeypatch):
    path, before = here
    monkeypatch.setattr("baselines.play.experiment.train", None)
    for name, returns in trained(path, 0).items():
        np.testing.assert_array_equal(before[name], returns)


@pytest.mark.parametrize(("name", "scenario"), [("NudgeActivity", "hidden-context"), ("PricingSeason", "fad-or-flop")])
def test_who_tries_decisions_on_branches_does_not_see_what_is_hidden(name, scenario):
    one_thread()
    known = case(name)
    problem = problem_of(known, known.scenarios[scenario])
    agent = PolicyIteration(problem)
    agent.learn(environments(known, problem.parameters), 100_000, 0)
    returns = play(problem, agent, 1_000, 0, name).returns
    assert returns.mean() < known.reference(problem.parameters).value + 4 * returns.std() / np.sqrt(len(returns))
