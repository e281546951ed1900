"""How the last days of each kind of table are read, fitted and lived again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from baselines.judge.blocks import SHORTEST
from bizgyms.bidding.campaign.bounds import day_in_hindsight
from bizgyms.restock.hindsight import box_in_hindsight, item_in_hindsight
from envs_data.arrays import Floats
from envs_data.bidding.campaign import CampaignParameters
from envs_data.bidding.campaign import last_days as of_campaign
from envs_data.bidding.campaign.fit import CampaignFit
from envs_data.bidding.reading import read_table as read_log
from envs_data.fits import Fit
from envs_data.parameters import Parameters, Scenario
from envs_data.reading.source import Source
from envs_data.restock.box import BoxParameters
from envs_data.restock.box import last_days as of_box
from envs_data.restock.box.fit import BoxFit
from envs_data.restock.item import ItemLuck, ItemParameters
from envs_data.restock.item import last_days as of_item
from envs_data.restock.item.fit import ItemFit
from envs_data.restock.last_days import LastDays, last_days
from envs_data.restock.reading import read_items, read_table

# What is fitted again, to the first part alone. Of a shop demand; deliveries and order quantities where a fit had set
# them.
LAW = ("mean", "demand_law", "size", "cv", "zero_inflation", "level_spread", "level_persistence", "daily_limit")
DEMAND = (*LAW, "weekday", "season", "promotion_every", "promotion_lift")
SUPPLY = ("lead_time", "lead_times", "lead_time_probabilities", "pack", "max_packs")
PERIOD = ("start_date", "days", "start_on_hand")
# Of a campaign traffic, rates and what comes of them, and the law of prices.
MARKET = (
    *("auctions", "traffic", "traffic_sd", "rate", "rate_sd", "bias", "bias_sd", "clicks", "delay", "reserve"),
    *("competition", "competition_hours", "competition_slope", "competition_sd", "day_sd", "hour_sd", "tick_sd"),
    *("floors", "floor_chances", "highest"),
)
# Standard deviations from which on conversions of the last days are said to differ from what was reckoned with.
STRIKING = 3.0


class Days(Protocol):
    """The last days of a table, as they came."""

    @property
    def first(self) -> np.datetime64:
        """The first day."""

    @property
    def last(self) -> np.datetime64:
        """The last day."""

    def __len__(self) -> int: ...

    def in_words(self, fillings: int) -> str:
        """What is unknown of them, and how it was filled."""


@dataclasses.dataclass(frozen=True)
class Trade:
    """How one kind of table is read, fitted and lived again.

    Attributes:
        read: reads the table and finds its last days, given the source, the scenario and how it is read.
        fit: fits it.
        world: the fitted world over the last days.
        luck: what came on them.
        hindsight: what nobody can exceed in a row of luck, [days], or a number where a day is an episode.
        notes: what a reader should know, given the days, the world and the columns found.
        fitted: the fields that are fitted again, unless the user knows them.
        knows: what hindsight knows, in words.
        block: days that a block of an interval has at least.
        daily: whether a day is an episode.
    """

    read: Callable[..., Any]
    fit: Callable[..., Fit]
    world: Callable[[Any, Any], Parameters]
    luck: Callable[..., Any]
    hindsight: Callable[[Any, Any, int], Any]
    notes: Callable[[Any, Any, Mapping[str, str]], list[str]]
    fitted: tuple[str, ...] = DEMAND
    knows: str = "all demand"
    block: int = SHORTEST
    daily: bool = False


def _item_days(source: Source, scenario: Scenario, **asked: Any) -> LastDays:
    table = read_table(source, **asked)
    return last_days({"": table.frame}, table.where)


def _box_days(source: Source, scenario: Scenario, **asked: Any) -> LastDays:
    table = read_items(source, **asked)
    return last_days({str(name): rows for name, rows in table.frame.groupby("item", sort=False)}, table.where)


def _log_days(source: Source, scenario: Scenario, **asked: Any) -> of_campaign.AuctionDays:
    second_price = scenario.parameters.to_dict()["price"] == "second"
    table = read_log(source, not second_price, **asked)
    return of_campaign.last_days(table.frame, second_price, table.where)


def _item_in_hindsight(world: ItemParameters, luck: ItemLuck, row: int) -> Floats:
    return item_in_hindsight(world, luck.demand[row].astype(np.int64))


def _shop_notes(days: LastDays, world: Parameters, mapping: Mapping[str, str]) -> list[str]:
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
    if isinstance(world, BoxParameters):
        said.append(
            "hindsight also has every truck full, no limits of orders and room, and nothing that spoils: it is more "
            "than anybody could reach even with all demand known."
        )
    return said


def _lead_times(days: LastDays, world: Parameters) -> list[int | None]:
    """[items] days from order to delivery; None where they vary, or the first part does not tell the item."""
    if isinstance(world, ItemParameters):
        return [world.lead_time]
    assert isinstance(world, BoxParameters)
    fixed = {item.name: item.lead_times[0] for item in world.items if len(item.lead_times) == 1}
    return [fixed.get(name) for name in days.frames]


def _log_notes(days: of_campaign.AuctionDays, world: CampaignParameters, mapping: Mapping[str, str]) -> list[str]:
    said = [
        "Conversions are counted as on the board, of impressions you won and of all others alike: predicted rates "
        "times the factor by which conversions come more or less often than these. "
        f"Every day has a budget of {world.budget:,}."
    ]
    due, came = (float(sums.sum()) for sums in of_campaign.due_and_came(days, world))
    expected = due * world.bias
    if "conversion" in mapping and abs(came - expected) > STRIKING * max(expected, 1.0) ** 0.5:
        said.append(
            f"Impressions you won on these days brought {came:,.0f} conversions; after the days before, "
            f"{expected:,.0f} were to be expected."
        )
    if days.short:
        said.append(f"Left out, with less than half the usual traffic: {days.short} of the last days.")
    return said


TRADES: Mapping[type[Parameters], Trade] = {
    ItemParameters: Trade(_item_days, ItemFit.fit, of_item.world_of, of_item.luck_of, _item_in_hindsight, _shop_notes),
    BoxParameters: Trade(_box_days, BoxFit.fit, of_box.world_of, of_box.luck_of, box_in_hindsight, _shop_notes),
    CampaignParameters: Trade(
        read=_log_days,
        fit=CampaignFit.fit,
        world=of_campaign.world_of,
        luck=of_campaign.luck_of,
        hindsight=day_in_hindsight,
        notes=_log_notes,
        fitted=MARKET,
        knows="the price of every auction",
        block=1,
        daily=True,
    ),
}
FOLLOWS = "so the days on record do not tell what would have happened under other decisions; what can answer is"
OFF_POLICY = "a trial of both rules side by side, or a log with the probability of each decision (off-policy estimates)"
WHY_NOT = {
    "pricing": f"prices change what customers do next, {FOLLOWS} {OFF_POLICY}",
    "recommend": f"what is shown changes what customers do next, {FOLLOWS} {OFF_POLICY}",
    "nudge": f"messages change what people do next, {FOLLOWS} {OFF_POLICY}",
    "bidding": "no log is fitted as single auctions; what can answer is the campaign that a log is fitted to, which "
    "can be replayed: bizgyms fit bidding log.csv -o mine.json",
    "": "what can answer is its simulated world alone: only restocking and campaigns can be replayed",
}
