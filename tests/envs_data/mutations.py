"""Tables broken at random: cells, rows, columns and bytes."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
FAMILIES = {
    "corner_shop": "restock",
    "gift_season": "restock",
    "backorders": "restock",
    "shop_export": "restock",
    "grocery_box": "restock",
    "winter_coats": "pricing",
    "juice_shelf": "pricing",
    "shelf_visits": "pricing",
    "newsletter": "nudge",
    "clinic": "nudge",
    "daily_steps": "nudge",
    "ad_campaign": "bidding",
    "record_shop": "recommend",
    "music_clicks": "recommend",
}
"""Sample table to family."""
CELLS = (
    *(
        "",
        " ",
        "NA",
        "none",
        "?",
        "-",
        "abc",
        "1,5",
        "1.5",
        "1.040",
        "-1",
        "0",
        "1e300",
        "-1e308",
        "9" * 30,
        "inf",
        "nan",
    ),
    *("2024-02-30", "0000-01-01", "9999-12-31", "13/14/2024", "03/04/2024", "12:30", "2024-01-01T00:00:00+05:00"),
    *("TRUE", "yes", "0.5", "1/2", "€ 3,50", "\u200b", "\u0663", '"', "=1+1", "a;b", "\t", "\x00", "🙂", "x" * 500),
)
ROWS_KEPT = 150
Rows = list[list[str]]


def cell(rows: Rows, rng: random.Random) -> None:
    """Some cells."""
    for _ in range(rng.choice((1, 1, 3, 30))):
        row = rng.choice([row for row in rows if row])
        row[rng.randrange(len(row))] = rng.choice(CELLS)


def whole_column(rows: Rows, rng: random.Random) -> None:
    """All cells of a column, or half of them."""
    place, text, share = rng.randrange(len(rows[0])), rng.choice(CELLS), rng.choice((0.5, 1.0))
    for row in rows[1:]:
        if len(row) > place and rng.random() < share:
            row[place] = text


def column_away(rows: Rows, rng: random.Random) -> None:
    """A column."""
    place = rng.randrange(len(rows[0]))
    for row in rows:
        del row[place : place + 1]


def column_twice(rows: Rows, rng: random.Random) -> None:
    """A column again, under its own name or another."""
    place, name = rng.randrange(len(rows[0])), rng.choice(rows[0])
    for number, row in enumerate(rows):
        row.append((row[place] if place < len(row) else "") if number else name)


def columns_swapped(rows: Rows, rng: random.Random) -> None:
    """Two names."""
    a, b = (rng.randrange(len(rows[0])) for _ in range(2))
    rows[0][a], rows[0][b] = rows[0][b], rows[0][a]


def renamed(rows: Rows, rng: random.Random) -> None:
    """A name."""
    rows[0][rng.randrange(len(rows[0]))] = rng.choice((*CELLS, "stock", "units", "customers", "date", "store"))


def rows_away(rows: Rows, rng: random.Random) -> None:
    """Rows, down to very few."""
    rows[1:] = rng.sample(rows[1:], min(rng.choice((0, 1, 2, 5, 50, len(rows) - 1)), len(rows) - 1))


def rows_twice(rows: Rows, rng: random.Random) -> None:
    """Rows again."""
    rows.extend([*row] for row in rng.sample(rows[1:], min(rng.choice((1, 5, len(rows) - 1)), len(rows) - 1)))


def ragged(rows: Rows, rng: random.Random) -> None:
    """A row too long or too short."""
    row = rng.choice(rows)
    row[:] = [*row, "1"] if rng.random() < 0.5 else row[:-1]


def header_away(rows: Rows, rng: random.Random) -> None:
    """The names."""
    del rows[0]


OF_ROWS: tuple[Callable[[Rows, random.Random], None], ...] = (
    *(
        cell,
        whole_column,
        column_away,
        column_twice,
        columns_swapped,
        renamed,
        rows_away,
        rows_twice,
        ragged,
        header_away,
    ),
)


def mutated(sample: str, seed: int) -> bytes:
    """A sample table, broken in one to three ways.

    Args:
        sample: name of the table.
        seed: same seed, same bytes.
    """
    rng = random.Random(f"{sample} {seed}")
    content = (SAMPLES / f"{sample}.csv").read_bytes()
    if sample == "shop_export":
        return _bytes_broken(content, rng)
    rows = [*csv.reader(io.StringIO(content.decode("utf-8")))][:ROWS_KEPT]
    for _ in range(rng.randint(1, 3)):
        if len(rows) > 1 and len(rows[0]) > 1 and all(rows):
            rng.choice(OF_ROWS)(rows, rng)
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=rng.choice(",,,;\t|")).writerows(rows)
    encoded = buffer.getvalue().encode(rng.choice(("utf-8", "utf-8", "utf-16", "utf-8-sig")), "replace")
    return _bytes_broken(encoded, rng) if rng.random() < 0.1 else encoded


def _bytes_broken(content: bytes, rng: random.Random) -> bytes:
    """A file cut short, or with bytes of any value in it."""
    broken = bytearray(content[: rng.randint(0, len(content))] if rng.random() < 0.3 else content)
    for _ in range(rng.choice((0, 1, 20)) if broken else 0):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)
