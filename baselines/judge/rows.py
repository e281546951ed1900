"""From returns to rows: values a year, gains with intervals, shares of what is possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from baselines.agents import TRAINED, Kind
from baselines.judge import statistics
from baselines.judge.anchors import Anchors
from baselines.judge.statistics import Interval
from baselines.runs.results import CURVE_EPISODES, Player
from envs_data.arrays import Floats


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the board. Values are money a year; an episode where its length is unknown.

    Attributes:
        agent: the agent's name.
        label: name with setting.
        role: ``best possible``, ``today``, ``best rule`` or, for all others, the kind of agent.
        knows: what it knows.
        value: its earnings; None where it has no result.
        error: half-width of the evaluation's 95 % interval of the value.
        over_today: gain over today's rule; over trainings for learners, over episodes for all others.
        over_rule: gain over the best rule, likewise.
        samples: [trainings] gain over the best rule.
        gain_error: standard error of their mean over the episodes, which all trainings share.
        today_error: the same of the gain over today's rule.
        table_over_today: gain over today's rule, given what the table says; None where no table was fitted.
        table_over_rule: gain over the best rule, likewise.
        holds: in how many of how many worlds that the table allows the gain over the best rule (for the best rule:
            over today's) is more than is asked for.
        captured: share of the ceiling; None for no ceiling.
        share: share of the possible, from random to the reference; None where the intervals of these two overlap.
        trainings: number of trainings; 0 for agents that do not learn.
        steps: decisions a training, or the tuning, took.
        seconds: mean duration of a training.
        earned_while_learning: value a year while learning, where the agent says.
        years_to_pass: experience, in years of the business, from which on it was better than the best rule; None where
            it never was, or was not watched.
        watched: whether it was evaluated while it learned.
        ratios: business figures.
        note: an error, or a remark.
        about: a learner's own words on its size after its first training.
    """

    agent: str
    label: str
    role: str
    knows: str
    value: float | None = None
    error: float = 0.0
    over_today: Interval | None = None
    over_rule: Interval | None = None
    samples: tuple[float, ...] = ()
    gain_error: float = 0.0
    today_error: float = 0.0
    table_over_today: Interval | None = None
    table_over_rule: Interval | None = None
    holds: tuple[int, int] | None = None
    captured: float | None = None
    share: float | None = None
    trainings: int = 0
    steps: int = 0
    seconds: float = 0.0
    earned_while_learning: float | None = None
    years_to_pass: float | None = None
    watched: bool = False
    ratios: Mapping[str, float] = dataclasses.field(default_factory=dict)
    note: str = ""
    about: str = ""

    @property
    def judged_gain(self) -> Interval | None:
        """The gain a verdict is about: the best rule's over today's, every other agent's over the best rule."""
        return self.over_today if self.role == Kind.BEST_RULE else self.over_rule

    def asked(self, worth: float) -> float:
        """The least gain that is worth the effort: tuning a rule costs none."""
        return 0.0 if self.role == Kind.BEST_RULE else worth


def row(anchors: Anchors, player: Player) -> Row:
    """A player's line."""
    learner = player.kind in TRAINED
    known = Row(player.name, player.label, _role(anchors, player), player.knows, steps=player.steps, note=player.error)
    if not player.results:
        return known
    returns = np.array([result.played.returns for result in player.results])
    mean = statistics.mean_interval(returns.mean(axis=0)).times(anchors.a_year)
    over_rule = _samples(anchors, returns, anchors.best_rule)
    earned = [result.earned_while_learning for result in player.results if result.earned_while_learning is not None]
    return dataclasses.replace(
        known,
        value=mean.value,
        error=mean.high - mean.value,
        over_today=_gain(anchors, returns, anchors.today, learner),
        over_rule=_gain(anchors, returns, anchors.best_rule, learner),
        samples=tuple(over_rule.tolist()),
        gain_error=_error(anchors, returns, anchors.best_rule),
        today_error=_error(anchors, returns, anchors.today),
        years_to_pass=_years_to_pass(anchors, player) if learner else None,
        watched=learner and all(result.curve.shape[1] > 0 for result in player.results),
        captured=_captured(anchors, float(over_rule.mean())) if len(over_rule) else None,
        share=_share(anchors, mean.value),
        trainings=len(player.results) if learner else 1 if player.kind == Kind.YOURS else 0,
        seconds=float(np.mean([result.seconds for result in player.results])),
        earned_while_learning=float(np.mean(earned)) * anchors.scale.steps if earned else None,
        ratios=_ratios(player),
        about=player.results[0].about,
    )


def best_row(anchors: Anchors) -> Row:
    """The reference's line."""
    if anchors.best is None:
        return Row("best possible", "best possible", Kind.BEST_POSSIBLE, "", note=anchors.why_no_best)
    interval = _reference_interval(anchors)
    return Row(
        "best possible",
        f"best possible ({anchors.best.reference.kind})",
        Kind.BEST_POSSIBLE,
        "the law of the world",
        value=interval.value,
        error=interval.high - interval.value,
        captured=1.0 if _captured(anchors, 1.0) is not None else None,
        share=_share(anchors, interval.value),
        note=_disagreement(anchors),
        over_today=anchors.best_over(anchors.today),
        over_rule=anchors.ceiling if anchors.today is not None else None,
        ratios=anchors.optimum.ratios if anchors.optimum is not None and anchors.today is not None else {},
    )


