"""Tabular Q-learning for one item, compiled from end to end: a training is cheap enough to repeat ten thousand times.

It learns as `baselines.learners.tabular` does (same rates, same exploring around the first rule, and the best moment of
the second half is kept), with every state of the shop a cell of its own and time left ignored.
"""

from __future__ import annotations

import numpy as np

from baselines.agents import Agent, Problem
from baselines.learners import tabular
from baselines.learners.cells import nearest_visited
from baselines.learners.warm_start import first_rule
from baselines.play.checkpoints import CHOSEN_FROM, COMPARED
from bizgyms.compiled import jit
from bizgyms.restock.item.forward import episode_value
from bizgyms.restock.item.view import reward_terms
from envs_data.arrays import Floats, Ints, Mask, Rows
from envs_data.restock.item import ItemParameters

# The learner's own.
DISCOUNT = 0.9
# The constants of the learner: epsilon's end and least, share of random actions, rates, discount.
LEARNING = np.array(
    [
        tabular.EXPLORES_UNTIL,
        tabular.LEAST_EPSILON,
        tabular.RANDOM_SHARE,
        tabular.FIRST_RATE,
        tabular.RATE_VISITS,
        tabular.LEAST_RATE,
        DISCOUNT,
    ]
)

# Looks in the second half of a training, beside the one it begins with.
LOOKS = round((1 - CHOSEN_FROM) * tabular.LOOKS)


