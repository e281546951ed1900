"""Posterior predictive checks: what a fitted world cannot reproduce of the table it was fitted to.

A check is a statistic of a table, the same of tables that the fitted world draws in its place, and a sentence.
Gelman, Meng and Stern (1996), Posterior predictive assessment of model fitness, Statistica Sinica 6(4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from envs_data.arrays import Floats, Ints
from envs_data.fits import DRAWS_SEED, BackTest

# Tables drawn in place of the one observed.
REPLICAS = 100
# Share of tables of the fitted world itself that one check refuses.
REFUSED = 0.003
# Parts of a table of which less is expected are not compared.
LEAST_EXPECTED = 10.0
# Nor does a difference matter that is a smaller share of the total of all groups.
LEAST_OF_ALL = 0.01

Statistic = Callable[[Any], Floats]
"""What came, such as [rows] of a table, to [parts] numbers that are not negative."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One statistic that a verdict rests on.

    Attributes:
        parts: names of the statistic's numbers, as the clause has them.
        statistic: the numbers.
        sentence: what the fitted world cannot reproduce, and what that does to a verdict; with ``{part}``, ``{off}``
            (by how much it differs, such as "12% more") and ``{times}`` (how many times the expected it is).
        matters: differences up to this share do not matter, however certain they are; one for all parts, or of each.
        least: nor do those up to this, in the unit of the statistic.
    """

    parts: Sequence[str]
    statistic: Statistic
    sentence: str
    matters: float | Floats = 0.1
    least: float = 0.0

    def problem(self, came: Floats, drawn: Floats) -> list[str]:
        """The clause on the part that is furthest beyond chance; none where all may be chance.

        Args:
            came: [parts] of the table.
            drawn: [replicas, parts] of tables of the fitted world.
        """
        expected, count = drawn.mean(axis=0), len(drawn)
        roots = np.sqrt(np.maximum(drawn, 0))
        spread = np.maximum(roots.std(axis=0, ddof=1), 1e-9) * np.sqrt(1 + 1 / count)
        off, share = np.sqrt(np.maximum(came, 0)) - roots.mean(axis=0), came / np.maximum(expected, 1e-12) - 1
        matters = (np.abs(share) > self.matters) & (np.abs(came - expected) > self.least)
        beyond = np.where(matters, np.abs(off) / spread, 0.0)
        worst = int(beyond.argmax())
        if beyond[worst] < stats.t(count - 1).isf(REFUSED / 2 / len(came)):
            return []
        off_by = float(share[worst])
        told = f"{abs(off_by):.0%} {'more' if off_by > 0 else 'less'}"
        return [self.sentence.format(part=self.parts[worst], off=told, times=f"{1 + off_by:.1f}")]


def problems(came: Any, replicas: Iterable[Any], checks: Sequence[Check]) -> list[str]:
    """What the fitted world cannot reproduce, one clause for each check that fails.

    Args:
        came: what came, as the statistics read it: mostly [rows] of the table.
        replicas: the same of tables that the fitted world draws; each is looked at once and may be large.
        checks: the statistics.
    """
    if not checks:
        return []
    drawn = [[check.statistic(replica) for check in checks] for replica in replicas]
    seen = zip(checks, zip(*drawn, strict=True), strict=True)
    return [clause for check, made in seen for clause in check.problem(check.statistic(came), np.array(made))]


def with_problems(back_test: BackTest, found: Iterable[str]) -> BackTest:
    """A back-test that a fit fails for further reasons."""
    return dataclasses.replace(back_test, problems=(*dict.fromkeys((*back_test.problems, *found)),))


def chance() -> np.random.Generator:
    """The source of replicas, the same for every fit."""
    return np.random.default_rng(DRAWS_SEED)


def by_group(
    group: ArrayLike, names: Sequence[str], expected: Floats, sentence: str, matters: float = 0.1
) -> list[Check]:
    """Whether each group of rows has its share of the total; none where fewer than two can be compared.

    Args:
        group: [rows] number of each row's group; below 0 it counts for the total alone.
        names: of the groups.
        expected: [rows] what the fit expects, which tells the groups that are large enough.
        sentence: what a difference means.
        matters: differences up to this share of a group's total do not matter.
    """
    numbers = np.asarray(group, dtype=np.int64)
    inside = numbers >= 0

    def totals(values: Floats) -> Floats:
        return np.asarray(np.bincount(numbers[inside], values[inside], len(names)), dtype=np.float64)

    due = totals(expected)
    large = due >= LEAST_EXPECTED
    if large.sum() < 2 - (not inside.all()):
        return []
    share = due[large] / expected.sum()

    def relative(values: Floats) -> Floats:
        return np.asarray(totals(values)[large] / max(float(values.sum()), 1e-12) / share)

    kept = [name for name, is_large in zip(names, large, strict=True) if is_large]
    return [Check(kept, relative, sentence, np.maximum(matters, LEAST_OF_ALL / share))]


def merged(checks: Sequence[Check]) -> list[Check]:
    """Several checks of one kind as one, so that no more tables are refused than by one of them."""
    if not checks:
        return []
    first, names = checks[0], [name for check in checks for name in check.parts]

    def together(values: Floats) -> Floats:
        return np.concatenate([check.statistic(values) for check in checks])

    matters = np.concatenate([np.broadcast_to(check.matters, len(check.parts)) for check in checks])
    return [dataclasses.replace(first, parts=names, statistic=together, matters=matters)]


def spread_of(block: ArrayLike, expected: Floats, sentence: str, matters: float = 1.0, least: int = 8) -> list[Check]:
    """Whether totals of blocks of rows spread around their expectation as the fitted world has it.

    Args:
        block: [rows] number of each row's block, such as its week.
        expected: [rows] what the fit expects.
        sentence: what a difference means, of the variance.
        matters: differences of the variance up to this share do not matter.
        least: fewer blocks than this say nothing.
    """
    numbers = np.unique(np.asarray(block), return_inverse=True)[1]
    due = np.bincount(numbers, expected)
    kept = due > 0
    if kept.sum() < least:
        return []

    def variance(values: Floats) -> Floats:
        level = values.sum() / expected.sum()
        off = np.bincount(numbers, values) - level * due
        return np.array([np.mean(off[kept] ** 2 / due[kept])])

    return [Check([""], variance, sentence, matters)]


def share_of(rows: Statistic, sentence: str, least: float, matters: float = 0.1) -> list[Check]:
    """Whether as many rows as expected do something, such as selling out.

    Args:
        rows: [rows] values to [rows] whether each does, 0 or 1.
        sentence: what a difference means.
        least: a difference of the share of rows up to this does not matter.
        matters: nor does one up to this share of what is expected.
    """
    return [Check([""], lambda values: np.array([rows(values).mean()]), sentence, matters, least)]


def fifths(order: ArrayLike) -> tuple[Ints, list[str]]:
    """[rows] the fifth of the table, by time, that each row lies in, and their names.

    Args:
        order: [rows] time, or number of the row.
    """
    values = np.unique(np.asarray(order), return_inverse=True)[1]
    return np.minimum(5 * values // (int(values.max()) + 1), 4), [f"the {n} fifth" for n in FIFTHS]


FIFTHS = ("first", "second", "third", "fourth", "last")


def levels_of(values: ArrayLike, most: int = 6) -> tuple[Ints, list[str]]:
    """[rows] which of a few levels each value is, about equally many rows each, and the levels' names."""
    numbers: Any = np.asarray(values, dtype=np.float64)
    cuts = np.unique(np.quantile(numbers, np.arange(1, most) / most, method="inverted_cdf"))
    group = np.searchsorted(cuts, numbers, side="left")
    names = []
    for level in range(len(cuts) + 1):
        own = numbers[group == level]
        names.append(f"{own.min():.4g}" if len(own) and own.min() == own.max() else _span(own))
    return group, names


def _span(values: Floats) -> str:
    return f"{values.min():.4g} to {values.max():.4g}" if len(values) else ""
