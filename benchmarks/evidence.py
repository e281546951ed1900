"""How far a verdict can be trusted: measured where the truth can be computed. Makes ``docs/evidence.md``.

Run ``python -m benchmarks.evidence [trainings] [verdicts] [tables] [draws] [back-test]``; without a word all of them;
``page`` only writes the page anew.
Each part writes its rows to ``docs/evidence/`` and goes on where it was interrupted.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import baselines
from baselines.agents import Agent, Problem, problem_of
from baselines.judge import statistics
from baselines.play import budget, tuning
from baselines.protocols import saved_agents
from baselines.report.board import Board
from baselines.rules import rules
from baselines.rules.restock_item import base_stock, s_S
from benchmarks import quick_learner, result_rows
from benchmarks.evidence_page import rows_of, write
from benchmarks.worlds import KINDS, world, worlds
from bizgyms import case
from bizgyms.restock.item.forward import episode_value
from envs_data.parameters import Scenario
from envs_data.restock.item import ItemParameters

Row = dict[str, Any]
HERE = Path(__file__).parents[1] / "docs" / "evidence"
ITEM = case("RestockItem")
# Days a training may play: a fifth of what a full budget allows.
STEPS = 200_000
TRAININGS, REPETITIONS = 10, 29
# Days of a table; a season must be seen twice.
TABLE_DAYS, SEASON_DAYS = 365, 730
TABLES_A_KIND = 30
SEEDS = 20
EPISODES = budget.BUDGETS["full"].episodes
MEANS = (8.0, 1.0, 3.0)


def problem(parameters: ItemParameters) -> Problem:
    """The decision problem of a shop."""
    return problem_of(ITEM, parameters)


def best_rule(parameters: ItemParameters) -> tuple[str, Agent]:
    """The rule the judge would choose: every rule tuned on the tuning luck, the best on it."""
    shop = problem(parameters)
    found = [(tuning.tune(shop, spec, 1_000_000), spec) for spec in rules(shop) if spec.kind == "rule"]
    tuned, spec = max(found, key=lambda pair: pair[0].value)
    return spec.name, spec.build(shop, **tuned.setting)


# Part 1: the first interval.


def trainings(name: str, parameters: ItemParameters) -> Row:
    """Many trainings in one world: what each gains over the best rule, exactly and on the luck its ten share."""
    rule, agent = best_rule(parameters)
    shop, floor = quick_learner.Shop(problem(parameters)), episode_value(parameters, agent)
    exact: list[float] = []
    played: list[float] = []
    errors: list[float] = []
    for repetition in range(REPETITIONS):
        first = 5_000_000 + repetition * TRAININGS
        ten = [quick_learner.trained(shop, STEPS, seed) for seed in range(first, first + TRAININGS)]
        luck = np.random.default_rng(first + 1_000_000).random((EPISODES, parameters.days))
        ours = np.array([quick_learner.returns(shop, policy, luck) for policy in ten])
        theirs = quick_learner.returns_of_rule(shop, agent, luck)
        exact += [quick_learner.value(shop, policy) - floor for policy in ten]
        played += (ours.mean(axis=1) - theirs.mean()).tolist()
        errors.append(statistics.episodes_error(ours, theirs))
    found = {"world": name, "rule": rule, "rule_value": floor, "ceiling": ITEM.reference(parameters).value - floor}
    found["episodes_a_year"] = shop.problem.view.steps_per_year / parameters.days
    return {**found, "lifts": _written(exact), "played": _written(played), "errors": _written(errors)}


def _written(figures: Iterable[float]) -> str:
    return " ".join(f"{figure:.5g}" for figure in figures)


# Parts 2 and 3: whole boards.


def board_of(scenario: Any, folder: str) -> Board:
    """A full board with rules and tabular Q-learning, trained as in part 1."""
    full = budget.BUDGETS["full"]
    budget.BUDGETS["full"] = dataclasses.replace(full, steps={**full.steps, "tabular": STEPS})
    try:
        return baselines.score(ITEM, ["rules", "tabular"], scenario, None, "full", folder, say=lambda _: None)
    finally:
        budget.BUDGETS["full"] = full


def said(board: Board) -> str:
    """``worth it``, ``not worth it`` or ``cannot tell yet``."""
    return next(
        word for word in ("Worth it", "Not worth it", "Cannot tell yet") if board.verdict.startswith(word)
    ).lower()


def exact_lift(truth: ItemParameters, folder: str) -> float:
    """What the board's learners gain over its best rule in the true world, exactly."""
    found = saved_agents.load(folder)
    view = found.problem.view
    rule = next(one.agent for one in found.agents if one.kind == "best rule")
    learned = [one.agent for one in found.agents if one.kind == "tabular"]
    learners = [episode_value(truth, agent, believed=view) for agent in learned]
    return float(np.mean(learners)) - episode_value(truth, rule, believed=view) if learners else float("nan")


