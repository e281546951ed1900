"""One sentence a manager can read: worth it, not worth it, or cannot tell yet, and what would tell."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from baselines.judge import statistics
from baselines.judge.budget import TRAININGS_FOR_A_VERDICT
from baselines.judge.standings import Row
from baselines.judge.statistics import Interval

LEARNERS = ("bandit", "tabular", "deep")
SIGNIFICANT = 0.05


@dataclasses.dataclass(frozen=True)
class Money:
    """Writes amounts of money a year.

    Attributes:
        unit: the unit.
        digits: decimals.
    """

    unit: str
    digits: int

    def __call__(self, amount: float) -> str:
        """An amount without its unit; never a negative nothing."""
        return f"{round(amount, self.digits) + 0.0:,.{self.digits}f}"

    def a_year(self, amount: float) -> str:
        """An amount with unit and year."""
        return f"{self(amount)} {self.unit} a year"

    def range(self, interval: Interval) -> str:
        """An interval in words."""
        return f"{self(interval.low)} to {self(interval.high)}"


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All that a verdict rests on.

    Attributes:
        rows: the board's rows.
        ceiling: what could be gained over the best rule a year; None where it is unknown.
        worth: the least gain a year that would be worth the effort; 0 for any.
        episodes: episodes everybody played.
        money: writes amounts.
    """

    rows: Sequence[Row]
    ceiling: Interval | None
    worth: float
    episodes: int
    money: Money

    def of_role(self, role: str) -> Row | None:
        """The row of a role."""
        return next((row for row in self.rows if row.role == role), None)

    @property
    def best_rule(self) -> Row | None:
        """The best rule; today's where no rule was better."""
        return self.of_role("best rule") or self.of_role("today")

    @property
    def learners(self) -> list[Row]:
        """Learners with a result."""
        return [row for row in self.rows if row.role in LEARNERS and row.value is not None and row.samples]


def per_cent(part: float, whole: float | None) -> str:
    """``(4.8 %)`` of an amount, or nothing where there is no amount."""
    return f" ({percentage(part / whole)} %)" if whole else ""


def percentage(share: float) -> str:
    """A share as a percentage: two digits, more only where there are more before the point."""
    figure = abs(share) * 100
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2g}"


def ceiling_sentence(evidence: Evidence) -> str:
    """What could be gained at most, printed before anything is trained."""
    ceiling, rule, money = evidence.ceiling, evidence.best_rule, evidence.money
    if ceiling is None or rule is None:
        return "How much could be gained at most is not known here: the case has no reference."
    tuning = _tuning(evidence)
    if ceiling.low <= 0:
        return f"No ceiling: {_no_ceiling(evidence, ceiling)}.{tuning}"
    share = per_cent(ceiling.value, rule.value)
    return f"Nothing can gain more than {money.a_year(ceiling.value)}{share} over your best rule.{tuning}"


def _no_ceiling(evidence: Evidence, ceiling: Interval) -> str:
    most = evidence.money.a_year(max(ceiling.high, 0.0))
    return f"over {evidence.episodes:,} episodes nothing can be told from your best rule (a gain of at most {most})"


def _tuning(evidence: Evidence) -> str:
    rule = evidence.of_role("best rule")
    if rule is None or rule.over_today is None or rule.over_today.low <= 0:
        return ""
    if evidence.money(rule.over_today.value) == evidence.money(0):
        return ""
    return f" Tuning alone gives {evidence.money.a_year(rule.over_today.value)} over today's rule."


def too_little(evidence: Evidence) -> str | None:
    """Why training would be pointless, if the ceiling says so."""
    ceiling, money = evidence.ceiling, evidence.money
    if ceiling is None:
        return None
    if ceiling.low <= 0:
        return f"{_no_ceiling(evidence, ceiling)}.{_tuning(evidence)}"
    if evidence.worth and ceiling.high < evidence.worth:
        most = money.a_year(ceiling.value)
        return f"nothing can gain more than {most} over your best rule, and {money(evidence.worth)} is asked for."
    return None


