"""What the twin of a customer's lifetime keeps: the shop, which does not change, and what a visit changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bizgyms.recommend.lifetime import columns as at
from bizgyms.recommend.lifetime.view import LifetimeView
from envs_data.arrays import Flags, Floats, Ints
from envs_data.random_bits import Words
from envs_data.recommend.lifetime import LifetimeParameters, laws


class Shop(NamedTuple):
    """Constants of the kernel.

    Attributes:
        laws: the tables both engines play by.
        topic, arrives: [items] topic, and day of arrival.
        dates: hours at which what is known of the catalogue may change, in order; the last is never.
        margin, minutes: [items] money a purchase, minutes a click.
        popularity: [items + 1] weights shown, the last that of items too new.
        whole: see the names of its columns.
        money: cost of handling a return, then the weight of each reward term.
    """

    laws: laws.Tables
    topic: Ints
    arrives: Ints
    dates: Floats
    margin: Floats
    minutes: Floats
    popularity: Floats
    whole: Ints
    money: Floats


class State(NamedTuple):
    """The state that a visit changes.

    Attributes:
        counts: [worlds, columns] whole numbers; see the names of the columns.
        time: [worlds, 3] hour of this visit and of the one before, and money earned so far.
        stock: [worlds, items] what is there now.
        bored: [worlds, topics] levels of boredom.
        recent: [worlds, 2, topics] recent clicks, and places shown.
        due, lost: [worlds, visits] hour of each return, and what it costs; in the order of purchase.
        keys: [worlds] the key in force at this visit.
        shelves: [worlds, 2] the key of what is sold out now, and from which period it is.
        nature: [worlds, 2] visits a day and drop-out, at middle satisfaction.
        cumulative: [slate] room for the weights of one slate.
    """

    counts: Ints
    time: Floats
    stock: Flags
    bored: Ints
    recent: Floats
    due: Floats
    lost: Floats
    keys: Words
    shelves: Words
    nature: Floats
    cumulative: Floats


def shop_of(view: LifetimeView, weights: Floats) -> Shop:
    """The shop of a view, with the weights of the reward's terms."""
    p = view.parameters
    return Shop(
        laws=view.laws,
        topic=view.topic_of,
        arrives=np.array([item.arrives for item in p.items], dtype=np.int64),
        dates=_dates(p),
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
        money=np.array([p.handling, *weights]),
    )


def _dates(p: LifetimeParameters) -> Floats:
    """Hours at which items arrive, become known, sell out or come back in."""
    new = [item.arrives for item in p.items if item.arrives]
    days = {0, *new, *(day + p.known_after for day in new)}
    if p.sold_out:
        days |= {p.period * k for k in range(p.periods)}
    return np.append(np.array(sorted(days)) * at.DAY, np.inf)


def room(p: LifetimeParameters, worlds: int) -> State:
    """Room for the state of so many worlds."""
    return State(
        counts=np.zeros((worlds, at.COUNTS), dtype=np.int64),
        time=np.zeros((worlds, 3)),
        stock=np.zeros((worlds, len(p.items)), dtype=np.bool_),
        bored=np.zeros((worlds, p.topics), dtype=np.int64),
        recent=np.zeros((worlds, 2, p.topics)),
        due=np.zeros((worlds, p.visits)),
        lost=np.zeros((worlds, p.visits)),
        keys=np.zeros(worlds, dtype=np.uint64),
        shelves=np.zeros((worlds, 2), dtype=np.uint64),
        nature=np.zeros((worlds, 2)),
        cumulative=np.zeros(p.slate),
    )
