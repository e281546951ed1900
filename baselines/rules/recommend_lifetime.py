"""Rules for the slate of each visit: by clicks, by margin, and by keeping customers."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import around, grid, informed_rule, over, parameters_as, planner, rule
from bizgyms.recommend.lifetime.bound import law_of
from bizgyms.recommend.lifetime.planner import Planner
from bizgyms.recommend.lifetime.planner import planner as planner_of
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.recommend.lifetime import LifetimeParameters


@dataclasses.dataclass(frozen=True)
class Ranker:
    """Shows the items with the highest score: probability of a click times its value.

    Attributes:
        view: the shop's.
        worth: [items] value of a click.
        clicked: whether popularity counts; else items are ranked by worth alone.
        prior: how many places' worth of clicks a topic's own record is shrunk by; 0 ignores the record.
        tires: whether topics clicked of late count less, as boredom has it.
        most: most items of a topic on a slate; 0 no limit.
    """

    view: LifetimeView
    worth: Floats
    clicked: bool = True
    prior: float = 0.0
    tires: bool = False
    most: int = 0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        topic = self.view.topic_of
        liked = np.ones((len(observations), self.view.parameters.topics))
        if self.prior:
            liked *= self._liking(observations)
        if self.tires:
            liked *= self.view.freshness(observations)
        likely = self.view.popular(observations) if self.clicked else 1.0
        scores = likely * liked[:, topic] * self.worth
        return self.view.top(scores, observations) if not self.most else self._mixed(scores, observations)

    def _liking(self, rows: Rows) -> Floats:
        """[worlds, topics] clicks of late beside those of an average topic, shrunk towards 1."""
        recent, shown = self.view.recent(rows).astype(np.float64), self.view.shown(rows).astype(np.float64)
        usual = (recent.sum(axis=1) + 1.0) / (shown.sum(axis=1) + 2.0 * self.view.parameters.slate)
        expected = shown * usual[:, None]
        return np.asarray((recent + self.prior) / (expected + self.prior))

    def _mixed(self, scores: Floats, rows: Rows) -> Ints:
        """[worlds, slate] the highest scores, but few of a topic as long as others are left."""
        view, every = self.view, np.arange(len(rows))
        left = np.where(view.available(rows), scores, -np.inf)
        counts = np.zeros((len(rows), view.parameters.topics), dtype=np.int64)
        slate = np.empty((len(rows), view.parameters.slate), dtype=np.int64)
        for place in range(view.parameters.slate):
            allowed = np.where(counts[:, view.topic_of] < self.most, left, -np.inf)
            full = ~np.isfinite(allowed).any(axis=1)
            allowed[full] = left[full]
            slate[:, place] = allowed.argmax(axis=1)
            left[every, slate[:, place]] = -np.inf
            counts[every, view.topic_of[slate[:, place]]] += 1
        return slate


@dataclasses.dataclass(frozen=True)
class Rotation:
    """Shows one topic a visit, in turn, its most popular items first."""

    view: LifetimeView
    every: int

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        visits = np.rint(self.view.one(observations, "visits")).astype(np.int64)
        turn = visits // self.every % self.view.parameters.topics
        mine = self.view.topic_of == turn[:, None]
        return self.view.top(self.view.popular(observations) + np.where(mine, 1e6, 0.0), observations)


@dataclasses.dataclass(frozen=True)
class Mixed:
    """A ranking, with its last places for topics shown least, and another one for customers who were long away.

    Attributes:
        usual, returned: the rankings.
        explore: places, from the last one up.
        away: days since the last visit from which on a customer counts as one to win back.
    """

    usual: Ranker
    returned: Ranker
    explore: int
    away: float

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, slate] items."""
        view, slate = self.usual.view, self.usual.act(observations)
        if self.explore:
            scores = 1e-3 * view.popular(observations) - view.shown(observations)[:, view.topic_of]
            np.put_along_axis(scores, slate[:, : -self.explore], -np.inf, axis=1)
            fresh = view.top(scores, observations)
            slate[:, -self.explore :] = fresh[:, : self.explore]
        back = view.one(observations, "since") >= self.away
        if back.any():
            slate[back] = self.returned.act(observations[back])
        return slate


parameters_of = functools.partial(parameters_as, LifetimeParameters)


def view_of(problem: Problem) -> LifetimeView:
    """The shop's own view, also where a learner decides by scores."""
    return LifetimeView(parameters_of(problem))


def margins(problem: Problem) -> Floats:
    """[items] margin of a purchase."""
    return np.array([item.margin for item in parameters_of(problem).items])


def worths(problem: Problem, care: float) -> Floats:
    """[items] expected margin of a click, and ``care`` mean margins for a level of satisfaction that it brings."""
    law = law_of(parameters_of(problem))
    brings = law.up[:-1] - law.down[:-1]
    return np.asarray(np.maximum(law.margin + care * float(law.margin.mean()) * brings, 1e-6))


