"""Shapes of tables of prices that sellers have, remade in small."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tests.envs_data.shapes import Shape

WEEKS = pd.date_range("2023-01-01", periods=100, freq="7D")


def shelf(
    customers: float, demand: Mapping[str, tuple[float, float]], prices: tuple[float, ...], weeks: int = len(WEEKS)
) -> pd.DataFrame:
    """A row a week and product: Poisson units of customers who choose by a logit.

    Args:
        customers: mean a week.
        demand: by product, its weight at the middle price beside the weight 1 of buying nothing, and the sensitivity.
        prices: what is charged, at random.
        weeks: how many.
    """
    rng = np.random.default_rng(len(demand))
    weight, sensitivity = np.array([*demand.values()]).T
    price = rng.choice(prices, (weeks, len(demand)))
    weights = weight * np.exp(-sensitivity * (price - np.median(prices)))
    units = rng.poisson(customers * weights / (1 + weights.sum(axis=1, keepdims=True)))
    names = np.tile([*demand], weeks)
    dates = np.repeat(WEEKS[:weeks], len(demand))
    return pd.DataFrame({"date": dates, "product": names, "price": price.ravel(), "units": units.ravel()})


def choices(visits: int, nothing: bool, seed: int = 3) -> pd.DataFrame:
    """A row for each of three brands at each visit; who bought none of them is written down or not."""
    rng = np.random.default_rng(seed)
    price = rng.choice([6.0, 7.0, 8.0, 9.0], (visits, 3))
    utility = np.column_stack([np.array([2.0, 3.0, 2.5]) - 0.5 * price, np.zeros(visits)])
    chosen = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
    kept = np.flatnonzero(nothing | (chosen < 3))
    names = np.tile(["dannon", "hiland", "yoplait"], len(kept))
    taken = (chosen[kept, None] == np.arange(3)).astype(int).ravel()
    return pd.DataFrame(
        {"visit": np.repeat(kept + 1, 3), "product": names, "price": price[kept].ravel(), "chosen": taken}
    )


def avocados() -> pd.DataFrame:
    """Mean prices of avocados by the week: volumes in fractions, two types, one region."""
    rows = shelf(8000, {"conventional": (0.7, 1.2), "organic": (0.3, 1.2)}, (1.0, 1.2, 1.4, 1.6))
    return pd.DataFrame(
        {
            "Date": rows["date"],
            "AveragePrice": rows["price"],
            "Total Volume": rows["units"] + 0.25,
            "type": rows["product"],
            "year": rows["date"].dt.year,
            "region": "Albany",
        }
    )


def orange_juice() -> pd.DataFrame:
    """Scanner rows of orange juice: cartons sold, shelf price, brand, advertised or not, no date."""
    demand = {"tropicana": (0.4, 1.5), "minute.maid": (0.3, 1.5), "dominicks": (0.3, 1.5)}
    rows = shelf(50_000, demand, (1.6, 2.0, 2.4, 2.8))
    feat = (np.arange(len(rows)) % 5 == 0).astype(int)
    return pd.DataFrame({"sales": rows["units"], "price": rows["price"], "brand": rows["product"], "feat": feat})


def yogurt_panel() -> pd.DataFrame:
    """A household panel of yogurt: only purchases are written down."""
    names = {"visit": "chid", "product": "alt", "chosen": "choice"}
    return choices(1500, nothing=False).rename(columns=names)


def hotel_searches() -> pd.DataFrame:
    """Searches for a hotel: what was shown at which price, and what was booked, if anything."""
    rows = choices(1200, nothing=True)
    return pd.DataFrame(
        {
            "srch_id": rows["visit"],
            "prop_id": rows["product"],
            "position": np.arange(len(rows)) % 3 + 1,
            "price_usd": rows["price"] * 10,
            "booking_bool": rows["chosen"],
        }
    )


def order_lines() -> pd.DataFrame:
    """A web shop's order lines with the price paid."""
    rows = shelf(50, {"85123A": (0.6, 1.0), "22423": (0.4, 1.0)}, (2.0, 2.5, 3.0, 3.5))
    each = rows.loc[rows.index.repeat(rows["units"])].reset_index(drop=True)
    return pd.DataFrame(
        {
            "Invoice": 536365 + np.arange(len(each)) // 2,
            "StockCode": each["product"],
            "Quantity": 1,
            "InvoiceDate": each["date"].dt.strftime("%d/%m/%Y 10:15"),
            "Price": each["price"],
        }
    )


def visitors_counted() -> pd.DataFrame:
    """A shelf by the week with a counter at the door."""
    rows = shelf(200, {"plain": (0.3, 0.5), "seeded": (0.5, 0.5), "rye": (0.4, 0.5)}, (6.0, 7.0, 8.0, 9.0))
    return rows.rename(columns={"date": "week"}).assign(visitors=200)


def one_price() -> pd.DataFrame:
    """A tea repriced every week beside a mug that never was."""
    rows = shelf(160, {"green tea": (0.6, 0.8), "mug": (0.3, 0.0)}, (4.0, 4.5, 5.0, 5.5))
    return rows.assign(price=rows["price"].where(rows["product"] != "mug", 9.0))


