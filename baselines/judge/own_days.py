"""What agents would have earned on a user's own last days, and whether the fitted world agrees."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from baselines.agents import Kind
from baselines.judge.blocks import SHORTEST, blocked_interval
from baselines.judge.evidence import Evidence
from baselines.judge.money import Money
from baselines.judge.rows import Row
from baselines.judge.statistics import Interval
from envs_data.arrays import Floats

HINDSIGHT = "hindsight"
# Standard deviations from which on days are said to differ from what was expected of them; a fit has errors of its own.
STRIKING = 4.0
_FIXED = (HINDSIGHT, Kind.TODAY, Kind.BEST_RULE)


@dataclasses.dataclass(frozen=True)
class OwnRow:
    """An agent on these days. Values are money a year.

    Attributes:
        agent: the agent's name.
        label: name with setting.
        role: ``today``, ``best rule``, ``hindsight`` or, for all others, the kind of agent.
        value: its earnings.
        expected: what it earns in the world fitted to the first part; None where it did not play there.
        over_today: gain over today's rule; None where there is none.
        over_rule: gain over the best rule.
        share: share of what hindsight gains over today's rule; None where that is nothing.
        spread: standard deviation of its value over the ways in which what is unknown was filled.
        chance: standard deviation of what as many days bring in the world fitted to the first part.
    """

    agent: str
    label: str
    role: str
    value: float
    expected: float | None
    over_today: Interval | None
    over_rule: Interval | None
    share: float | None
    spread: float
    chance: float = 0.0

    @property
    def surprises(self) -> bool:
        """Whether the world fitted to the first part cannot bring this."""
        return self.expected is not None and abs(self.value - self.expected) > STRIKING * self.chance


@dataclasses.dataclass(frozen=True)
class OwnDays:
    """The result of a replay.

    Attributes:
        rows: one an agent.
        first, last: the days played, as YYYY-MM-DD.
        days: how many.
        unknown: what is unknown of them, and how it was filled.
        fillings: how often.
        knows: what hindsight knows beforehand.
        money: writes amounts.
        notes: what a reader should know.
        sold_out, closed: days among them that sold out (of all items), or on which the shop was closed.
    """

    rows: Sequence[OwnRow]
    first: str
    last: str
    days: int
    unknown: str
    fillings: int
    knows: str
    money: Money
    notes: Sequence[str] = ()
    sold_out: int = 0
    closed: int = 0

    @property
    def title(self) -> str:
        """Which days these are."""
        return f"on your own last {self.days} days"

    def of(self, agent: str, role: str) -> OwnRow | None:
        """The row beside one of a board: fixed points by their role, all others by name."""
        role = HINDSIGHT if role == Kind.BEST_POSSIBLE else role
        if role in _FIXED:
            return next((row for row in self.rows if row.role == role), None)
        return next((row for row in self.rows if row.agent == agent and row.role not in _FIXED), None)


@dataclasses.dataclass(frozen=True)
class Played:
    """What an agent earned.

    Attributes:
        agent: the agent's name.
        label: name with setting.
        role: see `OwnRow`.
        rewards: [trainings, fillings, days].
        expected: its mean reward of a day in the world fitted to the first part; None where it did not play there.
        chance: standard deviation of that over as many days.
    """

    agent: str
    label: str
    role: str
    rewards: Floats
    expected: float | None = None
    chance: float = 0.0


def own_rows(played: Sequence[Played], a_year: float, block: int = SHORTEST) -> list[OwnRow]:
    """The rows of agents that met the same days.

    Args:
        played: the agents.
        a_year: days in a year.
        block: days that a block of an interval has at least.
    """
    of_role: Mapping[str, Floats] = {one.role: one.rewards for one in played if one.role in _FIXED}
    today = of_role.get(Kind.TODAY)
    rule, most = of_role.get(Kind.BEST_RULE, today), of_role.get(HINDSIGHT)
    whole = None if today is None or most is None else float(most.mean() - today.mean())
    return [_own_row(one, today, rule, whole, a_year, block) for one in played]


def _own_row(
    one: Played, today: Floats | None, rule: Floats | None, whole: float | None, a_year: float, block: int
) -> OwnRow:
    share = float(one.rewards.mean() - today.mean()) / whole if today is not None and whole and whole > 0 else None
    values = one.rewards.mean(axis=(0, 2)) * a_year
    return OwnRow(
        one.agent,
        one.label,
        one.role,
        value=float(values.mean()),
        expected=None if one.expected is None else one.expected * a_year,
        over_today=_gain(one.rewards, today, a_year, block),
        over_rule=_gain(one.rewards, rule, a_year, block),
        share=share,
        spread=float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
        chance=one.chance * a_year,
    )


def _gain(ours: Floats, theirs: Floats | None, a_year: float, block: int) -> Interval | None:
    """Gain a year over an agent that does not learn."""
    return None if theirs is None else blocked_interval(ours - theirs, shortest=block).times(a_year)


def sentence(own: OwnDays, evidence: Evidence) -> str:
    """What these days say of the agent that a verdict is about; empty where it did not play them."""
    judged = evidence.judged
    pair = None if judged is None else _beside(judged, own)
    if judged is None or pair is None:
        return ""
    gain, rival = pair[1], _rival(judged)
    more = "more" if gain.value >= 0 else "less"
    amount = own.money.a_year(abs(gain.value))
    start = f"{own.title[:1].upper()}{own.title[1:]}"
    interval = f"95 % interval of the gain {own.money.range(gain)}"
    return " ".join([f"{start}, {_who(judged)} earned {amount} {more} than {rival} ({interval}).", *surprise(own)])


def surprise(own: OwnDays) -> list[str]:
    """Where these days brought something else than the world fitted to the days before can bring, in one sentence."""
    rows = [row for role in (Kind.TODAY, Kind.BEST_RULE) for row in own.rows if row.role == role]
    row = next((row for row in rows if row.surprises), None)
    if row is None or row.expected is None:
        return []
    who = "Today's rule" if row.role == Kind.TODAY else "The best rule"
    promised = f"{own.money(row.expected)}, give or take {own.money(row.chance)}"
    return [
        f"{who} earned {own.money(row.value)} {own.money.unit} {own.money.a_period} on these days; the world fitted to "
        f"the days before promised {promised}: they had something that it leaves out."
    ]


def contradiction(own: OwnDays, evidence: Evidence) -> str:
    """Where these days say clearly the opposite of the fitted world, in one sentence; empty where they do not."""
    rows = [row for row in (evidence.judged, evidence.of_role(Kind.BEST_RULE)) if row is not None]
    return next(iter(_contradictions(rows, own)), "")


def _contradictions(rows: Sequence[Row], own: OwnDays) -> Iterator[str]:
    for row in rows:
        pair = _beside(row, own)
        if pair is None or _sign(pair[0]) * _sign(pair[1]) >= 0:
            continue
        world, real = ("more", "less") if _sign(pair[0]) > 0 else ("less", "more")
        amount = own.money.range(pair[1])
        yield (
            f"in the fitted world {_who(row)} earns {world} than {_rival(row)}, but {own.title} it earned {real} "
            f"(95 % interval of the gain {amount} {own.money.unit} {own.money.a_period})"
        )


def _beside(row: Row, own: OwnDays) -> tuple[Interval, Interval] | None:
    """The gain a row is judged by, in the fitted world and on these days."""
    found = own.of(row.agent, row.role)
    if found is None or row.judged_gain is None:
        return None
    gain = found.over_today if row.role == Kind.BEST_RULE else found.over_rule
    return None if gain is None else (row.judged_gain, gain)


def _sign(gain: Interval) -> int:
    """1 or -1 where a gain is significant; else 0."""
    return int(gain.low > 0) - int(gain.high < 0)


def _who(row: Row) -> str:
    return "the best rule" if row.role == Kind.BEST_RULE else row.agent


def _rival(row: Row) -> str:
    return "today's rule" if row.role == Kind.BEST_RULE else "the best rule"
