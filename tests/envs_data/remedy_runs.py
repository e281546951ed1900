"""Every example of a message typed as its owner would, each line once."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import tempfile
from pathlib import Path
from unittest import mock

from tests.envs_data.remedies import As, Change, Instead, write
from tests.envs_data.remedies_bidding import BIDDING
from tests.envs_data.remedies_nudge import NUDGE
from tests.envs_data.remedies_pricing import PRICING
from tests.envs_data.remedies_reading import READING
from tests.envs_data.remedies_recommend import RECOMMEND
from tests.envs_data.remedies_restock import RESTOCK
from tests.envs_data.remedies_rows import ROWS
from tests.envs_data.shape_runs import typed

TRADES = {
    "reading": READING,
    "rows": ROWS,
    "restock": RESTOCK,
    "bidding": BIDDING,
    "pricing": PRICING,
    "nudge": NUDGE,
    "recommend": RECOMMEND,
}
EXAMPLES = {f"{trade}, {name}": one for trade, examples in TRADES.items() for name, one in examples.items()}
# How a case may be chosen otherwise, and what may be known besides, is no remedy.
NO_REMEDY = re.compile(r"\(--case [^)]* to choose otherwise\)|your own numbers: .*")


def one_line(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


def printed_of(name: str) -> tuple[str, int]:
    """What is printed of an example before anything is done, and how it ends."""
    return _run(name, EXAMPLES[name].line)


@functools.cache
def message_of(name: str) -> str:
    """The whole refusal, or the remark that holds the message, in one line."""
    example = EXAMPLES[name]
    printed, code = printed_of(name)
    told = [one_line(part) for part in re.split(r"\n(?=\S)", NO_REMEDY.sub("", printed))]
    return " ".join(part for part in told if code or example.says in part)


@functools.cache
def done(name: str, words: str) -> tuple[str, int]:
    """What is printed once a remedy is done, in one line, and how it ends."""
    example = EXAMPLES[name]
    remedy = example.remedies[words]
    if isinstance(remedy, Instead):
        printed, code = _run(name, remedy)
    elif isinstance(remedy, As):
        printed, code = _run(name, example.line, file=remedy)
    elif isinstance(remedy, tuple):
        printed, code = _run(name, f"{example.line} {remedy[1]}", changed=remedy[0])
    elif isinstance(remedy, str):
        printed, code = _run(name, f"{example.line} {remedy}")
    else:
        printed, code = _run(name, example.line, changed=remedy)
    return one_line(printed), code


def _run(name: str, line: str, file: str = "", changed: Change = lambda frame: frame) -> tuple[str, int]:
    """What is printed of a line on the example's table, and how it ends."""
    example = EXAMPLES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (file or example.file)
        (write if file else example.write)(changed(example.table()), path)
        return _printed(example.family, path.name, path.read_bytes(), line, tuple(example.limits.items()))


@functools.cache
def _printed(family: str, file: str, content: bytes, line: str, limits: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    """The same of a file's content; many remedies end in the same table."""
    begin = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as lowered:
        for limit, value in limits:
            lowered.enter_context(mock.patch(limit, value))
        os.chdir(folder)
        try:
            Path(file).write_bytes(content)
            return typed(family, file, line)
        finally:
            os.chdir(begin)
