"""All that a verdict rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import LEARNERS, Kind
from baselines.judge.break_even import BreakEven
from baselines.judge.money import Money
from baselines.judge.rows import INTERVALS, Row
from baselines.judge.statistics import Interval
from envs_data.parameters import ParameterError


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All that a verdict rests on.

    Attributes:
        rows: the board's rows.
        ceiling: what could be gained over the best rule a year; None where it is unknown.
        worth: the least gain a year that would be worth the effort; 0 for any.
        episodes: episodes that every agent played.
        money: writes amounts.
        bound: whether the best possible is a bound, so that the ceiling may be too high.
        breaks: costs on which the gain judged rests.
        observed: rows of the table the world was fitted to; 0 where it was not.
        would_help: columns that the table lacks, each with what it would tell.
        fitted: whether the world was fitted to a table, so that what holds in it need not hold outside.
        distrust: why a verdict from the fit is not to be trusted; empty where it is.
        own_days: what the user's own last days say, in a sentence; empty where they were not played.
        contradiction: where they say clearly the opposite of the fitted world, as a clause; empty where they do not.
    """

    rows: Sequence[Row]
    ceiling: Interval | None
    worth: float
    episodes: int
    money: Money
    bound: bool = False
    breaks: Sequence[BreakEven] = ()
    observed: int = 0
    would_help: Sequence[str] = ()
    fitted: bool = False
    distrust: str = ""
    own_days: str = ""
    contradiction: str = ""

    def asking(self, worth: float) -> Evidence:
        """The same evidence, judged by another gain that is asked for."""
        gain = None if self.judged is None else self.judged.judged_gain
        asked = 0.0 if self.judged is None else self.judged.asked(worth)
        open_still = gain is None or gain.low <= asked <= gain.high
        breaks = [] if open_still else [one.asking(asked) for one in self.breaks]
        return dataclasses.replace(self, worth=worth, rows=[row.judged(worth) for row in self.rows], breaks=breaks)

    def of_role(self, role: str) -> Row | None:
        """The row of a role."""
        return next((row for row in self.rows if row.role == role), None)

    @property
    def best_rule(self) -> Row | None:
        """The best rule; today's where no rule was better."""
        return self.of_role(Kind.BEST_RULE) or self.of_role(Kind.TODAY)

    @property
    def learners(self) -> list[Row]:
        """Learners with a result."""
        return [row for row in self.rows if row.role in LEARNERS and row.value is not None and row.samples]

    @property
    def judged(self) -> Row | None:
        """The row a verdict is about: the best learner's, or the best rule's where none was trained."""
        return best_of(self.learners) if self.learners else self.of_role(Kind.BEST_RULE)


def plain_evidence(facts: Mapping[str, Any]) -> Evidence:
    """Undoes `baselines.report.facts.plain`, which writes infinite ends of intervals as null.

    Args:
        facts: the fields of an `Evidence` as JSON; a row may have more than its fields.
    """
    known = {**facts, "rows": [_row(row) for row in facts["rows"]], "money": Money(**facts["money"])}
    known |= {"ceiling": _interval(facts["ceiling"]), "breaks": [BreakEven(**one) for one in facts["breaks"]]}
    return Evidence(**known)


def _row(facts: Mapping[str, Any]) -> Row:
    given: dict[str, Any] = {field.name: facts[field.name] for field in dataclasses.fields(Row)}
    given |= {name: _interval(given[name]) for name in INTERVALS}
    given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Row(**given)


def _interval(ends: Mapping[str, Any] | None) -> Interval | None:
    if ends is None:
        return None
    low, high = (sign * np.inf if ends[name] is None else ends[name] for name, sign in (("low", -1), ("high", 1)))
    return Interval(ends["value"], low, high)


def best_of(learners: Sequence[Row]) -> Row:
    """The learner with the largest gain over the best rule."""
    return max(learners, key=lambda row: np.mean(row.samples))


def check_worth(worth: float | None) -> None:
    """Refuses a gain that cannot be asked for.

    Raises:
        ParameterError: it is negative or infinite.
    """
    if worth is not None and not 0 <= worth < float("inf"):
        raise ParameterError("worth", [f"{worth!r} is not possible; it must be an amount of money a year, 0 or more"])
