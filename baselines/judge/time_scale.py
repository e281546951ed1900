"""How long an episode lasts in the business's own time, so that money is quoted a year and not an episode."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from baselines.agents import Problem
from baselines.runs.results import EpisodeReturns
from envs_data.world import HOURS, World

HOURS_PER_YEAR = 365 * 24.0
Period = Literal["year", "episode"]


@dataclasses.dataclass(frozen=True)
class TimeScale:
    """How much is played in the period that amounts refer to.

    Attributes:
        episodes: episodes in a period.
        steps: decisions in a period.
        period: ``year``; ``episode`` where the length of an episode is unknown.
        note: how the length of a year was derived, where the case does not state it.
    """

    episodes: float
    steps: float
    period: Period = "year"
    note: str = ""

    def experience(self, steps: float) -> str:
        """A number of decisions in the business's own time: ``1,900 simulated years``, or days below two years."""
        count = steps / self.steps
        if self.period == "episode":
            return f"{_rounded(max(1.0, count))} simulated episodes"
        return f"{max(1, round(count * 365)):,} simulated days" if count < 2 else f"{_rounded(count)} simulated years"


def _rounded(count: float) -> str:
    digits = max(0, len(str(int(count))) - 2)
    return f"{round(count, -digits):,.0f}"


def time_scale(problem: Problem, played: Sequence[EpisodeReturns]) -> TimeScale:
    """The time scale of a case.

    Decisions by the clock are counted by the view. Where they come with events, a year is as many episodes as the
    view says, or as fit into it by the hours that episodes last; and where the world's unit of time is not known
    either, everything is told an episode.

    Args:
        problem: the case with its parameters.
        played: evaluations of agents; the first one's episodes are measured.
    """
    view = problem.view
    if not view.on_events:
        most = max((float(own.steps.max()) for own in played), default=1.0)
        a_year = view.episodes_per_year or view.steps_per_year / getattr(problem.parameters, "days", most)
        return TimeScale(a_year, view.steps_per_year)
    steps, elapsed = _an_episode(played)
    if view.episodes_per_year:
        return TimeScale(view.episodes_per_year, view.episodes_per_year * steps)
    hours = elapsed * HOURS.get(getattr(problem.case.env, "world_type", World).time_unit, 0.0)
    if hours <= 0:
        return TimeScale(1.0, steps, "episode")
    a_year = HOURS_PER_YEAR / hours
    note = f"A year is taken as {a_year:,.0f} episodes of {hours:,.3g} hours; where it is not, set episodes_per_year."
    return TimeScale(a_year, a_year * steps, note=note)


def _an_episode(played: Sequence[EpisodeReturns]) -> tuple[float, float]:
    """Decisions and time of a mean episode."""
    if not played:
        return 1.0, 0.0
    first = played[0]
    return float(first.steps.mean()), float(first.elapsed.mean()) if len(first.elapsed) else 0.0
