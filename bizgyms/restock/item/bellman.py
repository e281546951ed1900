"""Bellman's equation of one item: a day's values from the next day's, for lost sales and for backorders."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal

from envs_data.arrays import Flags, Floats, Ints
from envs_data.restock import hidden_level
from envs_data.restock.item import ItemParameters

Packs = NDArray[np.int8]


class _DayModel:
    """A day of an item: what the models with lost sales and with backorders share.

    Attributes:
        ceiling: largest inventory position that is kept.
        most: largest order, packs.
        position: each state's inventory position.
    """

    most: int
    position: Ints

    def __init__(self, p: ItemParameters, ceiling: int, level: int = 0) -> None:
        self.parameters = p
        self.ceiling = ceiling
        self._pmfs, self._law_of_day = p.laws(level)

    def start(self) -> tuple[int, ...]:
        """Index of the first morning's state."""
        raise NotImplementedError

    def cost(self, values: Floats) -> float:
        """Cost to go on the first morning."""
        return float(values[self.start()])

    def _ordered(self, after: Floats) -> tuple[Floats, Packs]:
        """The cost of the best order and the order, where only the position reached counts."""
        p, orders = self.parameters, np.arange(self.most + 1)
        reached = np.arange(len(after))[:, None] + p.pack * orders
        total = np.where(reached < len(after), after[np.minimum(reached, len(after) - 1)], np.inf)
        return _pick(total + p.order_cost * (orders > 0))

    def binds(self, packs: Packs) -> bool:
        """Whether some order is cut by the ceiling."""
        p = self.parameters
        reached = self.position + p.pack * packs.astype(np.int64)
        could_go_on = (packs > 0) & (packs < p.max_packs)
        return bool((could_go_on & (reached <= self.ceiling) & (reached > self.ceiling - p.pack)).any())