def verdicts(name: str, parameters: ItemParameters) -> Row:
    """A whole board on a world that is known, its verdict beside the exact lift of the learner."""
    with tempfile.TemporaryDirectory() as folder:
        board = board_of(parameters, folder)
        lift = exact_lift(parameters, folder)
    return {"world": name, "said": said(board), "lift": lift, "verdict": board.verdict}


def known_of(parameters: ItemParameters) -> dict[str, Any]:
    """What a shop knows of itself; demand is left to the table."""
    hidden = {"mean", "size", "zero_inflation", "level_spread", "level_persistence", "weekday", "season"}
    hidden |= {"demand_law", "cv", "daily_limit", "start_date"}
    return {field: value for field, value in parameters.to_dict().items() if field not in hidden}


def fitted(parameters: ItemParameters, seed: int) -> Scenario:
    """The world fitted to a table of a shop: a year, or two with a season; it begins on the day the true one does."""
    days, first = (SEASON_DAYS, "2023-11-04") if parameters.season else (TABLE_DAYS, "2024-11-04")
    table = ITEM.generate(parameters.replace(start_date=first), seed=seed, days=days)
    return ITEM.fit(table, known={**known_of(parameters), "start_date": parameters.start_date}).scenario()


def tables(name: str, parameters: ItemParameters) -> Row:
    """A year's table of a hidden world, the verdict of its fit, and the learner's exact lift in the hidden world."""
    scenario = fitted(parameters, seed=len(name))
    with tempfile.TemporaryDirectory() as folder:
        board = board_of(scenario.to_dict(), folder)
        lift = exact_lift(parameters, folder)
    return {"world": name, "said": said(board), "lift": lift, "verdict": board.verdict}


# Part 4: the second interval.


def draws(name: str, parameters: ItemParameters) -> Row:
    """One table: does the second interval of the tuned rule's gain over today's cover the gain in the true world?"""
    scenario = fitted(parameters, seed=int(name.rsplit(" ", 1)[1]) + 10_000)
    fit = problem_of(ITEM, scenario.parameters)
    shop = quick_learner.Shop(fit)
    today, tuned = shop.asked(_today(fit, parameters)), shop.asked(_tuned(fit, shop))

    def gain(truth: ItemParameters) -> float:
        values = (quick_learner.value_elsewhere(shop, orders, truth) for orders in (tuned, today))
        return next(values) - next(values)

    gains = np.array([gain(scenario.parameters.replace(**drawn)) for drawn in scenario.draws])
    interval = statistics.widened_interval(gains, 0.0, TRAININGS)
    true = gain(parameters)
    covers = interval.low <= true <= interval.high
    # Where tuning ends at today's rule there is no gain in any world, and nothing to be covered.
    differs = max(abs(true), float(np.abs(gains).max())) > 1e-9
    found = {"table": name, "gain": true, "low": interval.low, "high": interval.high}
    return {**found, "covered": int(covers), "differs": int(differs)}


