"""One sentence a manager can read: worth it, not worth it, or cannot tell yet, and what would tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from baselines.agents import LEARNERS, Kind
from baselines.judge import reasons, statistics
from baselines.judge.evidence import Evidence, best_of
from baselines.judge.money import Money, per_cent
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval
from baselines.runs.results import TRAININGS_FOR_A_VERDICT

# A share of what the best rule earns that a preview does not call a gain.
LITTLE = 0.01


def ceiling_sentence(evidence: Evidence) -> str:
    """What could be gained at most, printed before anything is trained."""
    ceiling, rule, money = evidence.ceiling, evidence.best_rule, evidence.money
    if ceiling is None or rule is None:
        possible = evidence.of_role(Kind.BEST_POSSIBLE)
        why = possible.note if possible is not None and possible.note else "the case has no reference"
        return f"How much could be gained at most is not known here: {why}."
    tuning = _tuning(evidence)
    if ceiling.low <= 0:
        return f"No ceiling: {_no_ceiling(evidence, ceiling)}.{tuning}"
    share = per_cent(ceiling.value, rule.value)
    nothing = "In the fitted world nothing" if evidence.fitted else "Nothing"
    return f"{nothing} can gain more than {money.a_year(ceiling.value)}{share} over your best rule.{tuning}"


def _no_ceiling(evidence: Evidence, ceiling: Interval) -> str:
    most = evidence.money.at_most(max(ceiling.high, 0.0))
    return f"over {evidence.episodes:,} episodes nothing can be told from your best rule (a gain of {most})"


def _tuning(evidence: Evidence, whole: float | None = None) -> str:
    """The gain from tuning the rule alone, if any; with a whole gain over today's rule, its part in that."""
    rule = evidence.of_role(Kind.BEST_RULE)
    if rule is None or rule.over_today is None or rule.over_today.low <= 0:
        return ""
    if evidence.money(rule.over_today.value) == evidence.money(0):
        return ""
    if whole is not None:
        return f" Tuning your rule alone gives {evidence.money(rule.over_today.value)} of the {evidence.money(whole)}."
    return f" Tuning your rule alone gives {evidence.money.a_year(rule.over_today.value)} over today's."


def too_little(evidence: Evidence) -> str | None:
    """Why training would be pointless, if the ceiling says so."""
    ceiling, money = evidence.ceiling, evidence.money
    if ceiling is None:
        return None
    if ceiling.low <= 0:
        return f"{_no_ceiling(evidence, ceiling)}.{_tuning(evidence)}"
    if evidence.worth and ceiling.high < evidence.worth:
        most = money.a_year(ceiling.value)
        nothing = "in the fitted world nothing" if evidence.fitted else "nothing"
        return f"{nothing} can gain more than {most} over your best rule, and {money(evidence.worth)} is asked for."
    return None


def verdict(evidence: Evidence) -> str:
    """The verdict in a few sentences."""
    judgement = _contradicted(evidence) if evidence.contradiction else _judgement(evidence)
    said = [judgement, evidence.own_days, *reasons.rests_on(evidence), evidence.distrust]
    return " ".join(sentence for sentence in said if sentence)


def _contradicted(evidence: Evidence) -> str:
    """Two witnesses that say the opposite of each other."""
    return (
        f"Cannot tell yet: {evidence.contradiction}. So these days had something that the fitted world leaves out. "
        "What would tell: both side by side on days to come, or a longer table."
    )


def _judgement(evidence: Evidence) -> str:
    pointless, learners = too_little(evidence), evidence.learners
    if pointless and not (_few_trainings(learners) and _much_is_open(evidence)):
        return _pointless(evidence, pointless)
    if not learners and evidence.best_rule is None and any(row.role in LEARNERS for row in evidence.rows):
        return "Cannot tell yet: there is no rule to compare with. What would tell: --today rule.py:my_rule."
    if not learners:
        return f"Cannot tell yet: nothing was trained. {ceiling_sentence(evidence)} What would tell: --agents all."
    if _few_trainings(learners):
        return _preview(evidence, learners)
    return _final(evidence, learners)


def _pointless(evidence: Evidence, why: str) -> str:
    """Nothing is to be gained; of a fitted world only if that holds in all worlds that the table allows."""
    learners = evidence.learners
    best = best_of(learners) if learners else None
    if best is None or _few_trainings(learners) or reasons.table_agrees(best, evidence.worth, -1):
        return f"Not worth it: {why}"
    assert best.table_over_rule is not None
    left = f"the table leaves {evidence.money.range(best.table_over_rule)} open for {best.agent}"
    longer = reasons.table_needed(evidence, best)
    return f"Cannot tell yet: {why} That is if the fitted world is right; {left}. What would tell: {longer}."