def winter_coats() -> pd.DataFrame:
    """One coat sold over four seasons of 13 weeks, marked down until the stock is gone."""
    rng = np.random.default_rng(7)
    rows = []
    for season in range(2020, 2024):
        stock = 90
        for week in range(13):
            price = (200.0, 200.0, 160.0, 120.0, 100.0)[week // 3]
            units = min(stock, int(rng.poisson(40 * np.exp(-0.01 * price))))
            rows.append((season, pd.Timestamp(season, 10, 1) + pd.Timedelta(weeks=week), price, stock, units))
            stock -= units
    return pd.DataFrame(rows, columns=["season", "week_start", "selling_price", "opening_stock", "units_sold"])


def dearer_in_demand() -> pd.DataFrame:
    """Ice cream, dearer in the weeks in which more is eaten."""
    rows = shelf(100, {"ice cream": (0.5, -0.8)}, (2.0, 2.5, 3.0))
    return rows[["date", "price", "units"]]


def retail_price() -> pd.DataFrame:
    """A marketplace by the month: customers are those of the whole category, some months fewer than units sold."""
    rows = shelf(100, {"bed1": (0.6, 0.08), "bed2": (0.4, 0.08)}, (40.0, 45.0, 50.0), weeks=60)
    months = pd.date_range("2019-01-01", periods=60, freq="MS")
    return pd.DataFrame(
        {
            "product_id": rows["product"],
            "month_year": months.repeat(2).strftime("%d-%m-%Y"),
            "qty": rows["units"],
            "total_price": (rows["units"] * rows["price"]).round(2),
            "unit_price": rows["price"],
            "customers": np.arange(len(rows)) * 37 % 90 + 5,
        }
    )


def cafe() -> pd.DataFrame:
    """A café's burger by the day: one product, several prices, a German export."""
    days = pd.date_range("2023-01-02", periods=200)
    rng = np.random.default_rng(9)
    price = rng.choice([9.5, 10.5, 11.5], 200)
    return pd.DataFrame(
        {"Datum": days.strftime("%d.%m.%Y"), "price": price, "qty": rng.poisson(60 * np.exp(-0.1 * price))}
    )


def german(frame: pd.DataFrame) -> str:
    """Semicolons and decimal commas."""
    return frame.to_csv(index=False, sep=";", decimal=",")


def shape(table: Callable[[], pd.DataFrame], line: str = "", **more: object) -> Shape:
    """A shape of this trade."""
    return Shape("pricing", table, line, **more)  # type: ignore[arg-type]


PRICING = {
    "avocados": shape(
        avocados,
        "--columns price=AveragePrice 'units=Total Volume' product=type --known unit=50",
        first=("name yours with --columns price=NAME units=NAME", "--known unit=50"),
        fields={"sensitivity": 1.2},
    ),
    "orange juice": shape(
        orange_juice,
        says=("Cross-price effects are not identified", "counts in the world are the table's divided by"),
        fields={"sensitivity": 1.5},
        tolerance=0.1,
    ),
    "yogurt panel": shape(
        yogurt_panel,
        "--columns visit=chid product=alt chosen=choice --known outside=0.3",
        first=("name yours with --columns visit=NAME product=NAME", "--known outside=0.3"),
        says=("of the visits buy nothing, as you said",),
        fields={"sensitivity": 0.5},
        tolerance=0.2,
    ),
    "hotel searches": shape(
        hotel_searches,
        "--columns visit=srch_id product=prop_id price=price_usd chosen=booking_bool",
        first=("no column for price and units",),
        says=("the visits tell only how they choose",),
        fields={"sensitivity": 0.05},
        tolerance=0.2,
    ),
    "order lines": shape(
        order_lines, says=("a row as an order line, units added up",), fields={"sensitivity": 1.0}, tolerance=0.15
    ),
    "visitors": shape(
        visitors_counted,
        says=("200 customers a period, counted",),
        fields={"customers": 200, "sensitivity": 0.5},
    ),
    "a product with one price": shape(
        one_price,
        says=("Not identified by itself: how sales of mug follow the price",),
        fields={"sensitivity": 0.8},
        tolerance=0.15,
    ),
    "winter coats": shape(
        winter_coats,
        says=("52 periods of 4 seasons", "6 sold-out periods treated as censored"),
        fields={"sensitivity": 0.01, "customers": 40, "start_stock": 90},
    ),
    "dearer when wanted": shape(
        dearer_in_demand,
        first=("so that a higher price may sell as many; prices must have changed for other reasons than demand",),
    ),
    "retail prices": shape(
        retail_price,
        "--columns visitors= date=month_year",
        first=("leave it out with --columns visitors=",),
        fields={"sensitivity": 0.08},
        tolerance=0.2,
    ),
    "cafe": shape(cafe, says=("a decimal comma",), fields={"sensitivity": 0.1}, write=german),
}
