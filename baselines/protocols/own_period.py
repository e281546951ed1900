"""A user's own last days as a problem to play: the world fitted to the days before them, and what really came."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from baselines.agents import Problem, problem_of
from bizgyms.registry import Case
from envs_data.parameters import ParameterError, Scenario
from envs_data.reading.source import RawTable, ReadAs, Source
from envs_data.restock.item import ItemParameters
from envs_data.restock.item.fit import ItemFit
from envs_data.restock.item.last_days import LastDays, last_days
from envs_data.restock.reading import read_table
from envs_data.tables import Asked

# Fields of demand are fitted again; what an outcome is worth stays the scenario's, so that amounts compare.
DEMAND = ("mean", "demand_law", "size", "cv", "weekday", "season")
WORTH = ("price", "holding", "shortage", "order_cost", "money")
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
    "restock": "a box is not replayed yet; what can answer is each of its items by itself, "
    "fitted with bizgyms fit restock TABLE --each item -o FOLDER",
}
SEED, FILLINGS = 20_250_106, 20


@dataclasses.dataclass(frozen=True)
class OwnPeriod:
    """The last days of a table, ready to be played.

    Attributes:
        problem: the world fitted to the days before, over these days.
        luck: what customers asked for, a row a filling.
        days: the days as the table has them.
        before: the last day of the first part, as YYYY-MM-DD.
        notes: what a reader should know.
    """

    problem: Problem
    luck: Any
    days: LastDays
    notes: tuple[str, ...]

    @property
    def world(self) -> ItemParameters:
        """The parameters of the world."""
        return cast("ItemParameters", self.problem.parameters)


def check(case: Case) -> None:
    """Refuses a case that cannot be replayed.

    Raises:
        ParameterError: the reason, and what can answer instead.
    """
    if case.parameters is not ItemParameters:
        why = WHY_NOT.get(case.family, "only restocking can be replayed; what can answer is its simulated world alone")
        raise ParameterError("replay", [f"{case.name}: {why}"])


def own_period(case: Case, scenario: Scenario, table: Source, said: Mapping[str, Any] | None = None) -> OwnPeriod:
    """Splits a table at its last fifth, fits the first part, and makes luck of the rest.

    The table is read as it was for the scenario's own fit, as the file says. What the user knows stays known, and so do
    costs; all else is fitted to the first part alone.

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
    asked = _asked(scenario, said or {})
    source = _source(table, asked.pop("read", None))
    unit, item = asked.pop("unit", None), asked.pop("item", None)
    wanted = cast("Asked", asked)
    days = last_days(read_table(source, item, **wanted, **({} if unit is None else {"unit_size": float(unit)})))
    before = str(days.first - np.timedelta64(1, "D"))
    known = _known(scenario) | ({} if unit is None else {"unit": unit})
    fitted = ItemFit.fit(source, **{**asked, "until": before}, known=known, item=item)
    world = days.world(cast("ItemParameters", fitted.parameters))
    luck = days.luck(world, np.random.default_rng(SEED), FILLINGS if days.sold_out.any() else 1)
    return OwnPeriod(problem_of(case, world), luck, days, tuple(_notes(days, world, fitted.mapping)))


def _asked(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, Any]:
    """How the table is to be read: as it was for the fit, but for what is said now."""
    asked = dict(scenario.notes.get("asked") or {})
    if scenario.notes.get("item") is not None:
        asked.setdefault("item", scenario.notes["item"])
    return {name: value for name, value in {**asked, **said}.items() if name in SAID and value is not None}


def _source(table: Source, read: Mapping[str, Any] | None) -> Source:
    return table if not read or isinstance(table, (RawTable, ReadAs)) else ReadAs(table, read)


def _known(scenario: Scenario) -> dict[str, Any]:
    """What is not to be fitted: what the user knows, what an outcome is worth, and what no fit ever set."""
    values, kinds = scenario.parameters.to_dict(), {name: one.kind for name, one in scenario.origins.items()}
    settled = {name for name in values if name in WORTH or kinds.get(name) == "known"}
    settled |= {name for name in values if name not in kinds and name not in DEMAND}
    return {name: values[name] for name in values if name in settled and name not in PERIOD}


def _notes(days: LastDays, world: ItemParameters, mapping: Mapping[str, str]) -> list[str]:
    said = []
    if "on_hand" not in mapping:
        said.append(
            "No column for stock at closing: days that sold out count as days of low demand, in favour of small orders."
        )
    if days.on_hand is None:
        said.append(f"Stock at the start is not in the table: {world.start_on_hand} units, as in the fitted world.")
    others = days.other_deliveries[world.lead_time] if days.other_deliveries else 0
    if others:
        said.append(
            f"On {others} of {len(days)} days other units came than were ordered {world.lead_time} days before; "
            "here every order arrives whole and in time."
        )
    return said
