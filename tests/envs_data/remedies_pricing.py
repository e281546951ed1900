"""Messages about tables of prices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from envs_data.pricing.season import SCENARIOS
from envs_data.pricing.season.table import generate as seasons
from tests.envs_data.remedies import (
    Example,
    Instead,
    as_printed,
    cell,
    changed,
    column,
    refused,
    renamed,
    without,
)
from tests.envs_data.shapes_pricing import choices, shelf


def tea() -> pd.DataFrame:
    """A tea by the week."""
    return shelf(60, {"tea": (0.6, 0.8)}, (4.0, 4.5, 5.0, 5.5), 40)


def tea_and_mug() -> pd.DataFrame:
    """A tea and a mug by the week."""
    return shelf(160, {"green tea": (0.6, 0.8), "mug": (0.4, 0.8)}, (4.0, 4.5, 5.0, 5.5), 40)


def visits() -> pd.DataFrame:
    """Visits, some of which bought nothing."""
    return choices(150, nothing=True)


def weighted() -> pd.DataFrame:
    """Visits that stand for several."""
    return visits().assign(weight=2)


def visits_side_by_side() -> pd.DataFrame:
    """A column for each product's price."""
    rows = visits()
    wide = rows.pivot_table("price", "visit", "product").add_prefix("price.")
    taken = rows[rows["chosen"] == 1].set_index("visit")["product"]
    return wide.assign(choice=taken.reindex(wide.index).fillna("none")).reset_index(drop=True)


def dozens() -> pd.DataFrame:
    """Very many units, all of them in dozens."""
    rows = shelf(9000, {"green tea": (0.6, 0.8), "mug": (0.4, 0.8)}, (4.0, 4.5, 5.0, 5.5), 40)
    return rows.assign(units=rows["units"] * 12)


def steep() -> pd.DataFrame:
    """Sales that a slightly lower price multiplies."""
    price = np.resize([100.0, 104.0, 108.0], 60)
    return pd.DataFrame({"price": price, "units": np.random.default_rng(1).poisson(60 * np.exp(-0.1 * (price - 100)))})


def visits_that_bought(frame: pd.DataFrame) -> pd.DataFrame:
    """Visits of which nobody left without a purchase."""
    return frame[frame.groupby("visit")["chosen"].transform("max") == 1]