def _few_trainings(learners: Sequence[Row]) -> bool:
    return min((row.trainings for row in learners), default=0) < TRAININGS_FOR_A_VERDICT


def _much_is_open(evidence: Evidence) -> bool:
    """Whether a ceiling that is not significant may still be large, because the episodes were few."""
    ceiling, rule = evidence.ceiling, evidence.best_rule
    if ceiling is None or rule is None or rule.value is None:
        return False
    return ceiling.low <= 0 and ceiling.high > max(evidence.worth, LITTLE * abs(rule.value))


def _over_rule(learner: Row) -> Interval:
    """A learner's gain over the best rule: always set when there are samples."""
    assert learner.over_rule is not None
    return learner.over_rule


def _preview(evidence: Evidence, learners: Sequence[Row]) -> str:
    best, money = best_of(learners), evidence.money
    gain = _over_rule(best)
    said = f"{best.agent} earns {_gain_words(gain, money)} the best rule"
    if gain.low > evidence.worth:
        first = "worth a closer look"
    elif gain.high < evidence.worth:
        first = "no sign of a gain yet"
    else:
        first = "cannot tell yet"
    return f"Preview ({best.trainings} trainings): {first}: {said}. Before deciding: --budget full."


def _gain_words(gain: Interval, money: Money) -> str:
    interval = f" (95 % interval of the gain {money.range(gain)})" if math.isfinite(gain.low) else ""
    return f"{money.a_year(abs(gain.value))}{interval} {_more_or_less(gain)}"


def _more_or_less(gain: Interval) -> str:
    return "more than" if gain.value >= 0 else "less than"


def _final(evidence: Evidence, learners: Sequence[Row]) -> str:
    """Holm's test of the learners against what is asked for; the best of those that pass, if the table agrees."""
    beyond = [np.array(row.samples) - evidence.worth for row in learners]
    tested = zip(beyond, learners, strict=True)
    adjusted = statistics.holm([statistics.p_value(sample, row.gain_error) for sample, row in tested])
    sure = [p < reasons.SIGNIFICANT for p in adjusted]
    above = [row for row, s, sample in zip(learners, sure, beyond, strict=True) if s and sample.mean() > 0]
    best = best_of(above or learners)
    if above:
        return _worth_it(evidence, best) if reasons.table_agrees(best, evidence.worth, 1) else _open(evidence, best)
    if all(s and sample.mean() < 0 for s, sample in zip(sure, beyond, strict=True)):
        agreed = all(reasons.table_agrees(row, evidence.worth, -1) for row in learners)
        return _not_worth_it(evidence, best) if agreed else _open(evidence, best)
    return _open(evidence, best)


def _not_worth_it(evidence: Evidence, best: Row) -> str:
    asked = f", and {evidence.money(evidence.worth)} is asked for" if evidence.worth else ""
    left = ""
    if evidence.bound:
        left = " What is left up to the best possible may not be there to be had: that is a bound."
    return f"Not worth it: {_compared(evidence, best)}{asked}.{left}{_tuning(evidence)}"


def _compared(evidence: Evidence, best: Row) -> str:
    """The best learner beside the best rule, with what each interval says."""
    gain, money = _over_rule(best), evidence.money
    amount = f"{money.a_year(abs(gain.value))} {_more_or_less(gain)} your best rule"
    return f"{best.agent}, the best learner, earns {amount} ({_intervals(best, gain, money)})"


def _intervals(row: Row, gain: Interval, money: Money) -> str:
    first = f"95 % interval of the gain {money.range(gain)}"
    if row.table_over_rule is None or row.holds is None:
        return first
    second = money.range(row.table_over_rule)
    counted = f"positive in {row.holds[0]} of {row.holds[1]} fits"
    return f"{first} if the fitted world is right, {second} given what the table can tell; {counted}"


def _open(evidence: Evidence, best: Row) -> str:
    needed = "; or ".join(reasons.would_tell(evidence, best))
    return f"Cannot tell yet: {_compared(evidence, best)}. What would tell: {needed}.{_tuning(evidence)}"


def _worth_it(evidence: Evidence, best: Row) -> str:
    money = evidence.money
    gain = _over_rule(best)
    today, rule = evidence.of_role(Kind.TODAY), evidence.best_rule
    over_rule = f"{money.a_year(gain.value)} over the best rule ({_intervals(best, gain, money)})"
    if best.over_today is None or today is None or today is rule:
        return f"Worth it: {best.agent} earns {over_rule}."
    share = per_cent(best.over_today.value, today.value)
    over_today = f"{money.a_year(best.over_today.value)}{share} over today's rule"
    return f"Worth it: {best.agent} earns {over_today}, {over_rule}.{_tuning(evidence, best.over_today.value)}"
