"""What a box's sales table does not contain: prices, costs and order quantities."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.nested_fields import KnownFields
from envs_data.parameters import Origin, ParameterError
from envs_data.restock.box.known_fields import MARGIN
from envs_data.restock.item.costs import ADD_PRICE, HOLDING_SHARE, SHORTAGE_SHARE, orders, price_of

# Assumed share of the selling price; the rest is the margin that a lost sale costs.
COST_SHARE = 1 - SHORTAGE_SHARE
IN_MONEY = (MARGIN, "cost", "holding", "waste", "shortage", "line_cost", "truck_cost", "order_cost")
# Orders from which a common divisor is a pack.
PACK_ORDERS = 10

Values = dict[str, Any]
Origins = dict[str, Origin]


def prices(frames: Mapping[str, pd.DataFrame], known: KnownFields) -> dict[str, tuple[float, Origin]]:
    """The price of each item; without any, one item each.

    Raises:
        ParameterError: some items have a price and others none, or costs are known in money without any price.
    """
    price_of_item: dict[str, tuple[float, Origin]] = {}
    for item, frame in frames.items():
        seen = price_of(frame)
        if "price" in known.parts[item]:
            price_of_item[item] = known.parts[item]["price"], Origin("known")
        elif seen is not None:
            price_of_item[item] = seen
    missing = [item for item in frames if item not in price_of_item]
    if not missing:
        return price_of_item
    if price_of_item:
        wanted = " ".join(shlex.quote(f"price.{item}=PRICE") for item in missing)
        problem = f"no price for {', '.join(missing)}, while others have one; add --known {wanted}"
        raise ParameterError("known", [problem])
    in_money = [name for name in IN_MONEY if known.anywhere(name)]
    if in_money:
        problem = f"{' and '.join(in_money)} given in money, but no price to assume the others from; {ADD_PRICE}"
        raise ParameterError("known", [problem])
    return dict.fromkeys(frames, (1.0, Origin("assumed", note="price unknown: results are in items.")))


def costs(values: Values, origins: Origins, known: Mapping[str, Any]) -> None:
    """Adds an item's purchase cost, holding and shortage to ``values``, which has its price, and to ``origins``.

    Raises:
        ParameterError: a margin above the price.
    """
    price = values["price"]
    if MARGIN in known:
        if not 0 <= known[MARGIN] <= price:
            problem = f"margin of {values['name']} is {known[MARGIN]!r}; it must be between 0 and its price, {price:g}"
            raise ParameterError("known", [problem])
        values["cost"], origins["cost"] = price - known[MARGIN], Origin("known", note="Price less margin.")
    waits = values["unmet"] == "backordered"
    shortage = SHORTAGE_SHARE if waits else 0.0
    assumed = {
        "cost": (COST_SHARE, f"cost {COST_SHARE:.2f} of price."),
        "holding": (HOLDING_SHARE, f"holding {HOLDING_SHARE:.1%} of price a day."),
        "shortage": (
            shortage,
            f"shortage {shortage:.2f} of price a day of waiting."
            if waits
            else "shortage 0: a lost sale costs its margin.",
        ),
        "waste": (0.0, "waste 0."),
        "line_cost": (0.0, "line_cost 0."),
    }
    for name, (share, note) in assumed.items():
        if name in known:
            values[name], origins[name] = known[name], Origin("known")
        elif name not in values:
            values[name], origins[name] = float(f"{share * price:.6g}"), Origin("assumed", note=note)


def quantities(
    frame: pd.DataFrame, values: Values, origins: Origins, known: Mapping[str, Any], box: Mapping[str, Any]
) -> None:
    """Adds an item's pack, largest order and first stock: see `envs_data.restock.item.costs.orders`.

    Args:
        frame: the item's days.
        values: its other fields, added to.
        origins: their origins, added to.
        known: what the user knows of it.
        box: weekday and season, lift of promotions and cost of an order.
    """
    fixed = {name: known[name] for name in ("pack", "max_packs", "start_on_hand") if name in known}
    pack = pack_of(frame)
    if "pack" not in known and pack is not None:
        fixed["pack"], origins["pack"] = pack
    alone = {
        **{name: values[name] for name in ("mean", "demand_law", "size", "zero_inflation", "unmet", "holding")},
        **{name: box[name] for name in ("weekday", "season")},
        "mean": values["mean"] * box["promotion_lift"],
        "lead_time": max(values["lead_times"]),
        "shortage": values["shortage"] + max(values["price"] - values["cost"], 0.0),
        "order_cost": values["line_cost"] + box["order_cost"],
        **fixed,
    }
    order_origins: Origins = {}
    orders(alone, order_origins, fixed)
    for name in ("pack", "max_packs", "start_on_hand"):
        values[name] = alone[name]
        origins.setdefault(name, Origin("known") if name in known else Origin(order_origins[name].kind))


def pack_of(frame: pd.DataFrame) -> tuple[int, Origin] | None:
    """The common divisor of orders, if there are enough of them and it exceeds one unit."""
    ordered = frame["ordered"].dropna() if "ordered" in frame else pd.Series(dtype=float)
    sizes = ordered[ordered > 0].astype(int)
    if len(sizes) < PACK_ORDERS:
        return None
    pack = int(np.gcd.reduce(sizes.to_numpy()))
    return (pack, Origin("fitted", note=f"All {len(sizes)} orders are multiples of it.")) if pack > 1 else None
