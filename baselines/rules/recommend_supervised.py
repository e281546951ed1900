"""Predict, then decide: the recommender trained on clicks, from a log of what was shown and clicked alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from baselines.agents import AgentSpec, Kind, Problem
from baselines.rules.regression import linear_models, poisson_regression
from baselines.rules.rule_specs import parameters_as
from bizgyms.recommend.satisfaction.view import FIRST_CANDIDATE
from envs_data.arrays import Array, Floats, Ints, Mask, Rows
from envs_data.recommend.satisfaction import SatisfactionParameters
from envs_data.recommend.satisfaction.table import generate as items_shown
from envs_data.recommend.visit import VisitParameters
from envs_data.recommend.visit.table import generate as visits_made

CUSTOMERS, USERS = 400, 200
PURPOSE = "the recommender trained on clicks"


@dataclasses.dataclass(frozen=True)
class MostClicksPredicted:
    """Shows one customer the kind that is predicted to be clicked most now.

    Attributes:
        clicks: [kinds, levels, repeats + 1] clicks predicted, by satisfaction and by repeats with this visit.
    """

    clicks: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] kinds."""
        satisfaction, shown, repeats = np.rint(observations.T).astype(np.int64)
        kinds, _, most = self.clicks.shape
        number = np.arange(kinds)[:, None]
        again = np.where(shown == number + 1, np.minimum(repeats + 1, most - 1), 0)
        return np.asarray(self.clicks[number, satisfaction, again].argmax(axis=0))


@dataclasses.dataclass(frozen=True)
class LongestPredicted:
    """Shows the candidate that is predicted to hold the user longest.

    Attributes:
        model: the fitted model of the logarithm of minutes.
    """

    model: Any

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] candidates."""
        items = observations[:, FIRST_CANDIDATE:].astype(np.float64)
        satisfied = np.repeat(observations[:, 0], items.shape[1])
        predicted = self.model.predict(appeal(satisfied, items.ravel()))
        return np.asarray(predicted.reshape(items.shape).argmax(axis=1))


def features(kind: Array, satisfaction: Array, repeats: Array, p: VisitParameters) -> Floats:
    """[rows, columns] one column a kind, one a level of satisfaction, and the repeats."""
    return np.column_stack([np.eye(len(p.kinds))[kind], np.eye(p.levels)[satisfaction], repeats])


def appeal(satisfied: Any, item: Any) -> Floats:
    """[rows, 3] satisfaction, clickbait, and the two together."""
    return np.column_stack([satisfied, item, satisfied * item])


def trained_on_visits(problem: Problem, seed: int = 0, customers: int = CUSTOMERS) -> MostClicksPredicted:
    """A Poisson regression of clicks on kind, satisfaction and repeats, and the kind with most clicks predicted.

    Args:
        problem: the customer.
        seed: seed of the log.
        customers: customers in the log, shown everything at random.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    p = parameters_as(VisitParameters, problem)
    log = visits_made(p, seed=seed, customers=customers)
    numbers = {kind.name: number for number, kind in enumerate(p.kinds)}
    shown = log["shown"].map(numbers).to_numpy()
    rows = features(shown, log["satisfaction"].to_numpy(), log["repeats"].to_numpy(), p)
    model = poisson_regression(PURPOSE, rows, log["clicks"].to_numpy(), ridge=1e-3, rounds=500)
    every = np.indices((len(p.kinds), p.levels, p.boredom + 1))
    kind, satisfaction, repeats = every.reshape(3, -1)
    return MostClicksPredicted(model.predict(features(kind, satisfaction, repeats, p)).reshape(every.shape[1:]))


def trained_on_items(problem: Problem, seed: int = 0, users: int = USERS) -> LongestPredicted:
    """A linear regression of log minutes on satisfaction and clickbait, and the item predicted to hold longest.

    Args:
        problem: the user.
        seed: seed of the log.
        users: users in the log, shown candidates at random.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    log = items_shown(parameters_as(SatisfactionParameters, problem), seed=seed, users=users)
    model = linear_models(PURPOSE).LinearRegression()
    rows = appeal(log["satisfaction"].to_numpy(), log["clickbait"].to_numpy())
    return LongestPredicted(model.fit(rows, np.log(log["minutes"].to_numpy())))


# The logs of these two cases are no part of the registry, but can always be generated.
VISIT = AgentSpec("click model", Kind.PREDICT, "the table", trained_on_visits)
SATISFACTION = AgentSpec("click model", Kind.PREDICT, "the table", trained_on_items)
