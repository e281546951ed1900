"""Fits of all shapes as users type them, each run once."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import json
import os
import shlex
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import typer

from baselines.cli import main
from tests.envs_data.shapes_bidding import BIDDING
from tests.envs_data.shapes_nudge import NUDGE
from tests.envs_data.shapes_pricing import PRICING
from tests.envs_data.shapes_recommend import RECOMMEND
from tests.envs_data.shapes_restock import RESTOCK

# The commands are put together once.
GET_COMMAND = functools.cache(typer.main.get_command)
SHAPES = {**RESTOCK, **PRICING, **NUDGE, **BIDDING, **RECOMMEND}


@dataclasses.dataclass(frozen=True)
class Run:
    """What came of a shape.

    Attributes:
        text: its file.
        tried: what was printed of each try before the last, in one line.
        printed: what was printed at last.
        code: how the last try ended, 0 for a fit.
        world: the fitted parameters; empty without a fit.
    """

    text: str
    tried: tuple[str, ...]
    printed: str
    code: int
    world: dict[str, Any]


@functools.cache
def run_of(name: str) -> Run:
    """Fits a shape, first as a user would who knows nothing."""
    shape, begin = SHAPES[name], Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            text = shape.write(shape.table())
            Path("table.csv").write_text(text, encoding="utf-8")
            tried = tuple(_typed(shape.family, line)[0] for line, _ in zip(shape.tries(), shape.first, strict=False))
            printed, code = _typed(shape.family, shape.line)
            world = json.loads(Path("mine.json").read_text(encoding="utf-8"))["parameters"] if code == 0 else {}
        finally:
            os.chdir(begin)
    return Run(text, tried, printed, code, world)


def typed(family: str, table: str, line: str) -> tuple[str, int]:
    """What is printed of a fit, and how it ends."""
    output = [] if "-o" in shlex.split(line) else ["-o", "mine.json"]
    with (
        mock.patch("typer.main.get_command", GET_COMMAND),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(out),
    ):
        code = main(["fit", family, table, *shlex.split(line), *output])
    return out.getvalue(), code


def _typed(family: str, line: str) -> tuple[str, int]:
    """What is printed of a fit, in one line, and how it ends."""
    printed, code = typed(family, "table.csv", line)
    return " ".join(printed.split()), code
