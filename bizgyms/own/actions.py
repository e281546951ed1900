"""What may be decided in a story: flat for whoever learns, whole for the process that asked."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from envs_data.arrays import Array, Flags, Floats
from envs_data.parameters import ParameterError, unknown_name


@dataclasses.dataclass(frozen=True)
class Choices:
    """One of a few words or numbers.

    Attributes:
        values: what the process gets.
        named: whether they are more than the numbers 0, 1, 2, ...
    """

    values: Sequence[Any]
    named: bool = True

    @property
    def low(self) -> Floats:
        """[1] the smallest number that stands for a choice."""
        return np.zeros(1)

    @property
    def high(self) -> Floats:
        """[1] the largest."""
        return np.array([len(self.values) - 1.0])

    @property
    def whole(self) -> Flags:
        """[1] whether it is a whole number: always."""
        return np.ones(1, np.bool_)

    def handed(self, numbers: Sequence[float]) -> Any:
        """What the process gets for a number."""
        return self.values[round(numbers[0])]

    def numbers(self, said: Any) -> list[float]:
        """[1] the number of a choice.

        Raises:
            ValueError: it is none of them.
        """
        if said not in self.values:
            known = ", ".join(map(repr, self.values))
            raise ValueError(f"{said!r} is none of {known}" if self.named else f"{said!r} is not among {known}")
        return [float(self.values.index(said))]


@dataclasses.dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers, each in a range of its own.

    Attributes:
        low: [numbers] the least of each.
        high: [numbers] the most of each.
        whole: [numbers] whether it is a whole number.
        shape: what the process gets is a list, nested like an array of this shape; one number for ``()``.
    """

    low: Floats
    high: Floats
    whole: Flags
    shape: tuple[int, ...]

    def handed(self, numbers: Sequence[float]) -> Any:
        """What the process gets."""
        parts = [round(x) if whole else float(x) for x, whole in zip(numbers, self.whole.tolist(), strict=True)]
        if len(self.shape) == 1:
            return parts
        return np.array(parts, dtype=object).reshape(self.shape).tolist() if self.shape else parts[0]

    def numbers(self, said: Any) -> list[float]:
        """[numbers] of what somebody says."""
        flat = np.asarray(said, dtype=np.float64).reshape(-1)
        if len(flat) != len(self.low):
            raise ValueError(f"{said!r} has {len(flat)} numbers; it must have {len(self.low)}")
        return [float(x) for x in flat]


Part = Choices | Numbers
NOBODY = "{0!r} asks, but nobody is named in actions; write actions={{{0!r}: ...}}, or decide() without a name"


@dataclasses.dataclass(frozen=True)
class Actions:
    """Decisions of one decider.

    Attributes:
        parts: name and kind of each part; one of the empty name where a decision has no parts.
        form: ``dict``, ``tuple``, or None where a decision has no parts.
    """

    parts: tuple[tuple[str, Part], ...]
    form: type | None = None

    @functools.cached_property
    def low(self) -> Floats:
        """[numbers] the least of each number of a decision."""
        return np.concatenate([part.low for _, part in self.parts])

    @functools.cached_property
    def high(self) -> Floats:
        """[numbers] the most of each."""
        return np.concatenate([part.high for _, part in self.parts])

    @functools.cached_property
    def whole(self) -> bool:
        """Whether all are whole numbers; where some are not, the others are rounded."""
        return bool(np.concatenate([part.whole for _, part in self.parts]).all())

    @functools.cached_property
    def space(self) -> spaces.Space[Any]:
        """The space that an agent sees: one choice, whole numbers from 0, or numbers within bounds."""
        low, high = self.low, self.high
        if self.form is None and isinstance(self.parts[0][1], Choices):
            return spaces.Discrete(int(high[0]) + 1)
        if not self.whole:
            return spaces.Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)
        counts = (high - low).astype(np.int64) + 1
        yes_or_no = (counts == 2).all() and not low.any()
        return spaces.MultiBinary(len(counts)) if yes_or_no else spaces.MultiDiscrete(counts)

    def handed(self, numbers: Sequence[float]) -> Any:
        """What the process gets for the numbers of a decision."""
        if self.form is None:
            return self.parts[0][1].handed(numbers)
        parts: dict[str, Any] = {}
        for name, part in self.parts:
            count = len(part.low)
            parts[name], numbers = part.handed(numbers[:count]), numbers[count:]
        return parts if self.form is dict else tuple(parts.values())

    def numbers(self, said: Any) -> list[float]:
        """The numbers of a decision as the process would get it.

        Raises:
            ValueError: it has other parts, or is none of the choices.
        """
        if self.form is None:
            return self.parts[0][1].numbers(said)
        names = [name for name, _ in self.parts]
        given = dict(said) if self.form is dict else dict(zip(names, said, strict=True))
        if set(given) != set(names):
            raise ValueError(f"{said!r} must have {', '.join(names)} and nothing else")
        return [number for name, part in self.parts for number in part.numbers(given[name])]

    def from_zero(self, numbers: Floats) -> Any:
        """The agent's action of the numbers of a decision: whole ones are counted from 0."""
        space = self.space
        if isinstance(space, spaces.Discrete):
            return int(numbers[0])
        # What comes after a dot shall be refused, not cut off.
        return numbers - self.low if self.whole else numbers.astype(space.dtype)


