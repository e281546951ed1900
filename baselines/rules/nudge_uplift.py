"""Predict, then decide: a model of the response to each message, fitted to the log alone; the best one is sent."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.regression import linear_models
from baselines.rules.rule_specs import parameters_as
from envs_data.arrays import Array, Floats, Ints, Mask, Rows
from envs_data.nudge.habit import HabitParameters
from envs_data.nudge.reading import NONE

PEOPLE = 400
# A score that falls by this much a step without a message stands in for habituation.
FADES = 0.5


@dataclasses.dataclass(frozen=True)
class Uplift:
    """Sends the kind with the highest predicted reward in the very next step.

    Attributes:
        gains: [kinds + 1, levels + 1] expected pay of each kind, none first, by habituation before it.
    """

    gains: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] kinds."""
        return np.asarray(self.gains[:, np.rint(observations[:, 0]).astype(np.int64)].argmax(axis=0))


def uplift_then_message(problem: Problem, seed: int = 0, people: int = PEOPLE) -> Uplift:
    """A response model for each kind of message, weighted by propensities, and the message with the largest uplift.

    It knows the log, worths and costs, and not the law of the world: its model ignores the effect of a message on
    later steps, though it counts recent messages to see how far they have worn off.

    Args:
        problem: the person.
        seed: seed of the log.
        people: people in the log.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    p = parameters_as(HabitParameters, problem)
    log = problem.case.generate(p, seed=seed, people=people)
    score = scores(log, p.levels)
    levels = np.arange(p.levels + 1.0)
    gains = []
    for name, worth, cost in zip([NONE, *(m.name for m in p.messages)], p.worths(), p.costs(), strict=True):
        sent = (log["message"] == name).to_numpy()
        weights = 1.0 / log["propensity"].to_numpy()[sent]
        gains.append(worth * response_by_level(score[sent], log["response"].to_numpy()[sent], weights, levels) - cost)
    return Uplift(np.stack(gains))


def scores(log: pd.DataFrame, levels: int) -> Floats:
    """[rows] each person's habituation before the row: up by one a message, down by `FADES` a step without one."""
    score, now, before = np.zeros(len(log)), 0.0, None
    for row, (person, message) in enumerate(zip(log["person"], log["message"], strict=True)):
        now = now if person == before else 0.0
        score[row] = now
        now = min(now + 1.0, float(levels)) if message != NONE else max(now - FADES, 0.0)
        before = person
    return score


def response_by_level(score: Floats, response: Array, weights: Floats, levels: Floats) -> Floats:
    """[levels] probability of a response by logistic regression on the score; the mean where all rows are alike."""
    if len(np.unique(response)) < 2:
        return np.full(len(levels), float(response.mean()) if len(response) else 0.0)
    linear = linear_models("uplift")
    model = linear.LogisticRegression().fit(score[:, None], response, sample_weight=weights)
    return np.asarray(model.predict_proba(levels[:, None])[:, 1])
