"""Messages about tables of sales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.envs_data.remedies import (
    DAYS,
    Example,
    Instead,
    as_printed,
    bread,
    cell,
    changed,
    column,
    renamed,
    shop,
    two_items,
)
from tests.envs_data.shapes import sold


def spoiled() -> pd.DataFrame:
    """Items with spaces in their names, some of which was thrown away."""
    return shop("whole milk", "sugar-free bread").assign(wasted=1, on_hand=3)


def part_priced() -> pd.DataFrame:
    """Prices of one item only."""
    frame = shop("milk", "rye bread", "eggs")
    return frame.assign(price=frame["item"].map({"milk": 1.2}))


def few_days(frame: pd.DataFrame) -> pd.DataFrame:
    """The first days of a table."""
    return frame[frame["date"] <= "2024-01-09"]


def sold_out() -> pd.DataFrame:
    """An item that sold out nearly every day."""
    return bread().assign(on_hand=np.where(np.arange(len(DAYS)) < 5, 3, 0))


def promoted() -> pd.DataFrame:
    """An item that sells three times as much every eighth day, when it is promoted."""
    days = pd.date_range("2024-01-01", periods=140)
    on = np.arange(len(days)) % 8 == 6
    return pd.DataFrame({"date": days, "units": sold(5.0, len(days)) * np.where(on, 3, 1), "promotion": on * 1})


MORE = {"are needed": lambda _: pd.DataFrame({"date": DAYS, "units": sold(5.0, len(DAYS))})}
RESTOCK = {
    "several items": Example(
        "restock",
        changed(two_items, renamed(item="Product Name")),
        "2 items (bread, milk)",
        {
            "--each 'Product Name' -o FOLDER": Instead("--each 'Product Name' -o items --columns 'item=Product Name'"),
            "--case RestockBox": "--case RestockBox",
        },
        line="--case RestockItem --columns 'item=Product Name'",
    ),
    "promotions": Example(
        "restock",
        promoted,
        "Days with a promotion, 12% of all, sell",
        {"add a column for the item and --case RestockBox": (column("item", "bread"), "--case RestockBox")},
    ),
    "nothing sold": Example("restock", changed(bread, column("units", 0)), "not a single unit was sold in 28 days", {}),
    "too few days": Example("restock", changed(bread, few_days), "at least 14 days that did not sell out", MORE),
    "nearly always sold out": Example("restock", sold_out, "at least 14 days that did not sell out", MORE),
    "no item left": Example(
        "restock",
        changed(two_items, few_days),
        "no item is left to fit",
        {"use more of their days": lambda _: two_items()},
    ),
    "more items than a box holds": Example(
        "restock",
        changed(two_items, renamed(item="Product Name")),
        "2 items, and a box has 1 at most",
        {
            "--each 'Product Name' -o FOLDER": "--each 'Product Name' -o items",
            "keep fewer": lambda frame: frame[frame["Product Name"] == "milk"],
        },
        line="--columns 'item=Product Name'",
        limits={"envs_data.restock.box.fit.MAX_ITEMS": 1},
    ),
    "prices of some": Example(
        "restock",
        part_priced,
        "no price for rye bread, eggs, while others have one",
        {"--known 'price.rye bread=PRICE' price.eggs=PRICE": "--known 'price.rye bread=3' price.eggs=.3"},
    ),
    "money without a price": Example(
        "restock",
        bread,
        "holding given in money, but no price",
        {"--known price=PRICE": "--known price=4"},
        line="--known holding=.01",
    ),
    "money without prices": Example(
        "restock",
        two_items,
        "order_cost given in money, but no price",
        {"--known price=PRICE": "--known price=4"},
        line="--known order_cost=10",
    ),
    "one thing said twice": Example(
        "restock",
        two_items,
        "margin and cost of milk are both given and say the same",
        {"leave one out": Instead("--known price=4 cost=3")},
        line="--known price=4 margin=1 cost=3",
    ),
    "margin and shortage": Example(
        "restock",
        bread,
        "margin and shortage are both given",
        {"leave one out": Instead("--known price=4 margin=1")},
        line="--known price=4 margin=1 shortage=1",
    ),
    "more margin than price": Example(
        "restock",
        two_items,
        "margin of milk is 5; it must be",
        {"between 0 and its price, 4": Instead("--known price=4 margin=1")},
        line="--known price=4 margin=5",
    ),
    "no unit": Example(
        "restock",
        bread,
        "unit is 'kilo'",
        {"an amount of the table's units, such as .25": Instead("--known unit=.25")},
        line="--known unit=kilo",
    ),
    "an unknown field": Example(
        "restock",
        bread,
        "unknown field 'leadtime'",
        {"did you mean 'lead_time'?": Instead("--known lead_time=2")},
        line="--known leadtime=2",
    ),
    "an unknown item": Example(
        "restock",
        two_items,
        "unknown item 'mlk'",
        {"did you mean 'milk'?": Instead("--known price=3 price.milk=2")},
        line="--known price=3 price.mlk=2",
    ),
    "a slip": Example(
        "restock",
        changed(bread, cell("units", 4, 10**12)),
        "is more than 10,000 times what usually sells",
        {"correct the cell": cell("units", 4, 6)},
    ),
    "very many units": Example(
        "restock",
        changed(two_items, column("units", lambda frame: frame["units"] * 95_000)),
        "and a world holds 20,000 at most",
        as_printed("--known unit=100"),
    ),
    "thrown away": Example(
        "restock",
        spoiled,
        "were thrown away, but a shelf life is not identified",
        {
            "--known 'shelf_life.whole milk=DAYS'": "--known 'shelf_life.whole milk=5' 'shelf_life.sugar-free bread=3'",
        },
    ),
}
