"""Learners that save themselves as arrays under a JSON header; nothing in such a file can run code."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from baselines.agents import Problem
from envs_data.arrays import Array

Place = str | os.PathLike[str] | IO[bytes]
Header = Mapping[str, Any]
Arrays = Mapping[str, Array]
Layout = dict[str, tuple[np.dtype[Any], tuple[int, ...]]]
# Times a learner is looked at while it learns.
LOOKS = 12
# Bytes that a file may unpack to: a damaged or hostile one could claim any number.
MOST_BYTES = 1 << 30
UNREADABLE = (ValueError, KeyError, EOFError, OSError, MemoryError, RecursionError, NotImplementedError, RuntimeError)


class SavedLearner:
    """A learner that saves what it learned.

    Args:
        problem: what it learns.

    Attributes:
        problem: what it learns.
        earned_while_learning: mean reward a step while learning; None before, or where it is not counted.
        watch: called now and then while learning, with the steps taken so far.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None

    def save(self, file: Place) -> None:
        """Writes what was learned: a JSON header and arrays.

        Args:
            file: a path, or a binary file open for writing.

        Raises:
            ValueError: it has not learned, and cannot be saved before.
        """
        header, arrays = self._learned()
        save_arrays(file, {"case": self.problem.case.id, **header}, arrays)

    def restore(self, file: Place) -> None:
        """Becomes the agent that `save` wrote, and acts exactly as it did. Nothing in the file is executed.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: no such file, or one of another case, algorithm or scenario.
        """
        header, arrays = load_arrays(file)
        self._check(header)
        try:
            fits = layout_of(arrays) == self._layout(header, arrays)
        except (KeyError, TypeError, IndexError, AttributeError, OverflowError):
            fits = False
        if not fits:
            raise ValueError(f"an agent of {header.get('case')}, trained on another scenario: its arrays do not fit")
        self._become(header, arrays)

    def _check(self, header: Header) -> None:
        """Raises a `ValueError` where the header is of another agent."""
        if header.get("case") != self.problem.case.id:
            raise ValueError(f"an agent of {header.get('case')}, not of {self.problem.case.id}")

    def _learned(self) -> tuple[Header, Arrays]:
        """What `save` writes."""
        raise NotImplementedError

    def _layout(self, header: Header, arrays: Arrays) -> Layout:
        """Types and shapes that the arrays must have under this header: those it has now, unless a learner says."""
        return layout_of(self._learned()[1])

    def _become(self, header: Header, arrays: Arrays) -> None:
        """Takes over arrays whose layout is right."""
        raise NotImplementedError


def look_turns(turns: int, looks: int = LOOKS) -> set[int]:
    """The turns, of so many from 1 on, after which a learner is looked at; the last is one of them."""
    return {round(turns * (k + 1) / looks) for k in range(looks)}


def layout_of(arrays: Arrays) -> Layout:
    """Type and shape of each array."""
    return {name: (array.dtype, array.shape) for name, array in arrays.items()}


def save_arrays(place: Place, header: Header, arrays: Arrays) -> None:
    """Writes an npz of a JSON header, under the name ``about``, and arrays."""
    content = io.BytesIO()
    np.savez(content, about=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]  # none is allow_pickle
    write(place, content.getvalue())


def load_arrays(place: Place) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `save_arrays` wrote.

    Raises:
        ValueError: the file is not one of these, is damaged, or holds NaN.
    """
    content = io.BytesIO(read(place))
    try:
        with zipfile.ZipFile(content) as archive:
            _refuse_unsafe(archive)
        with np.load(content, allow_pickle=False) as stored:
            arrays = dict(stored)
        header = json.loads(str(arrays.pop("about")))
        whole = isinstance(header, dict) and all(map(_is_sound, arrays.values()))
    except (*UNREADABLE, zipfile.BadZipFile) as error:
        raise ValueError(f"not an agent that bizgyms saved ({' '.join(str(error).split())})") from None
    if not whole:
        raise ValueError("not an agent that bizgyms saved, or a damaged one (parts that are no arrays, or NaN)")
    return header, arrays


def _refuse_unsafe(archive: zipfile.ZipFile) -> None:
    if "policy.pth" in archive.namelist():
        raise ValueError("stable-baselines3's own format, which can run code; DeepLearner.restore_sb3 loads it")
    size = sum(member.file_size for member in archive.infolist())
    if size > MOST_BYTES:
        raise ValueError(f"it would unpack to {size:,} bytes; at most {MOST_BYTES:,} are read")


def _is_sound(member: object) -> bool:
    """Whether a member of the file is an array without NaN."""
    return isinstance(member, np.ndarray) and not (member.dtype.kind == "f" and np.isnan(member).any())


def write(place: Place, content: bytes) -> None:
    """Writes all of ``content``."""
    if isinstance(place, (str, os.PathLike)):
        Path(place).write_bytes(content)
    else:
        place.write(content)


def read(place: Place) -> bytes:
    """Reads everything."""
    return Path(place).read_bytes() if isinstance(place, (str, os.PathLike)) else place.read()