class Shop:
    """A shop in arrays.

    Args:
        problem: an item whose lead time is at most two days.
    """

    def __init__(self, problem: Problem) -> None:
        p = problem.parameters
        assert isinstance(p, ItemParameters)
        assert p.lead_time <= 2
        self.parameters = p
        self.cumulated = cumulated(p)
        self.pipes = p.max_packs + 1 if p.lead_time == 2 else 1
        self.low = -(self.cumulated.shape[1] + 10) if p.unmet == "backordered" else 0
        self.seats = p.start_on_hand + (p.lead_time + 2) * p.max_packs * p.pack + 1 - self.low
        named = problem.view.calendar_columns[: p.days, :-2]
        self.season = np.unique(named, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
        self.cells = (int(self.season.max()) + 1) * self.pipes * self.seats
        self.numbers = np.array(
            [p.days, p.lead_time, p.pack, p.max_packs, p.start_on_hand, self.pipes, self.seats, self.low],
            dtype=np.int64,
        )
        self.costs = np.array([p.holding, p.shortage, p.order_cost])
        self.problem = problem
        rule = first_rule(problem, 0)
        self.guide = self.asked(rule)
        self.start = episode_value(p, rule) / p.days / (1.0 - DISCOUNT)

    def asked(self, rule: Agent) -> Ints:
        """[days, pipes, seats] what a rule orders."""
        p = self.parameters
        pipe, seat = (grid.ravel() for grid in np.mgrid[: self.pipes, : self.seats])
        columns = self.problem.view.calendar_columns
        slots = [pipe * p.pack] if p.lead_time == 2 else []
        found = np.empty((p.days, self.pipes, self.seats), dtype=np.int64)
        for day in range(p.days):
            calendar = np.broadcast_to(columns[day], (len(seat), columns.shape[1]))
            rows = np.column_stack([seat + self.low, *slots, calendar]).astype(np.float32)
            found[day] = np.asarray(rule.act(rows)).reshape(self.pipes, self.seats)
        return found


def cumulated(parameters: ItemParameters) -> Floats:
    """[days, units] chance that no more is asked for."""
    pmfs, law_of_day = parameters.laws()
    tails = np.ones((len(pmfs), max(len(pmf) for pmf in pmfs)))
    for row, pmf in zip(tails, pmfs, strict=True):
        row[: len(pmf)] = np.cumsum(pmf)
        row[len(pmf) - 1 :] = 1.0
    return np.asarray(tails[law_of_day])


class Table:
    """A policy of a shop: what to order in every cell."""

    def __init__(self, shop: Shop, packs: Ints) -> None:
        self._shop, self.packs = shop, packs

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs."""
        shop, p = self._shop, self._shop.parameters
        day = np.minimum(p.days - observations[:, -1].astype(np.int64), p.days - 1)
        pipe = observations[:, 1].astype(np.int64) // p.pack if p.lead_time == 2 else 0
        seat = np.clip(observations[:, 0].astype(np.int64) - shop.low, 0, shop.seats - 1)
        return np.asarray(self.packs[(shop.season[day] * shop.pipes + pipe) * shop.seats + seat])


def trained(shop: Shop, steps: int, seed: int, best_moment: bool = True) -> Table:
    """A training.

    Args:
        shop: the shop.
        steps: days it plays.
        seed: seed of everything.
        best_moment: whether the best moment is kept, or the last.
    """
    rng = np.random.default_rng(seed)
    days = len(shop.season)
    values = np.full((shop.cells, int(shop.numbers[3]) + 1), shop.start)
    tried = np.zeros(values.shape, dtype=np.int64)
    state = np.array([0, shop.numbers[4], 0], dtype=np.int64)
    best, found = -np.inf, np.zeros(shop.cells, dtype=np.int64)
    done = 0
    luck = rng.random((COMPARED, days))
    for look in range(LOOKS + 1 if best_moment else 1):
        share = CHOSEN_FROM + (1 - CHOSEN_FROM) * look / LOOKS if best_moment else 1.0
        upto = round(share * steps)
        chance = rng.random((upto - done, 4))
        _learn(done, steps, chance, state, shop.numbers, shop.costs, shop.cumulated, shop.season, shop.guide, values,
               tried, LEARNING)  # fmt: skip
        done = upto
        packs = _greedy(values, tried)
        mean = float(returns(shop, Table(shop, packs), luck).mean())
        if mean > best:
            best, found = mean, packs
    return Table(shop, found)


def _greedy(values: Floats, tried: Ints) -> Ints:
    """[cells] the best action tried, in the cell or in the nearest one visited."""
    seat = nearest_visited(tried.any(axis=1))
    return np.asarray(np.where(tried[seat] > 0, values[seat], tabular.LEAST).argmax(axis=1))


@jit
def _demand(day: int, luck: float, cumulated: Floats) -> int:
    wanted = 0
    while cumulated[day, wanted] < luck:
        wanted += 1
    return wanted


@jit
def _after(stock: int, pipe: int, order: int, wanted: int, numbers: Ints, costs: Floats) -> tuple[float, int, int]:
    """Reward of a day, stock and pipe of the next morning."""
    arriving, after = 0, 0
    if numbers[1] == 0:
        stock += order * numbers[2]
    elif numbers[1] == 1:
        arriving = order * numbers[2]
    else:
        arriving, after = pipe * numbers[2], order
    left = stock - wanted
    lost = max(-left, 0)
    if numbers[7] == 0:
        left = max(left, 0)
    terms = reward_terms(max(left, 0), lost, order, costs[0], costs[1], costs[2])
    return terms[0] + terms[1] + terms[2], left + arriving, after


@jit
def _cell(day: int, stock: int, pipe: int, numbers: Ints, season: Ints) -> int:
    seat = min(max(stock - numbers[7], 0), numbers[6] - 1)
    return (season[day] * numbers[5] + pipe) * numbers[6] + seat


@jit
def _learn(
    done: int,
    steps: int,
    chance: Floats,
    state: Ints,
    numbers: Ints,
    costs: Floats,
    cumulated: Floats,
    season: Ints,
    guide: Ints,
    values: Floats,
    tried: Ints,
    learning: Floats,
) -> None:
    """Plays on from a state and learns, for as many steps as there is chance."""
    day, stock, pipe = state[0], state[1], state[2]
    for turn in range(len(chance)):
        cell = _cell(day, stock, pipe, numbers, season)
        epsilon = max(learning[1], 1.0 - (done + turn) / (learning[0] * steps))
        action = -1
        for other in range(values.shape[1]):
            if tried[cell, other] and (action < 0 or values[cell, other] > values[cell, action]):
                action = other
        if action < 0 or chance[turn, 0] < epsilon:
            action = guide[day, pipe, min(max(stock - numbers[7], 0), numbers[6] - 1)]
            if chance[turn, 1] < learning[2]:
                action = int(chance[turn, 2] * values.shape[1])
        wanted = _demand(day, chance[turn, 3], cumulated)
        reward, stock, pipe = _after(stock, pipe, action, wanted, numbers, costs)
        day += 1
        target = reward
        if day == numbers[0]:
            day, stock, pipe = 0, numbers[4], 0
        else:
            after = _cell(day, stock, pipe, numbers, season)
            best, known = 0.0, False
            for other in range(values.shape[1]):
                if tried[after, other] and (not known or values[after, other] > best):
                    best, known = values[after, other], True
            target += learning[6] * best
        tried[cell, action] += 1
        rate = max(learning[5], learning[3] / (1.0 + tried[cell, action] / learning[4]))
        values[cell, action] += rate * (target - values[cell, action])
    state[0], state[1], state[2] = day, stock, pipe


def returns(shop: Shop, policy: Table, luck: Floats) -> Floats:
    """[episodes] what a policy earns.

    Args:
        shop: the shop.
        policy: what it orders.
        luck: [episodes, days] from 0 to 1, one for the demand of a day.
    """
    found = np.empty(len(luck))
    _play(luck, shop.numbers, shop.costs, shop.cumulated, shop.season, policy.packs, found)
    return found


def returns_of_rule(shop: Shop, rule: Agent, luck: Floats) -> Floats:
    """[episodes] what a rule earns on the same luck, asked on each day for every stock there may be."""
    found, days = np.empty(len(luck)), np.arange(luck.shape[1])
    _play(luck, shop.numbers, shop.costs, shop.cumulated, days, shop.asked(rule).reshape(-1), found)
    return found


@jit
def _play(
    luck: Floats, numbers: Ints, costs: Floats, cumulated: Floats, season: Ints, packs: Ints, found: Floats
) -> None:
    """Writes the return of each episode."""
    for episode in range(len(luck)):
        stock, pipe, total = numbers[4], 0, 0.0
        for day in range(luck.shape[1]):
            order = packs[_cell(day, stock, pipe, numbers, season)]
            wanted = _demand(day, luck[episode, day], cumulated)
            reward, stock, pipe = _after(stock, pipe, order, wanted, numbers, costs)
            total += reward
        found[episode] = total


def value(shop: Shop, policy: Table) -> float:
    """Mean return of an episode, exactly: `bizgyms.restock.item.forward.episode_value` without asking day by day."""
    return float(_value(shop.numbers, shop.costs, shop.cumulated, shop.season, policy.packs))


def value_elsewhere(shop: Shop, orders: Ints, parameters: ItemParameters) -> float:
    """Mean return of an episode, exactly, of orders in a world where only demand is another.

    Args:
        shop: where the orders were asked for.
        orders: [days, pipes, seats], as `Shop.asked` gives them.
        parameters: the world.
    """
    days = np.arange(len(shop.season))
    return float(_value(shop.numbers, shop.costs, cumulated(parameters), days, orders.reshape(-1)))


@jit
def _value(numbers: Ints, costs: Floats, cumulated: Floats, season: Ints, packs: Ints) -> float:
    """Carries the law of stock and pipe forward; what is less likely than 1e-14 is left out."""
    days, demands = cumulated.shape
    low = -demands * days if numbers[7] < 0 else 0
    law = np.zeros((numbers[4] + days * numbers[3] * numbers[2] + 1 - low, numbers[5]))
    law[numbers[4] - low, 0] = 1.0
    bottom, top, total = numbers[4] - low, numbers[4] - low, 0.0
    for day in range(days):
        onward = np.zeros(law.shape)
        first, last = law.shape[0], 0
        for x in range(bottom, top + 1):
            for pipe in range(law.shape[1]):
                weight = law[x, pipe]
                if weight <= 1e-14:
                    continue
                order = packs[_cell(day, x + low, pipe, numbers, season)]
                for wanted in range(demands):
                    before = cumulated[day, wanted - 1] if wanted > 0 else 0.0
                    chance = weight * (cumulated[day, wanted] - before)
                    if chance <= 0.0:
                        continue
                    reward, stock, after = _after(x + low, pipe, order, wanted, numbers, costs)
                    total += chance * reward
                    onward[stock - low, after] += chance
                    first, last = min(first, stock - low), max(last, stock - low)
        law, bottom, top = onward, first, last
    return total
