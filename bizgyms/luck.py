"""Which luck a world of a twin meets in which episode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from bizgyms.case import Case
from envs_data.arrays import Array, Ints, Places

BLOCK = 256
Where = Places | slice


class Seeds(NamedTuple):
    """The luck of a case without ``draw``, whose worlds draw as they go.

    Attributes:
        seed: [worlds] the seed of each world's own random generator.
    """

    seed: Ints


def draw_of(case: Case) -> Callable[..., Any]:
    """The case's ``draw``; where it has none, one of `Seeds`."""
    return case.draw if case.has("draw") else _seeds


def _seeds(parameters: object, rng: np.random.Generator, worlds: int) -> Seeds:
    return Seeds(rng.integers(2**31, size=worlds))


class LuckStream:
    """Hands every world its luck, episode after episode.

    Luck is drawn for blocks of 256 neighbouring worlds, each block and episode from its own
    ``SeedSequence(seed, block, episode)``: quick to draw, and what a world meets depends on the seed, its number and
    its episode alone, so that one world's early end does not change another's luck.

    Args:
        draw: ``draw(rng, worlds) -> luck``, a named tuple of arrays with leading axis worlds.
        num_envs: number of worlds.
        seed: the seed.
    """

    def __init__(self, draw: Callable[[np.random.Generator, int], Any], num_envs: int, seed: int) -> None:
        self._draw = draw
        self._num_envs = num_envs
        # Seed, block and episode as the 32-bit words that SeedSequence would make of them, far quicker.
        words = [seed >> bits & 0xFFFFFFFF for bits in range(0, max(1, seed.bit_length()), 32)]
        self._entropy = np.array([*words, 0, 0], dtype=np.uint32)
        self._next_episode = np.zeros(num_envs, dtype=np.int64)
        self._drawn: dict[tuple[int, int], tuple[Any, int]] = {}

    def fill(self, luck: Any, rows: Places) -> Any:
        """Writes the next episode's luck of some worlds.

        Args:
            luck: the luck to write into, or None to have one made.
            rows: the worlds, rising.

        Returns:
            The luck of all worlds.
        """
        for block, episode, count, into, out_of in self._portions(rows):
            fresh = self._take(block, episode, count)
            if luck is None:
                luck = room_for(fresh, self._num_envs)
            for kept, new in zip(luck, fresh, strict=True):
                kept[into] = new[out_of]
        self._next_episode[span(rows)] += 1
        return luck

    def keep_ahead(self, luck: Any, taken: Callable[[], Ints]) -> None:
        """Draws what the next step needs, where luck is drawn as it is needed.

        Args:
            luck: the luck to write into.
            taken: gives the decisions taken so far in each world's episode.
        """

    def complete(self, luck: Any, rows: Places) -> None:
        """Draws what is still to come in the episodes of some worlds, where luck is drawn as it is needed."""

    def leave(self, rows: Places) -> None:
        """Writes no more into some worlds, whose luck comes from elsewhere, until they are filled again."""

    def _portions(self, rows: Places) -> Iterator[tuple[int, int, int, Where, Where]]:
        """Block, episode, how many worlds are about to begin it, which they are, and where in the block."""
        where = span(rows)
        episodes = self._next_episode[where]
        if isinstance(where, slice) and (episodes == episodes[0]).all():  # neighbours, and all together, as mostly
            for block in range(where.start // BLOCK, (where.stop - 1) // BLOCK + 1):
                first = block * BLOCK
                low, high = max(where.start, first), min(where.stop, first + BLOCK)
                yield block, int(episodes[0]), high - low, slice(low, high), slice(low - first, high - first)
            return
        for block, low, high in _by_block(rows):
            own = episodes[low:high]
            for episode in np.unique(own):
                chosen = rows[low:high][own == episode]
                yield block, int(episode), len(chosen), span(chosen), span(chosen - block * BLOCK)

    def _take(self, block: int, episode: int, count: int) -> Any:
        """The luck of a block's episode; forgotten once all its worlds have taken theirs."""
        key = (block, episode)
        if key not in self._drawn:
            self._entropy[-2:] = block, episode
            rng = np.random.default_rng(np.random.SeedSequence(self._entropy))
            takers = min(BLOCK, self._num_envs - block * BLOCK)
            self._drawn[key] = (self._draw(rng, BLOCK), takers)
        fresh, waiting = self._drawn.pop(key)
        if waiting > count:
            self._drawn[key] = (fresh, waiting - count)
        return fresh


def room_for(example: Any, worlds: int) -> Any:
    """Luck to be filled, in the memory order of the case's own: a kernel is compiled for one order only."""
    orders: list[Literal["C", "F"]] = ["F" if a.flags.f_contiguous else "C" for a in example]
    arrays = (np.empty((worlds, *a.shape[1:]), a.dtype, order) for a, order in zip(example, orders, strict=True))
    return type(example)(*arrays)


def _growing(luck: Any) -> Mapping[str, Any]:
    """What a luck without as many columns has in them, by the name of each field that gets more with every redraw."""
    growing: Mapping[str, Any] = luck.growing() if hasattr(luck, "growing") else {}
    return growing


def equally_wide(*lucks: Any) -> list[Any]:
    """Luck of one case, each with as many columns as that with most of them."""
    widest = {name: max(getattr(luck, name).shape[1] for luck in lucks) for name in _growing(lucks[0])}
    return [luck._replace(**{name: _padded(luck, name, columns) for name, columns in widest.items()}) for luck in lucks]


def _padded(luck: Any, name: str, columns: int) -> Array:
    array: Array = getattr(luck, name)
    return np.pad(array, [(0, 0), (0, columns - array.shape[1])], constant_values=luck.growing()[name])


def _by_block(rows: Places) -> list[tuple[int, int, int]]:
    """Each block that has any of the worlds, and where they begin and end; they rise, so that no sorting is needed."""
    if not len(rows):
        return []
    blocks = range(int(rows[0]) // BLOCK, int(rows[-1]) // BLOCK + 1)
    ends = np.searchsorted(rows, [block * BLOCK for block in (*blocks, blocks.stop)]).tolist()
    return [(block, low, high) for block, low, high in zip(blocks, ends, ends[1:], strict=False) if low < high]


def span(rows: Places) -> Where:
    """Neighbouring rows as a slice, which NumPy copies many times faster."""
    if not len(rows):
        return rows
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first == len(rows) - 1 else rows


def checked(luck: Any, example: Any, worlds: int) -> Any:
    """Copies injected luck, after checking that it has the form of the case's own; see `conforming`."""
    return type(example)(*(array.copy(order="K") for array in conforming(luck, example, worlds)))


def conforming(luck: Any, example: Any, worlds: int) -> Any:
    """Injected luck in the case's own types, not copied where it has them already.

    Args:
        luck: what the user gave.
        example: luck of the same parameters.
        worlds: how many rows it must have.

    Raises:
        ValueError: another type, field or shape.
    """
    if type(luck) is not type(example):
        raise ValueError(
            f"luck is a {type(luck).__name__}; this case needs a {type(example).__name__}, as draw() gives it"
        )
    arrays = []
    for name, given, wanted in zip(example._fields, luck, example, strict=True):
        array, shape = np.asarray(given), (worlds, *wanted.shape[1:])
        if name in _growing(example) and array.ndim == len(shape):
            shape = (worlds, array.shape[1])
            array = np.broadcast_to(array, shape) if not array.size else array
        if array.shape != shape:
            raise ValueError(f"luck.{name} has shape {array.shape}; it must be {shape}: one row a world")
        arrays.append(array.astype(wanted.dtype, copy=False))
    return type(example)(*arrays)