def runs(anchors: Anchors, players: Sequence[tuple[str, Player]]) -> pd.DataFrame:
    """One row a run, in the columns of `Board.runs`; the reference's is the first.

    Args:
        anchors: every agent that played before training.
        players: role and player of each row of the board.
    """
    rows = [_run(role, player, k) for role, player in players for k in range(len(player.results))]
    if anchors.best is not None:
        reference = anchors.best.reference
        known = {"agent": "best possible", "label": reference.method, "role": Kind.BEST_POSSIBLE}
        rows.insert(0, {**known, "value": reference.value, "evaluation_error": reference.stderr})
    return pd.DataFrame(rows)


def _run(role: str, player: Player, number: int) -> dict[str, object]:
    result = player.results[number]
    return {
        "agent": player.name,
        "label": player.label,
        "role": role,
        "seed": player.runs[number][0] if number < len(player.runs) else None,
        "value": result.played.mean,
        "evaluation_error": result.played.stderr,
        "episodes": len(result.played.returns),
        "steps": player.steps,
        "seconds": round(result.seconds, 1),
    }


def _role(anchors: Anchors, player: Player) -> str:
    if player is anchors.today:
        return Kind.TODAY
    return Kind.BEST_RULE if player is anchors.best_rule else player.kind


def _samples(anchors: Anchors, returns: Floats, rival: Player | None) -> Floats:
    """[trainings] gain a year over a rival that does not learn."""
    if rival is None:
        return np.array([])
    return np.asarray((returns.mean(axis=1) - rival.played.mean) * anchors.a_year)


def _gain(anchors: Anchors, returns: Floats, rival: Player | None, learner: bool) -> Interval | None:
    """Gain over a rival: for a learner over trainings and the episodes they share, for all others over episodes."""
    if rival is None:
        return None
    if learner:
        return statistics.crossed_interval(_samples(anchors, returns, rival), _error(anchors, returns, rival))
    return statistics.paired_interval(returns[0], rival.played.returns).times(anchors.a_year)


def _error(anchors: Anchors, returns: Floats, rival: Player | None) -> float:
    """Standard error over episodes of the gain over a rival, trainings averaged."""
    if rival is None:
        return 0.0
    return statistics.episodes_error(returns, rival.played.returns) * anchors.a_year


def _years_to_pass(anchors: Anchors, player: Player) -> float | None:
    """Experience from which on the trainings' mean stayed above the best rule, on the same episodes."""
    curves = [result.curve for result in player.results]
    looks = min(curve.shape[1] for curve in curves)
    if anchors.best_rule is None or looks == 0:
        return None
    steps, values = np.mean([curve[:, :looks] for curve in curves], axis=0)
    rule = anchors.best_rule.played.returns[:CURVE_EPISODES].mean()
    below = np.flatnonzero(values <= rule)
    first = int(below[-1]) + 1 if len(below) else 0
    return float(steps[first]) / anchors.scale.steps if first < looks else None


def _captured(anchors: Anchors, gain: float) -> float | None:
    ceiling = anchors.ceiling
    return None if ceiling is None else statistics.captured(gain, ceiling)


def _reference_interval(anchors: Anchors) -> Interval:
    assert anchors.best is not None
    reference = anchors.best.reference
    if anchors.optimum is not None:
        return statistics.mean_interval(anchors.optimum.returns).times(anchors.a_year)
    return statistics.against_interval(reference.value, reference.stderr, np.zeros(2)).times(anchors.a_year)


def _share(anchors: Anchors, value: float) -> float | None:
    if anchors.best is None or anchors.random is None:
        return None
    random = statistics.mean_interval(anchors.random.played.returns).times(anchors.a_year)
    return statistics.share_of_possible(value, random, _reference_interval(anchors))


def _disagreement(anchors: Anchors) -> str:
    """A warning where the reference's own policy does not earn the reference's value; else empty."""
    assert anchors.best is not None
    reference, played = anchors.best.reference, anchors.best.played
    if played is None:
        return ""
    gap, error = played.mean - reference.value, float(np.hypot(played.stderr, reference.stderr))
    wrong = abs(gap) > 4 * error if reference.kind == "exact" else gap > 4 * error
    # A deterministic world has no error to speak of; its sums differ in the last digits only.
    if not wrong or abs(gap) <= 1e-9 * abs(reference.value):
        return ""
    return (
        f"its own policy earns {played.mean:,.2f} an episode on this luck, {reference.value:,.2f} was computed: "
        "do not trust this board"
    )


def _ratios(player: Player) -> dict[str, float]:
    names = player.results[0].played.ratios
    return {name: float(np.mean([result.played.ratios[name] for result in player.results])) for name in names}
