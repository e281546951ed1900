"""A user's own last days as a problem to play: the world fitted to the days before them, and what really came."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from baselines.agents import Agent, Problem, problem_of
from baselines.play.rollout import rewards_on, worlds_in
from baselines.protocols.own_trades import PERIOD, SUPPLY, TRADES, WHY_NOT, Trade
from bizgyms.registry import Case
from envs_data.arrays import Floats
from envs_data.parameters import ParameterError, Parameters, Scenario
from envs_data.reading.source import RawTable, ReadAs, Source
from envs_data.restock.box import BoxParameters

# How a table is read, beside its columns.
SAID = ("columns", "since", "until", "read", "unit", "item")
SEED, FILLINGS = 20_250_106, 20
# Difference of the logarithm of a volume from which on a table may be another than the scenario's.
FAR = float(np.log(2))


@dataclasses.dataclass(frozen=True)
class OwnPeriod:
    """The last days of a table, ready to be played.

    Attributes:
        problem: the world fitted to the days before, over these days.
        luck: what came, a row a filling; where a day is an episode, a row a day, filling after filling.
        days: the days as the table has them.
        trade: how such days are lived.
        notes: what a reader should know.
    """

    problem: Problem
    luck: Any
    days: Any
    trade: Trade
    notes: tuple[str, ...]

    @property
    def world(self) -> Parameters:
        """The parameters of the world."""
        return self.problem.parameters

    @property
    def days_an_episode(self) -> int:
        """How many of these days an episode of the world lasts."""
        return 1 if self.trade.daily else len(self.days)

    @property
    def fillings(self) -> int:
        """How often what is unknown was filled."""
        return worlds_in(self.luck) * self.days_an_episode // len(self.days)

    def rewards(self, agent: Agent, name: str) -> Floats:
        """[fillings, days] what an agent earns on these days.

        Args:
            agent: the agent.
            name: what it is called in messages.
        """
        earned = rewards_on(self.problem, agent, self.luck, name)
        return earned.sum(axis=1).reshape(-1, len(self.days)) if self.trade.daily else earned

    def chance(self, returns: Floats, rewards: Floats) -> float:
        """Standard deviation of the mean of as many days, in the fitted world; where a day is an episode, or in these.

        Args:
            returns: [episodes] means of a day in the fitted world.
            rewards: [trainings, fillings, days] what these days brought.
        """
        lived = float(np.std(rewards.mean(axis=(0, 1)))) if self.trade.daily else 0.0
        return max(float(np.std(returns)), lived) / float(np.sqrt(len(self.days) / self.days_an_episode))

    def hindsight(self) -> Floats:
        """[fillings, days] what nobody can exceed, not even who knows all that comes beforehand.

        Raises:
            TooLargeError: it cannot be computed.
        """
        rows = [self.trade.hindsight(self.world, self.luck, row) for row in range(worlds_in(self.luck))]
        return np.reshape(rows, (self.fillings, len(self.days)))


def check(case: Case) -> None:
    """Refuses a case that cannot be replayed.

    Raises:
        ParameterError: the reason, and what can answer instead.
    """
    if case.parameters not in TRADES:
        raise ParameterError("replay", [f"{case.name}: {WHY_NOT.get(case.family, WHY_NOT[''])}"])


def own_period(case: Case, scenario: Scenario, table: Source, said: Mapping[str, Any] | None = None) -> OwnPeriod:
    """Splits a table at its last fifth, fits the first part, and makes luck of the rest.

    The table is read as it was for the scenario's own fit, as the file says. What the user knows stays known, and so do
    costs and budgets; demand, deliveries and order quantities, traffic and prices are fitted to the first part alone.

    Args:
        case: the case.
        scenario: the fitted scenario.
        table: the table, from the same source.
        said: how the table is to be read, in place of what the scenario says: see `SAID`.

    Raises:
        ParameterError: a case that cannot be replayed.
        TableError: a table that cannot be read, has too few days, or tells too little of them.
    """
    check(case)
    trade, asked = TRADES[case.parameters], _asked(scenario, said or {})
    source = _source(table, asked.pop("read", None))
    unit = asked.pop("unit", None)
    if case.parameters is BoxParameters:
        asked.pop("item", None)
    days = trade.read(source, scenario, **asked, **({} if unit is None else {"unit_size": float(unit)}))
    before = str(days.first - np.timedelta64(1, "D"))
    seen = days.seen_before() if case.parameters is BoxParameters else []
    known = _known(scenario, trade, seen) | ({} if unit is None else {"unit": unit})
    fitted = trade.fit(source, **{**asked, "until": before}, known=known)
    world = trade.world(days, fitted.parameters)
    luck = trade.luck(days, world, np.random.default_rng(SEED), FILLINGS)
    notes = [*trade.notes(days, world, fitted.mapping), *_of_another(scenario, fitted.parameters)]
    return OwnPeriod(problem_of(case, world), luck, days, trade, tuple(notes))


def _of_another(scenario: Scenario, fitted: Parameters) -> list[str]:
    """Asks about a table whose first part has quite another volume than the scenario fitted to it, by one sentence."""
    if scenario.origins:
        here, there = _volumes(fitted), _volumes(scenario.parameters)
        for name in here:
            if name in there and abs(np.log(here[name] / there[name])) > FAR:
                told = f"{here[name]:.3g} a day in the first part of this table, {there[name]:.3g} in the scenario"
                return [f"{name}: {told}. Look whether this is the table that the scenario was fitted to."]
    return []


def _volumes(parameters: Parameters) -> dict[str, float]:
    """Demand of each item a day, or auctions of a campaign, by what a reader calls them; none that are zero."""
    values = parameters.to_dict()
    items = cast("Iterable[Mapping[str, Any]]", values.get("items", ()))
    found = {f"Demand of {item['name']}": item["mean"] for item in items}
    found |= {words: values[name] for name, words in (("mean", "Demand"), ("auctions", "Auctions")) if name in values}
    return {name: float(cast("float", value)) for name, value in found.items() if value}


def _asked(scenario: Scenario, said: Mapping[str, Any]) -> dict[str, Any]:
    """How the table is to be read: as it was for the fit, but for what is said now."""
    asked = dict(scenario.notes.get("asked") or {})
    if scenario.notes.get("item") is not None:
        asked.setdefault("item", scenario.notes["item"])
    return {name: value for name, value in {**asked, **said}.items() if name in SAID and value is not None}


def _source(table: Source, read: Mapping[str, Any] | None) -> Source:
    return table if not read or isinstance(table, (RawTable, ReadAs)) else ReadAs(table, read)


def _known(scenario: Scenario, trade: Trade, seen: Sequence[str]) -> dict[str, Any]:
    """What is not fitted: what the user knows, what an outcome is worth, and how the business works.

    Args:
        scenario: the fitted scenario.
        trade: how its table is lived again.
        seen: the items of a box that the first part tells of.
    """
    kinds = {name: origin.kind for name, origin in scenario.origins.items()}
    values = scenario.parameters.to_dict()
    items = cast("Iterable[Mapping[str, Any]]", values.pop("items", ()))
    known = {name: value for name, value in values.items() if _is_settled(name, name, trade, kinds)}
    for item in (item for item in items if item["name"] in seen):
        own = {name: value for name, value in item.items() if name != "name"}
        whose = {name: f"{name}.{item['name']}" for name in own}
        known |= {whose[name]: value for name, value in own.items() if _is_settled(name, whose[name], trade, kinds)}
    return known


def _is_settled(name: str, whose: str, trade: Trade, kinds: Mapping[str, str]) -> bool:
    if name in PERIOD or name in trade.fitted or (name in SUPPLY and kinds):
        return name not in PERIOD and "known" in (kinds.get(name), kinds.get(whose))
    return True
