"""The rules of a box with the settings over which they are tuned. The first setting of each is the textbook's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from baselines.agents import Problem, Setting, Settings
from baselines.rules import restock_box as box
from baselines.rules import restock_box_timetable as timed
from baselines.rules.restock_box_reader import Reader
from baselines.rules.restock_box_timetable import finer_service
from baselines.rules.rule_specs import around, grid, informed_rule, over, rule


def services(problem: Problem, count: int) -> list[float]:
    """Service levels, equally spaced in standard deviations; the mean critical ratio of the items comes first."""
    reader = Reader(problem)
    center = float(np.average(reader.critical_ratios, weights=np.maximum(reader.mean, 1e-9)))
    levels = stats.norm.cdf(np.linspace(-2.6, 3.2, count))
    return list(dict.fromkeys([round(center, 4), *np.round(levels, 4).tolist()]))


def base_stock_settings(problem: Problem) -> Settings:
    """Service levels alone."""
    return grid(service=services(problem, 48))


def service_and(**values: Sequence[float]) -> Callable[[Problem], Settings]:
    """Settings of service levels and a second number."""
    return lambda problem: grid(service=services(problem, 7), **values)


def finer_and(**steps: float) -> Callable[[Problem, Setting, int], Settings]:
    """Other service levels, and a second number moved by a step."""
    closer = around(**steps)
    return lambda problem, setting, turn: [
        *finer_service(problem, setting, turn),
        *(one for one in closer(problem, setting, turn) if min(one.values()) >= 0),
    ]


def _spoils(problem: Problem) -> bool:
    return any(item.shelf_life for item in Reader(problem).parameters.items)


def _trucks(problem: Problem) -> bool:
    p = Reader(problem).parameters
    return p.truck_size > 0 and p.truck_cost > 0


def _joint_cost(problem: Problem) -> bool:
    """Whether items ordered together cost less than apart."""
    p = Reader(problem).parameters
    return len(p.items) > 1 and (p.order_cost > 0 or _trucks(problem))


def _told_apart(problem: Problem) -> bool:
    return len(Reader(problem).mean) <= timed.MOST_ITEMS


RULES = (
    rule("base-stock", box.base_stock, base_stock_settings),
    rule(
        "capped base-stock",
        box.capped_base_stock,
        service_and(largest=(3.0, 1.0, 1.5)),
        finer=finer_and(largest=0.5),
    ),
    rule("(s,S)", box.s_S, service_and(gap=(2.0, 0.5, 4.5, 9.0)), finer=finer_and(gap=2.0)),
    rule(
        "can-order",
        box.can_order,
        service_and(gap=(3.0, 1.5, 6.0), can=(0.5, 0.8)),
        _joint_cost,
        finer=finer_and(gap=1.5, can=0.2),
    ),
    rule(
        "base-stock with waste",
        box.base_stock_with_waste,
        service_and(),
        _spoils,
        finer=finer_service,
    ),
    rule("fill-the-truck", box.fill_the_truck, service_and(fill=(0.5, 0.0, 0.95)), _trucks, finer=finer_and(fill=0.2)),
    informed_rule("newsvendor", box.newsvendor),
    rule("periodic fixed order", box.periodic, over(every=(1, 2, 3, 7), share=(1.0, 0.7, 0.8, 0.9, 0.95, 1.05, 1.15))),
    rule("truck timetable", timed.truck_timetable, timed.truck_settings, _trucks, finer=timed.finer_trucks),
    rule(
        "base-stock with caps by item",
        timed.base_stock_with_caps,
        timed.cap_settings,
        _told_apart,
        finer=timed.finer_caps,
    ),
    rule(
        "fill-the-truck with caps by item",
        timed.truck_with_caps,
        timed.truck_cap_settings,
        lambda problem: _trucks(problem) and len(Reader(problem).mean) <= timed.FEW_ITEMS,
        finer=timed.finer_caps,
    ),
)