def most_popular(problem: Problem) -> Ranker:
    """The items clicked most by all customers."""
    view = view_of(problem)
    return Ranker(view, np.ones(len(view.topic_of)))


def highest_margin(problem: Problem) -> Ranker:
    """The items with the highest margin."""
    return Ranker(view_of(problem), margins(problem), clicked=False)


def quality_first(problem: Problem) -> Ranker:
    """The items rated best."""
    quality = np.array([item.quality for item in parameters_of(problem).items])
    return Ranker(view_of(problem), quality + 1e-3, clicked=False)


def diversity_cap(problem: Problem, most: int) -> Ranker:
    """The items clicked most, at most so many of a topic; recently clicked topics count less."""
    view = view_of(problem)
    return Ranker(view, np.ones(len(view.topic_of)), tires=True, most=int(most))


def rotate(problem: Problem, every: int) -> Rotation:
    """One topic at a time, ``every`` visits each."""
    return Rotation(view_of(problem), int(every))


def rated_margin(problem: Problem, power: float) -> Ranker:
    """Popularity times margin times a power of the rating."""
    quality = np.array([item.quality for item in parameters_of(problem).items])
    return Ranker(view_of(problem), margins(problem) * (quality + 1e-3) ** power)


def worth_of_a_click(problem: Problem, care: float, prior: float = 0.0, tires: bool = False) -> Ranker:
    """The items with the highest expected value of a click, that of satisfaction included."""
    return Ranker(view_of(problem), worths(problem, care), prior=prior, tires=tires)


def popular_by_taste(problem: Problem, prior: float) -> Ranker:
    """The items clicked most, of the topics that the customer himself clicked of late: the segment he shows."""
    view = view_of(problem)
    return Ranker(view, np.ones(len(view.topic_of)), prior=prior)


def explore_slots(problem: Problem, power: float, explore: int) -> Mixed:
    """As `rated_margin`, with the last places for the topics shown least (Li and others 2010)."""
    usual = rated_margin(problem, power)
    return Mixed(usual, usual, int(explore), np.inf)


def win_back(problem: Problem, power: float, away: float, then: float) -> Mixed:
    """As `rated_margin`, with another weight of ratings for customers who were long away.

    Args:
        problem: the shop.
        power: of the rating.
        away: days since the last visit.
        then: power of the rating for those who come back after as many.
    """
    return Mixed(rated_margin(problem, power), rated_margin(problem, then), 0, float(away))


def plan(problem: Problem, care: float, learns: bool) -> Planner:
    """The best slate at the bound's value of satisfaction, with tastes and boredom inferred from clicks."""
    return planner_of(parameters_of(problem), care, learns)


def most_settings(problem: Problem) -> Settings:
    """One of a topic first."""
    return grid(most=range(1, max(parameters_of(problem).slate, 2)))


def explore_settings(problem: Problem) -> Settings:
    """One place, then two, with weights of ratings."""
    slate = parameters_of(problem).slate
    return grid(power=(3.0, 1.5), explore=[count for count in (1, 2) if count < slate] or [0])


FINER_WIN_BACK = around(power=1.0, away=10.0, then=2.0)
CARES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


def worth_settings(problem: Problem) -> Settings:
    """Values of satisfaction, with priors on tastes, and with or without boredom."""
    priors = (0.0, 0.5, 1.0, 2.0) if parameters_of(problem).topics > 1 else (0.0,)
    tires = (False, True) if len(parameters_of(problem).boredom) > 1 else (False,)
    return grid(care=CARES, prior=priors, tires=tires)


def plan_settings(problem: Problem) -> Settings:
    """At its full worth first."""
    several = len(parameters_of(problem).segments) > 1
    return grid(care=(1.0, 0.5, 1.5, 2.0), learns=(True, False) if several else (True,))


def _topics(problem: Problem) -> bool:
    return parameters_of(problem).topics > 1


RULES = (
    rule("most popular", most_popular),
    rule("highest margin", highest_margin),
    rule("quality first", quality_first),
    rule("rated margin", rated_margin, over(power=(1.0, 0.0, 0.5, 2.0, 3.0, 5.0, 8.0))),
    rule("most popular by taste", popular_by_taste, over(prior=(1.0, 0.25, 0.5, 2.0, 4.0)), _topics),
    rule("explore slots", explore_slots, explore_settings, finer=around(power=1.0)),
    rule("win-back", win_back, over(power=(3.0, 1.5), away=(14.0, 45.0), then=(8.0, 0.5)), finer=FINER_WIN_BACK),
    rule("diversity cap", diversity_cap, most_settings, _topics),
    rule("rotate", rotate, over(every=(1, 2, 3, 5)), _topics),
    informed_rule("worth of a click", worth_of_a_click, worth_settings),
    planner("planner", plan, plan_settings),
)
