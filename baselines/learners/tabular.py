"""Tabular Q-learning: observations cut into cells, and a value for every action in each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Agent, Problem
from baselines.learners.files import Place, read, write
from baselines.learners.random_agent import Random
from baselines.learners.warm_start import guide
from bizgyms.compiled import jit
from envs_data.arrays import Floats

WORLDS = 64
# Steps of play from which cells are cut.
LOOK_STEPS = 256
# Who explores follows the rule but for this share of actions, drawn from all: a world of random actions alone (a shop
# that drowns in stock) teaches nothing about the one that matters.
RANDOM_SHARE = 0.3
MOST_BINS = 24
# Visits an action of a cell should get on average, so that fewer cells are cut for a short training.
VISITS, LEAST_CELLS = 100, 12
# What an action that was never tried is worth: less than any other, more than an impossible one.
LEAST = -1e300
FIRST_RATE, RATE_VISITS, LEAST_RATE = 0.3, 30.0, 0.003
EXPLORES_UNTIL, LEAST_EPSILON = 0.6, 0.05
# A table moves with every step: the more moments there are to choose from, the fewer have a ruinous decision in them.
LOOKS = 24


class QLearning:
    """Q-learning (Watkins 1989) on quantile cells, epsilon-greedy, many worlds at once.

    It explores around a rule: with probability epsilon it does what the case's first rule does, untuned, or now and
    then anything. Cells are cut at quantiles of what such play meets; a feature with few values keeps them all. Only
    actions that were tried count.

    Args:
        problem: what it learns; one choice out of a few.
        discount: discount factor a step; where decisions come on events, over the time a step takes on average, or a
            decision that keeps everybody busy for an hour would cost nothing.

    Attributes:
        cells: number of cells; 0 before learning.
        visited: number of cells that were visited.
        earned_while_learning: mean reward a step while learning; None before.
        watch: called now and then while learning, with the steps taken so far.
    """

    def __init__(self, problem: Problem, discount: float = 0.9) -> None:
        self.problem = problem
        self.discount = discount
        self.earned_while_learning: float | None = None
        self.watch: Callable[[int], None] | None = None
        features = len(problem.view.features)
        low, high = problem.view.action_range()
        self._first, self._actions = int(low[0]), int(high[0] - low[0]) + 1
        self._take(np.full((features, 1), np.inf), np.ones(features, dtype=np.int64))

    def _take(self, edges: Floats, bins: NDArray[np.int64]) -> None:
        self._edges, self._bins = edges, bins
        self._values = np.zeros((int(bins.prod()), self._actions))
        self._tried = np.zeros(self._values.shape, dtype=np.int64)
        # What it goes by when it acts; worked out when it is asked, and anew after it learned.
        self._known: Floats | None = None

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

    def act(self, observations: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """[worlds] the best action tried in each world's cell, or the nearest visited one's."""
        cell = np.empty(len(observations), dtype=np.int64)
        _find(observations, self._edges, self._bins, cell)
        if self._known is None:
            seat = _nearest(np.asarray(self._tried.any(axis=1)))
            self._known = np.where(self._tried[seat] > 0, self._values[seat], LEAST)
        values = self._known[cell]
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
        rows, _ = twin.reset(seed=seed)
        rule = guide(self.problem)
        rows, spent, earned = self._look(twin, rule, rows, rng, steps)
        cell, after = np.empty(WORLDS, dtype=np.int64), np.empty(WORLDS, dtype=np.int64)
        _find(rows, self._edges, self._bins, cell)
        rounds = max(1, (steps - spent) // WORLDS)
        time = _Time(self.discount)
        moments = {round(rounds * (k + 1) / LOOKS) for k in range(LOOKS)}
        for turn in range(1, rounds + 1):
            epsilon = max(LEAST_EPSILON, 1.0 - turn / (EXPLORES_UNTIL * rounds))
            masks = twin.action_masks() if twin.view.masked else np.ones((1, self._actions), dtype=np.bool_)
            actions = rule.act(rows, masks if twin.view.masked else None) - self._first
            _choose(cell, self._values, self._tried, masks, epsilon, rng.random((3, WORLDS)), actions)
            rows, rewards, terminated, _, infos = twin.step(actions + self._first)
            _find(rows, self._edges, self._bins, after)
            _update(cell, actions, rewards, terminated, after, self._values, self._tried, time.discounts(infos))
            cell, after = after, cell
            earned += float(rewards.sum())
            spent += WORLDS
            if turn in moments and self.watch is not None:
                self._known = None
                self.watch(spent)
        self._known = None
        self.earned_while_learning = earned / spent

    def _look(
        self, twin: Any, rule: Agent, rows: NDArray[np.float32], rng: np.random.Generator, steps: int
    ) -> tuple[NDArray[np.float32], int, float]:
        """Plays the rule with some random actions, and cuts cells from what it meets."""
        chance = Random(self.problem, int(rng.integers(2**31)))
        turns = max(32, min(LOOK_STEPS, steps // (4 * WORLDS)))
        seen, rewards = np.empty((turns, *rows.shape), dtype=np.float32), np.empty((turns, WORLDS))
        for turn in range(turns):
            masks = twin.action_masks() if twin.view.masked else None
            other = rng.random(WORLDS) < RANDOM_SHARE
            seen[turn] = rows
            rows, rewards[turn], *_ = twin.step(np.where(other, chance.act(rows, masks), rule.act(rows, masks)))
        labelled = [len(feature.labels) > 0 for feature in self.problem.view.features]
        self._take(*_cut(seen, labelled, steps / VISITS / self._actions))
        # Values begin at what such play earns for ever: what is tried early and late can then be compared.
        self._values += rewards.mean() / (1.0 - self.discount)
        return rows, turns * WORLDS, float(rewards.sum())

    def save(self, file: Place) -> None:
        """Writes cells and values as arrays, nothing pickled.

        Args:
            file: a path, or a binary file open for writing.
        """
        content = io.BytesIO()
        about = np.array(json.dumps({"case": self.problem.case.id}))
        np.savez(content, about=about, edges=self._edges, bins=self._bins, values=self._values, tried=self._tried)
        write(file, content.getvalue())

    def restore(self, file: Place) -> None:
        """Becomes the agent that `save` wrote, and acts exactly as it did.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: another case's agent, or one of another scenario.
        """
        with np.load(io.BytesIO(read(file)), allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about["case"] != self.problem.case.id or arrays["values"].shape[1] != self._actions:
                raise ValueError(f"an agent of {about['case']}, trained on another scenario")
            self._take(arrays["edges"], arrays["bins"])
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


def q_learning(problem: Problem, discount: float = 0.9) -> QLearning:
    """Tabular Q-learning."""
    return QLearning(problem, discount)


def has_cells(problem: Problem) -> bool:
    """Whether a table can hold a problem: one choice out of a few."""
    return isinstance(problem.view.action_space, spaces.Discrete)


def _nearest(visited: NDArray[np.bool_]) -> NDArray[np.intp]:
    """[cells] the visited cell with the nearest number; the last feature's neighbours have neighbouring numbers."""
    places = np.flatnonzero(visited) if visited.any() else np.array([0])
    right = np.clip(np.searchsorted(places, np.arange(len(visited))), 0, len(places) - 1)
    left = np.maximum(right - 1, 0)
    closer_left = np.abs(places[left] - np.arange(len(visited))) <= np.abs(places[right] - np.arange(len(visited)))
    return np.where(closer_left, places[left], places[right])


