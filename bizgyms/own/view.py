"""What is seen, decided and paid in a story, as agents know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.env import BusinessEnv
from bizgyms.own.actions import Choices, Deciders
from bizgyms.own.world import StoryWorld
from bizgyms.view import Feature, View
from envs_data.arrays import Flags, Rows
from envs_data.parameters import Parameters
from envs_data.world import WorldError

Mask = Callable[[dict[str, Any]], Any]


class StoryView(View[Parameters]):
    """Observes what the story passes to ``decide``, and decides within the given action space.

    Attributes:
        told: the features.
        deciders: who decides what.
        mask: ``mask(seen)`` says which choices there are now: a true or false for each, or those that are possible.
        rests: episodes in a year, where they are told.
        currency: the unit of what is paid, where it is told.
    """

    told: ClassVar[tuple[Feature, ...]]
    deciders: ClassVar[Deciders]
    mask: ClassVar[Any]  # a function or None; typed as one it would be taken for a method
    rests: ClassVar[float]
    currency: ClassVar[str]
    on_events: ClassVar[bool] = True

    def __init__(self, parameters: Parameters) -> None:
        super().__init__(parameters)
        self.masked = self.mask is not None or (self.deciders.alike and len(self.deciders.actions) > 1)
        self.decision_dtype = np.float32 if isinstance(self.action_space, spaces.Box) else np.int64
        self.episodes_per_year = self.rests
        self.money = self.currency or self.money
        self.decides = _in_words(self.deciders)

    def _features(self) -> tuple[Feature, ...]:
        return self.told

    def _action_space(self) -> spaces.Space[Any]:
        return self.deciders.space

    def action_of(self, said: Any, seen: Mapping[str, float]) -> Any:
        """The action that stands for a decision in the words that the process gets."""
        return self.deciders.action(self._asker(seen), said)

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, actions] which are possible, flattened over the dimensions."""
        if not self.masked:
            return super().action_masks(observations)
        return np.stack([self._possible(row) for row in observations.tolist()])

    def _possible(self, row: list[float]) -> Flags:
        seen = {feature.name: value for feature, value in zip(self.features, row, strict=True)}
        asker = self._asker(seen)
        own: Flags = self.deciders.possible(asker) if self.deciders.alike else np.ones(self.action_count(), np.bool_)
        if self.mask is None:
            return own
        words = seen | {f.name: f.labels[int(seen[f.name])] for f in self.features if f.labels}
        said = list(self.mask(words))
        where = f"mask({words})"
        if len(said) == int(own.sum()) and all(isinstance(flag, (bool, np.bool_)) for flag in said):
            possible = own.copy()
            possible[own] = said
        else:
            possible = np.zeros_like(own)
            for choice in said:
                possible[int(self._choice(asker, choice, where))] = True
        if not possible.any():
            raise WorldError(f"{where} allows nothing; leave at least one choice")
        return possible

    def _choice(self, asker: str, choice: Any, where: str) -> int:
        if not self.deciders.alike:
            raise WorldError(f"{where} must give true or false for each of the {self.action_count()} values")
        try:
            return int(self.deciders.action(asker, choice))
        except ValueError as error:
            raise WorldError(f"{where} allows what is no choice: {error}") from None

    def _asker(self, seen: Mapping[str, float]) -> str:
        names = self.deciders.names
        return names[int(seen["asker"])] if len(names) > 1 else next(iter(self.deciders.actions))


def _in_words(deciders: Deciders) -> str:
    """What actions stand for, where they stand for words."""
    parts = [(who, part) for who, own in deciders.actions.items() for _, part in own.parts]
    choices = [(who, part) for who, part in parts if isinstance(part, Choices)]
    named = [(who, ", ".join(f"{k} {v}" for k, v in enumerate(part.values))) for who, part in choices if part.named]
    return "; ".join(f"{who}: {words}" if who else words for who, words in named)


class StoryEnv(BusinessEnv[Parameters, StoryWorld]):
    """A story as an environment; an impossible decision is taken as the nearest possible one."""

    sees: ClassVar[Mapping[str, frozenset[str]]]

    def _world(self, luck: Any, record: bool) -> StoryWorld:
        if self._draw is not None:
            luck = type(luck)(*(array[0] for array in luck))
        return super()._world(luck, record)

    def _decision(self, action: Any) -> Any:
        """The nearest possible action, as a number or a list of them."""
        if self.view.masked:
            action = nearest_possible(self.view.action_space, action, self.action_masks())
        return super()._decision(action)

    def _seen_as(self, feature: Feature, world: StoryWorld) -> float:
        if feature.name == "asker":
            return float(feature.labels.index(world.asker)) if world.asker else feature.low  # at the end nobody asks
        if feature.name not in world.seen and self.sees and feature.name not in self.sees.get(world.asker, ()):
            return feature.low  # another decider sees it
        value: Any = world.seen.get(feature.name)
        if feature.labels and value in feature.labels:
            return float(feature.labels.index(value))
        return super()._seen_as(feature, world)


def nearest_possible(space: spaces.Space[Any], action: Any, mask: Flags) -> Any:
    """An action with each impossible choice replaced by the nearest possible one; the lower of two."""
    if isinstance(space, spaces.Discrete):
        return _nearest(int(action), mask)
    ends = np.cumsum(space.nvec if isinstance(space, spaces.MultiDiscrete) else np.full(np.size(action), 2))
    parts = np.split(mask, ends[:-1])
    chosen = [_nearest(int(own), part) for own, part in zip(np.ravel(action), parts, strict=True)]
    return np.array(chosen, dtype=space.dtype)


def _nearest(choice: int, mask: Flags) -> int:
    possible = np.flatnonzero(mask)
    return int(possible[np.abs(possible - choice).argmin()])
