"""Linear contextual bandits: the immediate reward of an arm is assumed to be linear in the observation."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Problem
from baselines.learners.bandit_arms import WORLDS, ArmLearner, Build, Constant, Pulled, action_arms, rule_arms
from baselines.learners.saved_learner import Arrays, Header, Layout, look_turns
from baselines.transitions import transitions
from bizgyms.compiled import jit
from envs_data.arrays import Array, Floats, Ints, Mask, Rows

# How many standard deviations of a reward the bound, or the posterior, is wide at a context never seen.
WIDTH = 1.0
# Nodes at which the probability that an arm drew the largest value is integrated, and their weights.
NODES, SHARES = np.polynomial.hermite_e.hermegauss(24)
# A share of the integral too small to matter.
NOTHING = 1e-12
ROOT_TWO = math.sqrt(2.0)
FEW = 64


class LinearBandit(ArmLearner):
    """LinUCB (Li et al. 2010, algorithm 1) or linear Thompson sampling (Agrawal and Goyal 2013).

    Each arm is a ridge regression of its own. The context is the normalised observation and a constant. An arm keeps
    the inverse of its matrix, which a new observation changes by one rank (Sherman and Morrison 1950). Rewards are
    measured in their standard deviation.

    Args:
        problem: what it plays.
        arms: keyword arguments of ``build``, one dict an arm.
        build: makes an agent of an arm.
        sampled: Thompson sampling; else the upper confidence bound.

    Attributes:
        inverse: [arms, context, context] inverses of the arms' matrices.
        sums: [arms, context] sums of context times reward.
    """

    def __init__(self, problem: Problem, arms: Sequence[Mapping[str, Any]], build: Build, sampled: bool) -> None:
        super().__init__(problem, arms, build)
        self.sampled = sampled

    def _begin(self, arms: Sequence[Mapping[str, Any]]) -> None:
        super()._begin(arms)
        width = len(self.problem.view.features) + 1
        self.inverse = np.tile(np.eye(width), (len(self.arms), 1, 1))
        self.sums = np.zeros((len(self.arms), width))

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] decisions of the arm with the highest expected reward at each world's observation."""
        # Not by way of `expected`, which spends most of its time on the width.
        mean = self._context(observations) @ self._weights().T
        return self._played(mean.argmax(axis=1)).act(observations, mask)

    def expected(self, context: Floats) -> tuple[Floats, Floats]:
        """[worlds, arms] expected reward at [worlds, context], and its standard error."""
        # Two products in turn: all three at once are a loop over every pair of features, ten times as slow.
        width = np.sqrt(np.einsum("awj,wj->wa", context @ self.inverse, context))
        return context @ self._weights().T, width

    def _weights(self) -> Floats:
        weights: Floats = np.einsum("aij,aj->ai", self.inverse, self.sums)
        return weights

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Pulls an arm a world and step, until the steps are spent.

        Args:
            envs: makes training environments of the case.
            steps: environment steps, all worlds together.
            seed: seed of luck and sampling.
        """
        rng = np.random.default_rng(seed)
        twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        log: list[Pulled] = []
        chosen: list[tuple[Floats, Ints, Floats]] = []
        rounds = max(1, steps // WORLDS)
        looks, scale = look_turns(rounds), _Scale()

        def explore(rows: Rows, mask: Mask) -> Array:
            context = self._context(rows)
            arm, propensity = self.choose(context, rng)
            chosen.append((context, arm, propensity))
            return self._played(arm).act(rows, mask)

        for turn, step in enumerate(itertools.islice(transitions(twin, explore, twin.reset(seed=seed)), rounds), 1):
            context, arm, propensity = chosen.pop()
            earned = np.array(step.rewards)
            self.sums *= scale.grown(earned)
            self.add(context, arm, earned / scale.deviation)
            log.append((arm, earned, propensity))
            if turn in looks and self.watch is not None:
                self.watch(turn * WORLDS)
        self._log(log, rounds * WORLDS)
        assert self.pulls is not None
        self.earned_while_learning = float(self.pulls.earned.mean())

    def choose(self, context: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """[worlds] arms at [worlds, context], and the probability with which each was chosen."""
        mean, width = self.expected(context)
        if not self.sampled:
            return (mean + WIDTH * width).argmax(axis=1), np.ones(len(context))
        arm = (mean + WIDTH * width * rng.standard_normal(mean.shape)).argmax(axis=1)
        return arm, _probability(arm, mean, WIDTH * width)

    def add(self, context: Floats, arm: Ints, reward: Floats) -> None:
        """Adds pulls of arms, one after the other."""
        _add(context, arm, reward, self.inverse, self.sums)

    def _context(self, observations: Rows) -> Floats:
        rows = self.problem.view.normalized(observations).astype(np.float64)
        return np.column_stack([rows, np.ones(len(rows))])

    def _learned(self) -> tuple[Header, Arrays]:
        return {"arms": self.arms}, {"inverse": self.inverse, "sums": self.sums}

    def _layout(self, header: Header, arrays: Arrays) -> Layout:
        count, width = len(header["arms"]), self.sums.shape[1]
        real = np.dtype(np.float64)
        return {"inverse": (real, (count, width, width)), "sums": (real, (count, width))}

    def _become(self, header: Header, arrays: Arrays) -> None:
        self._begin(header["arms"])
        self.inverse, self.sums = arrays["inverse"], arrays["sums"]


class _Scale:
    """The standard deviation of rewards so far."""

    def __init__(self) -> None:
        self._sums = np.zeros(3)
        self.deviation = 1.0

    def grown(self, rewards: Floats) -> float:
        """Adds rewards; returns the factor for amounts that were measured in the deviation before."""
        before = self.deviation
        self._sums += len(rewards), rewards.sum(), (rewards**2).sum()
        count, total, squares = self._sums
        self.deviation = float(np.sqrt(max(squares / count - (total / count) ** 2, 1e-12))) or 1.0
        return before / self.deviation


@jit
def _add(context: Floats, arm: Ints, reward: Floats, inverse: Floats, sums: Floats) -> None:
    """Sherman and Morrison: the inverse of a matrix plus the square of a vector."""
    size = context.shape[1]
    turned = np.empty(size)
    for world in range(len(arm)):
        own = inverse[arm[world]]
        stretch = 1.0
        for i in range(size):
            turned[i] = 0.0
            for j in range(size):
                turned[i] += own[i, j] * context[world, j]
            stretch += context[world, i] * turned[i]
            sums[arm[world], i] += reward[world] * context[world, i]
        for i in range(size):
            for j in range(size):
                own[i, j] -= turned[i] * turned[j] / stretch


def _probability(arm: Ints, mean: Floats, width: Floats) -> Floats:
    """[worlds] probability that the arm drew the largest of independent normal values, by Gauss-Hermite."""
    return np.asarray(_largest(arm, mean, width, NODES, SHARES / SHARES.sum()))


@jit
def _largest(arm: Ints, mean: Floats, width: Floats, nodes: Floats, weights: Floats) -> Floats:
    """The integral, over the value that the arm drew, of the probability that all others drew less."""
    largest = np.zeros(len(arm))
    for world in range(len(arm)):
        own = arm[world]
        for node in range(len(nodes)):
            drawn = mean[world, own] + width[world, own] * nodes[node]
            below = weights[node]
            for other in range(mean.shape[1]):
                if other != own and below > NOTHING:
                    below *= 0.5 * math.erfc((mean[world, other] - drawn) / (width[world, other] * ROOT_TWO))
            largest[world] += below
        largest[world] = min(largest[world], 1.0)
    return largest


def actions_bandit(problem: Problem, sampled: bool) -> LinearBandit:
    """LinUCB, or linear Thompson sampling, over actions."""
    return LinearBandit(problem, action_arms(problem), Constant, sampled)


def settings_bandit(problem: Problem, sampled: bool) -> LinearBandit:
    """The same over the settings of a rule, chosen anew at every step."""
    return LinearBandit(problem, *rule_arms(problem), sampled)


lin_ucb = functools.partial(actions_bandit, sampled=False)
lin_ts = functools.partial(actions_bandit, sampled=True)
lin_ucb_settings = functools.partial(settings_bandit, sampled=False)
lin_ts_settings = functools.partial(settings_bandit, sampled=True)


def few_features(problem: Problem) -> bool:
    """Whether a case has few enough features for a matrix an arm."""
    return len(problem.view.features) <= FEW
