"""Predict, then decide: the recommender that most shops have, trained on logged clicks alone."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from baselines.agents import Problem
from baselines.rules.recommend_lifetime import parameters_of, view_of
from baselines.rules.rule_specs import predictor
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Flags, Floats, Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters
from envs_data.recommend.lifetime.laws import KEPT

CUSTOMERS = 400
# A weak pull to 0 keeps the utility of items that nobody clicked finite.
RIDGE = 0.1
# For the model that keeps learning: days of a bin in which clicks are counted, weight of a bin beside the next, and how
# many places the model trained before is worth.
BIN, FADES, TRUST = 14, 0.6, 8.0


@dataclasses.dataclass(frozen=True)
class ClickModel:
    """Shows the items likeliest to be clicked, or those whose clicks are worth most.

    Attributes:
        view: the shop's.
        items: [items] utility beside no click, at the top place, to an average customer.
        place: effect of a place further down.
        recent, shown: effect of a recent click on the item's topic, and of a place it was shown at.
        crowd: weight of all places of a slate, as it was in the log.
        worth: [items] value of a click.
    """

    view: LifetimeView
    items: Floats
    place: float
    recent: float
    shown: float
    crowd: float
    worth: Floats

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        return self.view.top(self.chance(observations) * self.worth, observations)

    def chance(self, rows: Rows) -> Floats:
        """[worlds, items] probability of a click at the top place, beside usual other places."""
        by_topic = self.recent * self.view.recent(rows) + self.shown * self.view.shown(rows)
        return np.asarray(np.exp(self.items + by_topic[:, self.view.topic_of]) / (1 + self.crowd))


class LearnsOn:
    """A click model that keeps learning from clicks, older ones fading: Thompson sampling by item.

    It uses the observations alone: the last slate, the place clicked, and the day. A customer meets what was learned
    from days up to his own. The rate of clicks on an item is assumed to be gamma distributed, under a prior worth a few
    places at the model's rate.

    Args:
        model: the model to begin with.
        seed: seed of the sampling.
    """

    def __init__(self, model: ClickModel, seed: int = 0) -> None:
        self.model = model
        self._seed = seed
        self._forget(0)

    def _forget(self, worlds: int) -> None:
        p = self.model.view.parameters
        self._rng = np.random.default_rng(self._seed)
        # Clicks, and places shown at counted as top places, by bin of days and item.
        self._counts = np.zeros((2, p.days // BIN + 2, len(p.items)))
        self._visits = np.full(worlds, -1)

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        view = self.model.view
        visits = np.rint(view.one(observations, "visits")).astype(np.int64)
        if len(visits) != len(self._visits) or (visits == 0).all():
            self._forget(len(visits))
        self._learn(observations[visits != self._visits])
        self._visits = visits
        bins = self._bin(view.one(observations, "day"))
        clicks, places = (counts[bins] for counts in self._faded())
        chance = self.model.chance(observations)
        rate = self._rng.standard_gamma(TRUST * chance + clicks) / (TRUST + places)
        return view.top(rate * self.model.worth, observations)

    def _bin(self, day: Rows) -> Ints:
        return np.asarray(day // BIN, dtype=np.int64)

    def _learn(self, rows: Rows) -> None:
        view = self.model.view
        rows = rows[view.one(rows, "visits") > 0]
        slate, clicked = view.last(rows), np.rint(view.one(rows, "clicked")).astype(np.int64)
        when = self._bin(np.maximum(view.one(rows, "day") - view.one(rows, "since"), 0.0))
        seen, places = slate >= 0, np.arange(slate.shape[1])
        bins = np.broadcast_to(when[:, None], slate.shape)[seen]
        hit = (places == clicked[:, None] - 1)[seen]
        worth = np.broadcast_to(np.exp(self.model.place * places), slate.shape)[seen]
        np.add.at(self._counts[0], (bins, slate[seen]), hit)
        np.add.at(self._counts[1], (bins, slate[seen]), worth)

    def _faded(self) -> Floats:
        """[2, bins, items] clicks and places up to each bin, older ones counting less."""
        faded = self._counts.copy()
        for k in range(1, faded.shape[1]):
            faded[:, k] += FADES * faded[:, k - 1]
        return faded


def click_model(problem: Problem, seed: int = 0, customers: int = CUSTOMERS) -> ClickModel:
    """A multinomial logit of clicks on item, place and the customer's recent views and clicks.

    It knows only the log of clicks: of all days, or of those before tastes shift. Its neighbours on a slate
    are accounted for: an item that is always shown among the best is clicked less than one shown among the worst.

    Args:
        problem: the shop.
        seed: seed of the log.
        customers: customers in the log.
    """
    return _trained(problem, seed, customers, margin=False)


def clicks_times_margin(problem: Problem, seed: int = 0, customers: int = CUSTOMERS) -> ClickModel:
    """As `click_model`, times the margin that the log says a click on the item brings."""
    return _trained(problem, seed, customers, margin=True)


def learns_on(problem: Problem, seed: int = 0, customers: int = CUSTOMERS) -> LearnsOn:
    """As `clicks_times_margin`, and learns on while it is at work."""
    return LearnsOn(clicks_times_margin(problem, seed, customers))


def _trained(problem: Problem, seed: int, customers: int, margin: bool) -> ClickModel:
    p = parameters_of(problem)
    utility, (place, recent, shown), crowd, worth = _learned(problem.case.generate, p, seed, customers)
    if not margin:
        worth = np.ones(len(p.items))
    return ClickModel(view_of(problem), utility, place, recent, shown, crowd, worth)


@functools.lru_cache(maxsize=4)
def _learned(
    generate: Callable[..., pd.DataFrame], p: LifetimeParameters, seed: int, customers: int
) -> tuple[Floats, list[float], float, Floats]:
    """Estimates from the log: utility of items, place and past, the usual crowd, and the margin of a click."""
    log = generate(p, seed=seed, customers=customers, days=p.shift_day or None)
    names = {item.name: k for k, item in enumerate(p.items)}
    item: Ints = np.asarray(log["item"].map(names), dtype=np.int64)
    visit: Ints = np.asarray(log.groupby(["customer", "visit"]).ngroup(), dtype=np.int64)
    context = np.column_stack([log["position"] - 1.0, of_late(log, p.topics)])
    weights = _logit(item, context, visit, log["clicked"].to_numpy() == 1, len(p.items))
    utility, past = weights[: len(p.items)], weights[len(p.items) :]
    crowd = np.bincount(visit, np.exp(utility[item] + context @ past)).mean()
    counts = np.bincount(item, minlength=len(p.items))
    # An item that is not in the log is assumed to be average.
    utility[counts == 0] = np.average(utility, weights=counts)
    return utility, past.tolist(), float(crowd), _margin_of_a_click(log, item, len(p.items))


def _logit(item: Ints, context: Floats, visit: Ints, clicked: Flags, items: int) -> Floats:
    """[items + columns] utilities of items and context, of whose slate one place is clicked or none.

    Args:
        item: [rows] item of each place that was shown.
        context: [rows, columns] its further regressors.
        visit: [rows] number of its visit.
        clicked: [rows] whether it was clicked.
        items: how many items there are.
    """

    def loss(weights: Floats) -> tuple[float, Floats]:
        utility = weights[item] + context @ weights[items:]
        total = 1.0 + np.bincount(visit, np.exp(utility))
        slope = np.exp(utility) / total[visit] - clicked
        surprise = np.log(total).sum() - utility[clicked].sum() + RIDGE / 2 * weights @ weights
        return float(surprise), np.append(np.bincount(item, slope, items), slope @ context) + RIDGE * weights

    begin = np.append(np.full(items, -2.0), np.zeros(context.shape[1]))
    return np.asarray(optimize.minimize(loss, begin, jac=True, method="L-BFGS-B").x)


def _margin_of_a_click(log: pd.DataFrame, item: NDArray[np.integer], items: int) -> Floats:
    """[items] mean margin of the clicks on an item, returns taken off, shrunk towards the mean of all."""
    clicked = log["clicked"].to_numpy() == 1
    earned = (log["margin"] * (log["bought"] - log["returned"])).to_numpy()[clicked]
    count = np.bincount(item[clicked], minlength=items)
    total = np.bincount(item[clicked], weights=earned, minlength=items)
    usual = float(earned.mean()) if len(earned) else 1.0
    return np.asarray(np.maximum((total + 10 * usual) / (count + 10), 1e-6))


def of_late(log: pd.DataFrame, topics: int) -> Floats:
    """[rows, 2] recent clicks on the row's topic, and places at which it was shown, as the observation counts them."""
    counted = np.zeros((len(log), 2))
    now, before = np.zeros((topics, 2)), None
    columns = (log[name].to_numpy() for name in ("customer", "visit", "topic", "clicked"))
    fresh = np.zeros((topics, 2))
    for row, (customer, visit, topic, clicked) in enumerate(zip(*columns, strict=True)):
        if (customer, visit) != before:
            same = before is not None and before[0] == customer
            now = now * KEPT + fresh if same else np.zeros((topics, 2))
            fresh, before = np.zeros((topics, 2)), (customer, visit)
        counted[row] = now[topic]
        fresh[topic] += (clicked, 1.0)
    return counted


PREDICT = (
    predictor("click model", click_model),
    predictor("click model times margin", clicks_times_margin),
    predictor("click model, learns on", learns_on),
)
