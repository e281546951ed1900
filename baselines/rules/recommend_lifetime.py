"""Rules for the slate of each visit: by clicks, by margin, and by keeping customers."""

from __future__ import annotations

import functools

import numpy as np

from baselines.agents import Problem, Settings
from baselines.rules.recommend_rankings import ByMood, Mixed, Ranker, Rotation
from baselines.rules.rule_specs import around, grid, informed_rule, over, parameters_as, planner, rule
from bizgyms.recommend.lifetime.bound import law_of
from bizgyms.recommend.lifetime.planner import Planner
from bizgyms.recommend.lifetime.planner import planner as planner_of
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Floats
from envs_data.recommend.lifetime import LifetimeParameters

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


def treat_the_satisfied(problem: Problem, care: float, level: int, then: float, last: int) -> ByMood:
    """As `worth_of_a_click`, with another value of satisfaction for customers who have much of it, and none at the end.

    Args:
        problem: the shop, in which satisfaction is seen.
        care: mean margins for a level of satisfaction.
        level: satisfaction from which on it is worth ``then`` only.
        then: mean margins for a level more.
        last: visits, of the most there can be, in which only their own margin counts.
    """
    usual, satisfied, final = (worth_of_a_click(problem, worth) for worth in (care, then, 0.0))
    return ByMood(usual, satisfied, final, int(level), parameters_of(problem).visits - int(last))


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
FINER_MOODS = around(care=4.0, then=1.0, last=2)
CARES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


def worth_settings(problem: Problem) -> Settings:
    """Values of satisfaction, with priors on tastes, and with or without boredom."""
    priors = (0.0, 0.5, 1.0, 2.0) if parameters_of(problem).topics > 1 else (0.0,)
    tires = (False, True) if len(parameters_of(problem).boredom) > 1 else (False,)
    return grid(care=CARES, prior=priors, tires=tires)


def mood_settings(problem: Problem) -> Settings:
    """The highest level first, with little worth of more."""
    levels = range(parameters_of(problem).levels, 0, -1)
    return grid(care=(8.0, 2.0, 32.0), then=(0.0, 1.0, 4.0), level=levels, last=(0, 4, 8))


def plan_settings(problem: Problem) -> Settings:
    """At its full worth first."""
    several = len(parameters_of(problem).segments) > 1
    return grid(care=(1.0, 0.5, 1.5, 2.0), learns=(True, False) if several else (True,))


def _revealed(problem: Problem) -> bool:
    return parameters_of(problem).revealed


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
    informed_rule(
        "treat the satisfied", treat_the_satisfied, mood_settings, _revealed, around(care=4.0, then=1.0, last=2)
    ),
    planner("planner", plan, plan_settings),
)
