"""The compiled twin of a customer's lifetime: the visits of `LifetimeWorld`, for thousands of customers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from bizgyms.keys import KeyStream
from bizgyms.recommend.lifetime import columns as at
from bizgyms.recommend.lifetime import observe, visit
from bizgyms.recommend.lifetime.state import room, shop_of
from bizgyms.recommend.lifetime.view import FIGURE_OF, NOTHING, LifetimeView, Objective, check_objective
from bizgyms.twin import Twin
from envs_data.arrays import Array, Flags, Ints, Places
from envs_data.recommend.lifetime import LifetimeLuck, LifetimeParameters


class LifetimeTwin(Twin[LifetimeParameters, LifetimeLuck]):
    """`RecommendLifetime` as a vector environment. See there for what is decided, seen and paid.

    Args:
        num_envs: number of worlds.
        objective: what rewards are: ``margin``, ``clicks``, ``time`` or ``purchases``.
        **kwargs: as `Twin` takes them.
    """

    case_id: ClassVar = "bizgyms/RecommendLifetime-v0"
    stream_type: ClassVar = KeyStream
    view_type: ClassVar = LifetimeView
    view: LifetimeView

    def __init__(self, num_envs: int = 1, *, objective: Objective = "margin", **kwargs: Any) -> None:
        check_objective(objective, kwargs.get("weights"))
        super().__init__(num_envs, **kwargs)
        self.aim_at(objective)

    def _sibling(self, num_envs: int) -> LifetimeTwin:
        twin = super()._sibling(num_envs)
        twin.aim_at(self.objective)
        return twin

    def aim_at(self, objective: Objective) -> None:
        """Pays the objective from the next step on."""
        self.objective = objective
        figure = FIGURE_OF.get(objective)
        self._shop.whole[at.GOAL] = 0 if figure is None else at.VISITS + self.view.figures.index(figure)

    def _fresh_results(self, make: Callable[..., Array]) -> None:
        super()._fresh_results(make)
        self._elapsed = np.zeros(self.num_envs)

    def _entries(self) -> dict[str, Array]:
        return super()._entries() | {"elapsed": self._elapsed}

    def _allocate(self) -> None:
        p, view = self.parameters, self.view
        items = len(p.items)
        self._shop, self._state = shop_of(view, self._weights), room(p, self.num_envs)
        self._first_row = np.zeros(len(self.features), dtype=np.float32)
        self._first_row[2 * items : 3 * items] = [item.quality for item in p.items]
        self._first_row[3 * items : 4 * items] = self._shop.margin
        self._first_row[4 * items : 5 * items] = view.topic_of
        self._first_row[view.columns["last"] : view.columns["last"] + p.slate] = NOTHING

    def _begin(self, rows: Places) -> None:
        observe.begin(rows, self._luck.key, self._shop, self._state, self._first_row, self._observations)

    def _memory(self) -> tuple[Array, ...]:
        return tuple(part.T for part in self._state[:-1])

    def _taken(self) -> Ints:
        return self._state.counts[:, at.VISIT]

    def _advance(self, actions: Array, idle: Flags) -> bool:
        return visit.advance(actions, idle, self._luck, self._outcome, self._shop, self._state, self._elapsed)
