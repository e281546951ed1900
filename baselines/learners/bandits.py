"""Bandits: choices learned from what they earned, without looking at the state."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.learners.files import Place, read, write
from baselines.panel import side_by_side
from baselines.rules import rules

Floats = NDArray[np.float64]
MOST_ARMS = 24
WORLDS = 32
# Times a bandit is looked at while it learns.
LOOKS = 12
# Draws from the posterior with which the probability of each arm is estimated.
PROPENSITY_DRAWS = 512


@dataclasses.dataclass(frozen=True)
class Pulls:
    """The log of a bandit: what a business would have on file.

    Attributes:
        arm: [pulls] which arm.
        earned: [pulls] return of the episode.
        propensity: [pulls] probability with which that arm was pulled.
        steps: steps of all pulls together.
    """

    arm: NDArray[np.int64]
    earned: Floats
    propensity: Floats
    steps: int


class Thompson:
    """Thompson sampling over the settings of a rule; an arm is a setting, a pull is an episode.

    The return of an arm is taken for normal with unknown mean and variance, under a prior worth two pulls around what
    was earned so far. Each world of a batch samples its own arm.

    Args:
        problem: what it plays.
        arms: the settings.
        build: makes an agent of a setting.

    Attributes:
        pulls: the log of learning; None before.
        earned_while_learning: mean reward a step while learning; None before.
        watch: called now and then while learning, with the steps taken so far.
    """

    def __init__(self, problem: Problem, arms: Sequence[Mapping[str, Any]], build: Callable[..., Agent]) -> None:
        self.problem = problem
        self._build = build
        self.pulls: Pulls | None = None
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None
        self._begin(arms)

    def _begin(self, arms: Sequence[Mapping[str, Any]]) -> None:
        self.arms = [dict(arm) for arm in arms]
        self._agents = [self._build(self.problem, **arm) for arm in self.arms]
        self._sums = np.zeros((3, len(self.arms)))

    @property
    def chosen(self) -> int:
        """The arm with the largest expected return; the rule's untuned setting before learning."""
        return int(np.argmax(_posterior(self._sums)[0])) if self._sums[0].any() else 0

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """[worlds, ...] what the chosen arm does."""
        return self._agents[self.chosen].act(observations, mask)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Pulls arms, a batch of worlds at a time, until the steps are spent.

        Args:
            envs: makes training environments of the case.
            steps: environment steps, all worlds together.
            seed: seed of luck and sampling.
        """
        rng = np.random.default_rng(seed)
        twin = envs(WORLDS, autoreset_mode="Disabled").unwrapped
        log: list[tuple[NDArray[np.int64], Floats, Floats]] = []
        spent, due = 0, steps / LOOKS
        while spent < steps:
            draws = _sample(self._sums, PROPENSITY_DRAWS + WORLDS, rng)
            arm = draws[:WORLDS].argmax(axis=1)
            share = np.bincount(draws.argmax(axis=1), minlength=len(self.arms)) / len(draws)
            earned, used = self._pull(twin, arm, seed if not log else None)
            self._sums += _sums(arm, earned, len(self.arms))
            log.append((arm, earned, share[arm]))
            spent += used
            if self.watch is not None and spent >= due:
                self.watch(spent)
                due += steps / LOOKS
        arms, returns, propensities = (np.concatenate(column) for column in zip(*log, strict=True))
        self.pulls = Pulls(arms, returns, propensities, spent)
        self.earned_while_learning = float(returns.sum() / spent)

    @property
    def regret(self) -> float | None:
        """What learning cost a year: expected return of the chosen arm less what was earned meanwhile; None before."""
        if self.pulls is None:
            return None
        lost = _posterior(self._sums)[0][self.chosen] - self.pulls.earned.mean()
        years = self.pulls.steps / len(self.pulls.earned) / self.problem.view.steps_per_year
        return float(lost / years)

    def _pull(self, twin: Any, arm: NDArray[np.int64], seed: int | None) -> tuple[Floats, int]:
        """One episode a world, each with its own arm: [worlds] returns, and the steps of all."""
        rows, _ = twin.reset(seed=seed)
        panel = side_by_side(self._agents, arm)
        earned = np.zeros(len(arm))
        steps = 0
        while not twin.over.all():
            masks = twin.action_masks() if twin.view.masked else None
            steps += int((~twin.over).sum())
            rows, rewards, *_ = twin.step(panel.act(rows, masks))
            earned += rewards
        return earned, steps

    def save(self, file: Place) -> None:
        """Writes arms and what they earned as JSON.

        Args:
            file: a path, or a binary file open for writing.
        """
        about = {"case": self.problem.case.id, "arms": self.arms, "sums": self._sums.tolist()}
        write(file, json.dumps(about).encode())

    def restore(self, file: Place) -> None:
        """Becomes the bandit that `save` wrote, and acts exactly as it did.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: another case's bandit.
        """
        about = json.loads(read(file))
        if about["case"] != self.problem.case.id:
            raise ValueError(f"an agent of {about['case']}, not of {self.problem.case.id}")
        self._begin(about["arms"])
        self._sums = np.array(about["sums"])


def thompson(problem: Problem, arms: Sequence[Mapping[str, Any]] | None = None) -> Thompson:
    """Thompson sampling over the settings of the case's first rule that has any.

    Args:
        problem: what it plays.
        arms: the settings; None for up to 24 out of those the rule is tuned over.
    """
    rule = next(rung for rung in rules(problem) if len(rung.settings(problem)) > 1)
    settings = list(rule.settings(problem) if arms is None else arms)
    if arms is None and len(settings) > MOST_ARMS:
        settings = [settings[round(k)] for k in np.linspace(0, len(settings) - 1, MOST_ARMS)]
    return Thompson(problem, settings, rule.build)


def has_arms(problem: Problem) -> bool:
    """Whether a rule of the case has settings to choose from."""
    return any(len(rung.settings(problem)) > 1 for rung in rules(problem))


def _sums(arm: NDArray[np.int64], earned: Floats, arms: int) -> Floats:
    """[3, arms] pulls, sum and sum of squares of what each arm earned."""
    weights = (np.ones(len(arm)), earned, earned**2)
    return np.array([np.bincount(arm, weights=w, minlength=arms) for w in weights])


def _posterior(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Location, scale and degrees of freedom of each arm's mean return, a Student-t.

    The normal-inverse-gamma posterior (Gelman et al. 2013, Bayesian Data Analysis, section 3.3) under a prior of one
    pull for the mean and two for the variance, at mean and variance over all pulls.
    """
    count, total, squares = sums
    pulls = max(count.sum(), 1.0)
    middle = total.sum() / pulls
    spread = max(squares.sum() / pulls - middle**2, 1e-12 + 1e-9 * middle**2)
    weight = count + 1.0
    location = (total + middle) / weight
    freedom = count + 2.0
    inside = np.maximum(squares - total**2 / np.maximum(count, 1.0), 0.0)
    gap = (total / np.maximum(count, 1.0) - middle) ** 2 * count / weight
    scale = np.sqrt((2.0 * spread + inside + gap) / freedom / weight)
    return location, scale, freedom


def _sample(sums: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """[draws, arms] mean returns as they may be; anything goes while nothing is known."""
    location, scale, freedom = _posterior(sums)
    return np.asarray(location + scale * rng.standard_t(freedom, size=(draws, len(freedom))))
