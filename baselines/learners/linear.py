"""Linear contextual bandits: what an arm earns at once is taken for linear in what is observed."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.agents import Problem
from baselines.batching import side_by_side
from baselines.learners.bandit_arms import Build, Constant, action_arms, rule_arms
from baselines.learners.bandits import LOOKS, Pulls
from baselines.learners.files import Place, read, write
from bizgyms.compiled import jit
from envs_data.arrays import Floats, Rows

WORLDS = 128
# How many standard deviations of a reward the bound, or the posterior, is wide at a context never seen.
WIDTH = 1.0
# Places at which the probability that an arm drew the largest value is integrated, and what each counts.
NODES, SHARES = np.polynomial.hermite_e.hermegauss(24)
# A share of the integral not worth going on with.
NOTHING = 1e-12
ROOT_TWO = math.sqrt(2.0)
FEW = 64


class LinearBandit:
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
        pulls: the log of learning; None before.
        earned_while_learning: mean reward a step while learning; None before.
        watch: called now and then while learning, with the steps taken so far.
    """

    def __init__(self, problem: Problem, arms: Sequence[Mapping[str, Any]], build: Build, sampled: bool) -> None:
        self.problem = problem
        self.sampled = sampled
        self._build = build
        self.pulls: Pulls | None = None
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None
        self._begin(arms)

    def _begin(self, arms: Sequence[Mapping[str, Any]]) -> None:
        self.arms = [dict(arm) for arm in arms]
        self._agents = [self._build(self.problem, **arm) for arm in self.arms]
        width = len(self.problem.view.features) + 1
        self.inverse = np.tile(np.eye(width), (len(self.arms), 1, 1))
        self.sums = np.zeros((len(self.arms), width))

    def act(self, observations: Rows, mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """[worlds, ...] what the arm does that is expected to earn most at each world's observation."""
        # Not by way of `expected`, which spends most of its time on the width.
        mean = self._context(observations) @ self._weights().T
        return side_by_side(self._agents, mean.argmax(axis=1)).act(observations, mask)

    def expected(self, context: Floats) -> tuple[Floats, Floats]:
        """[worlds, arms] expected reward at [worlds, context], and the width of what is known of it."""
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
        rows, _ = twin.reset(seed=seed)
        log: list[tuple[NDArray[np.int64], Floats, Floats]] = []
        rounds = max(1, steps // WORLDS)
        moments = {round(rounds * (k + 1) / LOOKS) for k in range(LOOKS)}
        scale = _Scale()
        for turn in range(1, rounds + 1):
            context = self._context(rows)
            arm, propensity = self.choose(context, rng)
            masks = twin.action_masks() if twin.view.masked else None
            rows, rewards, *_ = twin.step(side_by_side(self._agents, arm).act(rows, masks))
            earned = np.array(rewards, dtype=np.float64)
            self.sums *= scale.grown(earned)
            self.add(context, arm, earned / scale.deviation)
            log.append((arm, earned, propensity))
            if turn in moments and self.watch is not None:
                self.watch(turn * WORLDS)
        arms, returns, propensities = (np.concatenate(column) for column in zip(*log, strict=True))
        self.pulls = Pulls(arms, returns, propensities, rounds * WORLDS)
        self.earned_while_learning = float(returns.mean())

    def choose(self, context: Floats, rng: np.random.Generator) -> tuple[NDArray[np.int64], Floats]:
        """[worlds] arms at [worlds, context], and the probability with which each was chosen."""
        mean, width = self.expected(context)
        if not self.sampled:
            return (mean + WIDTH * width).argmax(axis=1), np.ones(len(context))
        arm = (mean + WIDTH * width * rng.standard_normal(mean.shape)).argmax(axis=1)
        return arm, _probability(arm, mean, WIDTH * width)

    def add(self, context: Floats, arm: NDArray[np.int64], reward: Floats) -> None:
        """Takes in what arms earned, one after the other."""
        _add(context, arm, reward, self.inverse, self.sums)

    def _context(self, observations: Rows) -> Floats:
        rows = self.problem.view.normalized(observations).astype(np.float64)
        return np.column_stack([rows, np.ones(len(rows))])

    def save(self, file: Place) -> None:
        """Writes matrices as arrays, nothing pickled.

        Args:
            file: a path, or a binary file open for writing.
        """
        content = io.BytesIO()
        about = np.array(json.dumps({"case": self.problem.case.id, "arms": self.arms}))
        np.savez(content, about=about, inverse=self.inverse, sums=self.sums)
        write(file, content.getvalue())

    def restore(self, file: Place) -> None:
        """Becomes the bandit that `save` wrote, and acts exactly as it did.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: another case's bandit, or one of another scenario.
        """
        with np.load(io.BytesIO(read(file)), allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about["case"] != self.problem.case.id or arrays["sums"].shape[1] != self.sums.shape[1]:
                raise ValueError(f"an agent of {about['case']}, trained on another scenario")
            self._begin(about["arms"])
            self.inverse, self.sums = arrays["inverse"], arrays["sums"]


class _Scale:
    """The standard deviation of rewards so far."""

    def __init__(self) -> None:
        self._sums = np.zeros(3)
        self.deviation = 1.0

    def grown(self, rewards: Floats) -> float:
        """Takes in rewards; what was measured in the deviation before is to be multiplied by this."""
        before = self.deviation
        self._sums += len(rewards), rewards.sum(), (rewards**2).sum()
        count, total, squares = self._sums
        self.deviation = float(np.sqrt(max(squares / count - (total / count) ** 2, 1e-12))) or 1.0
        return before / self.deviation


@jit
def _add(context: Floats, arm: NDArray[np.int64], reward: Floats, inverse: Floats, sums: Floats) -> None:
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


def _probability(arm: NDArray[np.int64], mean: Floats, width: Floats) -> Floats:
    """[worlds] probability that the arm drew the largest of independent normal values, by Gauss-Hermite."""
    return np.asarray(_largest(arm, mean, width, NODES, SHARES / SHARES.sum()))


@jit
def _largest(arm: NDArray[np.int64], mean: Floats, width: Floats, nodes: Floats, weights: Floats) -> Floats:
    """The integral over what the arm drew of the probability that every other drew less."""
    found = np.zeros(len(arm))
    for world in range(len(arm)):
        own = arm[world]
        for node in range(len(nodes)):
            drawn = mean[world, own] + width[world, own] * nodes[node]
            below = weights[node]
            for other in range(mean.shape[1]):
                if other != own and below > NOTHING:
                    below *= 0.5 * math.erfc((mean[world, other] - drawn) / (width[world, other] * ROOT_TWO))
            found[world] += below
        found[world] = min(found[world], 1.0)
    return found


def lin_ucb(problem: Problem) -> LinearBandit:
    """LinUCB over actions."""
    return LinearBandit(problem, action_arms(problem), Constant, sampled=False)


def lin_ts(problem: Problem) -> LinearBandit:
    """Linear Thompson sampling over actions."""
    return LinearBandit(problem, action_arms(problem), Constant, sampled=True)


def lin_ucb_settings(problem: Problem) -> LinearBandit:
    """LinUCB over the settings of a rule, chosen anew at every step."""
    return LinearBandit(problem, *rule_arms(problem), sampled=False)


def lin_ts_settings(problem: Problem) -> LinearBandit:
    """Linear Thompson sampling over the settings of a rule, chosen anew at every step."""
    return LinearBandit(problem, *rule_arms(problem), sampled=True)


def few_features(problem: Problem) -> bool:
    """Whether a case has few enough features for a matrix an arm."""
    return len(problem.view.features) <= FEW