def verdict(evidence: Evidence) -> str:
    """The verdict in one or two sentences."""
    pointless = too_little(evidence)
    if pointless:
        return f"Not worth it: {pointless}"
    learners = evidence.learners
    if not learners:
        return f"Cannot tell yet: nothing was trained. {ceiling_sentence(evidence)}"
    if min(row.trainings for row in learners) < TRAININGS_FOR_A_VERDICT:
        return _preview(evidence, learners)
    return _final(evidence, learners)


def _best(learners: Sequence[Row]) -> Row:
    return max(learners, key=lambda row: np.mean(row.samples))


def _preview(evidence: Evidence, learners: Sequence[Row]) -> str:
    best, money = _best(learners), evidence.money
    gain = statistics.mean_interval(np.array(best.samples))
    said = f"{best.agent} earns {_gain_words(gain, money)} the best rule"
    if gain.low > evidence.worth:
        found = f"worth a closer look: {said}"
    elif gain.high < evidence.worth:
        found = f"no sign of a gain yet: {said}"
    else:
        found = f"cannot tell yet: {said}"
    return f"Preview ({best.trainings} trainings): {found}. Before deciding: --budget full."


def _gain_words(gain: Interval, money: Money) -> str:
    compared = "more than" if gain.value >= 0 else "less than"
    interval = f" (95 % interval of the gain {money.range(gain)})" if math.isfinite(gain.low) else ""
    return f"{money.a_year(abs(gain.value))}{interval} {compared}"


def _final(evidence: Evidence, learners: Sequence[Row]) -> str:
    """Holm over the learners against what is asked for, and the best of those that pass."""
    beyond = [np.array(row.samples) - evidence.worth for row in learners]
    adjusted = statistics.holm([statistics.p_value(sample) for sample in beyond])
    sure = [p < SIGNIFICANT for p in adjusted]
    above = [row for row, s, sample in zip(learners, sure, beyond, strict=True) if s and sample.mean() > 0]
    if above:
        return _worth_it(evidence, _best(above))
    best = _best(learners)
    gain = statistics.mean_interval(np.array(best.samples))
    said = f"{best.agent}, the best learner, earns {_gain_words(gain, evidence.money)} your best rule"
    if all(s and sample.mean() < 0 for s, sample in zip(sure, beyond, strict=True)):
        asked = f", and {evidence.money(evidence.worth)} is asked for" if evidence.worth else ""
        return f"Not worth it: {said}{asked}."
    needed = _trainings_needed(np.array(best.samples) - evidence.worth)
    return f"Cannot tell yet: {said}. What would tell: {needed}."


def _worth_it(evidence: Evidence, best: Row) -> str:
    money = evidence.money
    gain = statistics.mean_interval(np.array(best.samples))
    today, rule = evidence.of_role("today"), evidence.best_rule
    over_rule = f"{money.a_year(gain.value)} over the best rule (95 % interval {money.range(gain)})"
    if best.over_today is None or today is None or today is rule:
        return f"Worth it: {best.agent} earns {over_rule}, if the world is as described."
    share = per_cent(best.over_today.value, today.value)
    over_today = f"{money.a_year(best.over_today.value)}{share} over today's rule"
    return f"Worth it: {best.agent} earns {over_today}, {over_rule}, if the world is as described.{_tuning(evidence)}"


def _trainings_needed(sample: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """How many trainings would decide, if the spread and the mean stay as they are."""
    spread, mean = float(np.std(sample, ddof=1)), abs(float(np.mean(sample)))
    needed = math.ceil((2.3 * spread / mean) ** 2) if mean > 0 else 1_000
    if needed >= 200:
        return "a larger difference; more trainings would not, the learner and the rule are as good as each other"
    return f"about {max(needed, len(sample) + 5)} trainings instead of {len(sample)}"
