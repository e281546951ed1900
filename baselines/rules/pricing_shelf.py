"""Rules for a shelf: markups, fixed or by the logit, and markdowns by how fast each product sells."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from baselines.agents import Problem
from baselines.rules import pricing_calendar as calendar
from baselines.rules.rule_specs import informed_rule, over, rule, view_as
from bizgyms.pricing.shelf.optimum import myopic_steps, unit_margins, weights_at_rest
from bizgyms.pricing.shelf.view import ShelfView
from envs_data.arrays import Floats, Ints, Mask, Rows


@dataclasses.dataclass(frozen=True)
class Markdown:
    """Base steps, each moved by how far its product is from a straight sell-down; ``slope`` 0 never moves."""

    view: ShelfView
    steps: Ints
    slope: float = 0.0

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        products = self.view.parameters.products
        last = np.array([len(product.prices) for product in products]) - 1
        wanted = self.steps - self.slope * self._ahead(observations)
        return np.clip(np.rint(wanted), 0, last).astype(np.int64)

    def _ahead(self, rows: Rows) -> Floats:
        """[worlds, products] stock beside that of a straight sell-down, the delivery counted from the start."""
        p, period = self.view.parameters, self.view.period(rows)
        whole = np.array([product.start_stock + product.delivery for product in p.products])
        planned = whole * (1 - period / p.periods)[:, None]
        return np.asarray(stock_and_delivery(self.view, rows) / np.maximum(planned, 1e-9) - 1)


@dataclasses.dataclass(frozen=True)
class Keep:
    """The prices of the last period, for ever."""

    view: ShelfView

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds, products] price steps."""
        return self.view.steps(observations).astype(np.int64)


_view = functools.partial(view_as, ShelfView)


def stock_and_delivery(view: ShelfView, rows: Rows) -> Floats:
    """[worlds, products] units on the shelf, and those of a delivery that is still to come."""
    p = view.parameters
    coming = np.array([product.delivery for product in p.products]) * (view.period(rows) < p.delivery_period)[:, None]
    return np.asarray(view.stock(rows) + coming)


def logit_steps(problem: Problem, markup: float = 1.0) -> Ints:
    """[products] the steps that earn most from one customer, if costs were so much higher that margins were markup."""
    p = _view(problem).parameters
    weights, margins = weights_at_rest(p), unit_margins(p)
    value = _value_of(weights, margins, myopic_steps(weights, margins))
    return myopic_steps(weights, margins - (markup - 1.0) * value)


def _value_of(weights: Floats, margins: Floats, steps: Ints) -> float:
    every = np.arange(len(steps))
    chosen = weights[every, steps]
    return float((chosen * margins[every, steps]).sum() / (1 + chosen.sum()))


def keep(problem: Problem) -> Keep:
    """Never changes a price."""
    return Keep(_view(problem))


def fixed_prices(problem: Problem, height: float) -> Markdown:
    """Every product at the same height of its ladder, 0 the lowest and 1 the highest price."""
    view = _view(problem)
    last = np.array([len(product.prices) - 1 for product in view.parameters.products])
    return Markdown(view, np.rint(height * last).astype(np.int64))


def cost_plus(problem: Problem, markup: float) -> Markdown:
    """The step nearest to cost plus a share of it."""
    view = _view(problem)
    products = view.parameters.products
    steps = [np.abs(np.array(q.prices) - (1 + markup) * q.cost).argmin() for q in products]
    return Markdown(view, np.array(steps, dtype=np.int64))


def logit_markup(problem: Problem, markup: float = 1.0) -> Markdown:
    """The markup of the multinomial logit, every customer for himself; above 1 it treats stock as scarce."""
    return Markdown(_view(problem), logit_steps(problem, markup))


def threshold_markdown(problem: Problem, markup: float, slope: float) -> Markdown:
    """The logit's markup, lowered where stock is ahead of a straight sell-down and raised where it is behind."""
    return Markdown(_view(problem), logit_steps(problem, markup), float(slope))


def _costly(problem: Problem) -> bool:
    return any(product.cost > 0 for product in _view(problem).parameters.products)


def _remembered(problem: Problem) -> bool:
    return _view(problem).parameters.remembers


# Heights of the ladder of prices, the middle first; shares of cost; and multiples of the logit's own markup.
HEIGHTS = tuple(dict.fromkeys((0.5, *np.round(np.linspace(0, 1, 21), 2).tolist())))
COST_MARKUPS = (0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
LOGIT_MARKUPS = (1.0, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0)
RULES = (
    rule("no change", keep),
    rule("fixed prices", fixed_prices, over(height=HEIGHTS)),
    rule("cost plus", cost_plus, over(markup=COST_MARKUPS), _costly),
    informed_rule("logit markup", logit_markup, over(markup=LOGIT_MARKUPS)),
    informed_rule(
        "threshold markdown",
        threshold_markdown,
        over(markup=(1.0, 0.8, 1.2, 1.5, 2.0), slope=(1.0, 0.5, 1.5, 2.0, 3.0, 5.0)),
    ),
    rule("hi-lo calendar", calendar.hi_lo, calendar.calendar_settings, _remembered, finer=calendar.finer_calendar),
    rule(
        "bargain at a high reference",
        calendar.bargain,
        calendar.bargain_settings,
        _remembered,
        finer=calendar.finer_bargain,
    ),
)
