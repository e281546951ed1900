"""From returns to rows: values a year, gains with intervals, shares of what is possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Kind
from baselines.judge import columns, statistics
from baselines.judge.anchors import Anchors
from baselines.judge.columns import Column
from baselines.judge.statistics import Interval
from baselines.runs.results import Player, Run


def _of(column: Column | None = None, name: str = "") -> dict[str, Any]:
    """What is known of a field of `Row`.

    Args:
        column: its value, of a player with results; None for what is known without, or is added later.
        name: its name in a table; empty for the field's own.
    """
    return {"of": column, "name": name}


def _aside(column: Column | None = None) -> dict[str, Any]:
    """The same of a field that no table shows."""
    return {"of": column, "name": None}


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the board. Values are money a year; an episode where its length is unknown.

    A new column is a new field here, with how it comes from the results; a table takes it from here.

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
        elsewhere: [worlds] the gain over the best rule (for the best rule: over today's) in every world that the table
            allows.
        holds: in how many of how many of them it is more than is asked for.
        captured: share of the ceiling; None for no ceiling.
        share: share of the possible, from random to the reference; None where the intervals of these two overlap.
        trainings: number of trainings; 0 for agents that do not learn.
        steps: decisions a training, or the tuning, took.
        years: the same in years of the business.
        years_to_pass: experience, in years of the business, from which on it was better than the best rule; None where
            it never was, or was not watched.
        watched: whether it was evaluated while it learned.
        seconds: mean duration of a training.
        earned_while_learning: value a year while learning, where the agent says.
        ratios: business figures.
        about: a learner's own words on its size after its first training.
        note: an error, or a remark.
    """

    agent: str = field(metadata=_of())
    label: str = field(metadata=_of())
    role: str = field(metadata=_of())
    knows: str = field(metadata=_of(name="told"))
    value: float | None = field(default=None, metadata=_of(columns.value))
    error: float = field(default=0.0, metadata=_of(columns.value_error, "evaluation_error"))
    over_today: Interval | None = field(default=None, metadata=_of(columns.gain_over(columns.today)))
    over_rule: Interval | None = field(default=None, metadata=_of(columns.gain_over(columns.best_rule)))
    samples: tuple[float, ...] = field(default=(), metadata=_aside(columns.gains_over_rule))
    gain_error: float = field(default=0.0, metadata=_aside(columns.error_over(columns.best_rule)))
    today_error: float = field(default=0.0, metadata=_aside(columns.error_over(columns.today)))
    table_over_today: Interval | None = field(default=None, metadata=_of())
    table_over_rule: Interval | None = field(default=None, metadata=_of())
    elsewhere: tuple[float, ...] = field(default=(), metadata=_aside())
    holds: tuple[int, int] | None = field(default=None, metadata=_of())
    captured: float | None = field(default=None, metadata=_of(columns.captured))
    share: float | None = field(default=None, metadata=_of(columns.share, "share_of_possible"))
    trainings: int = field(default=0, metadata=_of(columns.trainings))
    steps: int = field(default=0, metadata=_of())
    years: float = field(default=0.0, metadata=_of(columns.years))
    years_to_pass: float | None = field(default=None, metadata=_of(columns.years_to_pass))
    watched: bool = field(default=False, metadata=_aside(columns.watched))
    seconds: float = field(default=0.0, metadata=_of(columns.seconds))
    earned_while_learning: float | None = field(default=None, metadata=_of(columns.earned_while_learning))
    ratios: Mapping[str, float] = field(default_factory=dict, metadata=_of(columns.ratios))
    about: str = field(default="", metadata=_of(columns.about))
    note: str = field(default="", metadata=_of())

    @property
    def judged_gain(self) -> Interval | None:
        """The gain a verdict is about: the best rule's over today's, every other agent's over the best rule."""
        return self.over_today if self.role == Kind.BEST_RULE else self.over_rule

    def asked(self, worth: float) -> float:
        """The least gain that is worth the effort: tuning a rule costs none."""
        return 0.0 if self.role == Kind.BEST_RULE else worth

    def judged(self, worth: float) -> Row:
        """The row with the number of worlds in which the gain is more than is asked for."""
        if not self.elsewhere:
            return self
        above = sum(gain > self.asked(worth) for gain in self.elsewhere)
        return dataclasses.replace(self, holds=(above, len(self.elsewhere)))

    def cells(self) -> dict[str, object]:
        """The row of a table: an interval is three columns, business figures are one each."""
        cells: dict[str, object] = {}
        for own in dataclasses.fields(self):
            name, value = own.metadata["name"], getattr(self, own.name)
            if name is None:
                continue
            name = name or own.name
            if own.name in INTERVALS:
                cells |= statistics.columns(name, value)
            elif isinstance(value, Mapping):
                cells |= value
            else:
                cells[name] = f"{value[0]} of {value[1]}" if isinstance(value, tuple) else value
        return cells


INTERVALS = tuple(own.name for own in dataclasses.fields(Row) if str(own.type).startswith("Interval"))


def row(anchors: Anchors, player: Player) -> Row:
    """A player's line."""
    role, steps = anchors.role(player), player.runs[0].steps
    known = Row(player.name, player.label, role, player.knows, steps=steps, note=player.error)
    if not player.results:
        return known
    found = {own.name: of(anchors, player) for own in dataclasses.fields(Row) if (of := own.metadata["of"])}
    return dataclasses.replace(known, **found)


def rows(anchors: Anchors) -> list[Row]:
    """The lines of a board, the reference's first."""
    return [best_row(anchors), *(row(anchors, player) for player in anchors.results.players)]


def best_row(anchors: Anchors) -> Row:
    """The reference's line."""
    if anchors.best is None:
        return Row("best possible", "best possible", Kind.BEST_POSSIBLE, "", note=anchors.results.why_no_best)
    interval = columns.reference_interval(anchors)
    return Row(
        "best possible",
        f"best possible ({anchors.best.reference.kind})",
        Kind.BEST_POSSIBLE,
        "the law of the world",
        value=interval.value,
        error=interval.high - interval.value,
        captured=1.0 if columns.of_ceiling(anchors, 1.0) is not None else None,
        share=columns.share_of(anchors, interval.value),
        note=_disagreement(anchors),
        over_today=anchors.best_over(anchors.today),
        over_rule=anchors.ceiling if anchors.today is not None else None,
        ratios=anchors.optimum.ratios if anchors.optimum is not None and anchors.today is not None else {},
    )


def runs(anchors: Anchors) -> pd.DataFrame:
    """One row a run, in the columns of `Board.runs`; the reference's is the first."""
    found = [_run(anchors.role(player), run) for player in anchors.results.players for run in player.results]
    if anchors.best is not None:
        reference = anchors.best.reference
        known = {"agent": "best possible", "label": reference.method, "role": Kind.BEST_POSSIBLE}
        found.insert(0, {**known, "value": reference.value, "evaluation_error": reference.stderr})
    return pd.DataFrame(found)


def _run(role: str, run: Run) -> dict[str, object]:
    assert run.played is not None
    return {
        "agent": run.agent,
        "label": run.label,
        "role": role,
        "seed": run.seed,
        "value": run.played.mean,
        "evaluation_error": run.played.stderr,
        "episodes": len(run.played.returns),
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
    }


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
