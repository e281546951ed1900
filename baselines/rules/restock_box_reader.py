"""What the rules of a box observe."""

from __future__ import annotations

import functools

import numpy as np
from scipy import stats

from baselines.agents import Problem
from baselines.rules.rule_specs import parameters_as
from bizgyms.compiled import jit
from bizgyms.restock.box.view import stock_columns
from envs_data.arrays import Floats, Ints, Places, Rows
from envs_data.restock.box import BoxItem, BoxParameters


class Reader:
    """Reads a box's observations by the names of the features.

    Args:
        problem: the box.

    Attributes:
        mean: [items] mean demand of a day, over the episode.
        cover: [items] mean lead time and a day: the time an order has to cover.
        variance: [items] variance of the demand of that time.
        critical_ratios: [items] probability with which each item's demand should be met.
    """

    def __init__(self, problem: Problem) -> None:
        p = self.parameters = parameters_as(BoxParameters, problem)
        columns = problem.view.columns
        self.stock = stock_columns(p)
        self._stock_bounds = np.array([*(columns[0] for columns in self.stock), self.stock[-1][-1] + 1])
        self._forecasts = [columns[n] for i in p.items if (n := f"{i.name}_forecast") in columns]
        self._days_left = columns["days_left"]
        self.critical_ratios = np.array([item.critical_ratio for item in p.items])
        self.pack = np.array([item.pack for item in p.items])
        self.max_packs = np.array([item.max_packs for item in p.items])
        demand = np.array([_demand(item) for item in p.items]) * p.factors().mean(axis=0)[:, None]
        self.mean, spread = demand.T
        lead = np.array([_mean_and_variance(item.lead_time_pmf()) for item in p.items])
        self.cover = lead[:, 0] + 1
        self.variance = self.cover * spread + self.mean**2 * lead[:, 1]

    def position(self, rows: Rows) -> Floats:
        """[worlds, items] inventory position in units."""
        return _sums(rows, self._stock_bounds)

    def busy(self, rows: Rows) -> Floats:
        """[worlds, items] demand expected until an order of tomorrow could come, over that of an average day."""
        if not self._forecasts:
            return np.ones((len(rows), len(self.mean)))
        longest = np.array([item.longest_lead_time + 1 for item in self.parameters.items])
        return np.asarray(rows[:, self._forecasts] / (self.mean * longest))

    def day(self, rows: Rows) -> Places:
        """[worlds] days since the episode began."""
        return np.asarray(self.parameters.days - rows[:, self._days_left].astype(np.intp))

    def packs(self, units: Floats) -> Ints:
        """[worlds, items] the smallest possible orders of at least so many units."""
        return _packs(units, self.pack, self.max_packs)

    def fractiles(self, service: Floats | float) -> Floats:
        """[items] units that meet the demand an order has to cover with some probability.

        The law of that demand is taken by its mean and variance: Poisson, negative binomial, or normal.
        """
        mean, variance = self.mean * self.cover, self.variance
        wide = variance > 1.001 * mean
        size = mean**2 / np.where(wide, variance - mean, 1.0)
        over = stats.nbinom.ppf(service, size, size / (size + mean))
        under = np.round(stats.norm.ppf(service, mean, np.sqrt(np.maximum(variance, 1e-9))))
        poisson = stats.poisson.ppf(service, mean)
        narrow = np.where(variance > 0.95 * mean, poisson, under)
        return np.asarray(np.maximum(np.where(wide, over, narrow), 0.0), dtype=np.float64)


@jit
def _sums(rows: Rows, bounds: Places) -> Floats:
    sums = np.zeros((len(rows), len(bounds) - 1))
    for world in range(len(rows)):
        for k in range(len(bounds) - 1):
            for column in range(bounds[k], bounds[k + 1]):
                sums[world, k] += rows[world, column]
    return sums


@jit
def _packs(units: Floats, pack: Ints, most: Ints) -> Ints:
    packs = np.empty(units.shape, np.int64)
    for world in range(len(units)):
        for k in range(len(pack)):
            packs[world, k] = int(min(max(np.ceil(units[world, k] / pack[k] - 1e-9), 0.0), float(most[k])))
    return packs


@functools.lru_cache(maxsize=1024)
def _demand(item: BoxItem) -> tuple[float, float]:
    return _mean_and_variance(item.day_pmf(item.mean))


def _mean_and_variance(pmf: Floats) -> tuple[float, float]:
    numbers = np.arange(len(pmf))
    mean = float(pmf @ numbers)
    return mean, float(pmf @ numbers**2) - mean**2


def estimated_waste(reader: Reader, rows: Rows) -> Floats:
    """[worlds, items] units that expire before today's order comes, if each day brings its mean demand.

    After Broekmeulen and van Donselaar (2009), Computers and Operations Research 36(11).
    """
    wasted = np.zeros((len(rows), len(reader.mean)))
    for k, item in enumerate(reader.parameters.items):
        if not item.shelf_life:
            continue
        columns = reader.stock[k]
        shelf = rows[:, columns[: item.shelf_life]].astype(np.float64)
        coming = rows[:, columns[item.shelf_life :]].astype(np.float64)
        for day in range(max(1, round(reader.cover[k] - 1))):
            wanted = np.full(len(rows), reader.mean[k])
            for slot in range(item.shelf_life) if item.issue == "FIFO" else reversed(range(item.shelf_life)):
                taken = np.minimum(shelf[:, slot], wanted)
                shelf[:, slot] -= taken
                wanted -= taken
            wasted[:, k] += shelf[:, 0]
            fresh = coming[:, day] if day < coming.shape[1] else np.zeros(len(rows))
            shelf = np.column_stack([shelf[:, 1:], fresh])
    return wasted
