"""The same shop decided by scores: a policy weighs what is known of items, and the highest scores are shown.

An action is a weight from -1 to 1 for popularity, rating, margin and each topic; an item's score is the sum of its
columns (standardised over the catalogue) times the weights. So few numbers are quickly learned, whatever the catalogue.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bizgyms.recommend.lifetime.twin import LifetimeTwin
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Ints, Rows
from envs_data.recommend.lifetime import LifetimeParameters


class ScoreView(LifetimeView):
    """`LifetimeView` with weights for actions.

    Attributes:
        known: [items, 3 + topics] what is weighed of each item.
    """

    def __init__(self, parameters: LifetimeParameters) -> None:
        super().__init__(parameters)
        p = parameters
        popular = np.log(self.popularity)
        columns = np.array([popular, [item.quality for item in p.items], [item.margin for item in p.items]]).T
        spread = columns.std(axis=0)
        standard = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        self.known = np.hstack([standard, np.eye(p.topics)[self.topic_of]])

    def _action_space(self) -> spaces.Box:  # type: ignore[override]  # weights instead of items
        return spaces.Box(-1.0, 1.0, (3 + self.parameters.topics,), dtype=np.float32)

    def slates(self, weights: NDArray[np.floating[Any]], rows: Rows) -> Ints:
        """[worlds, slate] the items that [worlds, weights] put on top."""
        return self.top(np.asarray(weights, dtype=np.float64) @ self.known.T, rows)


class ScoreTwin(LifetimeTwin):
    """`RecommendLifetime` as a vector environment that is played by weights; otherwise as `LifetimeTwin`.

    Whole numbers are taken for slates, so that a rule can show a learner how it is done.
    """

    view_type: ClassVar = ScoreView
    view: ScoreView

    def _checked(self, actions: Any) -> Ints:
        given = np.asarray(actions)
        items = len(self.parameters.items)
        if (
            given.shape == self._decisions.shape
            and given.dtype.kind in "iu"
            and 0 <= given.min() <= given.max() < items
        ):
            return given
        return self.view.slates(super()._checked(actions), self._observations)