SOLD = "prices must have changed for other reasons than demand"
PRICING = {
    "several products": Example(
        "pricing",
        changed(tea_and_mug, renamed(product="Article No")),
        "2 products, and a season sells one",
        {
            "--each 'Article No' -o FOLDER": Instead("--columns 'product=Article No' --each 'Article No' -o items"),
            "--case PricingShelf": "--case PricingShelf",
        },
        line="--case PricingSeason --columns 'product=Article No'",
    ),
    "too few periods": Example(
        "pricing",
        changed(tea, lambda frame: frame.head(6)),
        "6 periods; at least 8",
        {"are needed": lambda _: tea()},
    ),
    "demand that rises": Example(
        "pricing",
        changed(tea, column("price", lambda frame: 4 + frame["units"] / 50)),
        "so that a higher price may sell as many",
        {"prices must have changed for other reasons than demand, and often enough": lambda _: tea()},
    ),
    "too steep": Example(
        "pricing",
        steep,
        "more than a season can hold",
        as_printed("--case PricingShelf"),
    ),
    "more units than visitors": Example(
        "pricing",
        changed(tea_and_mug, column("customers", 3)),
        "was taken for visitors",
        as_printed("--columns visitors="),
    ),
    "something given away": Example(
        "pricing",
        changed(tea, cell("price", 4, 0)),
        "probably something given away",
        {"leave the row out": without(4), "write the price that was asked": cell("price", 4, 4.5)},
    ),
    "a return": Example(
        "pricing",
        changed(tea, cell("price", 4, -4.5)),
        "probably a return",
        {
            "write its price without the minus and its units with one": lambda frame: cell("units", 4, -1)(tea()),
            "leave it out": without(4),
        },
    ),
    "prices in a large unit": Example(
        "pricing",
        changed(tea, column("price", lambda frame: frame["price"] / 1e6)),
        "is less than 1e-05",
        {"write prices in a smaller unit of money": lambda _: tea()},
    ),
    "seasons that differ": Example(
        "pricing",
        lambda: seasons(SCENARIOS["fad-or-flop"], seed=1),
        "Seasons differ beyond chance",
        as_printed("--known levels=[0.22,1.78]"),
    ),
    "a product of few rows": Example(
        "pricing",
        changed(tea_and_mug, lambda frame: frame.head(16)),
        "product green tea: only 8 of the 10 periods or visits that are needed",
        {"that are needed": lambda _: tea_and_mug()},
    ),
    "more products than a shelf holds": Example(
        "pricing",
        tea_and_mug,
        "2 products; a shelf has 1 at most",
        {"keep those that compete": lambda frame: frame[frame["product"] == "mug"]},
        limits={"envs_data.pricing.shelf.shelf_data.MAX_PRODUCTS": 1},
    ),
    "packages": Example(
        "pricing",
        dozens,
        "all units sold are multiples of 12",
        as_printed("--known unit=12", "--known unit=1"),
    ),
    "who buys nothing of sales": Example(
        "pricing",
        tea_and_mug,
        "outside is known, but this is no log of visits",
        {"leave it out": Instead("")},
        line="--known outside=.3",
    ),
    "who buys nothing is seen": Example(
        "pricing",
        visits,
        "of the visits bought nothing, so that outside is not for you to say",
        {"leave it out": Instead("")},
        line="--known outside=.3",
    ),
    "who buys nothing is not seen": Example(
        "pricing",
        changed(visits, visits_that_bought, renamed(product="Brand Name")),
        "how many visits buy nothing is not identified",
        {
            "bizgyms fit pricing table.csv --columns 'product=Brand Name' --known outside=0.3 -o mine.json": Instead(
                "--columns 'product=Brand Name' --known outside=0.3 -o mine.json"
            )
        },
        line="--columns 'product=Brand Name'",
    ),
    "who buys nothing is no share": Example(
        "pricing",
        changed(visits, visits_that_bought),
        "outside is 30",
        {"it must be a share above 0 and below 1": Instead("--known outside=.3")},
        line="--known outside=30",
    ),
    "a choice of nothing that there is": Example(
        "pricing",
        changed(visits_side_by_side, cell("choice", 4, "danon")),
        "'danon' is none of the products",
        {"dannon, hiland, yoplait": cell("choice", 4, "dannon")},
    ),
    "a visit of no weight": Example(
        "pricing",
        changed(weighted, column("weight", lambda frame: frame["weight"].where(frame["visit"] != 3, 0))),
        "stands for no visit",
        {"leave the row out": lambda frame: frame[frame["weight"] > 0]},
    ),
    "two weights of one visit": Example(
        "pricing",
        changed(weighted, cell("weight", 4, 3)),
        "is not the only weight of this visit",
        {"a weight is of the whole visit": cell("weight", 4, 2)},
    ),
    "an unknown product": Example(
        "pricing",
        tea_and_mug,
        "unknown product 'tea'",
        {"known: green tea, mug": Instead("--known 'cost.green tea=2'")},
        line="--known cost.tea=2",
    ),
    **refused(
        "pricing",
        tea,
        one_price=("one price only (4)", column("price", 4)),
        nothing_sold=("not a single unit was sold", column("units", 0)),
        always_sold_out=("sold out; demand is not", column("stock", lambda frame: frame["units"])),
        more_than_the_stock=("is more than the stock of the same row", column("stock", 1)),
        years_apart=(
            "and a period is a year at most",
            column("date", lambda frame: [f"{1960 + 2 * k}-01-01" for k in range(len(frame))]),
        ),
    ),
    **refused(
        "pricing",
        visits,
        offered_twice=("was offered in this visit already", lambda frame: pd.concat([frame, frame.tail(1)])),
        chosen_twice=("is the second choice of one visit", lambda frame: frame.assign(chosen=1)),
    ),
}
