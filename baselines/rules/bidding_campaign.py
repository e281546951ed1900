"""Rules for a campaign's day: bids per conversion, fixed, paced to a clock or to traffic, shaded, or corrected."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from baselines.agents import Problem, Setting, Settings
from baselines.rules.bidding_predict import predict_then_bid
from baselines.rules.bidding_win_rate import WinRate
from baselines.rules.rule_specs import HALVINGS, around, informed_rule, over, predictor, rule, view_as
from bizgyms.bidding.campaign.fluid import Resolve, best_shading, curves, resolve
from bizgyms.bidding.campaign.view import CampaignView
from envs_data.arrays import Floats, Mask, Rows

# Where on the range of bids, from -1 to 1, a rule may begin the day.
STARTS = (-0.25, -0.5, 0.05, 0.4)


@dataclasses.dataclass(frozen=True)
class Paced:
    """A bid that starts at ``start`` and follows spending, by a proportional and an integral term.

    The log bid moves by ``integral`` times (planned less spent so far) plus ``proportional`` times (planned less spent
    in the last tick), both in shares of the budget.

    Attributes:
        view: the campaign's.
        start: first bid per conversion.
        shaped: whether the plan follows the usual traffic; else the clock.
        proportional, integral: the terms.
        shading: the same all day.
    """

    view: CampaignView
    start: float
    shaped: bool
    proportional: float
    integral: float
    shading: float = 0.0

    def act(self, observations: Rows, mask: Mask = None) -> Rows:
        """[worlds, 1 or 2] actions."""
        budget = max(self.view.parameters.budget, 1)
        plan, tick = self._plan(), self.view.tick(observations)
        spent = 1 - self.view.column(observations, "budget") / budget
        last = self.view.column(observations, "spent_last") / budget
        behind = plan[tick] - spent
        just = plan[tick] - plan[np.maximum(tick - 1, 0)] - last
        moved = np.exp(self.integral * behind + self.proportional * just)
        bids = np.where(tick > 0, self.view.column(observations, "bid_last") * moved, self.start)
        return self.view.action(bids, self.shading)

    def _plan(self) -> Floats:
        """[ticks + 1] share of the budget to be spent before each tick."""
        if self.shaped:
            return np.asarray(1 - self.view.coming / self.view.coming[0])
        return np.linspace(0, 1, self.view.parameters.ticks + 1)


@dataclasses.dataclass(frozen=True)
class BudgetRatio:
    """A bid in proportion to (budget left per tick left, beside the whole day's)^``pace``."""

    view: CampaignView
    bid: float
    pace: float

    def act(self, observations: Rows, mask: Mask = None) -> Rows:
        """[worlds, 1 or 2] actions."""
        p = self.view.parameters
        left = self.view.column(observations, "budget") / max(p.budget, 1)
        ratio = left / np.maximum(self.view.column(observations, "ticks_left") / p.ticks, 1e-9)
        return self.view.action(self.bid * ratio**self.pace)


@dataclasses.dataclass(frozen=True)
class Target:
    """A bid that keeps the cost per conversion at its target.

    The day's bias is estimated by conversions reported over those that were predicted, ``prior`` of each added; where
    ``corrected``, only predicted ones that are due by now count. The bid is ``start`` times the bias, times the room
    left under the target to the power ``pull``.

    Attributes:
        view: the campaign's.
        start: bid per conversion at no bias.
        prior: conversions' worth of belief in the prediction.
        pull: how hard the cost per conversion so far pulls.
        corrected: whether late conversions are allowed for.
    """

    view: CampaignView
    start: float
    prior: float
    pull: float
    corrected: bool

    def act(self, observations: Rows, mask: Mask = None) -> Rows:
        """[worlds, 1 or 2] actions."""
        p, column = self.view.parameters, self.view.column
        predicted = column(observations, "predicted")
        due = column(observations, "due") if self.corrected else predicted
        bias = (column(observations, "reported") + self.prior) / (due + self.prior)
        spent = p.budget - column(observations, "budget")
        room = p.target * (bias * predicted + self.prior) / (spent + p.target * self.prior)
        return self.view.action(self.start * bias * room**self.pull)


_view = functools.partial(view_as, CampaignView)


def _bid(view: CampaignView, place: float) -> float:
    p = view.parameters
    return float(p.bid * p.bid_span**place)


def constant(problem: Problem, start: float) -> Paced:
    """The same bid per conversion all day: each bid is the same multiple of the predicted rate."""
    view = _view(problem)
    return Paced(view, _bid(view, start), False, 0.0, 0.0)


def truthful(problem: Problem) -> Paced:
    """The target itself as bid per conversion."""
    view = _view(problem)
    return Paced(view, view.parameters.target, False, 0.0, 0.0)


def budget_ratio(problem: Problem, start: float, pace: float) -> BudgetRatio:
    """Budget left over time left."""
    view = _view(problem)
    return BudgetRatio(view, _bid(view, start), pace)


def even_pid(problem: Problem, start: float, integral: float, proportional: float) -> Paced:
    """Spends evenly over the clock."""
    view = _view(problem)
    return Paced(view, _bid(view, start), False, proportional, integral)


def shaped_pid(problem: Problem, start: float, integral: float, proportional: float, shading: float = 0.0) -> Paced:
    """Spends in step with the usual traffic."""
    view = _view(problem)
    return Paced(view, _bid(view, start), True, proportional, integral, shading)


def dual_descent(problem: Problem, start: float, step: float) -> Paced:
    """Moves the bid against the overspending of the last tick alone (Balseiro and Gur 2019)."""
    view = _view(problem)
    return Paced(view, _bid(view, start), True, step, 0.0)


def win_rate(problem: Problem, start: float, share: float, step: float) -> WinRate:
    """Learns from the wins of the day how high to bid: a share of the auctions is to be won."""
    view = _view(problem)
    return WinRate(view, _bid(view, start), share, step)


def resolve_linear(problem: Problem, pull: float = 0.5) -> Resolve:
    """Re-solves a usual day for the budget left, every tick; bids stay in proportion to value."""
    return resolve(_view(problem).parameters, 0.0, pull)


def resolve_shaded(problem: Problem, pull: float = 0.5, shading: float = 1.0) -> Resolve:
    """Re-solves a usual day for the budget left, with a multiple of the shading best for its law of prices."""
    p = _view(problem).parameters
    return resolve(p, min(shading * best_shading(p), p.max_shading), pull)


def target_control(problem: Problem, start: float, prior: float, pull: float, corrected: bool = False) -> Target:
    """Keeps the cost per conversion reported at its target; late conversions count as none."""
    view = _view(problem)
    middle = float(np.exp(curves(view.parameters).log_target(view.parameters.target)))
    return Target(view, middle * start, prior, pull, corrected)


def corrected_control(problem: Problem, start: float, prior: float, pull: float) -> Target:
    """Keeps the cost per conversion at its target, allowing for late conversions by the law of delays."""
    return target_control(problem, start, prior, pull, True)


def constant_settings(problem: Problem) -> Settings:
    """Places in the range of bids, first the one that keeps to budget and target on a usual day."""
    p, places = _view(problem).parameters, np.round(np.linspace(-1, 1, 41), 3)
    usual = curves(p)
    log_bid = min(usual.log_bid(p.budget), usual.log_target(p.target) if p.target > 0 else np.inf)
    first = np.abs(p.bid * p.bid_span**places - np.exp(log_bid)).argmin()
    return [{"start": float(x)} for x in (places[first], *np.delete(places, first))]


def ratio_settings(problem: Problem) -> Settings:
    """Places in the range of bids, and powers of the ratio."""
    places = np.round(np.linspace(-0.7, 0.5, 9), 3).tolist()
    return [{"start": x, "pace": pace} for pace, x in itertools.product((0.5, 1.0), places)]


def pid_settings(problem: Problem) -> Settings:
    """First bids, integral and proportional terms."""
    terms = itertools.product((1.0, 0.3, 3.0), (5.0, 0.0))
    return [{"start": x, "integral": i, "proportional": k} for (i, k), x in itertools.product(terms, STARTS)]


def descent_settings(problem: Problem) -> Settings:
    """First bids and steps."""
    return [{"start": x, "step": step} for step, x in itertools.product((5.0, 1.0, 2.0, 10.0, 20.0), STARTS)]


def shading_settings(problem: Problem) -> Settings:
    """Shadings up to the strongest, with some terms of the control."""
    most = _view(problem).parameters.max_shading
    shadings = [round(most * share, 3) for share in (0.1, 0.05, 0.25)]
    terms = itertools.product((1.0, 0.3), (5.0, 0.0))
    return [
        {"start": x, "integral": i, "proportional": k, "shading": c}
        for c, (i, k), x in itertools.product(shadings, terms, STARTS)
    ]


def finer_pid(problem: Problem, setting: Setting, turn: int) -> Settings:
    """Other first bids; terms a half larger or smaller, and less in later turns."""
    closer = around(start=0.15, shading=0.1 * _view(problem).parameters.max_shading)(problem, setting, turn)
    factor = 1 + 0.6 / 2**turn
    terms = [name for name in ("integral", "proportional", "step") if turn < HALVINGS and setting.get(name)]
    scaled = [{**setting, name: round(setting[name] * by, 3)} for name in terms for by in (factor, 1 / factor)]
    return [one for one in (*closer, *scaled) if one.get("shading", 0.0) >= 0]


def win_settings(problem: Problem) -> Settings:
    """Shares to be won, and steps, from a first bid near the usual."""
    first = constant_settings(problem)[0]["start"]
    every = itertools.product((1.0, 0.3), (0.3, 0.15, 0.5, 0.7))
    return [{"start": first, "share": share, "step": step} for step, share in every]


def _tells_wins(problem: Problem) -> bool:
    return "won_last" in _view(problem).columns


def _has_target(problem: Problem) -> bool:
    return _view(problem).parameters.target > 0


def _reports_conversions(problem: Problem) -> bool:
    return _has_target(problem) and _view(problem).told > 0


def _shades(problem: Problem) -> bool:
    return _view(problem).action_space.shape == (2,)


# First bids beside the usual day's, beliefs in the prediction, and pulls.
TARGETS = over(start=(1.0, 0.9, 1.1, 1.25), prior=(10.0, 3.0, 30.0), pull=(1.0, 0.5, 2.0))
RULES = (
    rule("constant multiplier", constant, constant_settings),
    rule("truthful", truthful, fits=_has_target),
    rule("budget-ratio pacing", budget_ratio, ratio_settings, finer=around(start=0.08, pace=0.25)),
    rule("PID, even clock", even_pid, pid_settings, finer=finer_pid),
    rule("PID, shape of traffic", shaped_pid, pid_settings, finer=finer_pid),
    rule("dual descent", dual_descent, descent_settings, finer=finer_pid),
    rule("win-rate control", win_rate, win_settings, _tells_wins, finer=around(share=0.1, step=0.4)),
    informed_rule("re-solve", resolve_linear, over(pull=(0.5, 0.0, 0.25, 0.75, 1.0, 1.5))),
    rule("shading + PID", shaped_pid, shading_settings, _shades, finer=finer_pid),
    informed_rule(
        "shading + re-solve",
        resolve_shaded,
        over(pull=(0.5, 0.0, 0.25, 0.75, 1.0), shading=(1.0, 0.8, 1.2)),
        _shades,
    ),
    rule("target control", target_control, TARGETS, _reports_conversions),
    rule("target control, delays corrected", corrected_control, TARGETS, _reports_conversions),
    predictor("win model, then bid", predict_then_bid),
)
