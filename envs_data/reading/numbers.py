"""Numbers in anybody's notation: decimal and thousands marks, currency signs, yes and no.

A column has one notation. Cells that can be read one way only decide it; where none does and a cell such as ``1.040``
would be 1.04 in one notation and 1040 in the other, the table is refused: a guess would be wrong by a thousand.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

Mark = Literal["point", "comma"]

# Signs and codes that may stand beside an amount.
CURRENCY = re.compile(
    r"^(?P<sign>[-+]?)\s*(?:[€$£¥₹₩₺₽]|\b(?:EUR|USD|GBP|CHF|JPY|CNY|INR|BRL|AUD|CAD|SEK|NOK|DKK|PLN|CZK|HUF|Rs\.?|kr\.?)"
    r"(?=[\s\d-]))?\s*(?P<rest>.*?)\s*(?:[€$£¥₹₩₺₽]|\s(?:EUR|USD|GBP|CHF|JPY|CNY|INR|BRL|AUD|CAD|SEK|NOK|DKK|PLN|CZK"
    r"|HUF|Kč|zł|Ft|kr\.?))?$"
)
# Spaces and apostrophes only ever separate thousands.
NEUTRAL = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?:\D|$))")
MINUS = str.maketrans("\u2212\u2013", "--")
EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
"""One mark before three digits: decimals or thousands."""
READS: Mapping[Mark, re.Pattern[str]] = {
    "point": re.compile(r"(?=\.?\d)(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?"),
    "comma": re.compile(r"(?=,?\d)(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][-+]?\d{1,3})?"),
}
YES = frozenset({"y", "yes", "true", "t", "ja", "j", "oui", "sí", "si"})
NO = frozenset({"n", "no", "false", "f", "nein", "non"})
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a"})


@dataclasses.dataclass(frozen=True)
class Notation:
    """What cells say of their decimal mark.

    Attributes:
        point: a cell that only makes sense with a decimal point; empty where there is none.
        comma: a cell that only makes sense with a decimal comma.
        either: a cell that may be a thousand times larger than it looks.
    """

    point: str = ""
    comma: str = ""
    either: str = ""


def notation(cells: Iterable[str]) -> Notation:
    """What texts say of the decimal mark.

    Args:
        cells: distinct texts of the columns that hold numbers.
    """
    found: dict[str, str] = {}
    for text in cells:
        bare, _ = _split(text)
        if not any(mark in bare for mark in ".,"):
            continue
        readings = [mark for mark, pattern in READS.items() if bare and pattern.fullmatch(bare)]
        if EITHER.fullmatch(bare):
            found.setdefault("either", text)
        elif len(readings) == 1:
            found.setdefault(readings[0], text)
    return Notation(**found)


def merged(parts: Iterable[Notation]) -> Notation:
    """What several columns of a file say together."""
    fields = zip(*(dataclasses.astuple(part) for part in parts), strict=True)
    return Notation(*(next((text for text in texts if text), "") for texts in fields))


def number(text: str, mark: Mark) -> float:
    """A text as a number; not a number where it is none.

    Args:
        text: such as ``-1.234,56 €``, ``(12)`` or ``3.5e2``.
        mark: the decimal mark.
    """
    bare, sign = _split(text)
    if not READS[mark].fullmatch(bare):
        return np.nan
    thousands, decimal = (",", ".") if mark == "point" else (".", ",")
    value = float(bare.replace(thousands, "").replace(decimal, "."))
    return sign * value if np.isfinite(value) else np.nan


def both_readings(text: str) -> tuple[float, float]:
    """A text read with a decimal point, and with a decimal comma."""
    return number(text, "point"), number(text, "comma")


def flag(text: str) -> float:
    """Yes and no as 1 and 0; not a number where it is neither."""
    word = text.strip().lower()
    return 1.0 if word in YES else 0.0 if word in NO else np.nan


def is_blank(text: str) -> bool:
    """Whether a cell of numbers or dates says that nothing is known."""
    return text.strip().lower() in EMPTY


def _split(text: str) -> tuple[str, int]:
    """Digits and marks alone, without currency and the spaces between thousands; and the sign.

    A minus stands before or behind, or a bookkeeper's brackets stand for it.
    """
    body, sign = text.translate(MINUS).strip(), 1
    if body.startswith("(") and body.endswith(")"):
        body, sign = body[1:-1].strip(), -1
    match = CURRENCY.fullmatch(body)
    lead, rest = (match["sign"], match["rest"]) if match else ("", body)
    if not lead and rest[:1] in ("-", "+"):
        lead, rest = rest[0], rest[1:]
    elif not lead and rest.endswith("-"):
        lead, rest = "-", rest[:-1]
    return NEUTRAL.sub("", rest.strip()), -sign if lead == "-" else sign
