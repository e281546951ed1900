"""Where in a user's own code a world failed, and what to do about it."""

from __future__ import annotations

import inspect
import re
import sys
import traceback
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import simpy

WAIT = "yield self.clock.timeout(1)"
# What to do about errors of SimPy's own, by a part of their words.
REMEDIES = {
    "'Event'": "is a `yield` missing before self.decide()?",
    '"capacity" must be > 0': "give it at least 1; slots that come and go are a bizgyms.own.Staff",
    "is not a generator": "call the function, and see that it has a `yield`: clock.process(shop())",
}
# How SimPy reports that a process yielded something other than an event.
INVALID_YIELD = re.compile(r'File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<process>\w+)')


class Place(NamedTuple):
    """Where a process failed.

    Attributes:
        process: its name; empty where no process did.
        line: file and line in brackets, after a space.
    """

    process: str
    line: str


def line_of(process: simpy.Process) -> str:
    """Where a process waits or failed, in brackets: file and line, within the generators that it yields from."""
    inner: Any = process._generator
    while getattr(inner, "gi_yieldfrom", None) is not None:
        inner = inner.gi_yieldfrom
    frame = getattr(inner, "gi_frame", None)
    if frame is not None:
        return _line(frame.f_code, frame.f_lineno)
    failed = process.triggered and isinstance(process._value, BaseException)
    return place_of(process._value).line if failed else ""


def place_of(error: BaseException) -> Place:
    """Where an error arose: in the first generator on the way to it."""
    # SimPy raises the error of a process anew, with the first one as its cause.
    steps = list(traceback.walk_tb((error.__cause__ or error).__traceback__))
    stories = [step for step in steps if step[0].f_code.co_flags & inspect.CO_GENERATOR]
    if not stories:
        return Place("", "")
    frame, line = stories[0]
    return Place(frame.f_code.co_name, _line(frame.f_code, line))


def last_line(error: BaseException, file: str) -> str:
    """The innermost line of a file on the way to an error, in brackets; nothing where it does not pass there."""
    steps: list[tuple[FrameType, int]] = list(traceback.walk_tb(error.__traceback__))
    mine = [(frame, line) for frame, line in steps if frame.f_code.co_filename == file]
    return _line(mine[-1][0].f_code, mine[-1][1]) if mine else ""


def next_process(clock: simpy.Environment) -> simpy.Process | None:
    """The process that acts next."""
    event = clock._queue[0][3] if clock._queue else None
    waiting = [getattr(call, "__self__", None) for call in (event.callbacks or ())] if event is not None else []
    return next((process for process in waiting if isinstance(process, simpy.Process)), None)


def remedy_for(words: str) -> str:
    """What to do about an error of SimPy's own, after a semicolon; nothing where nothing is known."""
    return next((f"; {remedy}" for sign, remedy in REMEDIES.items() if sign in words), "")


def caller() -> str:
    """Where a method was called that calls this, in brackets."""
    # Not the frame in between, which would keep alive what is counted there.
    there = sys._getframe(2)
    return _line(there.f_code, there.f_lineno)


def _line(code: CodeType, line: int) -> str:
    return f" ({Path(code.co_filename).name}, line {line})"
