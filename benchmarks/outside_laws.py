"""Laws of prices, bids, shops and messages that the fits do not know, as changes of the worlds and their luck.

A law is the parameters of the true world, and what it does to the luck of episodes that follow each other: the seasons,
days or people of a table, and those to come. So the true world is the case's own, and agents play it as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from envs_data.arrays import Floats
from envs_data.bidding.campaign import scenarios as campaigns
from envs_data.bidding.limits import HIGHEST
from envs_data.nudge.habit import scenarios as habits
from envs_data.parameters import Parameters
from envs_data.pricing.season import scenarios as seasons
from envs_data.pricing.shelf import scenarios as shelves
from envs_data.recommend.lifetime.parameters import LifetimeParameters
from envs_data.recommend.lifetime.scenarios import catalogue, segments
from envs_data.restock.box import scenarios as boxes
from envs_data.restock.box.world import BoxWorld

Luck = Any
Change = Callable[[Parameters, Luck, np.random.Generator], Luck]
"""The true world, luck of episodes in their order, and a source of more -> the luck under the law."""


class Law(NamedTuple):
    """A law of one case.

    Attributes:
        changes: fields of the true world that differ from the usual one.
        change: what it does to luck; None where the fields say all.
        others: fields of a second kind of world, which every other episode is of; None for one kind.
    """

    changes: Mapping[str, Any] = {}
    change: Change | None = None
    others: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True)
class Business:
    """A case with what its tables and boards need.

    Attributes:
        case: its id.
        usual: the world without changes.
        table: episodes of a table, and arguments of ``generate``.
        known: what the user tells the fit.
        today: the rule in use.
        agents: the rules that are tuned.
        ahead: episodes of one continuation.
        year: episodes in a year.
        kept: fields of the fitted world that say what is decided, and so are those of the true one too.
        laws: by name.
    """

    case: str
    usual: Parameters
    table: tuple[int, Mapping[str, Any]]
    known: Mapping[str, Any]
    today: str
    agents: tuple[str, ...]
    ahead: int
    year: float
    kept: tuple[str, ...]
    laws: Mapping[str, Law]


def _walk(rng: np.random.Generator, count: int, keeps: float, spread: float) -> Floats:
    """[count] factors around one that keep a share of the last one's logarithm."""
    log, shocks = np.zeros(count), rng.normal(0.0, spread, count)
    for k in range(1, count):
        log[k] = keeps * log[k - 1] + shocks[k]
    return np.exp(log)