def _cut(seen: NDArray[np.float32], labelled: Sequence[bool], most: float) -> tuple[Floats, NDArray[np.int64]]:
    """Edges [features, bins] (padded with infinity) and number of bins of each feature.

    Where there are too many cells, what only counts time goes first: a feature that is the same in all worlds at any
    moment and has no names for its values. Then the finest feature is cut half as fine.

    Args:
        seen: [turns, worlds, features].
        labelled: [features] whether the values have names, such as weekdays.
        most: cells there may be.
    """
    shared = ~(seen != seen[:, :1]).any(axis=(0, 1)) & ~np.array(labelled)
    columns = seen.reshape(-1, seen.shape[2]).T
    edges = [_edges(column, MOST_BINS) for column in columns]
    while np.prod([len(cut) + 1.0 for cut in edges]) > max(most, LEAST_CELLS):
        counting = [k for k, cut in enumerate(edges) if shared[k] and len(cut)]
        finest = max(counting or range(len(edges)), key=lambda k: len(edges[k]))
        edges[finest] = _edges(columns[finest], (len(edges[finest]) + 1) // 2)
    padded = np.full((len(edges), max(1, *(len(cut) for cut in edges))), np.inf)
    for row, cut in zip(padded, edges, strict=True):
        row[: len(cut)] = cut
    return padded, np.array([len(cut) + 1 for cut in edges], dtype=np.int64)


def _edges(column: NDArray[np.float32], bins: int) -> Floats:
    """Where a feature is cut: between all its values where these are few, else at quantiles."""
    if bins <= 1:
        return np.empty(0)
    distinct = np.unique(column)
    if len(distinct) > bins:
        distinct = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[:-1], method="nearest"))
    return np.asarray((distinct[1:] + distinct[:-1]) / 2.0, dtype=np.float64)


@jit
def _find(observations: NDArray[np.float32], edges: Floats, bins: NDArray[np.int64], cell: NDArray[np.int64]) -> None:
    """Writes the number of each observation's cell."""
    for world in range(len(observations)):
        number = 0
        for feature in range(len(bins)):
            low, high = 0, bins[feature] - 1
            while low < high:
                middle = (low + high) // 2
                if observations[world, feature] > edges[feature, middle]:
                    low = middle + 1
                else:
                    high = middle
            number = number * bins[feature] + low
        cell[world] = number


@jit
def _choose(
    cell: NDArray[np.int64],
    values: Floats,
    tried: NDArray[np.int64],
    masks: NDArray[np.bool_],
    epsilon: float,
    uniform: Floats,
    actions: NDArray[np.int64],
) -> None:
    """Turns the rule's actions into those to take: the best one tried; with probability epsilon the rule's, or any.

    Args:
        cell: [worlds].
        values: [cells, actions].
        tried: [cells, actions] how often.
        masks: [worlds or 1, actions] what is possible.
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
    cell: NDArray[np.int64],
    actions: NDArray[np.int64],
    rewards: Floats,
    ended: NDArray[np.bool_],
    after: NDArray[np.int64],
    values: Floats,
    tried: NDArray[np.int64],
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
