"""Tunes rules over their settings, on luck of their own: from coarse to fine, and from few episodes to many."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from baselines.agents import AgentSpec, Problem, Setting
from baselines.play import seeds
from baselines.play.rollout import play_together
from envs_data.arrays import Floats

# Rounds of tuning: how many of the best settings go on (None: all), and on how many episodes they are tried.
ROUNDS: tuple[tuple[int | None, int], ...] = ((None, 50), (8, 200), (2, 1_000))
# Most turns in which settings are tried around the best few of the first round, and how many those few are.
TURNS, LEADERS = 8, 3
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
    """Finds a rule's best setting: all on a few episodes, then finer ones around the best, then the best few on more.

    Args:
        problem: the case with its parameters.
        spec: the rule.
        seed: a seed of the tuning block.
    """
    trial = _Trial(problem, spec, seed)
    means = trial.means(spec.settings(problem), ROUNDS[0][1])
    for turn in range(TURNS):
        leaders = [trial.settings[i] for i in _best(means)[:LEADERS]]
        finer = [setting for leader in leaders for setting in spec.finer(problem, leader, turn)]
        means = np.append(means, trial.means(finer, ROUNDS[0][1]))
    left = list(range(len(means)))
    for survivors, episodes in ROUNDS[1:]:
        left = [left[i] for i in _best(means)[:survivors]]
        means = trial.again(left, episodes)
    best = int(np.argmax(means))
    return Tuned(trial.settings[left[best]], float(means[best]), len(trial.settings), trial.steps)


def _best(means: Floats) -> list[int]:
    """Best first; among equals the one listed first, so that the result never depends on the sort."""
    return [int(i) for i in np.argsort(-means, kind="stable")]


@dataclasses.dataclass
class _Trial:
    """Settings of one rule that have been tried, without repetitions, and the decisions it took."""

    problem: Problem
    spec: AgentSpec
    seed: int
    settings: list[Setting] = dataclasses.field(default_factory=list)
    steps: int = 0

    def means(self, settings: Sequence[Setting], episodes: int) -> Floats:
        """[new settings] mean returns; those that were tried before are left out."""
        known = {tuple(setting.items()) for setting in self.settings}
        new = {key: setting for setting in settings if (key := tuple(setting.items())) not in known}
        first = len(self.settings)
        self.settings += new.values()
        return self.again(range(first, len(self.settings)), episodes)

    def again(self, numbers: Sequence[int], episodes: int) -> Floats:
        """[settings] mean returns of settings by their numbers."""
        if not numbers:
            return np.zeros(0)
        means, steps = _means(self.problem, self.spec, [self.settings[k] for k in numbers], episodes, self.seed)
        self.steps += steps
        return means


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
