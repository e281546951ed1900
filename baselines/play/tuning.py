"""Tunes rules over their settings, on luck of their own: from coarse to fine, and from few episodes to many."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from baselines.agents import AgentSpec, Problem, Setting
from baselines.play import seeds
from baselines.play.rollout import play_together
from envs_data.arrays import Floats

# Rounds of tuning: how many of the best settings go on (None: all), and on how many episodes they are tried. The first
# two take turns, each with finer settings than the last unless that found a better one.
ROUNDS: tuple[tuple[int | None, int], ...] = ((None, 50), (8, 200), (2, 1_000))
# Bytes of an episode's luck from which on fewer are played, and the least share of them: where much happens in an
# episode, it says more about a setting and takes longer.
LARGE, LEAST = 5_000, 0.4
# Turns; around how many of the best settings finer ones are tried; and how many of these go on to the second round.
TURNS, LEADERS, PROMISING = 10, 2, 3
# Where luck hides which are best, as many times as many go on: those within two standard errors of the best, if these
# are more than a thousandth of what it earns.
MORE, ERRORS, MATERIAL = 3, 2.0, 1e-3
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


def rounds(problem: Problem) -> tuple[tuple[int | None, int], ...]:
    """`ROUNDS`, with fewer episodes where much happens in each."""
    size = sum(array.nbytes for array in seeds.luck(problem.case, problem.parameters, seeds.tuning(0), 0, 1))
    share = min(1.0, max(LEAST, LARGE / max(size, 1)))
    return tuple((count, round(episodes * share)) for count, episodes in ROUNDS)


def tune(problem: Problem, spec: AgentSpec, seed: int) -> Tuned:
    """Finds a rule's best setting: all on a few episodes, the best on more, then finer ones around these.

    As long as finer settings beat the best so far, others as far away are tried; then nearer ones (Hooke and Jeeves
    1961, Journal of the ACM 8(2)). Every setting meets the same episodes, from the first on.

    Args:
        problem: the case with its parameters.
        spec: the rule.
        seed: a seed of the tuning block.
    """
    (_, few), (several, more), (last, many) = rounds(problem)
    trial = _Trial(problem, spec, seed)
    trial.play(trial.add(spec.settings(problem)), few)
    trial.play(trial.tied(several, few), more)
    fineness = 0
    for _ in range(TURNS):
        leaders = trial.best(LEADERS, more)
        finer = [one for leader in leaders for one in spec.finer(problem, trial.settings[leader], fineness)]
        new = trial.add(finer)
        trial.play(new, few)
        bar = trial.mean(leaders[-1], few)
        trial.play([k for k in trial.tied(PROMISING, few, new) if trial.mean(k, few) > bar], more)
        fineness += trial.best(1, more) == leaders[:1]
    finalists = trial.tied(last, more)
    trial.play(finalists, many)
    (best,) = trial.best(1, many, finalists)
    return Tuned(trial.settings[best], trial.mean(best, many), len(trial.settings), trial.steps)


@dataclasses.dataclass
class _Trial:
    """Settings of one rule that have been tried, without repetitions, and the decisions it took.

    Attributes:
        settings: in the order in which they came.
        returns: of each setting, [episodes] those it has played, the first ones of the luck.
    """

    problem: Problem
    spec: AgentSpec
    seed: int
    settings: list[Setting] = dataclasses.field(default_factory=list)
    returns: list[Floats] = dataclasses.field(default_factory=list)
    steps: int = 0

    def add(self, settings: Sequence[Setting]) -> list[int]:
        """The numbers of the settings that were not tried before."""
        known = {tuple(setting.items()) for setting in self.settings}
        new = {key: setting for setting in settings if (key := tuple(setting.items())) not in known}
        self.settings += new.values()
        self.returns += [np.zeros(0)] * len(new)
        return list(range(len(self.settings) - len(new), len(self.settings)))

    def mean(self, k: int, episodes: int) -> float:
        """Mean return of a setting on the first episodes."""
        return float(self.returns[k][:episodes].mean())

    def tied(self, count: int | None, episodes: int, among: Sequence[int] | None = None) -> list[int]:
        """The best, and up to `MORE` times as many that luck may have kept from being among them."""
        ranked = self.best(None, episodes, among)
        if count is None or len(ranked) <= count:
            return ranked
        top = self.returns[ranked[0]][:episodes]
        behind = [top - self.returns[k][:episodes] for k in ranked[count : MORE * count]]
        errors = [float(gains.std(ddof=1)) / np.sqrt(episodes) for gains in behind]
        material = MATERIAL * abs(float(top.mean()))
        close = [e > material and g.mean() < ERRORS * e for e, g in zip(errors, behind, strict=True)]
        return ranked[:count] + [k for k, near in zip(ranked[count:], close, strict=False) if near]

    def best(self, count: int | None, episodes: int, among: Sequence[int] | None = None) -> list[int]:
        """The numbers of the best of those that have played so many episodes; of equals the one that came first.

        Settings that earn the same in all these episodes decide alike, and only the first of them counts.
        """
        asked = range(len(self.settings)) if among is None else among
        played = [k for k in asked if len(self.returns[k]) >= episodes]
        distinct = {self.returns[k][:episodes].tobytes(): k for k in reversed(played)}
        return sorted(distinct.values(), key=lambda k: (-self.mean(k, episodes), k))[:count]

    def play(self, numbers: Sequence[int], episodes: int) -> None:
        """Plays settings on the first episodes, as far as they have not yet."""
        for first in sorted({len(self.returns[k]) for k in numbers if len(self.returns[k]) < episodes}):
            group = [k for k in numbers if len(self.returns[k]) == first]
            luck = seeds.luck(self.problem.case, self.problem.parameters, self.seed, first, episodes - first)
            at_once = max(1, min(WORLDS_AT_ONCE // (episodes - first), BYTES_AT_ONCE // sum(a.nbytes for a in luck)))
            for start in range(0, len(group), at_once):
                self._add_returns(group[start : start + at_once], luck, episodes - first)

    def _add_returns(self, numbers: Sequence[int], luck: Any, episodes: int) -> None:
        agents = [self.spec.build(self.problem, **self.settings[k]) for k in numbers]
        returns, taken = play_together(self.problem, agents, luck, episodes, self.spec.name)
        for k, new in zip(numbers, returns, strict=True):
            self.returns[k] = np.concatenate([self.returns[k], new])
        self.steps += int(taken.sum())
