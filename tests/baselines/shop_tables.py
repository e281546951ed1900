"""Tables of a shop that is replayed, one with much stock and one that sells out."""

import functools

import numpy as np

import baselines
import bizgyms
from envs_data.restock.fit import fit
from envs_data.restock.item import ItemParameters, draw
from envs_data.restock.item.table import generate, soft_base_stock

CASE = bizgyms.case("RestockItem")


SHOP = ItemParameters(
    days=200, mean=3.0, demand_law="poisson", lead_time=2, max_packs=12, start_on_hand=30, holding=1.0, shortage=4.0
)


KNOWN = {"lead_time": 2, "holding": 1.0, "shortage": 4.0, "pack": 1, "max_packs": 12}


def table_of(level, seed=1, shop=SHOP):
    policy = soft_base_stock(shop, np.random.default_rng(seed), level=level, epsilon=0.0)
    return generate(shop, policy, seed=seed)


STOCKED, SHORT = table_of(40), table_of(12)


@functools.cache
def fitted_once(short):
    return fit(SHORT if short else STOCKED, known=KNOWN)


def fitted(table=STOCKED, **options):
    if not options and (table is STOCKED or table is SHORT):
        return fitted_once(table is SHORT)
    return fit(table, **{"known": KNOWN, **options})


def replayed(table=STOCKED, agents=("base_stock",), **options):
    return baselines.replay(fitted(table), agents, table, **{"today": "base_stock:S=10", "episodes": 20, **options})


def quick_to_judge(found):
    """A scenario file without the other worlds that its table allows."""
    return {**found.scenario().to_dict(), "draws": []}


def row_of(found, role):
    return next(row for row in found.rows if row.role == role)


def asked_for(seed=1):
    """What customers asked for on the last days of `table_of`, whatever was sold."""
    rng, _ = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    return draw(SHOP, rng, 1).demand[:, 160:]
