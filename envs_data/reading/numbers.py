"""Numbers in anybody's notation: decimal and thousands marks, currency signs, yes and no.

A file has one notation. Cells that can be read one way only decide it; where none does and a cell such as ``1.040``
would be 1.04 in one notation and 1040 in the other, the file is refused: a guess would be wrong by a thousand.
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
    "point": re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?"),
    "comma": re.compile(r"(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][-+]?\d{1,3})?"),
}
YES = frozenset({"y", "yes", "true", "t", "ja", "j", "oui", "sí", "si"})
NO = frozenset({"n", "no", "false", "f", "nein", "non"})
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a"})


@dataclasses.dataclass(frozen=True)
class Notation:
    """What the cells of a file say of its decimal mark.

    Attributes:
        point: a cell that only makes sense with a decimal point; empty where there is none.
        comma: a cell that only makes sense with a decimal comma.
        either: a cell that may be a thousand times larger than it looks.
    """

    point: str = ""
    comma: str = ""
    either: str = ""

    @property
    def mark(self) -> Mark | None:
        """The decimal mark; None where cells contradict each other or leave it open."""
        if self.point and self.comma:
            return None
        if self.comma:
            return "comma"
        return None if self.either and not self.point else "point"


def notation(cells: Iterable[str]) -> Notation:
    """What texts say of the decimal mark.

    Args:
        cells: distinct texts of the columns that hold numbers.
    """
    found: dict[str, str] = {}
    for text in cells:
        bare = _bare(text)
        if not any(mark in bare for mark in ".,"):
            continue
        readings = [mark for mark, pattern in READS.items() if bare and pattern.fullmatch(bare)]
        if EITHER.fullmatch(bare):
            found.setdefault("either", text)
        elif len(readings) == 1:
            found.setdefault(readings[0], text)
    return Notation(**found)


def number(text: str, mark: Mark) -> float:
    """A text as a number; not a number where it is none.

    Args:
        text: such as ``-1.234,56 €``, ``(12)`` or ``3.5e2``.
        mark: the decimal mark.
    """
    bare, sign = _bare(text), _sign(text)
    if not any(letter.isdigit() for letter in bare) or not READS[mark].fullmatch(bare):
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


def _bare(text: str) -> str:
    """Digits and marks alone: without sign, currency, and the spaces or apostrophes between thousands."""
    body = text.translate(MINUS).strip()
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1].strip()
    match = CURRENCY.fullmatch(body)
    rest = match["rest"] if match else body
    unsigned = rest[1:] if rest[:1] in ("-", "+") else rest.removesuffix("-")
    return NEUTRAL.sub("", unsigned.strip())


def _sign(text: str) -> int:
    """-1 for a minus before or behind, or the brackets of a bookkeeper."""
    body = text.translate(MINUS).strip()
    bare = re.sub(r"[^\d().+-]|[eE][-+]?\d+$", "", body)
    bracketed = body.startswith("(") and body.endswith(")")
    return -1 if bracketed or bare.startswith("-") or bare.endswith("-") else 1
