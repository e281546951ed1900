"""What a sales table does not contain: prices, costs and order quantities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.parameters import Origin, ParameterError
from envs_data.restock.item.parameters import MAX_ACTIONS, ItemParameters

# Assumed shares of the selling price.
SHORTAGE_SHARE, HOLDING_SHARE = 0.40, 0.001
COSTS = ("shortage", "holding", "order_cost")
ROUND = (1, 2, 5)
ADD_PRICE = "add --known price=PRICE"


def costs(frame: pd.DataFrame, values: dict[str, Any], origins: dict[str, Origin], known: Mapping[str, Any]) -> None:
    """Adds price, shortage, holding and money to ``values`` and ``origins``.

    Raises:
        ParameterError: some costs are given in money, but there is no price from which to assume the others.
    """
    if "price" not in known:
        price = price_of(frame)
        if price is not None:
            values["price"], origins["price"] = price
        elif not {"shortage", "holding"} <= {*known}:
            _assume_items(values, origins, known)
        else:
            origins["price"] = Origin("preset", note="Unknown and not needed: shortage and holding are known.")
    for name, share in (("shortage", SHORTAGE_SHARE), ("holding", HOLDING_SHARE)):
        if name not in known:
            values[name] = float(f"{share * values['price']:.6g}")
            text = f"{share:.2f} of price" if share > 0.01 else f"{share:.1%} of price a day"
            origins[name] = Origin("assumed", note=f"{name} {text}.")


def _assume_items(values: dict[str, Any], origins: dict[str, Origin], known: Mapping[str, Any]) -> None:
    """Without a price, costs are counted in items."""
    in_money = [name for name in COSTS if known.get(name)]
    if in_money:
        problem = f"{' and '.join(in_money)} given in money, but no price to assume the others from; {ADD_PRICE}"
        raise ParameterError("known", [problem])
    values["price"], origins["price"] = 1.0, Origin("assumed", note="price unknown: results are in items.")
    values["money"], origins["money"] = "items", Origin("assumed", note="Without a price, costs are in items.")


def price_of(frame: pd.DataFrame) -> tuple[float, Origin] | None:
    """The mean price, weighted by units sold, from a price or a revenue column; None without either."""
    if "price" in frame:
        price = frame["price"]
    elif "revenue" in frame:
        price = frame["revenue"] / frame["units"].where(frame["units"] > 0)
    else:
        return None
    usable = (price > 0) & (frame["units"] > 0)
    if not usable.any():
        return None
    weight = frame["units"][usable] / frame["units"][usable].sum()
    mean = float((price[usable] * weight).sum())
    error = float(np.sqrt((weight**2 * (price[usable] - mean) ** 2).sum()))
    low, high = price[usable].min(), price[usable].max()
    note = f"Mean of {int(usable.sum())} days, weighted by units ({low:.4g} to {high:.4g})."
    return float(f"{mean:.6g}"), Origin("fitted", error, note)


def orders(values: dict[str, Any], origins: dict[str, Origin], known: Mapping[str, Any]) -> None:
    """Adds pack, max_packs and start_on_hand: at most `MAX_ACTIONS` orders, the largest enough for a good policy.

    No good policy of a shop that orders daily needs to order more at once than the quantile
    shortage / (shortage + holding) of the best day's demand and one unit (Zipkin 2008, Operations Research 56(5));
    a cost an order adds the economic order quantity.
    """
    world = ItemParameters.from_dict({**values, "pack": 1, "max_packs": 1})
    enough = largest_order(world)
    most = int(known.get("max_packs", MAX_ACTIONS - 1))
    pack = int(known.get("pack", round_pack(enough / most)))
    values["pack"] = pack
    values.setdefault("max_packs", min(math.ceil(enough / pack), most))
    largest = pack * values["max_packs"]
    covers = "covers" if largest >= enough else "does not cover"
    origins.setdefault(
        "pack",
        Origin("assumed", note=f"Orders in packs of {pack}, so that there are at most {MAX_ACTIONS} to choose from."),
    )
    note = f"The largest order, {largest} units, {covers} the {enough} a good policy may want at once."
    origins.setdefault("max_packs", Origin("assumed", note=note))
    if "start_on_hand" not in known:
        values["start_on_hand"] = round(world.mean * (world.lead_time + 1))
        origins["start_on_hand"] = Origin("assumed", note="Mean demand of the lead time and one day.")


def largest_order(world: ItemParameters) -> int:
    """Units a good policy may want to order at once."""
    worth = world.shortage + world.holding
    fractile = min(world.shortage / worth, 0.9999) if worth else 0.5
    peak = world.mean * max(world.weekday or (1.0,)) * max(world.season or (1.0,))
    shares = np.cumsum(world.day_pmf(peak))
    day: int = int(np.searchsorted(shares, fractile)) + 1
    batch = math.sqrt(2 * world.mean * world.order_cost / world.holding) if world.holding else 0.0
    return day + math.ceil(batch)


def round_pack(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is at least ``least``."""
    power = int(10 ** math.floor(math.log10(max(least, 1))))
    return next(step * power for step in (*ROUND, 10) if step * power >= least)
