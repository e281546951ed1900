"""What is decided, seen and paid in a SimPy world, read from what the world says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from bizgyms.moments import Resumable
from bizgyms.view import Feature, View
from envs_data.arrays import Rows
from envs_data.parameters import Parameters, unknown_name
from envs_data.world import World, WorldError

P = TypeVar("P", bound=Parameters)
W = TypeVar("W", bound=World)


class WorldReader(Resumable, Generic[P, W]):
    """Reads one SimPy world. What a case does not say here is taken from ``decide(...)`` and ``count(...)``."""

    world_type: ClassVar[Callable[..., Any]]
    parameters: P
    view: View[P]
    features: tuple[Feature, ...]

    def _world(self, luck: Any, record: bool) -> W:
        """Opens a world for one episode; ``luck`` is the random generator where the case has no ``draw``."""
        world: W = type(self).world_type(self.parameters, luck, record=record)
        return world

    def _decision(self, action: Any) -> Any:
        """Projects an action onto what is possible now, in the world's own terms."""
        return action.tolist() if isinstance(action, (np.ndarray, np.generic)) else action

    def _observe(self, world: W) -> list[float]:
        """One entry a feature, in natural units."""
        return [self._seen_as(feature, world) for feature in self.features]

    def _terms(self, world: W) -> tuple[float, ...]:
        """The parts of the last step's reward."""
        return tuple(world.counted(term) for term in self.view.terms)

    def _figures(self, world: W) -> tuple[float, ...]:
        """The business figures of the last step."""
        return tuple(world.counted(figure) for figure in self.view.figures)

    def _seen_as(self, feature: Feature, world: W) -> float:
        if feature.name == "asker":
            return float(feature.labels.index(world.asker))
        try:
            return float(world.seen[feature.name])
        except KeyError:
            raise WorldError(
                f"{world.moment}: the view has a feature {feature.name!r}, "
                f"but the world said only {', '.join(world.seen) or 'nothing'}; write self.decide({feature.name}=...)"
            ) from None
        except (TypeError, ValueError):
            said = f"{feature.name} is {world.seen[feature.name]!r}; it must be one number"
            raise WorldError(f"{world.moment}: {said}") from None

    def _observed(self, world: W) -> Rows:
        """The observation, after checking its length and that it is finite."""
        row = self._observe(world)
        if len(row) != len(self.features) or not math.isfinite(sum(row)):
            names = ", ".join(feature.name for feature in self.features)
            seen = f"{len(row)} numbers {row}; it must be {len(self.features)} finite ones"
            raise WorldError(f"{world.moment}: the observation is {seen}: {names}")
        return np.array(row, np.float32)

    def _check_counts(self, world: W) -> None:
        """Rejects a count that nothing reads, unless the case reads its world in its own way."""
        own, read = type(self), {*self.view.terms, *self.view.figures}
        unread = next((name for name in world.counts if name not in read), None)
        if unread is not None and own._terms is WorldReader._terms and own._figures is WorldReader._figures:
            raise WorldError(f"{world.moment}: {unknown_name('count', unread, sorted(read))}")
