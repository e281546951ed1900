"""Reads pairs of the command line: ``a=1,b=2`` of a flag, ``on_hand=12 weekday=Mon``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

# The comma before another name=value; one inside a name, such as "Qty, sold", is none.
NEXT = re.compile(r",(?=\s*[A-Za-z_]\w*(?:\.[^=,]+)?\s*=)")


class TargetError(ValueError):
    """A word that names nothing, or a file that cannot be written; the message says what would be right."""


def pairs(texts: Sequence[str] | None, flag: str, whole: bool = False, empty: bool = False) -> dict[str, str]:
    """Reads ``a=1,b=2`` of a flag that may be given several times.

    Args:
        texts: what was given to it each time.
        flag: the flag, for messages.
        whole: a text with a list in it is one pair.
        empty: whether a value may be empty.

    Raises:
        TargetError: something that is no pair.
    """
    values: dict[str, str] = {}
    for pair in [part for text in texts or [] for part in ([text] if whole and "[" in text else NEXT.split(text))]:
        name, content = _pair(pair, empty)
        if not name:
            raise TargetError(f"{flag}: {pair!r} is no name=value; write {flag} a=1 b=2")
        values[name] = content
    return values


def fields(words: Sequence[str]) -> dict[str, str]:
    """Reads ``on_hand=12 weekday=Mon``.

    Raises:
        TargetError: words that are no pair, or names that are given twice: all at once.
    """
    values: dict[str, str] = {}
    problems = []
    for word in words:
        name, content = _pair(word)
        if not name:
            problems.append(f"{word!r} is no field=value; write on_hand=12")
        elif name in values:
            problems.append(f"{name} is given twice")
        values[name] = content
    if problems:
        raise TargetError("\n".join(problems))
    return values


def _pair(text: str, empty: bool = False) -> tuple[str, str]:
    """Name and value of ``a=1``; empty where it is no such pair."""
    name, sign, content = (part.strip() for part in text.partition("="))
    return (name, content) if name and (content or (empty and sign)) else ("", "")


def value(text: str) -> Any:
    """A number or list as JSON writes it, .05 as people do; else the text."""
    for candidate in (text, f"0{text}", text.replace("-.", "-0.", 1)):
        try:
            return json.loads(candidate)
        except json.JSONDecodeError:
            continue
    return text
