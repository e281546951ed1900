"""Tabular Q-learning: observations cut into cells, and a value for every action in each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners.cells import cut_cells, find_cells, nearest_visited
from baselines.learners.random_agent import Random
from baselines.learners.saved_learner import Arrays, Header, Layout, SavedLearner, look_turns
from baselines.learners.warm_start import first_rule
from baselines.transitions import Start, Transition, transitions
from bizgyms.compiled import jit
from envs_data.arrays import Array, Flags, Floats, Ints, Mask, Rows

WORLDS = 64
# Steps of play from which cells are cut.
LOOK_STEPS = 256
# Exploration follows the rule but for this share of actions, drawn from all: a world of random actions alone (a shop
# that drowns in stock) teaches nothing about the one that matters.
RANDOM_SHARE = 0.3
# Visits an action of a cell should get on average, so that fewer cells are cut for a short training.
VISITS = 100
# Value of an action that was never tried: less than any other, more than an impossible one.
LEAST = -1e300
FIRST_RATE, RATE_VISITS, LEAST_RATE = 0.3, 30.0, 0.003
EXPLORES_UNTIL, LEAST_EPSILON = 0.6, 0.05
# A table moves with every step: the more checkpoints there are to choose from, the fewer contain a ruinous decision.
LOOKS = 24


class QLearning(SavedLearner):
    """Q-learning (Watkins 1989) on quantile cells, epsilon-greedy, many worlds at once.

    It explores around a rule: with probability epsilon it does what the case's first rule does, untuned, or now and
    then anything. Cells are cut at quantiles of what such play meets; a feature with few values keeps them all. Only
    actions that were tried count.

    Args:
        problem: what it learns; one choice out of a few.
        discount: discount factor a step; where decisions come on events, over the time a step takes on average: else a
            decision that keeps everybody busy for an hour would cost nothing.

    Attributes:
        cells: number of cells; 1 before learning.
        visited: number of cells in which something was tried.
    """

    def __init__(self, problem: Problem, discount: float = 0.9) -> None:
        super().__init__(problem)
        self.discount = discount
        features = len(problem.view.features)
        low, high = problem.view.action_range()
        self._first, self._actions = int(low[0]), int(high[0] - low[0]) + 1
        self._begin(np.full((features, 1), np.inf), np.ones(features, dtype=np.int64))

    def _begin(self, edges: Floats, bins: Ints) -> None:
        self._edges, self._bins = edges, bins
        self._values = np.zeros((int(bins.prod()), self._actions))
        self._tried = np.zeros(self._values.shape, dtype=np.int64)
        # The values by which it acts: computed when it is first asked, and again after it has learned.
        self._greedy: Floats | None = None

    @property
    def cells(self) -> int:
        """Number of cells; 1 before learning."""
        return len(self._values)

    @property
    def about(self) -> str:
        """Its size, for a reader of a board."""
        return f"{self.cells:,} cells, {self.visited:,} of them visited"

    @property
    def visited(self) -> int:
        """Number of cells in which something was tried."""
        return int(self._tried.any(axis=1).sum())

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds] the best action tried in each world's cell, or the nearest visited one's."""
        cell = np.empty(len(observations), dtype=np.int64)
        find_cells(observations, self._edges, self._bins, cell)
        if self._greedy is None:
            nearest = nearest_visited(np.asarray(self._tried.any(axis=1)))
            self._greedy = np.where(self._tried[nearest] > 0, self._values[nearest], LEAST)
        values = self._greedy[cell]
        if mask is not None:
            values = np.where(mask, values, -np.inf)
        return np.asarray(self._first + values.argmax(axis=1))

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns.

        Args:
            envs: makes training environments of the case.
            steps: environment steps, all worlds together.
            seed: seed of luck and exploration.
        """
        rng = np.random.default_rng(seed)
        twin = envs(WORLDS, autoreset_mode="SameStep").unwrapped
        rule = first_rule(self.problem)
        played = self._play_the_rule(twin, rule, twin.reset(seed=seed), rng, steps)
        rewards = self._cut(played, steps)
        spent, earned = rewards.size, float(rewards.sum())
        start = played[-1].following, played[-1].infos
        rounds = max(1, (steps - spent) // WORLDS)
        time, looks = _Time(self.discount), look_turns(rounds, LOOKS)
        epsilons = (max(LEAST_EPSILON, 1.0 - turn / (EXPLORES_UNTIL * rounds)) for turn in itertools.count(1))
        every, cell, after = np.ones((1, self._actions), dtype=np.bool_), *np.empty((2, WORLDS), dtype=np.int64)
        find_cells(start[0], self._edges, self._bins, cell)

        def explore(rows: Rows, mask: Mask) -> Ints:
            actions = rule.act(rows, mask) - self._first
            possible = every if mask is None else mask
            _choose(cell, self._values, self._tried, possible, next(epsilons), rng.random((3, WORLDS)), actions)
            return np.asarray(actions + self._first)

        for turn, step in enumerate(itertools.islice(transitions(twin, explore, start), rounds), 1):
            find_cells(step.following, self._edges, self._bins, after)
            taken, discounts = step.actions - self._first, time.discounts(step.infos)
            _update(cell, taken, step.rewards, step.terminated, after, self._values, self._tried, discounts)
            cell[:] = after
            earned += float(step.rewards.sum())
            spent += WORLDS
            if turn in looks and self.watch is not None:
                self._greedy = None
                self.watch(spent)
        self._greedy = None
        self.earned_while_learning = earned / spent

    def _play_the_rule(
        self, twin: Any, rule: Agent, start: Start, rng: np.random.Generator, steps: int
    ) -> list[Transition]:
        """The rule with some random actions, for as long as cells need it."""
        chance = Random(self.problem, int(rng.integers(2**31)))

        def mixed(rows: Rows, mask: Mask) -> Array:
            other = rng.random(WORLDS) < RANDOM_SHARE
            return np.where(other, chance.act(rows, mask), rule.act(rows, mask))

        turns = max(32, min(LOOK_STEPS, steps // (4 * WORLDS)))
        return list(itertools.islice(transitions(twin, mixed, start), turns))

    def _cut(self, played: Sequence[Transition], steps: int) -> Floats:
        """Cuts cells from the observations; [turns, worlds] the rewards."""
        seen, rewards = (np.array([getattr(one, name) for one in played]) for name in ("observations", "rewards"))
        labelled = [len(feature.labels) > 0 for feature in self.problem.view.features]
        self._begin(*cut_cells(seen, labelled, steps / VISITS / self._actions))
        # Values begin at the rule's own, so that actions tried early and late can be compared.
        self._values += rewards.mean() / (1.0 - self.discount)
        return rewards

    def _learned(self) -> tuple[Header, Arrays]:
        return {}, {"edges": self._edges, "bins": self._bins, "values": self._values, "tried": self._tried}

    def _layout(self, header: Header, arrays: Arrays) -> Layout:
        bins, edges, features = arrays["bins"].tolist(), arrays["edges"], len(self.problem.view.features)
        if len(bins) != features or min(bins) < 1 or edges.shape[1] < max(bins) - 1:
            raise IndexError("bins without edges")
        real, whole, values = np.dtype(np.float64), np.dtype(np.int64), (math.prod(bins), self._actions)
        return {
            "edges": (real, (features, edges.shape[1])),
            "bins": (whole, (features,)),
            "values": (real, values),
            "tried": (whole, values),
        }

    def _become(self, header: Header, arrays: Arrays) -> None:
        self._begin(arrays["edges"], arrays["bins"])
        self._values, self._tried = arrays["values"], arrays["tried"]


class _Time:
    """Discounts of steps that take different times: the factor of a step is that of the average one."""

    def __init__(self, discount: float) -> None:
        self._log = np.log(discount)
        self._usual = np.full(WORLDS, discount)
        self._steps, self._hours = 0, 0.0

    def discounts(self, infos: Mapping[str, Any]) -> Floats:
        """[worlds] factors of the step just taken."""
        if "elapsed" not in infos:
            return self._usual
        elapsed = np.asarray(infos["elapsed"], dtype=np.float64)
        self._steps += len(elapsed)
        self._hours += float(elapsed.sum())
        return np.asarray(np.exp(self._log * elapsed * self._steps / max(self._hours, 1e-12)))


@jit
def _choose(
    cell: Ints,
    values: Floats,
    tried: Ints,
    masks: Flags,
    epsilon: float,
    uniform: Floats,
    actions: Ints,
) -> None:
    """Turns the rule's actions into those to take: the best one tried; with probability epsilon the rule's, or any.

    Args:
        cell: [worlds].
        values: [cells, actions].
        tried: [cells, actions] how often.
        masks: [worlds or 1, actions] which actions are possible.
        epsilon: probability of exploring.
        uniform: [3, worlds] random numbers.
        actions: [worlds] the rule's; overwritten.
    """
    for world in range(len(cell)):
        mask = masks[world % len(masks)]
        best, random, possible = -1, -1, 0
        for action in range(len(mask)):
            possible += mask[action]
        place = int(uniform[1, world] * possible)
        for action in range(len(mask)):
            if not mask[action]:
                continue
            if place == 0:
                random = action
            place -= 1
            if tried[cell[world], action] and (best < 0 or values[cell[world], action] > values[cell[world], best]):
                best = action
        if best < 0 or uniform[0, world] < epsilon:
            if uniform[2, world] < RANDOM_SHARE:
                actions[world] = random
        else:
            actions[world] = best


@jit
def _update(
    cell: Ints,
    actions: Ints,
    rewards: Floats,
    ended: Flags,
    after: Ints,
    values: Floats,
    tried: Ints,
    discounts: Floats,
) -> None:
    """Moves each world's value towards its reward and the best value that may follow."""
    for world in range(len(cell)):
        best, known = 0.0, False
        for action in range(values.shape[1]):
            if tried[after[world], action] and (not known or values[after[world], action] > best):
                best, known = values[after[world], action], True
        target = rewards[world] + (0.0 if ended[world] else discounts[world] * best)
        tried[cell[world], actions[world]] += 1
        rate = max(LEAST_RATE, FIRST_RATE / (1.0 + tried[cell[world], actions[world]] / RATE_VISITS))
        values[cell[world], actions[world]] += rate * (target - values[cell[world], actions[world]])
