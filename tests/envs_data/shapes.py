"""A table as people have it, and how it is fitted; the shapes of each trade are in the files beside."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

DAYS = pd.date_range("2024-01-01", periods=112)


@dataclasses.dataclass(frozen=True)
class Shape:
    """A table, and how it is fitted.

    Attributes:
        family: the family.
        table: makes it.
        line: what is typed behind the table's name.
        says: parts of what is printed.
        first: what a fit without the line says, if it needs one, and what it says next without its ``--known``; each
            names what the line has more.
        refused: what is said of the table that even the line cannot fit.
        fields: value by field that the table was made from, of products, items, messages or types their mean.
        tolerance: how far the fitted value may be from it, as a share.
        write: how it is written to a file.
    """

    family: str
    table: Callable[[], pd.DataFrame]
    line: str = ""
    says: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    fields: Mapping[str, float] = dataclasses.field(default_factory=dict)
    tolerance: float = 0.05
    write: Callable[[pd.DataFrame], str] = lambda frame: frame.to_csv(index=False)

    def tries(self) -> tuple[str, str, str]:
        """What is typed first, next and at last."""
        begin, _, _ = f" {self.line}".partition(" --known")
        begin = begin if begin.strip() else self.line
        return "", begin.strip(), self.line


def sold(mean: float, days: int = len(DAYS), seed: int = 0) -> np.ndarray:
    """[days] Poisson demand whose mean over the days is exactly the one given."""
    units = np.random.default_rng(seed).poisson(mean, days)
    return np.roll(units, 1) if round(mean * days) == units.sum() else _moved(units, round(mean * days))


def _moved(units: np.ndarray, total: int) -> np.ndarray:
    """The same days with single units added or taken away until they add up."""
    moved, step = units.copy(), int(np.sign(total - int(units.sum())))
    days = np.flatnonzero(units) if step < 0 else np.arange(len(units))
    np.add.at(moved, np.resize(days, abs(total - int(units.sum()))), step)
    return moved
