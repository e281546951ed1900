"""The compiled twin of many people who share a few messages: the same steps as `BudgetWorld`, many worlds at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.nudge.budget.view import BudgetView, project, reward_terms
from bizgyms.twin import Outcome, Twin
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.nudge.budget import BudgetLuck, BudgetParameters, chain_of
from envs_data.nudge.budget.luck import thresholds


class BudgetTwin(Twin[BudgetParameters, BudgetLuck]):
    """`NudgeBudget` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/NudgeBudget-v0"
    view_type: ClassVar = BudgetView
    view: BudgetView

    def _allocate(self) -> None:
        p, view = self.parameters, self.view
        chains = [chain_of(p, kind) for kind in p.types]
        states = view.moods * view.loads
        # All types' states one after the other, so that a person's state also says their type.
        offsets = states * np.arange(len(chains))
        together = zip(chains, offsets, strict=True)
        after = np.concatenate([chain.after + offset for chain, offset in together]).astype(np.int32)
        limits = np.concatenate([thresholds(chain.chance) for chain in chains])
        moods, loads = np.divmod(np.arange(states * len(chains)) % states, view.loads)
        # Mood, load and engagement of every state.
        engaged = np.concatenate([chain.engaged for chain in chains])
        self._sights = np.stack([moods, loads, engaged], axis=1).astype(np.float64)
        self._start = (offsets + [chain.start for chain in chains])[view.type_of].astype(np.int32)
        self._laws = np.array([p.steps, p.decisions_a_day, p.cap])
        money = np.array([p.worth, p.cost, *self._weights])
        self._state = np.zeros((self.num_envs, p.people), dtype=np.int32)
        self._clock = np.zeros((2, self.num_envs), dtype=np.int64)
        self._played = (self._laws, after, limits, self._sights, money, self._state, self._clock)

    def _checked(self, actions: Any) -> NDArray[np.int8]:
        """As `Twin._checked`, but takes 0 and 1 as floats too, as Gymnasium's MultiBinary does and torch gives them."""
        given = np.asarray(actions)
        if given.dtype.kind == "f" and bool(((given == 0) | (given == 1)).all()):
            given = given.astype(np.int8)
        return super()._checked(given).astype(np.int8, copy=False)

    def _begin(self, rows: Places) -> None:
        self._state[rows] = self._start
        self._clock[:, rows] = 0
        people = self.view.people
        if self.view.blocks > 3:
            self._observations[rows, 3 * people : 4 * people] = self.view.type_of
        luck: BudgetLuck = self._luck
        _begin(rows, luck.reached, self._laws, self._sights, self._state, self._clock, self._observations)

    def _memory(self) -> tuple[Array, ...]:
        return self._state.T, self._clock

    def _taken(self) -> Ints:
        return np.asarray(self._clock[0])

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return _advance(actions, idle, self._drawn, self._outcome, *self._played)


@jit
def _shared(world: int, laws: Ints, clock: Ints, observations: Rows) -> None:
    """Writes the features that all people share."""
    last = observations.shape[1] - 1
    observations[world, last] = laws[0] - clock[0, world]
    if laws[1] > 1:
        observations[world, last - 2] = clock[0, world] % laws[1]
        observations[world, last - 1] = laws[2] - clock[1, world]


@jit
def _begin(
    rows: Places,
    reached: Flags,
    laws: Ints,
    seen: Floats,
    state: NDArray[np.int32],
    clock: Ints,
    observations: Rows,
) -> None:
    people = state.shape[1]
    for world in rows:
        for person in range(people):
            observations[world, person] = seen[state[world, person], 0]
            observations[world, people + person] = seen[state[world, person], 1]
            observations[world, 2 * people + person] = reached[world, 0, person]
        _shared(world, laws, clock, observations)


@jit
def _advance(
    actions: NDArray[np.int8],
    idle: Flags,
    luck: BudgetLuck,
    outcome: Outcome,
    laws: Ints,
    after: NDArray[np.int32],
    limits: Ints,
    seen: Floats,
    money: Floats,
    state: NDArray[np.int32],
    clock: Ints,
) -> bool:
    """One step of everybody in every world that is not idle; returns whether any episode ended."""
    observations, results, decisions, terminated = outcome
    fate, reached = luck
    steps, a_day, cap = laws[0], laws[1], laws[2]
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        step = clock[0, world]
        # The person served first changes with every step, so that nobody is always last in line.
        first = step * cap % state.shape[1]
        asked, sent = project(actions[world], reached[world, step], cap - clock[1, world], first, decisions[world])
        engaged = _live_on(world, step, fate, reached, after, limits, seen, decisions, state, observations)
        step += 1
        clock[0, world] = step
        # The cap is the day's: messages are counted from zero at each new day.
        clock[1, world] = 0 if step % a_day == 0 else clock[1, world] + sent
        _shared(world, laws, clock, observations)
        present, messages = reward_terms(engaged, sent, money[0], money[1])
        results[0, world] = 0.0 + money[2] * present + money[3] * messages
        results[1, world], results[2, world] = present, messages
        results[3, world], results[4, world], results[5, world] = engaged, asked, sent
        terminated[world] = step == steps
        ended |= terminated[world]
    return ended


@jit
def _live_on(
    world: int,
    step: int,
    fate: NDArray[np.uint32],
    reached: Flags,
    after: NDArray[np.int32],
    limits: Ints,
    seen: Floats,
    decisions: NDArray[np.int8],
    state: NDArray[np.int32],
    observations: Rows,
) -> float:
    """Everybody's step in one world, in the order of their numbers; returns how many are engaged."""
    people, engaged = state.shape[1], 0.0
    for person in range(people):
        before, message = state[world, person], decisions[world, person]
        word = np.int64(fate[world, step, person])
        limit = limits[before, message]
        # Thresholds rise, so the number passed is the outcome; integers compare alike on every machine.
        outcome = np.int64(word >= limit[0]) + np.int64(word >= limit[1]) + np.int64(word >= limit[2])
        now = after[before, message, outcome]
        state[world, person] = now
        # With memory this is a sum of fractions, which depends on its order: by number, as in the world.
        engaged += seen[now, 2]
        observations[world, person] = seen[now, 0]
        observations[world, people + person] = seen[now, 1]
        observations[world, 2 * people + person] = reached[world, step + 1, person]
    return engaged
