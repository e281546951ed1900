"""Rules for many people who share a few messages: who comes first, and who gets none."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Problem, Settings
from baselines.rules.rule_specs import grid, informed_rule, over, parameters_as, planner, rule
from bizgyms.nudge.budget.optimum import advantages, index_policy
from bizgyms.nudge.budget.view import BudgetView
from envs_data.arrays import Floats, Mask, Rows
from envs_data.nudge.budget import BudgetParameters, chain_of


@dataclasses.dataclass(frozen=True)
class ByState:
    """Messages the highest scores of a table over a person's state.

    Attributes:
        view: the people's.
        scores: [types, states] the higher, the sooner; a score of 0 or below gets no message.
    """

    view: BudgetView
    scores: Floats

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int8]:
        """[worlds, people] messages."""
        return self.view.choose(self.scores[self.view.type_of, self.view.states(observations)], observations)


@dataclasses.dataclass(frozen=True)
class Rhythm:
    """Messages everybody in turn, every so many days."""

    view: BudgetView
    every: int

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int8]:
        """[worlds, people] messages; the longest wait comes first."""
        day = self.view.step(observations) // self.view.parameters.decisions_a_day
        phase = np.arange(self.view.people) * self.every // self.view.people
        turn = (day[:, None] - phase[None, :]) % self.every == 0
        return self.view.choose(turn.astype(np.float64), observations)


parameters_of = functools.partial(parameters_as, BudgetParameters)


def _view(problem: Problem) -> BudgetView:
    return BudgetView(parameters_of(problem))


def _same_for_all_types(view: BudgetView, scores: Floats) -> ByState:
    return ByState(view, np.repeat(scores[None, :], len(view.parameters.types), axis=0))


def never(problem: Problem) -> ByState:
    """Sends no messages."""
    view = _view(problem)
    return _same_for_all_types(view, np.zeros(view.moods * view.loads))


def everybody(problem: Problem) -> ByState:
    """Messages all reachable people in turn."""
    view = _view(problem)
    return _same_for_all_types(view, np.ones(view.moods * view.loads))


def rhythm(problem: Problem, every: int) -> Rhythm:
    """Messages everybody in turn, every ``every`` days."""
    return Rhythm(_view(problem), int(every))


def lapsed_first(problem: Problem, most: int) -> ByState:
    """Messages people with a load of at most ``most``: the lapsed first, and everybody in turn."""
    view = _view(problem)
    mood, load = np.divmod(np.arange(view.moods * view.loads), view.loads)
    return _same_for_all_types(view, np.where(load <= most, 1.0 + view.moods - mood, 0.0))


def rested_first(problem: Problem, most: int) -> ByState:
    """Messages people with a load of at most ``most``: the lapsed first, and of these the least loaded."""
    view = _view(problem)
    mood, load = np.divmod(np.arange(view.moods * view.loads), view.loads)
    return _same_for_all_types(view, np.where(load <= most, 1.0 + (view.moods - mood) * view.loads - load, 0.0))


def review_due(problem: Problem, recall: float) -> ByState:
    """Reviews items recalled with a probability of at most ``recall``, the best recalled first."""
    view = _view(problem)
    chance = chain_of(view.parameters, view.parameters.types[0]).engaged
    return _same_for_all_types(view, np.where(chance <= recall, chance, 0.0))


def mastery(problem: Problem, reviews: int, recall: float) -> ByState:
    """Drills items until they were recalled so often in a row, the best recalled first; then reviews them when due.

    Items that are mastered drop out of the drill (Kornell and Bjork 2008, Memory 16(2)).

    Args:
        problem: the items.
        reviews: good reviews in a row.
        recall: probability of recall up to which a mastered item is due, after all others.
    """
    view = _view(problem)
    chance = chain_of(view.parameters, view.parameters.types[0]).engaged
    good = np.arange(len(chance)) // view.loads
    return _same_for_all_types(view, np.where(good < reviews, 2.0 + chance, np.where(chance <= recall, 1 - chance, 0)))


def mastery_settings(problem: Problem) -> Settings:
    """Reviews up to those with the longest half-life, and recalls."""
    return grid(reviews=range(len(parameters_of(problem).half_lives), 0, -1), recall=(0.9, 0.3, 0.5, 0.7, 1.0))


def myopic(problem: Problem) -> ByState:
    """Messages where they gain most in the very next step."""
    p = parameters_of(problem)
    days = -(-p.steps // p.decisions_a_day)
    gains = [advantages(p, chain_of(p, kind), np.zeros(days))[1][-1] for kind in p.types]
    return ByState(BudgetView(p), np.stack(gains))


def index(problem: Problem) -> Any:
    """Messages where they gain most until the end, at the dual prices of the messages of the days to come."""
    return index_policy(parameters_of(problem))[1]


def load_settings(problem: Problem) -> Settings:
    """Any load first, then every level of it."""
    levels = parameters_of(problem).levels
    return [{"most": most} for most in (levels, *range(min(levels, 40)))]


def _remembers(problem: Problem) -> bool:
    return parameters_of(problem).mechanism == "memory"


def _loads(problem: Problem) -> bool:
    return not _remembers(problem)


RULES = (
    rule("weekly rhythm", rhythm, over(every=dict.fromkeys([7, *range(1, 15), 21, 28])), knows="nothing"),
    rule("lapsed first", lapsed_first, load_settings, _loads),
    rule("lapsed and rested first", rested_first, load_settings, _loads),
    rule("review when due", review_due, over(recall=(0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)), _remembers),
    rule("drill to mastery", mastery, mastery_settings, _remembers),
    rule("everybody", everybody, knows="nothing"),
    rule("never", never, knows="nothing"),
    informed_rule("myopic gain", myopic),
    planner("dual-price index", index),
)
