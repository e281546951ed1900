"""A value function beside what play brings."""

import numpy as np
import pytest

from baselines import report
from baselines.agents import problem_of
from baselines.learners.deep import DeepLearner
from baselines.learners.warm_start import demonstration
from baselines.play.rollout import play
from baselines.play.training import environments
from baselines.protocols.value_check import EPISODES, predicted_and_simulated
from baselines.report.insight import sentences
from bizgyms import case
from tests.baselines.small import SHOP

ITEM = case("RestockItem")
PROBLEM = problem_of(ITEM, SHOP)
SCALE = demonstration(PROBLEM, environments(ITEM, SHOP), 7).reward_scale


class Clock(DeepLearner):
    """Always orders the same, and predicts so much for every day left."""

    def __init__(self, a_day, discount):
        self.problem, self.a_day, self.hyperparameters = PROBLEM, a_day, {"gamma": discount}

    def act(self, observations, mask=None):
        return np.full(len(observations), 3)

    def predicted_returns(self, observations):
        return self.a_day * SCALE * observations[:, -1].astype(np.float64)


def test_undiscounted_predictions_of_what_a_day_costs_are_right_on_average():
    a_day = play(PROBLEM, Clock(0.0, 1.0), EPISODES, 0, "clock").mean / SHOP.days
    predicted, simulated = predicted_and_simulated(PROBLEM, Clock(a_day, 1.0), 7, 0)
    assert (np.diff(predicted) >= 0).all()
    assert predicted == pytest.approx(simulated, rel=0.3)
    twice, same = predicted_and_simulated(PROBLEM, Clock(2 * a_day, 1.0), 7, 0)
    assert twice == pytest.approx(2 * predicted)
    assert same == pytest.approx(simulated)


def test_returns_are_discounted_as_the_agent_learns():
    _, simulated = predicted_and_simulated(PROBLEM, Clock(-1.0, 0.0), 7, 0)
    assert np.mean(simulated) == pytest.approx(play(PROBLEM, Clock(0.0, 0.0), EPISODES, 0, "clock").mean / SHOP.days)


def test_an_agent_without_a_value_function_has_nothing_to_check():
    assert predicted_and_simulated(PROBLEM, object(), 7, 0).shape == (2, 0)


def test_a_report_shows_picture_number_and_states(tmp_path):
    insight = dict.fromkeys(("unseen", "tree_value"), None)
    insight |= {"predicted": [[-4.0, -2.0], [-5.0, -2.5]]}
    [said] = sentences(insight, str)
    assert said.startswith("Its value function predicts -3 of the rest of an episode")
    assert "brings -3.75; over tenths of its predictions it is off by 0.75" in said
    facts = {"format": 1, "title": "", "verdict": "", "ceiling_sentence": "", "rows": [], "notes": [], "fields": []}
    facts |= {"money": {"unit": "EUR", "digits": 2}, "fit": {}, "steps_per_year": 365, "episode": None, "code": {}}
    rows = [["today", "5", 1.25, 1.0, 1.5], ["best rule", "4", 0.0, 0.0, 0.0]]
    insight |= {"moments": [{"state": "on_hand 3 units", "rows": rows, "worlds": "The futures begin in 9 worlds."}]}
    insight |= {"learner": "PPO", "curves": [["PPO", [[[1, 2, 3], [-9.0, -8.0, -7.0]]]]], "rule": -6.0, "gains": []}
    insight |= {"maps": [], "tree": "", "moved": []}
    text = report.html({**facts, "insight": insight})
    assert text.count("<circle") == 2
    assert "<caption>on_hand 3 units</caption>" in text
    assert "+1.25" in text
    report.write(tmp_path, {**facts, "insight": insight})
    assert (tmp_path / "curves.svg").read_text().startswith("<svg xmlns=")
