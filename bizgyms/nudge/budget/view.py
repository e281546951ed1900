"""What is decided, seen and paid when many people share a few messages a day."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.arrays import Flags, Ints, Rows
from envs_data.nudge.budget import BudgetParameters, chain_of

NAMES = {"memory": (("reviews", "good reviews in a row"), ("since", "steps since the last review"))}
USUAL = (("engaged", "1 engaged, 0 lapsed"), ("load", "how much messages weigh on the person"))


@jit
def reward_terms(engaged: float, sent: float, worth: float, cost: float) -> tuple[float, float]:
    """The parts of a step's reward, in the order of `BudgetView.terms`."""
    return worth * engaged, -cost * sent


@jit
def project(asked: NDArray[np.int8], reached: Flags, left: int, first: int, sent: NDArray[np.int8]) -> tuple[int, int]:
    """Writes into ``sent`` who is actually messaged.

    People who cannot be reached are passed over. The others are served in the order of their numbers, from ``first`` on
    and around, as long as any messages are left.

    Args:
        asked: [people] 1 where a message is wanted.
        reached: [people] who can be messaged.
        left: messages left today.
        first: number of the person served first.
        sent: [people] is overwritten with 1 where a message goes out.

    Returns:
        Messages wanted, and messages sent.
    """
    people = len(asked)
    wanted, count = 0, 0
    for person in range(people):
        sent[person] = 0
        wanted += asked[person]
    if wanted == 0:
        return 0, 0
    for k in range(people):
        person = first + k
        if person >= people:
            person -= people
        if asked[person] == 1 and reached[person] and count < left:
            sent[person] = 1
            count += 1
    return wanted, count


class BudgetView(View[BudgetParameters]):
    """Spaces, features and names of `NudgeBudget`.

    An observation holds everybody's mood, then everybody's load, then who can be messaged now, then (with several
    types) everybody's type, then what is the same for all.

    Attributes:
        people: number of people.
        type_of: [people] number of each person's type.
        shared: names of the features that are the same for all.
    """

    clock: ClassVar = "steps_left"
    terms: ClassVar = ("engaged", "messages")
    figures: ClassVar = ("engaged", "asked", "sent")
    ratios: ClassVar = {"messages sent of those asked for": ("sent", "asked")}
    masked = True
    decision_dtype = np.int8

    def __init__(self, parameters: BudgetParameters) -> None:
        p = parameters
        self.people = p.people
        self.type_of = p.type_of()
        self.blocks = 4 if len(p.types) > 1 else 3
        several = p.decisions_a_day > 1
        self.shared = ("step_of_day", "messages_left", "steps_left") if several else ("steps_left",)
        chain = chain_of(p, p.types[0])
        self.moods, self.loads = chain.moods, chain.loads
        super().__init__(parameters)
        self.steps_per_year = 365.0 / p.step_days

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        (mood, mood_means), (load, load_means) = NAMES.get(p.mechanism, USUAL)
        names = tuple(kind.name for kind in p.types)
        blocks = [
            (mood, "level", mood_means, float(self.moods - 1)),
            (load, "levels", load_means, float(self.loads - 1)),
            ("reached", "yes or no", "1 where a message may be sent now", 1.0),
            ("type", "type", ", ".join(names), len(names) - 1.0),
        ]
        features = [
            Feature(f"{name}_{person}", unit, meaning, 0.0, max(high, 1.0), high / 2, max(high, 1.0) / 2)
            for name, unit, meaning, high in blocks[: self.blocks]
            for person in range(self.people)
        ]
        return (*features, *self._shared_features())

    def _shared_features(self) -> list[Feature]:
        p = self.parameters
        cap = float(max(p.cap, 1))
        known = {
            "step_of_day": Feature.count("step_of_day", "step", "step of the day, 0 first", p.decisions_a_day),
            "messages_left": Feature("messages_left", "messages", "that may still go out today", 0, cap, 0.0, cap),
            "steps_left": Feature.count("steps_left", "steps", "steps left, this one included", p.steps),
        }
        return [known[name] for name in self.shared]

    def _action_space(self) -> spaces.MultiBinary:
        return spaces.MultiBinary(self.people)

    def _block(self, observations: Rows, block: int) -> Rows:
        return observations[:, block * self.people : (block + 1) * self.people]

    def states(self, observations: Rows) -> Ints:
        """[worlds, people] everybody's state, a number of their type's chain."""
        state = self._block(observations, 0) * self.loads + self._block(observations, 1)
        return np.asarray(np.rint(state).astype(np.int64))

    def reached(self, observations: Rows) -> Flags:
        """[worlds, people] who can be messaged now."""
        return np.asarray(self._block(observations, 2) > 0.5)

    def step(self, observations: Rows) -> Ints:
        """[worlds] steps since the episode began."""
        return np.asarray(self.parameters.steps - np.rint(observations[:, -1]).astype(np.int64))

    def left(self, observations: Rows) -> Ints:
        """[worlds] messages left today."""
        if len(self.shared) == 1:
            return np.full(len(observations), self.parameters.cap)
        return np.asarray(np.rint(observations[:, -2]).astype(np.int64))

    def persons(self, observations: Rows) -> Rows:
        """[worlds, people, features] each person as seen by one policy for any number of people.

        The features are the person's mood, load, whether they can be messaged and their type, each from 0 to 1; then,
        the same for all, the means of mood and load, messages left a person, and the share of the episode left.
        """
        high = np.array([f.high for f in self.features], dtype=np.float32)
        scaled = (observations / high)[:, : self.blocks * self.people].reshape(-1, self.blocks, self.people)
        if self.blocks == 3:
            scaled = np.concatenate([scaled, np.zeros_like(scaled[:, :1])], axis=1)
        everybody = np.stack(
            [
                scaled[:, 0].mean(axis=1),
                scaled[:, 1].mean(axis=1),
                np.minimum(self.left(observations) / self.people, 1.0),
                observations[:, -1] / self.parameters.steps,
            ],
            axis=1,
        )
        alike = np.broadcast_to(everybody[:, None, :], (len(observations), self.people, everybody.shape[1]))
        return np.concatenate([scaled.transpose(0, 2, 1), alike], axis=2).astype(np.float32)

    def choose(self, scores: NDArray[np.floating[Any]], observations: Rows) -> NDArray[np.int8]:
        """[worlds, people] messages to the largest scores above 0 of people who can be reached, within the cap.

        Args:
            scores: [worlds, people] the larger, the sooner; equal ones in the order in which `project` goes around.
            observations: [worlds, features] in natural units.
        """
        usable = np.where(self.reached(observations) & (scores > 0), scores, -np.inf)
        first = self.step(observations)[:, None] * self.parameters.cap
        around = (np.arange(self.people)[None, :] - first) % self.people
        order = np.lexsort((around, -usable), axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(self.people)[None, :], axis=1)
        return ((rank < self.left(observations)[:, None]) & np.isfinite(usable)).astype(np.int8)

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, 2 people] for each person, no message (always possible) and message."""
        masks = np.ones((len(observations), self.people, 2), dtype=np.bool_)
        masks[:, :, 1] = self.reached(observations) & (self.left(observations) > 0)[:, None]
        return masks.reshape(len(observations), -1)
