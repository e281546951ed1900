"""Tunes rules over their settings, on luck of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from baselines.agents import AgentSpec, Problem, Setting
from baselines.play import seeds
from baselines.play.rollout import play_together
from envs_data.arrays import Floats

# Rounds of tuning: how many of the best settings go on (None: all), and on how many episodes they are tried.
ROUNDS: tuple[tuple[int | None, int], ...] = ((None, 50), (12, 200), (3, 1_000))
WORLDS_AT_ONCE = 4_000
BYTES_AT_ONCE = 500_000_000


@dataclasses.dataclass(frozen=True)
class Tuned:
    """A rule's best setting.

    Attributes:
        setting: the setting.
        value: its mean return on the tuning luck of the last round.
        tried: number of settings tried.
        steps: decisions it took to find it.
    """

    setting: Setting
    value: float
    tried: int
    steps: int


def tune(problem: Problem, spec: AgentSpec, seed: int) -> Tuned:
    """Finds a rule's best setting: all on a few episodes, the best few on more.

    Args:
        problem: the case with its parameters.
        spec: the rule.
        seed: a seed of the tuning block.
    """
    settings = list(spec.settings(problem))
    left = list(range(len(settings)))
    steps = 0
    means = np.zeros(len(left))
    for survivors, episodes in ROUNDS:
        # Best first; among equals the one listed first, so that the result never depends on the sort.
        left = [left[i] for i in np.argsort(-means, kind="stable")[:survivors]]
        means, used = _means(problem, spec, [settings[k] for k in left], episodes, seed)
        steps += used
    best = int(np.argmax(means))
    return Tuned(settings[left[best]], float(means[best]), len(settings), steps)


def _means(
    problem: Problem, spec: AgentSpec, settings: Sequence[Setting], episodes: int, seed: int
) -> tuple[Floats, int]:
    """[settings] mean return of each, and the decisions it took."""
    agents = [spec.build(problem, **setting) for setting in settings]
    luck = seeds.luck(problem.case, problem.parameters, seed, 0, episodes)
    at_once = max(1, min(WORLDS_AT_ONCE // episodes, BYTES_AT_ONCE // sum(array.nbytes for array in luck)))
    means: list[float] = []
    steps = 0
    for first in range(0, len(agents), at_once):
        group = agents[first : first + at_once]
        returns, taken = play_together(problem, group, luck, episodes, spec.name)
        means += returns.mean(axis=1).tolist()
        steps += int(taken.sum())
    return np.array(means), steps
