"""The compiled twin of a customer's lifetime: the visits of `LifetimeWorld`, for thousands of customers at once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from bizgyms.compiled import inline
from bizgyms.recommend.keys import KeyStream, keyed
from bizgyms.recommend.lifetime import view as views
from bizgyms.recommend.lifetime.view import FIGURE_OF, NOTHING, LifetimeView, Objective, check_objective
from bizgyms.scenario import ScenarioLike
from bizgyms.twin import Twin
from envs_data.recommend.lifetime import LifetimeLuck, LifetimeParameters, laws
from envs_data.recommend.lifetime.laws import KEPT, WORD
from envs_data.recommend.lifetime.luck import (
    BITS,
    BUY,
    CATALOGUE,
    CLICK,
    DRIFTS,
    DROPOUT,
    FIRST_TASTES,
    GAP,
    IN_A_WORD,
    LEAVE,
    RATE,
    RETURN,
    SATISFIED,
    TASTES,
)
from envs_data.recommend.words import STRIDE, mixed

clicked, project, _mixed = inline(laws.clicked), inline(views.project), inline(mixed)
ONE, PIECE, LOW = np.uint64(1), np.uint64(BITS), np.uint64(laws.RANGE - 1)
DAY = 24.0


class Shop(NamedTuple):
    """What does not change.

    Attributes:
        laws: the tables both engines play by.
        topic, arrives: [items] topic, and day of arrival.
        new: the items that are not there from the beginning.
        margin, minutes: [items] money a purchase, minutes a click.
        popularity: [items + 1] weights shown, the last that of items too new.
        whole: see the names of its columns.
        money: cost of handling a return, then the weight of each reward term.
    """

    laws: laws.Tables
    topic: NDArray[np.int64]
    arrives: NDArray[np.int64]
    new: NDArray[np.int64]
    margin: NDArray[np.float64]
    minutes: NDArray[np.float64]
    popularity: NDArray[np.float64]
    whole: NDArray[np.int64]
    money: NDArray[np.float64]


DAYS, START, LEVELS, SHIFT_DAY, PERIOD, KNOWN_AFTER, RETURN_DAYS, REVEALED, DRIFT, BORES, SOLD_OUT, GOAL = range(12)


class State(NamedTuple):
    """What a visit changes.

    Attributes:
        counts: [worlds, columns] whole numbers; see the names of the columns.
        time: [worlds, 3] hour of this visit and of the one before, and money earned so far.
        bored: [worlds, topics] levels of boredom.
        recent: [worlds, 2, topics] recent clicks, and places shown.
        due, lost: [worlds, visits] hour of each return, and what it costs; in the order of purchase.
        nature: [worlds, 2] visits a day and drop-out, at middle satisfaction.
        words: [8] room for the pieces of a visit.
        cumulative: [slate] room for the weights of one slate.
    """

    counts: NDArray[np.int64]
    time: NDArray[np.float64]
    bored: NDArray[np.int64]
    recent: NDArray[np.float64]
    due: NDArray[np.float64]
    lost: NDArray[np.float64]
    nature: NDArray[np.float64]
    words: NDArray[np.int64]
    cumulative: NDArray[np.float64]


VISIT, CLICKS, PURCHASES, SENT_BACK, SATISFACTION, PLACE, PARCELS, BOUGHT, SEGMENT, COUNTS = range(10)
NOW, PREVIOUS, EARNED = range(3)
# Rows of the results: the reward, two terms, then the figures.
SALES, REFUNDS, VISITS, FIRST_FIGURE = 1, 2, 3, 3


class LifetimeTwin(Twin[LifetimeParameters, LifetimeLuck]):
    """`RecommendLifetime` as a vector environment. See there for what is decided, seen and paid."""

    case_id: ClassVar = "bizgyms/RecommendLifetime-v0"
    view_type: ClassVar = LifetimeView
    view: LifetimeView

    def __init__(
        self,
        num_envs: int = 1,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        engine: str = "compiled",
        scenario: ScenarioLike = None,
        normalize: bool = False,
        weights: Mapping[str, float] | None = None,
        objective: Objective = "margin",
    ) -> None:
        check_objective(objective, weights)
        super().__init__(num_envs, max_episode_steps, render_mode, autoreset_mode, engine, scenario, normalize, weights)
        self.aim_at(objective)

    def aim_at(self, objective: Objective) -> None:
        """Pays the objective from the next step on."""
        self.objective = objective
        figure = FIGURE_OF.get(objective)
        self._shop.whole[GOAL] = 0 if figure is None else FIRST_FIGURE + self.view.figures.index(figure)

    def _fresh_results(self, make: Callable[..., NDArray[Any]]) -> None:
        super()._fresh_results(make)
        self._elapsed = np.zeros(self.num_envs)

    def _infos(self, idle: NDArray[np.bool_]) -> dict[str, Any]:
        infos = super()._infos(idle)
        infos["elapsed"], infos["_elapsed"] = self._elapsed, infos["_visits"]
        return infos

    def _allocate(self) -> None:
        p, worlds, view = self.parameters, self.num_envs, self.view
        items, topics = len(p.items), p.topics
        self._shop = Shop(
            laws=view.laws,
            topic=view.topic_of,
            arrives=np.array([item.arrives for item in p.items], dtype=np.int64),
            new=np.flatnonzero([item.arrives > 0 for item in p.items]),
            margin=np.array([item.margin for item in p.items]),
            minutes=np.array([item.minutes for item in p.items]),
            popularity=np.append(view.popularity, view.unknown),
            whole=np.array(
                [
                    p.days * 24,
                    p.start,
                    p.levels,
                    p.shift_day,
                    p.period,
                    p.known_after,
                    p.return_days,
                    p.revealed,
                    round(p.drift * laws.RANGE),
                    p.bores,
                    round(p.sold_out * laws.RANGE),
                    0,
                ],
                dtype=np.int64,
            ),
            money=np.array([p.handling, *self._weights]),
        )
        self._state = State(
            counts=np.zeros((worlds, COUNTS), dtype=np.int64),
            time=np.zeros((worlds, 3)),
            bored=np.zeros((worlds, topics), dtype=np.int64),
            recent=np.zeros((worlds, 2, topics)),
            due=np.zeros((worlds, p.visits)),
            lost=np.zeros((worlds, p.visits)),
            nature=np.zeros((worlds, 2)),
            words=np.zeros(8, dtype=np.int64),
            cumulative=np.zeros(p.slate),
        )
        self._first_row = np.zeros(len(self.features), dtype=np.float32)
        self._first_row[:items] = self._shop.arrives == 0
        constant = np.concatenate([view.popularity, [item.quality for item in p.items], self._shop.margin])
        self._first_row[items : 4 * items] = constant
        self._first_row[4 * items : 5 * items] = view.topic_of
        self._first_row[view.columns["last"] : view.columns["last"] + p.slate] = NOTHING

    def _begin(self, rows: NDArray[np.intp]) -> None:
        state = self._state
        state.counts[rows] = 0
        state.counts[rows, SATISFACTION] = self.parameters.start
        state.time[rows] = 0.0
        state.bored[rows] = 0
        state.recent[rows] = 0.0
        self._observations[rows] = self._first_row
        state.counts[rows, PLACE] = self.parameters.slate
        _observe_rows(rows, self._luck, self._shop, state, self._observations)

    def _new_stream(self) -> KeyStream:
        return KeyStream(functools.partial(self._draw, self.parameters), self.num_envs, int(self.np_random_seed or 0))

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        return _advance(
            actions,
            idle,
            self._luck,
            self._shop,
            self._state,
            self._observations,
            self._results,
            self._elapsed,
            self._decisions,
            self._terminated,
        )


@inline
def _pieces(key: Any, first: int, count: int, found: NDArray[np.int64]) -> None:
    """Writes the pieces of some neighbouring words of a key."""
    for k in range(count):
        word = _mixed(key + (np.uint64(first + k) + ONE) * STRIDE)
        for part in range(IN_A_WORD):
            found[IN_A_WORD * k + part] = np.int64((word >> (PIECE * np.uint64(part))) & LOW)


@keyed
def _advance(
    actions: NDArray[np.int64],
    idle: NDArray[np.bool_],
    luck: LifetimeLuck,
    shop: Shop,
    state: State,
    observations: NDArray[np.float32],
    results: NDArray[np.float64],
    elapsed: NDArray[np.float64],
    decisions: NDArray[np.int64],
    terminated: NDArray[np.bool_],
) -> bool:
    """One visit of every customer who is not idle; returns whether any episode ended."""
    counts, time, tables, money, whole = state.counts, state.time, shop.laws, shop.money, shop.whole
    end, goal, ended = np.float64(whole[DAYS]), whole[GOAL], False
    places, visits, word = actions.shape[1], state.due.shape[1], state.words
    for world in range(len(idle)):
        if idle[world]:
            continue
        visit, began = counts[world, VISIT], time[world, NOW]
        empty = project(actions[world], observations[world], decisions[world])
        _pieces(luck.key[world], 1 + 2 * visit, 2, word)
        sales, minutes = _look(world, decisions, word, shop, state)
        counts[world, VISIT] += 1
        level = counts[world, SATISFACTION]
        chance = state.nature[world, 1] * tables.leaves[level]
        churned = visit > 0 and (word[LEAVE] + 0.5) * WORD < chance
        capped = visit + 1 == visits and not churned
        over = churned or capped
        if not over:
            time[world, PREVIOUS] = began
            time[world, NOW] = began + tables.gaps[word[GAP]] / state.nature[world, 0] * tables.waits[level] * DAY
            over = time[world, NOW] >= end
            if over:
                time[world, NOW] = end
            else:
                _live_on(world, word, shop, state)
        refunds = _take_back(world, over, counts, time, state.due, state.lost)
        elapsed[world] = time[world, NOW] - began
        results[SALES, world], results[REFUNDS, world], results[VISITS, world] = sales, refunds, 1.0
        results[4, world], results[5, world] = counts[world, PLACE] < places, counts[world, BOUGHT]
        results[6, world], results[7, world] = minutes, elapsed[world] / 24.0
        results[8, world], results[9, world], results[10, world] = empty, churned, capped
        results[0, world] = 0.0 + money[1] * sales + money[2] * refunds if goal == 0 else results[goal, world]
        terminated[world] = over
        ended |= over
        _observe(world, decisions, luck, shop, state, observations)
    return ended


@inline
def _look(
    world: int, slates: NDArray[np.int64], words: NDArray[np.int64], shop: Shop, state: State
) -> tuple[float, float]:
    """A customer looks at the slate, clicks one item or none, and may buy it: margin and minutes."""
    counts, time, bored, recent, cumulative = state.counts, state.time, state.bored, state.recent, state.cumulative
    topic_of, weights, factors, fresh = shop.topic, shop.laws.weights, shop.laws.places, shop.laws.boredom
    places, topics, total = slates.shape[1], bored.shape[1], 0.0
    shift, segment = shop.whole[SHIFT_DAY], counts[world, SEGMENT]
    shifted = 1 if shift > 0 and time[world, NOW] >= shift * DAY else 0
    for k in range(topics):
        recent[world, 1, k] *= KEPT
    for place in range(places):
        item = slates[world, place]
        if item != NOTHING:
            topic = topic_of[item]
            total += weights[shifted, segment, item] * factors[place] * fresh[bored[world, topic]]
            recent[world, 1, topic] += 1.0
        cumulative[place] = total
    place = clicked(words[CLICK] * WORD * (total + 1.0), cumulative, places)
    item = slates[world, place] if place < places else NOTHING
    topic = topic_of[item] if item != NOTHING else NOTHING
    most, bores = len(fresh) - 1, shop.whole[BORES]
    for k in range(topics):
        here = k == topic
        bored[world, k] = min(max(bored[world, k] + (bores if here else -1), 0), most)
        recent[world, 0, k] = recent[world, 0, k] * KEPT + (1.0 if here else 0.0)
    # No click is the last entry of these tables.
    rises, falls, word = shop.laws.rises, shop.laws.falls, words[SATISFIED]
    entry = item if item != NOTHING else len(topic_of)
    level = counts[world, SATISFACTION] + (1 if word < rises[entry] else 0) - (1 if word >= falls[entry] else 0)
    counts[world, SATISFACTION] = min(max(level, 0), shop.whole[LEVELS])
    counts[world, PLACE], counts[world, BOUGHT] = place, 0
    if item == NOTHING:
        return 0.0, 0.0
    counts[world, CLICKS] += 1
    if words[BUY] >= shop.laws.buys[item]:
        return 0.0, shop.minutes[item]
    counts[world, BOUGHT] = 1
    counts[world, PURCHASES] += 1
    time[world, EARNED] += shop.margin[item]
    if words[RETURN] < shop.laws.returns[item]:
        parcel = counts[world, SENT_BACK] + counts[world, PARCELS]
        state.due[world, parcel] = time[world, NOW] + shop.whole[RETURN_DAYS] * DAY
        state.lost[world, parcel] = shop.margin[item] + shop.money[0]
        counts[world, PARCELS] += 1
    return shop.margin[item], shop.minutes[item]


@inline
def _live_on(world: int, word: NDArray[np.int64], shop: Shop, state: State) -> None:
    """Before the next visit tastes may drift."""
    if shop.whole[DRIFT] > 0 and word[DRIFTS] < shop.whole[DRIFT]:
        state.counts[world, SEGMENT] = shop.laws.segments[word[TASTES]]


@inline
def _take_back(
    world: int,
    over: bool,
    counts: NDArray[np.int64],
    time: NDArray[np.float64],
    due: NDArray[np.float64],
    lost: NDArray[np.float64],
) -> float:
    """Books what has come back until now; at the end, all that is still to come."""
    refunds = 0.0
    while counts[world, PARCELS] > 0 and (over or due[world, counts[world, SENT_BACK]] <= time[world, NOW]):
        gone = lost[world, counts[world, SENT_BACK]]
        counts[world, PARCELS] -= 1
        counts[world, SENT_BACK] += 1
        time[world, EARNED] -= gone
        refunds += -gone
    return refunds


@inline
def _observe(
    world: int,
    slates: NDArray[np.int64],
    luck: LifetimeLuck,
    shop: Shop,
    state: State,
    observations: NDArray[np.float32],
) -> None:
    """Writes what is seen of one customer; what never changes is there already."""
    counts, time, whole, recent = state.counts, state.time, shop.whole, state.recent
    row, items, places, topics = observations[world], len(shop.topic), slates.shape[1], recent.shape[2]
    now = time[world, NOW]
    _show_stock(world, now, luck.key[world], shop, observations)
    column = 5 * items
    row[column], row[column + 1] = now / 24.0, (now - time[world, PREVIOUS]) / 24.0
    row[column + 2], row[column + 3] = counts[world, VISIT], counts[world, CLICKS]
    row[column + 4], row[column + 5] = counts[world, PURCHASES], counts[world, SENT_BACK]
    row[column + 6] = time[world, EARNED]
    column += 7
    for k in range(topics):
        row[column + k] = recent[world, 0, k]
        row[column + topics + k] = recent[world, 1, k]
    column += 2 * topics
    for place in range(places):
        row[column + place] = slates[world, place]
    column += places
    row[column] = counts[world, PLACE] + 1 if counts[world, PLACE] < places else 0
    row[column + 1] = counts[world, BOUGHT]
    if whole[REVEALED]:
        row[column + 2], row[column + 3] = counts[world, SATISFACTION], counts[world, SEGMENT]
        column += 4
        for k in range(topics):
            row[column + k] = state.bored[world, k]
        row[column + topics], row[column + topics + 1] = state.nature[world, 0], state.nature[world, 1]


@inline
def _show_stock(world: int, now: float, key: Any, shop: Shop, observations: NDArray[np.float32]) -> None:
    """Writes what is in stock, and how popular new items are."""
    row, whole, items = observations[world], shop.whole, len(shop.topic)
    limit = shop.whole[SOLD_OUT]
    if limit > 0:
        last = (whole[DAYS] - 1) // (24 * whole[PERIOD])
        count = (items + IN_A_WORD - 1) // IN_A_WORD
        first = CATALOGUE + min(int(now // (whole[PERIOD] * DAY)), last) * count
        for k in range(count):
            word = _mixed(key + (np.uint64(first + k) + ONE) * STRIDE)
            for part in range(min(IN_A_WORD, items - IN_A_WORD * k)):
                piece = np.int64((word >> (PIECE * np.uint64(part))) & LOW)
                row[IN_A_WORD * k + part] = 0.0 if piece < limit else 1.0
    for k in range(len(shop.new)):
        item = shop.new[k]
        there = now >= shop.arrives[item] * DAY
        if not there or limit == 0:
            row[item] = 1.0 if there else 0.0
        known = now >= (shop.arrives[item] + whole[KNOWN_AFTER]) * DAY
        row[items + item] = shop.popularity[item if known else items]


@keyed
def _observe_rows(
    rows: NDArray[np.intp], luck: LifetimeLuck, shop: Shop, state: State, observations: NDArray[np.float32]
) -> None:
    """Writes what is seen at the first visit of some customers."""
    nothing = np.full((len(state.counts), len(state.cumulative)), NOTHING)
    tables, word = shop.laws, state.words
    for world in rows:
        _pieces(luck.key[world], 0, 1, word)
        state.nature[world, 0], state.nature[world, 1] = tables.rates[word[RATE]], tables.dropouts[word[DROPOUT]]
        state.counts[world, SEGMENT] = tables.segments[word[FIRST_TASTES]]
        _observe(world, nothing, luck, shop, state, observations)