def _today(shop: Problem, parameters: ItemParameters) -> Agent:
    """The habit of a shop of such parameters: a level a third above mean demand of lead time and a day, always."""
    level = np.ceil(1.33 * parameters.mean * (parameters.lead_time + 1)) + 1
    return base_stock(shop, S=float(level))


def _tuned(fit: Problem, shop: quick_learner.Shop) -> Agent:
    """The best of some levels and gaps in the fitted world, by exact value."""
    parameters = shop.parameters
    center = parameters.mean * (parameters.lead_time + 1)
    levels = sorted({float(round(center * share)) for share in (1.0, 1.25, 1.5, 1.8, 2.2, 2.7)})
    gaps = (1.0,) if parameters.order_cost == 0 else (1.0, 3.0, 5.0, 8.0)
    candidates = [s_S(fit, gap=gap, S=level) for level in levels for gap in gaps]
    return max(candidates, key=lambda agent: quick_learner.value_elsewhere(shop, shop.asked(agent), parameters))


# Part 5: the back-test.


def back_test(name: str, parameters: ItemParameters) -> Row:
    """One seed's table, as it is, with its level doubled in the last fifth, and with its weekdays turned there."""
    seed = int(name.rsplit(" ", 1)[1])
    found: Row = {"table": name, "mean": parameters.mean}
    for change in ("same law", "level doubled", "weekdays turned"):
        late = {
            "same law": {},
            "level doubled": {"mean": 2 * parameters.mean},
            "weekdays turned": {"weekday": [*parameters.weekday[3:], *parameters.weekday[:3]]},
        }[change]
        found[change] = int(ITEM.fit(_table(parameters, late, seed), known={"lead_time": 1}).back_test.passed)
    return found


def _table(parameters: ItemParameters, late: Mapping[str, Any], seed: int) -> Any:
    """Two years of which the last fifth follows other parameters."""
    import pandas as pd

    days = 728
    cut = days - days // 5
    first = ITEM.generate(parameters, seed=seed, days=days).iloc[:cut]
    changed = parameters.replace(**late)
    second = ITEM.generate(changed, seed=seed + 1_000, days=days).iloc[cut:]
    return pd.concat([first, second], ignore_index=True)[["date", "units", "on_hand", "price"]]


SHOP = ItemParameters(
    days=365, mean=8.0, demand_law="negative_binomial", size=10.0, weekday=(0.85, 0.8, 0.85, 0.95, 1.25, 1.5, 0.8),
    lead_time=1, max_packs=40, start_on_hand=20, price=3.5, holding=0.1, shortage=2.0,
)  # fmt: skip

Job = tuple[str, ItemParameters]


def _many_tables() -> Iterable[Job]:
    return ((f"{kind} {number}", world(kind, number)) for number in range(TABLES_A_KIND) for kind in KINDS)


def _shops() -> Iterable[Job]:
    return ((f"mean {mean:g} {seed}", SHOP.replace(mean=mean)) for mean in MEANS for seed in range(SEEDS))


PARTS: dict[str, tuple[Callable[[str, ItemParameters], Row], Callable[[], Iterable[Job]]]] = {
    "back-test": (back_test, _shops),
    "trainings": (trainings, lambda: worlds().items()),
    "verdicts": (verdicts, lambda: worlds().items()),
    "tables": (tables, lambda: worlds().items()),
    "draws": (draws, _many_tables),
}


def run(part: str) -> None:
    """Does what is missing of a part, a row at a time."""
    do, jobs = PARTS[part]
    path = HERE / f"{part}.csv"
    path.parent.mkdir(exist_ok=True)
    done = {next(iter(row.values())) for row in rows_of(part)}
    for name, parameters in jobs():
        if name in done:
            continue
        started = time.perf_counter()
        row = do(name, parameters)
        row["seconds"] = round(time.perf_counter() - started, 1)
        result_rows.add(
            path, {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()}
        )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PARTS:
        if chosen != "page":
            run(chosen)
        write()
