"""Why a verdict is open, and what a settled one rests on."""

from __future__ import annotations

import math

import numpy as np

from baselines.agents import Kind
from baselines.judge import statistics
from baselines.judge.break_even import BreakEven
from baselines.judge.evidence import Evidence
from baselines.judge.rows import Row
from envs_data.arrays import Floats

SIGNIFICANT = 0.05
# Standard errors from zero at which ten trainings are significant.
ENOUGH = 2.3
MOST_TRAININGS = 200
LONGEST_TABLE = 20.0


def table_agrees(row: Row, worth: float, sign: int) -> bool:
    """Whether the gain stays on the same side of what is asked for, given what the table says."""
    table = row.table_over_rule
    return table is None or (table.low > worth if sign > 0 else table.high < worth)


def would_tell(evidence: Evidence, best: Row) -> list[str]:
    """What would decide: trainings or episodes, a longer table or further columns, a tighter bound."""
    sample = np.array(best.samples) - evidence.worth
    needed = []
    if statistics.p_value(sample, best.gain_error) >= SIGNIFICANT:
        needed.append(_repetitions_needed(sample, best.gain_error, evidence.episodes))
    if not table_agrees(best, evidence.worth, 1 if sample.mean() > 0 else -1):
        needed.append(table_needed(evidence, best))
        needed += [f"in the table {column}" for column in evidence.would_help]
    if evidence.bound:
        needed.append("a tighter bound, if it showed that nothing is left to gain")
    return needed or ["more trainings: the comparisons are too many for so few"]


def _repetitions_needed(sample: Floats, error: float, episodes: int) -> str:
    """How many trainings would decide, if spread and mean stay as they are; or how many episodes."""
    spread, mean = float(np.std(sample, ddof=1)), abs(float(np.mean(sample)))
    room = mean**2 - (ENOUGH * error) ** 2
    if mean == 0 or ENOUGH * spread >= mean * np.sqrt(MOST_TRAININGS):
        return "a larger difference; more trainings would not, the learner and the rule are as good as each other"
    if room <= 0:
        needed = episodes * (1.5 * ENOUGH * error / mean) ** 2
        return f"--episodes {float(f'{needed:.2g}'):,.0f} instead of {episodes:,}"
    needed = max(math.ceil((ENOUGH * spread) ** 2 / room), len(sample) + 5)
    return f"about {needed} trainings instead of {len(sample)}"


def table_needed(evidence: Evidence, best: Row) -> str:
    """How long a table would decide, if errors shrink with the root of its length."""
    table = best.table_over_rule
    assert table is not None
    distance = abs(float(np.mean(best.samples)) - evidence.worth)
    half = (table.high - table.low) / 2
    times = (half / distance) ** 2 if distance > 0 else math.inf
    if not evidence.observed or times > LONGEST_TABLE:
        return "no table of reasonable length: in what it leaves open, either may be better"
    return f"a table of about {math.ceil(max(times, 1.2) * evidence.observed):,} rows instead of {evidence.observed:,}"


def rests_on(evidence: Evidence) -> list[str]:
    """The costs a gain rests on, each with where it turns."""
    row = evidence.judged
    if row is None:
        return []
    gain, asked = row.judged_gain, row.asked(evidence.worth)
    if gain is None:
        return []
    who, rival = (row.label, "today's rule") if row.role == Kind.BEST_RULE else (row.agent, "the best rule")
    margin = f" by {evidence.money(asked)}" if asked else ""
    said = [
        _rests_on(one, who, gain.value > asked, f"{rival}{margin}") for one in evidence.breaks if one.at is not None
    ]
    sturdy = [one for one in evidence.breaks if one.at is None]
    if sturdy:
        named = ", ".join(
            f"{one.name} = {one.value:.4g}{' (assumed)' if one.origin == 'assumed' else ''}" for one in sturdy
        )
        said.append(f"It does not turn on {named}: a tenth and ten times as much give the same sign.")
    return said


def _rests_on(one: BreakEven, who: str, wins: bool, rival: str) -> str:
    source = "which is assumed" if one.origin == "assumed" else "which you gave"
    assert one.at is not None
    side = "more" if (one.at < one.value) == wins else "less"
    would = f"{who} beats {rival} as long as" if wins else f"{who} would beat {rival} if"
    verb = "is" if wins else "were"
    return f"It rests on {one.name} = {one.value:.4g}, {source}: {would} {one.name} {verb} {side} than {one.at:.3g}."