class LostSales(_DayModel):
    """Lost sales. Floats are [on hand, packs in 1, .., packs in L-1 days].

    Attributes:
        shape: shape of values.
        grid: each state's units on hand and packs arriving.
    """

    lowest = 0

    def __init__(self, p: ItemParameters, ceiling: int, level: int = 0) -> None:
        super().__init__(p, ceiling, level)
        self.most = min(p.max_packs, ceiling // p.pack)
        self.pipeline = max(p.lead_time - 1, 0)
        self.shape = (ceiling + 1, *(self.most + 1,) * self.pipeline)
        self._daily = functools.lru_cache(maxsize=16)(self._new_day)
        self.grid = tuple(np.meshgrid(*(np.arange(n) for n in self.shape), indexing="ij"))
        self.position = sum((p.pack * arriving for arriving in self.grid[1:]), start=self.grid[0])

    def work(self) -> float:
        """Multiplications a day, roughly."""
        return self.shape[0] ** 2 * (self.most + 1.0) ** max(self.parameters.lead_time, 1) / 3

    def _new_day(self, law: int) -> tuple[Floats, Floats]:
        """For one law of demand: [stock, stock left] probabilities, and the expected cost of each stock."""
        stock = np.arange(self.ceiling + 1)
        pmf = np.zeros(max(len(self._pmfs[law]), len(stock)))
        pmf[: len(self._pmfs[law])] = self._pmfs[law]
        moves = linalg.toeplitz(pmf[: len(stock)], np.zeros(len(stock)))
        moves[:, 0] = np.cumsum(pmf[::-1])[::-1][: len(stock)]
        left = moves @ stock
        short = left - stock + pmf @ np.arange(len(pmf))
        return moves, self.parameters.holding * left + self.parameters.shortage * short

    def backup(self, values: Floats, day: int, discount: float) -> tuple[Floats, Packs]:
        """One step of Bellman's equation on costs.

        Args:
            values: the next day's cost to go, by state.
            day: the day.
            discount: discount factor a day.

        Returns:
            The day's cost to go and the best packs to order, by state.
        """
        moves, cost = self._daily(int(self._law_of_day[day]))
        if self.parameters.lead_time == 0:
            return self._ordered(cost + discount * (moves @ values))
        # Tomorrow's stock is what is left plus what arrives; what arrives is a pipeline entry, or today's order (L=1).
        # States above the ceiling are never reached from those below; they only have to stay finite.
        after = np.zeros((*self.shape, self.most + 1))
        flat = values.reshape(self.shape[0], -1)
        for packs in range(self.most + 1):
            shift = packs * self.parameters.pack
            rows = self.ceiling + 1 - shift
            moved = moves[:rows, :rows] @ flat[shift:]
            after[:rows, packs] = moved.reshape(rows, *after.shape[2:])
        return self._choose(discount * after, cost)

    def _choose(self, after: Floats, cost: Floats) -> tuple[Floats, Packs]:
        p = self.parameters
        orders = np.arange(self.most + 1)
        total = after + p.order_cost * (orders > 0)
        too_much = self.position[..., None] + p.pack * orders > self.ceiling
        too_much[..., 0] = False
        total[too_much] = np.inf
        best, packs = _pick(total)
        return best + cost.reshape(-1, *(1,) * self.pipeline), packs

    def start(self) -> tuple[int, ...]:
        """Index of the first morning's state."""
        return (self.parameters.start_on_hand, *(0,) * self.pipeline)

    def sunk(self, discount: float) -> float:
        """Cost that no order can change: none, for every day's closing is part of the state's value."""
        return 0.0

    def valid(self) -> Flags:
        """States below the ceiling."""
        return self.position <= self.ceiling


class Backorders(_DayModel):
    """Backorders. Floats are [inventory position - lowest].

    An order of today meets the demand of today and the next L days: its cost is counted then, as an expectation
    given today's position.
    """

    def __init__(self, p: ItemParameters, ceiling: int, episode: bool, level: int = 0) -> None:
        super().__init__(p, ceiling, level)
        self.episode, self._level = episode, level
        self._by_level = [p.laws(level)[0] for level in range(len(p.levels()))]
        self._moves = hidden_level.moves(p.level_persistence) if p.level_spread else np.ones((1, 1))
        self._costs: dict[tuple[int, ...], Floats] = {}
        longest = max(len(pmf) for pmfs in self._by_level for pmf in pmfs)
        depth = 40 if p.order_cost else 10
        self.lowest = -min(depth * longest, p.days * longest)
        self.most = p.max_packs
        self.shape = (ceiling - self.lowest + 1,)
        self.position = np.arange(self.lowest, ceiling + 1)
        self.grid = (self.position,)

    def work(self) -> float:
        """Multiplications a day, roughly."""
        return float(self.shape[0] * (max(len(pmf) for pmf in self._pmfs) + self.most))

    def _laws_from(self, day: int, days: int) -> list[int]:
        """The laws of demand of some days; always the same one where the horizon is infinite."""
        if not self.episode:
            return [0] * days
        return [int(law) for law in self._law_of_day[day : day + days]]

    def _cost(self, laws: list[int], stock: Floats) -> Floats:
        """Expected cost of a closing after demand of these laws has met this stock."""
        total = self._total(laws)
        left = stock[:, None] - np.arange(len(total))[None, :]
        p = self.parameters
        return np.asarray((p.holding * np.maximum(left, 0) + p.shortage * np.maximum(-left, 0)) @ total)

    def _total(self, laws: list[int]) -> Floats:
        """The law of the demand of these days together, the first of them at this level."""
        totals = np.ones((len(self._by_level), 1))
        for law in reversed(laws):
            days = zip(self._by_level, self._moves @ totals, strict=True)
            ahead = [signal.convolve(pmfs[law], after) for pmfs, after in days]
            totals = np.array([np.pad(one, (0, max(map(len, ahead)) - len(one))) for one in ahead])
        return np.asarray(totals[self._level])

    def _order_cost(self, day: int, discount: float) -> Floats:
        """What the order of a day leads to, by position after ordering: the cost at closing lead_time days on."""
        lead_time = self.parameters.lead_time
        if self.episode and day + lead_time >= self.parameters.days:
            return np.zeros(self.shape)
        laws = tuple(self._laws_from(day, lead_time + 1))
        if laws not in self._costs:
            self._costs[laws] = self._cost(list(laws), np.arange(self.lowest, self.ceiling + 1.0))
        return discount**lead_time * self._costs[laws]

    def sunk(self, discount: float) -> float:
        """Expected cost of the first days, which no order can change."""
        stock = np.array([float(self.parameters.start_on_hand)])
        days = range(min(self.parameters.lead_time, self.parameters.days))
        return sum(discount**day * float(self._cost(self._laws_from(0, day + 1), stock)[0]) for day in days)

    def backup(self, values: Floats, day: int, discount: float) -> tuple[Floats, Packs]:
        """As `LostSales.backup`; positions below the lowest are extended in a straight line."""
        pmf = self._pmfs[self._laws_from(day, 1)[0]]
        cost = self._order_cost(day, discount)
        slope = values[0] - values[1]
        below = values[0] + slope * np.arange(len(pmf) - 1, 0, -1)
        tomorrow = signal.convolve(np.concatenate([below, values]), pmf, mode="valid")
        return self._ordered(cost + discount * tomorrow)

    def start(self) -> tuple[int, ...]:
        """Index of the first morning's state."""
        return (self.parameters.start_on_hand - self.lowest,)

    def valid(self) -> Flags:
        """All states."""
        return np.ones(self.shape, dtype=np.bool_)


class Levels:
    """Demand with a hidden level, for one who sees it every morning: a model for each level.

    Nobody sees it, and nobody need make use of what he sees: so the least cost here is a bound on everybody's.
    """

    def __init__(self, p: ItemParameters, ceiling: int, episode: bool) -> None:
        self.parameters, self.ceiling = p, ceiling
        self._moves = hidden_level.moves(p.level_persistence)
        self._models = [_model_of(p, ceiling, episode, level) for level in range(len(p.levels()))]
        self.lowest, self.shape = self._models[0].lowest, (len(self._models), *self._models[0].shape)

    def work(self) -> float:
        """Multiplications a day, roughly."""
        return sum(model.work() for model in self._models)

    def backup(self, values: Floats, day: int, discount: float) -> tuple[Floats, Packs]:
        """As `LostSales.backup`, for each level."""
        ahead = np.tensordot(self._moves, values, axes=1)
        days = [model.backup(after, day, discount) for model, after in zip(self._models, ahead, strict=True)]
        return np.stack([value for value, _ in days]), np.stack([packs for _, packs in days])

    def binds(self, packs: Packs) -> bool:
        """Whether some order is cut by the ceiling."""
        return any(model.binds(packs[:, level]) for level, model in enumerate(self._models))

    def cost(self, values: Floats) -> float:
        """Cost to go on the first morning."""
        return float(hidden_level.WEIGHTS @ [model.cost(of) for model, of in zip(self._models, values, strict=True)])

    def sunk(self, discount: float) -> float:
        """Cost that no order can change."""
        return float(hidden_level.WEIGHTS @ [model.sunk(discount) for model in self._models])

    def valid(self) -> Flags:
        """States below the ceiling."""
        return np.stack([model.valid() for model in self._models])


Model = LostSales | Backorders | Levels


def _pick(total: Floats) -> tuple[Floats, Packs]:
    """The cost of the best order along the last axis, and the order."""
    packs = total.argmin(axis=-1)
    return np.take_along_axis(total, packs[..., None], axis=-1)[..., 0], packs.astype(np.int8)


def model_of(p: ItemParameters, ceiling: int, episode: bool) -> Model:
    """Bellman's equation of an item, for states up to a ceiling; ``episode`` counts its days, else it has no end."""
    return Levels(p, ceiling, episode) if p.level_spread else _model_of(p, ceiling, episode)


def _model_of(p: ItemParameters, ceiling: int, episode: bool, level: int = 0) -> LostSales | Backorders:
    return Backorders(p, ceiling, episode, level) if p.unmet == "backordered" else LostSales(p, ceiling, level)


def first_ceiling(p: ItemParameters) -> int:
    """Where a newsvendor's stock for the busiest lead time plus one days would end, and an order quantity above.

    A hidden level is at its highest.
    """
    pmfs, law_of_day = p.laws(len(p.levels()) - 1)
    means = np.array([pmf @ np.arange(len(pmf)) for pmf in pmfs])
    span = min(p.lead_time + 1, p.days)
    first = int(np.convolve(means[law_of_day], np.ones(span), mode="valid").argmax())
    laws = [*law_of_day[first : first + span], *[law_of_day[first]] * (p.lead_time + 1 - span)]
    total = functools.reduce(signal.convolve, [pmfs[law] for law in laws])
    ratio = p.shortage / (p.shortage + p.holding) if p.shortage + p.holding > 0 else 0.0
    level = int(np.searchsorted(np.cumsum(total), min(ratio, 1 - 1e-9)))
    mean = float(means.max())
    batch = np.sqrt(2 * p.order_cost * mean / p.holding) if p.holding > 0 else mean * 7
    return max(level + 2 + int(batch), p.start_on_hand) + p.pack
