"""How much is spent on a board: trainings, steps, episodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

from baselines.agents import Kind
from baselines.runs.results import TRAININGS_FOR_A_VERDICT
from envs_data.parameters import ParameterError

BudgetName = Literal["quick", "full"]
# Steps a second while training, on one core, and seconds until a first board row: only for the announced duration.
STEPS_A_SECOND: Mapping[str, int] = {
    Kind.DEEP: 12_000,
    Kind.UNTUNED: 1_000,
    Kind.TABULAR: 400_000,
    Kind.SEARCH: 1_000_000,
    Kind.BRANCHING: 400_000,
    Kind.PATHWISE: 150_000,
    Kind.CLONED: 12_000,
    Kind.BANDIT: 300_000,
}
SECONDS_BEFORE_TRAINING = 15
# Seconds to score one training again in one other world; worlds tried for the break-even of one cost.
SECONDS_AGAIN: Mapping[str, float] = {Kind.DEEP: 0.06, Kind.UNTUNED: 0.06}
SECONDS_AGAIN_WITHOUT_TORCH = 0.01
TRIES_A_COST = 20
# Decisions a second where there is no compiled twin, and players beside the learners.
EVENT_STEPS_A_SECOND = 5_000
OTHER_PLAYERS = 4
SHARE_WITHOUT_TWIN = 4


@dataclasses.dataclass(frozen=True)
class Budget:
    """The effort allowed for a board.

    Attributes:
        name: ``quick`` is a preview; ``full`` gives a verdict.
        trainings: trainings of each learner.
        episodes: episodes on which every agent is scored.
        steps: steps of one training, by kind of learner.
    """

    name: BudgetName
    trainings: int
    episodes: int
    steps: Mapping[str, int]


_QUICK_STEPS: Mapping[str, int] = {
    Kind.BANDIT: 100_000,
    Kind.TABULAR: 500_000,
    Kind.SEARCH: 1_000_000,
    Kind.BRANCHING: 2_000_000,
    Kind.PATHWISE: 1_000_000,
    Kind.CLONED: 100_000,
    Kind.DEEP: 100_000,
    Kind.UNTUNED: 30_000,
}
_FULL_STEPS: Mapping[str, int] = {
    Kind.BANDIT: 300_000,
    Kind.TABULAR: 1_000_000,
    Kind.SEARCH: 3_000_000,
    Kind.BRANCHING: 12_000_000,
    Kind.PATHWISE: 5_000_000,
    Kind.CLONED: 100_000,
    Kind.DEEP: 500_000,
    Kind.UNTUNED: 30_000,
}
BUDGETS = {
    "quick": Budget("quick", 3, 1_000, _QUICK_STEPS),
    "full": Budget("full", TRAININGS_FOR_A_VERDICT, 4_000, _FULL_STEPS),
}


def budget_of(name: str, episodes: int | None = None, twin: bool = True) -> Budget:
    """A budget by name.

    Args:
        name: ``quick`` or ``full``.
        episodes: another number of episodes to score on; None for the budget's own.
        twin: whether the case has a compiled twin; without one steps and episodes are a quarter.

    Raises:
        ParameterError: an unknown name, or an impossible number.
    """
    if name not in BUDGETS:
        raise ParameterError("budget", [f"{name!r} is not possible; it must be one of {', '.join(BUDGETS)}"])
    known = BUDGETS[name]
    if not twin:
        steps = {kind: count // SHARE_WITHOUT_TWIN for kind, count in known.steps.items()}
        known = dataclasses.replace(known, episodes=known.episodes // SHARE_WITHOUT_TWIN, steps=steps)
    if episodes is None:
        return known
    if isinstance(episodes, bool) or not isinstance(episodes, int) or episodes < 2:
        raise ParameterError("episodes", [f"{episodes!r} is not possible; it must be a whole number from 2 on"])
    return dataclasses.replace(known, episodes=episodes)


def expected_seconds(
    budget: Budget, kinds: Sequence[str], processes: int, worlds_again: int = 0, event_steps: float = 0.0
) -> float:
    """Roughly how long a board takes.

    Args:
        budget: the budget.
        kinds: kind of each learner.
        processes: trainings that run side by side.
        worlds_again: other worlds in which the best learner is scored again, each of its trainings.
        event_steps: decisions in an episode of a case without a compiled twin; 0 where there is one.
    """
    speed = dict.fromkeys(STEPS_A_SECOND, EVENT_STEPS_A_SECOND) if event_steps else {}
    trainings = sum(
        budget.trainings * budget.steps[kind] / min(STEPS_A_SECOND[kind], speed.get(kind, STEPS_A_SECOND[kind]))
        for kind in kinds
    )
    again = max((SECONDS_AGAIN.get(kind, SECONDS_AGAIN_WITHOUT_TORCH) for kind in kinds), default=0.0)
    players = OTHER_PLAYERS + budget.trainings * len(kinds)
    played = players * budget.episodes * event_steps / EVENT_STEPS_A_SECOND
    rescored = budget.trainings * worlds_again * again
    return SECONDS_BEFORE_TRAINING + trainings / max(1, processes) + rescored + played


def in_words(seconds: float) -> str:
    """``40 s``, ``3 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