def _customers(most: float, factors: Callable[[np.random.Generator, int, int], Floats]) -> Law:
    """Customers of a season or shelf whose number follows factors [episodes, periods], the largest at most ``most``."""

    def change(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
        counts = luck.keen if hasattr(luck, "keen") else luck.customers
        chance = np.clip(factors(rng, *counts.shape) / most, 0, 1)
        names = ("keen", "others") if hasattr(luck, "keen") else ("customers",)
        thinned = {name: rng.binomial(getattr(luck, name), chance).astype(getattr(luck, name).dtype) for name in names}
        return luck._replace(**thinned)

    return Law({"customers": most}, change)  # as a factor


def _two_kinds(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
    """Worths of a unit: half the customers care twice as much for the price, half only a third as much."""
    price = -np.log((luck.ranks + 0.5) / 65_536) / p.sensitivity
    care = np.where(rng.random(luck.ranks.shape) < 0.5, 0.5, 3.0)
    return luck._replace(ranks=np.floor(65_536 * np.exp(-p.sensitivity * price * care)).astype(np.uint16))


def _no_matter(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
    return luck._replace(ranks=np.zeros_like(luck.ranks))


SALES: Mapping[str, Law] = {
    "as the fit has it": Law(),
    "customers rise": _customers(
        3.0, lambda _, n, periods: np.exp(np.arange(n * periods) / (n * periods) - 0.5).reshape(n, -1)
    ),
    "good and bad weeks": _customers(4.0, lambda rng, n, periods: rng.gamma(3, 1 / 3, (n, periods))),
    "slow drift": _customers(4.0, lambda rng, n, periods: _walk(rng, n * periods, 0.99, 0.05).reshape(n, -1)),
    "promotions of its own": _customers(
        3.0, lambda _, n, periods: np.where(np.arange(n * periods) % 6 == 5, 2.5, 0.8).reshape(n, -1)
    ),
}


def _prices(factors: Callable[[Any, Luck, np.random.Generator], Floats]) -> Law:
    """Competing bids times factors [episodes, auctions]."""

    def change(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
        price = np.rint(luck.competing * factors(p, luck, rng))
        return luck._replace(competing=np.clip(price, max(p.reserve, 1), min(p.highest, HIGHEST)).astype(np.int16))

    return Law({}, change)


def _drifts(p: Any, luck: Luck, rng: np.random.Generator) -> Floats:
    return _walk(rng, len(luck.competing), 0.95, 0.1)[:, None]


def _rises(p: Any, luck: Luck, rng: np.random.Generator) -> Floats:
    return np.exp(np.arange(len(luck.competing)) / 40)[:, None]


def _two_rivals(p: Any, luck: Luck, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(luck.competing.shape) < 0.4, 2.5, 0.6)


def _dear_hours(p: Any, luck: Luck, rng: np.random.Generator) -> Floats:
    """Two hours of each day, not always the same, in which a rival is there who pays twice as much."""
    tick = (np.cumsum(luck.arrivals, axis=1)[:, :, None] <= np.arange(luck.competing.shape[1])).sum(axis=1)
    first = rng.integers(6, 22, len(tick))[:, None] * p.ticks // 24
    return np.where((tick >= first) & (tick < first + p.ticks // 12), 2.0, 1.0)


def _heavy_days(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
    """Every seventh day has all its traffic, the others two fifths of it."""
    kept = np.where(np.arange(len(luck.arrivals)) % 7 == 6, 1.0, 0.4)[:, None]
    return luck._replace(arrivals=rng.binomial(luck.arrivals, kept).astype(np.int32))


BIDS: Mapping[str, Law] = {
    "as the fit has it": Law(),
    "rivals drift": _prices(_drifts),
    "rivals bid more and more": _prices(_rises),
    "two kinds of rivals": _prices(_two_rivals),
    "dear hours that move": _prices(_dear_hours),
    "heavy traffic days": Law({}, _heavy_days),
}


def _answers(factors: Callable[[np.random.Generator, int, int], Floats]) -> Law:
    """Chances of a response times factors [episodes, steps] of at most one, whatever was sent."""

    def change(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
        most = np.iinfo(luck.answer.dtype).max
        scaled = luck.answer / np.clip(factors(rng, *luck.answer.shape), 0.01, 1.0)
        return luck._replace(answer=np.minimum(scaled, most).astype(luck.answer.dtype))

    return Law({}, change)


# Sorted by name, as a fit has them; a response is worth the same whatever was sent, and messages cost nothing.
_PLAIN = habits.SCENARIOS["newsletter"].replace(
    messages=[
        {**message.to_dict(), "worth": 18.0, "cost": 0.0}
        for message in sorted(habits.SCENARIOS["newsletter"].messages, key=lambda one: one.name)
    ]
)
_KEENER = [{**message.to_dict(), "response": 2.2 * message.response} for message in _PLAIN.messages]
_COOLER = [{**message.to_dict(), "response": 0.3 * message.response} for message in _PLAIN.messages]
MESSAGES: Mapping[str, Law] = {
    "as the fit has it": Law(),
    "two kinds of people": Law({"messages": _KEENER}, None, {"messages": _COOLER}),
    "every seventh step only": _answers(
        lambda _, n, steps: np.tile(np.where(np.arange(steps) % 7 == 5, 1.0, 0.4), (n, 1))
    ),
    "less and less": _answers(lambda _, n, steps: np.tile(np.exp(-np.arange(steps) / steps), (n, 1))),
    "good and bad steps": _answers(lambda rng, n, steps: np.tile(rng.uniform(0.3, 1.0, steps), (n, 1))),
}

_SHOP = LifetimeParameters(
    days=120, slate=2, topics=3, r=3.0, alpha=15.0, a=1.0, b=9.0,
    items=catalogue(9, 3, 0.0, noise=2.0), segments=segments(1, 3, 1.0),
)  # fmt: skip
SHOPS: Mapping[str, Law] = {
    "as the fit has it": Law(),
    "customers get bored": Law({"boredom": (1.0, 0.5, 0.2)}),
    "tastes drift": Law({"segments": [one.to_dict() for one in segments(3, 3, 2.0)], "drift": 0.2}),
    "satisfaction decides": Law(
        {"pull": 0.8, "hold": 1.5, "items": [i.to_dict() for i in catalogue(9, 3, 2.0, noise=2.0)]}
    ),
    "tastes turn": Law({"shift_day": 60}),
}

_BOX = boxes.SCENARIOS["rule-enough"]
_UP_TO = 12
OWN = ("cost", "holding", "shortage", "pack", "max_packs")


def _up_to(world: BoxWorld) -> tuple[list[int], list[float]]:
    """What the shop asks for: each item up to the same level, which is little of the second."""
    pairs = zip(world.shelf, world.on_order, strict=True)
    asked = [min(max(_UP_TO - sum(shelf) - sum(road.values()), 0), _UP_TO) for shelf, road in pairs]
    return asked, [1.0] * len(asked)


def _customers_of_box(most: float, factors: Callable[[np.random.Generator, int, int], Floats]) -> Law:
    """Customers whose number follows factors [episodes, days], the largest at most ``most``."""

    def change(p: Any, luck: Luck, rng: np.random.Generator) -> Luck:
        chance = np.clip(factors(rng, *luck.demand.shape[:2]) / most, 0, 1)[..., None]
        return luck._replace(demand=rng.binomial(luck.demand, chance).astype(luck.demand.dtype))

    items = [{**item.to_dict(), "mean": most * item.mean} for item in _BOX.items]
    return Law({"items": items}, change)


BOXES: Mapping[str, Law] = {
    "as the fit has it": Law(),
    "substitution ignored": Law({"substitution": ((0.0, 0.6), (0.6, 0.0))}),
    "autocorrelated": _customers_of_box(3.0, lambda rng, n, days: _walk(rng, n * days, 0.7, 0.25).reshape(n, -1)),
    "good and bad weeks": _customers_of_box(
        3.0, lambda rng, n, days: np.repeat(rng.gamma(8, 1 / 8, (n, days // 7 + 1)), 7, axis=1)[:, :days]
    ),
    "promotions": _customers_of_box(
        3.0, lambda _, n, days: np.where(np.arange(n * days) // 7 % 6 == 5, 2.2, 0.8).reshape(n, -1)
    ),
}

_SHELF = shelves.SCENARIOS["rule-enough"]
_COSTS = {f"cost.{product.name}": product.cost for product in _SHELF.products}
_COSTS |= {f"start_stock.{product.name}": product.start_stock for product in _SHELF.products}

BUSINESSES: Mapping[str, Business] = {
    "season": Business(
        "PricingSeason", seasons.SCENARIOS["winter-coats"], (12, {"days": 12 * 140}), {"salvage": 15.0},
        "fixed_price:step=2", ("fixed_price", "fluid_price", "threshold_markdown"), 3, 365 / 140,
        ("prices", "start_stock"),
        {**SALES, "two kinds of customers": Law({}, _two_kinds), "prices ignored": Law({}, _no_matter)},
    ),
    "shelf": Business(
        "PricingShelf", _SHELF, (4, {"days": 104 * 7}), {"periods": 26, **_COSTS},
        "fixed_prices:height=0.1", ("fixed_prices", "logit_markup"), 1, 365 / 182, (),
        {**SALES, "prices remembered": Law({"loss": 1.0, "gain": 1.0})},
    ),
    "box": Business(
        "RestockBox", _BOX, (1, {"days": _BOX.days, "policy": _up_to}),
        {
            "lead_time": 1,
            **{f"{name}.{item.name}": getattr(item, name) for item in _BOX.items for name in OWN},
        },
        f"base_stock:S={_UP_TO}", ("base_stock", "s_S"), 1, 1, ("observed",), BOXES,
    ),
    "campaign": Business(
        "BiddingCampaign", campaigns.SCENARIOS["small-second-price"], (28, {"days": 28}),
        {"price": "second", "ticks": 12},
        "constant_multiplier:start=-0.8", ("constant_multiplier", "budget-ratio_pacing"), 14, 365,
        ("bid", "bid_span", "budget", "max_shading"), BIDS,
    ),
    "messages": Business(
        "NudgeHabit", _PLAIN, (200, {"people": 200}), {"worth": 18.0, "step_days": 7.0, "patience": 3},
        "weekly_rhythm:every=8,kind=1", ("weekly_rhythm", "habituation_threshold", "myopic_gain"), 1,
        365 / 364, (), MESSAGES,
    ),
    "shop": Business(
        "RecommendLifetime", _SHOP, (300, {"customers": 300}), {"days": 120},
        "most_popular", ("most_popular", "highest_margin", "worth_of_a_click"), 1, 365 / 120, (), SHOPS,
    ),
}  # fmt: skip
