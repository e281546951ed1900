"""A user's own last days as a problem to play: the world fitted to the days before them, and what really came."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from baselines.agents import Problem, problem_of
from bizgyms.registry import Case
from envs_data.fits import Fit
from envs_data.parameters import ParameterError, Parameters, Scenario
from envs_data.reading.source import RawTable, ReadAs, Source
from envs_data.restock.box import BoxParameters
from envs_data.restock.box import last_days as of_box
from envs_data.restock.box.fit import BoxFit
from envs_data.restock.item import ItemParameters
from envs_data.restock.item import last_days as of_item
from envs_data.restock.item.fit import ItemFit
from envs_data.restock.last_days import LastDays, last_days
from envs_data.restock.reading import read_items, read_table
from envs_data.tables import Table

# What is fitted again, to the first part alone: demand; deliveries and order quantities where a fit had set them.
LAW = ("mean", "demand_law", "size", "cv", "zero_inflation", "level_spread", "level_persistence", "daily_limit")
DEMAND = (*LAW, "weekday", "season", "promotion_every", "promotion_lift")
SUPPLY = ("lead_time", "lead_times", "lead_time_probabilities", "pack", "max_packs")
PERIOD = ("start_date", "days", "start_on_hand")
# How a table is read, beside its columns.
SAID = ("columns", "since", "until", "read", "unit", "item")
FOLLOWS = "so the days on record do not tell what would have happened under other decisions; what can answer is"
OFF_POLICY = "a trial of both rules side by side, or a log with the probability of each decision (off-policy estimates)"
WHY_NOT = {
    "pricing": f"prices change what customers do next, {FOLLOWS} {OFF_POLICY}",
    "recommend": f"what is shown changes what customers do next, {FOLLOWS} {OFF_POLICY}",
    "nudge": f"messages change what people do next, {FOLLOWS} {OFF_POLICY}",
    "bidding": "bidding is not replayed yet: what auctions that were lost would have brought is on no record; "
    "what can answer is the fitted world, without replay",
}
SEED, FILLINGS = 20_250_106, 20


@dataclasses.dataclass(frozen=True)
class OwnPeriod:
    """The last days of a table, ready to be played.

    Attributes:
        problem: the world fitted to the days before, over these days.
        luck: what customers asked for, a row a filling.
        days: the days as the table has them.
        notes: what a reader should know.
    """

    problem: Problem
    luck: Any
    days: LastDays
    notes: tuple[str, ...]

    @property
    def world(self) -> Parameters:
        """The parameters of the world."""
        return self.problem.parameters


@dataclasses.dataclass(frozen=True)
class _Shop:
    """How one kind of table is read, fitted and lived again.

    Attributes:
        read: reads the table, given the source, the item and how it is read.
        fit: fits it.
        world: the fitted world over the last days.
        luck: what came on them.
    """

    read: Callable[..., Table]
    fit: Callable[..., Fit]
    world: Callable[[LastDays, Any], Parameters]
    luck: Callable[..., Any]


SHOPS: Mapping[type[Parameters], _Shop] = {
    ItemParameters: _Shop(read_table, ItemFit.fit, of_item.world_of, of_item.luck_of),
    BoxParameters: _Shop(read_items, BoxFit.fit, of_box.world_of, of_box.luck_of),
}


def check(case: Case) -> None:
    """Refuses a case that cannot be replayed.

    Raises:
        ParameterError: the reason, and what can answer instead.
    """
    if case.parameters not in SHOPS:
        why = WHY_NOT.get(case.family, "only restocking can be replayed; what can answer is its simulated world alone")
        raise ParameterError("replay", [f"{case.name}: {why}"])


def own_period(case: Case, scenario: Scenario, table: Source, said: Mapping[str, Any] | None = None) -> OwnPeriod:
    """Splits a table at its last fifth, fits the first part, and makes luck of the rest.

    The table is read as it was for the scenario's own fit, as the file says. What the user knows stays known, and so do
    costs; demand, deliveries and order quantities are fitted to the first part alone.

    Args:
        case: the case.
        scenario: the fitted scenario.
        table: the table, from the same source.
        said: how the table is to be read, in place of what the scenario says: see `SAID`.

    Raises:
        ParameterError: a case that cannot be replayed.
        TableError: a table that cannot be read, has too few days, or too many that sold out.
    """
    check(case)
    shop, asked = SHOPS[case.parameters], _asked(scenario, said or {})
    source = _source(table, asked.pop("read", None))
    unit = asked.pop("unit", None)
    several = case.parameters is BoxParameters
    if several:
        asked.pop("item", None)
    read = shop.read(source, **asked, **({} if unit is None else {"unit_size": float(unit)}))
    days = last_days(_frames(read.frame, several), read.where)
    before = str(days.first - np.timedelta64(1, "D"))
    known = _known(scenario, days.seen_before() if several else []) | ({} if unit is None else {"unit": unit})
    fitted = shop.fit(source, **{**asked, "until": before}, known=known)
    world = shop.world(days, fitted.parameters)
    luck = shop.luck(days, world, np.random.default_rng(SEED), FILLINGS)
    return OwnPeriod(problem_of(case, world), luck, days, tuple(_notes(days, world, fitted.mapping)))


def _frames(frame: pd.DataFrame, several: bool) -> dict[str, pd.DataFrame]:
    """By item, its days."""
    return {str(name): rows for name, rows in frame.groupby("item", sort=False)} if several else {"": frame}


def _asked(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, Any]:
    """How the table is to be read: as it was for the fit, but for what is said now."""
    asked = dict(scenario.notes.get("asked") or {})
    if scenario.notes.get("item") is not None:
        asked.setdefault("item", scenario.notes["item"])
    return {name: value for name, value in {**asked, **said}.items() if name in SAID and value is not None}


def _source(table: Source, read: Mapping[str, Any] | None) -> Source:
    return table if not read or isinstance(table, (RawTable, ReadAs)) else ReadAs(table, read)


def _known(scenario: Scenario, seen: Sequence[str]) -> dict[str, Any]:
    """What is not fitted: what the user knows, what an outcome is worth, and how the shop works.

    Args:
        scenario: the fitted scenario.
        seen: the items of a box that the first part tells of.
    """
    kinds = {name: origin.kind for name, origin in scenario.origins.items()}
    values = scenario.parameters.to_dict()
    items = cast("Iterable[Mapping[str, Any]]", values.pop("items", ()))
    known = {name: value for name, value in values.items() if _is_settled(name, name, kinds)}
    for item in (item for item in items if item["name"] in seen):
        own = {name: value for name, value in item.items() if name != "name"}
        whose = {name: f"{name}.{item['name']}" for name in own}
        known |= {whose[name]: value for name, value in own.items() if _is_settled(name, whose[name], kinds)}
    return known


def _is_settled(name: str, whose: str, kinds: Mapping[str, str]) -> bool:
    if name in PERIOD or name in DEMAND or (name in SUPPLY and kinds):
        return name not in PERIOD and "known" in (kinds.get(name), kinds.get(whose))
    return True


def _notes(days: LastDays, world: Parameters, mapping: Mapping[str, str]) -> list[str]:
    said = []
    if "on_hand" not in mapping:
        said.append(
            "No column for stock at closing: days that sold out count as days of low demand, in favour of small orders."
        )
    if None in days.evening_before():
        said.append("Stock at the start is not in the table: it is that of the fitted world.")
    new = [name for name in days.frames if name not in days.seen_before()]
    if new:
        said.append(f"Left out, for the days before do not tell their demand: {', '.join(new)}.")
    others = days.other_deliveries(_lead_times(days, world))
    if others:
        said.append(
            f"On {others} {'day' if others == 1 else 'days'} other units came than were ordered a lead time before; "
            "here every order arrives whole and in time."
        )
    if isinstance(world, BoxParameters) and world.random_lead_times:
        said.append("Lead times are drawn from those fitted to the first part.")
    return said


def _lead_times(days: LastDays, world: Parameters) -> list[int | None]:
    """[items] days from order to delivery; None where they vary, or the first part does not tell the item."""
    if isinstance(world, ItemParameters):
        return [world.lead_time]
    assert isinstance(world, BoxParameters)
    fixed = {item.name: item.lead_times[0] for item in world.items if len(item.lead_times) == 1}
    return [fixed.get(name) for name in days.frames]
