"""The texts of the messages in the code, found in its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CODE = Path(__file__).parents[2] / "envs_data"
# What a refusal is made by; a function that calls one of these holds the texts of refusals.
SINKS = {"TableError", "rows_problem", "cells", "all_rows"}
LEAST_WORDS = 4
# A flag with something behind it; a bare flag is part of the line that a fit prints.
REMEDY = re.compile(r"--[a-z]+ \S")


def texts_with_remedies() -> dict[str, str]:
    """Place of each text with a flag to type, to the text, what is put into it as ``{}``."""
    return {place: text for path in _files() for place, text in _texts(path, _tree(path)) if REMEDY.search(text)}


def texts_of_refusals() -> dict[str, str]:
    """Place of each text in a function that refuses a table, to the text."""
    found: dict[str, str] = {}
    for path in _files():
        for part in ast.walk(_tree(path)):
            if isinstance(part, ast.FunctionDef) and _refuses(part):
                found |= {place: text for place, text in _texts(path, part) if len(text.split()) >= LEAST_WORDS}
    return found


def pattern(text: str) -> re.Pattern[str]:
    """What is printed of a text, in one line."""
    parts = [re.escape(" ".join(f" {part} ".split())) for part in text.split("{}")]
    return re.compile(".*?".join(parts))


def _files() -> list[Path]:
    return sorted(CODE.rglob("*.py"))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _refuses(function: ast.FunctionDef) -> bool:
    calls = [part.func for part in ast.walk(function) if isinstance(part, ast.Call)]
    names = {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}
    return bool(names & SINKS) or "problem" in function.name


def _texts(path: Path, tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The texts of a tree that are no docstrings, each with its place."""
    inside = {id(part) for whole in ast.walk(tree) if isinstance(whole, ast.JoinedStr) for part in ast.walk(whole)}
    docs = {id(part.value) for part in ast.walk(tree) if isinstance(part, ast.Expr)}
    for part in ast.walk(tree):
        text = ""
        if isinstance(part, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in part.values)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inside | docs:
            text = part.value
        if text:
            yield f"{path.relative_to(CODE)}: {text}", text