def actions_of(id: str, given: Any) -> Actions:
    """Reads what a user says may be decided.

    Args:
        id: the case, for messages.
        given: a number of choices, a list of words or numbers to choose from, or a space of Gymnasium.

    Raises:
        ParameterError: nothing that can be decided, or without bounds.
    """
    try:
        if isinstance(given, spaces.Dict):
            return Actions(tuple((name, _part(name, space)) for name, space in given.spaces.items()), dict)
        if isinstance(given, spaces.Tuple):
            return Actions(tuple((str(k), _part(str(k), space)) for k, space in enumerate(given.spaces)), tuple)
        return Actions((("", _part("actions", given)),))
    except ValueError as error:
        raise ParameterError(id, [str(error)]) from None


def _part(name: str, given: Any) -> Part:
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool) and given > 1:
        return Choices(range(int(given)), named=False)
    if isinstance(given, spaces.Discrete):
        return Choices(range(int(given.start), int(given.start + given.n)), named=False)
    if isinstance(given, (list, tuple, range)) and len(given) > 1:
        return Choices(tuple(given))
    if isinstance(given, spaces.MultiDiscrete):
        low = np.asarray(given.start, np.float64).ravel()
        return Numbers(low, low + given.nvec.ravel() - 1, np.ones(given.nvec.size, np.bool_), given.nvec.shape)
    if isinstance(given, spaces.MultiBinary):
        count = int(np.prod(given.shape))
        return Numbers(np.zeros(count), np.ones(count), np.ones(count, np.bool_), given.shape)
    if isinstance(given, spaces.Box) and given.is_bounded():
        whole = np.full(int(np.prod(given.shape)), given.dtype.kind in "iu")
        return Numbers(_exact(given.low), _exact(given.high), whole, given.shape)
    if isinstance(given, spaces.Box):
        raise ValueError(f"{name} is {given}; say the least and the most: spaces.Box(0.0, 30.0, {given.shape})")
    raise ValueError(
        f"{name} is {given!r}; it must be a number of choices from 2 on, a list of words to choose from, or a "
        "Discrete, MultiDiscrete, MultiBinary or bounded Box of gymnasium.spaces, alone or in a Dict or Tuple"
    )


def _exact(bounds: Array) -> Floats:
    return bounds.astype(np.float64).ravel()


@dataclasses.dataclass(frozen=True, eq=False)
class Deciders:
    """Everybody who asks, each with decisions of their own.

    Attributes:
        actions: decisions by the name with which a process asks; one of the empty name where nobody is named.
    """

    actions: Mapping[str, Actions]

    @property
    def names(self) -> tuple[str, ...]:
        """Who asks; nobody where they are not told apart."""
        return tuple(name for name in self.actions if name)

    @functools.cached_property
    def alike(self) -> bool:
        """Whether an agent's action is one choice for each of them, so that it can stand for all."""
        return all(isinstance(own.space, spaces.Discrete) for own in self.actions.values())

    @functools.cached_property
    def together(self) -> Actions:
        """Everybody's parts as one decision; of a single decider, the decision itself."""
        if len(self.actions) == 1:
            return next(iter(self.actions.values()))
        parts = [(f"{who} {name}", part) for who, own in self.actions.items() for name, part in own.parts]
        return Actions(tuple(parts), dict)

    @functools.cached_property
    def space(self) -> spaces.Space[Any]:
        """The space that an agent sees: as many choices as the one with most has, else everybody's parts together."""
        if self.alike:
            return spaces.Discrete(max(int(own.high[0]) + 1 for own in self.actions.values()))
        return self.together.space

    def handed(self, asker: str, action: Any) -> Any:
        """What the process of an asker gets for an agent's action.

        Raises:
            ValueError: nobody of that name may ask.
        """
        own = self.of(asker)
        if self.alike:
            return own.handed((action,))
        numbers = np.asarray(action, np.float64) + self.together.low if self.together.whole else np.asarray(action)
        return own.handed(numbers[self._columns[asker]].tolist())

    def action(self, asker: str, said: Any) -> Any:
        """An agent's action that hands an asker what is said; the others' parts of it are the least possible.

        Raises:
            ValueError: it is not possible.
        """
        numbers = np.array(self.of(asker).numbers(said))
        if self.alike:
            return int(numbers[0])
        everybody = self.together.low.copy()
        everybody[self._columns[asker]] = numbers
        return self.together.from_zero(everybody)

    @functools.cached_property
    def _columns(self) -> Mapping[str, slice]:
        ends = np.cumsum([len(own.low) for own in self.actions.values()]).tolist()
        return {
            name: slice(end - len(own.low), end) for (name, own), end in zip(self.actions.items(), ends, strict=True)
        }

    def of(self, asker: str) -> Actions:
        """The decisions of an asker.

        Raises:
            ValueError: nobody of that name may ask.
        """
        if asker not in self.actions:
            raise ValueError(unknown_name("asker", asker, self.names) if self.names else NOBODY.format(asker))
        return self.actions[asker]

    def possible(self, asker: str) -> Flags:
        """[choices] which an asker has, where one choice stands for all; not to be changed."""
        return self._possible[asker]

    @functools.cached_property
    def _possible(self) -> Mapping[str, Flags]:
        assert isinstance(self.space, spaces.Discrete)
        return {who: np.arange(self.space.n) <= own.high[0] for who, own in self.actions.items()}
