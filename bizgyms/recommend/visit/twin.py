"""The compiled twin of one customer: the same visits as `VisitWorld`, for thousands of customers at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bizgyms.compiled import jit
from bizgyms.recommend.visit.view import VisitView, margin_of
from bizgyms.twin import Twin
from envs_data.recommend.visit import VisitLuck, VisitParameters
from envs_data.recommend.words import RANGE, Words, words

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
HALF = 32

_words = jit(words)


class VisitTwin(Twin[VisitParameters, VisitLuck]):
    """`RecommendVisit` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RecommendVisit-v0"
    view_type: ClassVar = VisitView
    view: VisitView

    def _allocate(self) -> None:
        p = self.parameters
        self._clicks, self._moving, self._leaving = p.clicks(), p.moving(), p.leaving()
        self._worths = np.array(p.worths())
        self._visits = np.zeros(self.num_envs, dtype=np.uint64)
        # Satisfaction, kind shown last from 1 on, and repeats.
        self._state = np.zeros((3, self.num_envs), dtype=np.int64)

    def _begin(self, rows: NDArray[np.intp]) -> None:
        self._visits[rows] = 0
        self._state[:, rows] = 0
        self._state[0, rows] = self.parameters.start
        self._observations[rows] = (self.parameters.start, 0.0, 0.0)

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        return _advance(
            actions,
            idle,
            _words(self._luck.key, self._visits),
            self._clicks,
            self._worths,
            self._moving,
            self._leaving,
            self._weights[0],
            self._visits,
            self._state,
            self._observations,
            self._rewards,
            self._terms,
            self._figures,
            self._decisions,
            self._terminated,
        )


@jit
def _advance(
    actions: Ints,
    idle: NDArray[np.bool_],
    fate: Words,
    clicks: Floats,
    worths: Floats,
    moving: Ints,
    leaving: Ints,
    weight: float,
    visits: Words,
    state: Ints,
    observations: NDArray[np.float32],
    rewards: Floats,
    terms: Floats,
    figures: Floats,
    decisions: Ints,
    terminated: NDArray[np.bool_],
) -> bool:
    """One visit of every customer who is not idle; returns whether any left."""
    top, boredom = clicks.shape[1] - 1, clicks.shape[2] - 1
    ended = False
    for world in range(len(idle)):
        if idle[world]:
            continue
        kind, satisfaction = np.int64(actions[world]), state[0, world]
        repeats = min(state[2, world] + 1, boredom) if state[1, world] == kind + 1 else 0
        clicked = clicks[kind, satisfaction, repeats]
        margin = margin_of(clicked, worths[kind])
        mood, patience = np.int64(fate[world] >> np.uint64(HALF)), np.int64(fate[world] & np.uint64(RANGE - 1))
        churned, left = patience < leaving[satisfaction, 0], patience < leaving[satisfaction, 1]
        if not left:
            rose = mood < moving[kind, repeats, 0]
            fell = (not rose) & (mood < moving[kind, repeats, 1])
            satisfaction = min(max(satisfaction + np.int64(rose) - np.int64(fell), 0), top)
        rewards[world] = 0.0 + weight * margin
        terms[0, world] = margin
        figures[0, world], figures[1, world], figures[2, world] = 1, clicked, churned
        decisions[world] = kind
        visits[world] += np.uint64(1)
        state[0, world], state[1, world], state[2, world] = satisfaction, kind + 1, repeats
        observations[world, 0], observations[world, 1], observations[world, 2] = satisfaction, kind + 1, repeats
        terminated[world] = left
        ended |= left
    return ended
