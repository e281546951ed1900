"""Values as JSON has them, from whatever NumPy and pandas made of them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

# A value is quoted with so many characters at most.
LONGEST = 60
# Beyond this a float no longer holds every whole number.
EXACT = 2.0**53


def native(value: Any, whole: bool = False) -> Any:
    """A value of NumPy, pandas or datetime as a plain number, text, true or false; lists as tuples, others as they are.

    Args:
        value: anything, such as ``np.int64(2)``, an array, a pandas Series or a Timestamp.
        whole: whether numbers without a fraction, such as 2.0, become whole ones.
    """
    if isinstance(value, (tuple, list)):
        return tuple(native(entry, whole) for entry in value)
    if isinstance(value, Mapping):
        return {native(name): native(entry) for name, entry in value.items()}
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[s]").item()
    if isinstance(value, datetime.date):
        return value.isoformat().removesuffix("T00:00:00")
    if hasattr(value, "tolist"):
        return native(value.tolist(), whole)
    if whole and isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return value


def shown(value: object) -> str:
    """A value as a message quotes it: shortened where it is long."""
    try:
        text = repr([*value] if isinstance(value, tuple) else value)
    except ValueError:  # Python does not print whole numbers of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
