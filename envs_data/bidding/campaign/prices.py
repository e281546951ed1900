"""The law of the best competing bid from wins and losses: censored maximum likelihood, floors and shocks."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from envs_data.arrays import Floats, Ints
from envs_data.bidding.campaign.observed_prices import ENDLESS, TICK, Seen, heaps
from envs_data.bidding.campaign.parameters import HOURS

# Between hours the log level is held together as by a normal of this spread: it decides only where nothing is seen.
SPREAD = 1.0
ROUNDS = 2
MOST_STEPS, ENOUGH = 40, 0.01
FIFTHS = 5


@dataclasses.dataclass(frozen=True)
class Prices:
    """The law fitted.

    Attributes:
        levels: [24] log median at the mean log rate, by hour.
        slope: with the log rate.
        sd: spread, without the shocks.
        floors, chances: prices at which competing bids heap, and how often.
        day_sd, hour_sd, tick_sd: shocks of days, hours and quarter hours.
        errors: standard errors of ``level`` (mean of all hours), ``slope``, ``sd``, ``day_sd``; of each of ``levels``
            and of ``chances``.
        cut: highest price, if many prices were capped at it; 0 if not.
        reserve: lowest price, if many prices were raised to it; 0 if not.
        days: [days] shocks of the log's days.
    """

    levels: Floats
    slope: float
    sd: float
    floors: tuple[int, ...]
    chances: tuple[float, ...]
    day_sd: float
    hour_sd: float
    tick_sd: float
    errors: dict[str, tuple[float, ...]]
    cut: int
    reserve: int
    days: Floats


class _Law:
    """The likelihood of the observed intervals, and its slope."""

    def __init__(self, rows: Seen, floors: tuple[int, ...], cut: int, reserve: int, slope: float | None = None) -> None:
        self.rows, self.floors = rows, np.array(sorted(floors), dtype=np.float64)
        with np.errstate(divide="ignore"):
            low = np.where(rows.low <= max(reserve, 1), 0.0, rows.low - 0.5)
            high = np.where((rows.high >= cut) & (cut > 0), ENDLESS, rows.high + 0.5)
            self.low, self.high = np.log(low), np.log(high)
        self.at = [(rows.low <= floor) & (floor <= rows.high) for floor in self.floors]
        self.size = HOURS + 2 + len(self.floors)
        self.slope = slope

    def parts(self, theta: Floats, shift: Floats | float = 0.0) -> tuple[Floats, Floats, Floats]:
        """[auctions] probability of each observed interval, and its slopes in median and log sd."""
        free = 1 - self.chances(theta).sum()
        sd = np.exp(theta[HOURS + 1])
        median = theta[self.rows.hour] + theta[HOURS] * self.rows.spread + shift
        upper, lower = (self.high - median) / sd, (self.low - median) / sd
        over = np.where(np.isfinite(upper), _density(upper), 0.0)
        under = np.where(np.isfinite(lower), _density(lower), 0.0)
        # Differences of tails are taken on the side where they are small.
        flip = lower > 0
        between = special.ndtr(np.where(flip, -lower, upper)) - special.ndtr(np.where(flip, -upper, lower))
        upper, lower = np.where(np.isfinite(upper), upper, 0.0), np.where(np.isfinite(lower), lower, 0.0)
        chance = np.maximum(free * between, 1e-300)
        for inside, share in zip(self.at, self.chances(theta), strict=True):
            chance = chance + inside * share
        return chance, free * (under - over) / sd, free * (under * lower - over * upper)

    def chances(self, theta: Floats) -> Floats:
        """Shares of the floors."""
        weights = np.exp(np.minimum(theta[HOURS + 2 :], 30))
        return np.asarray(weights / (1 + weights.sum()))

    def loss(self, theta: Floats, shift: Floats | float) -> tuple[float, Floats]:
        """Negative log likelihood, barely penalised, and its slope."""
        chance, _, _ = parts = self.parts(theta, shift)
        slope = -self.scores(theta, parts)[0]
        apart = theta[:HOURS] - theta[:HOURS].mean()
        slope[:HOURS] += apart / SPREAD**2
        return float(0.5 * apart @ apart / SPREAD**2 - np.log(chance).sum()), slope

    def scores(self, theta: Floats, parts: tuple[Floats, Floats, Floats], by: Ints | None = None) -> Floats:
        """[groups, names] slope of the log likelihood, ``by`` the group of each auction; one group if None."""
        chance, median, log_sd = parts
        groups = np.zeros(len(chance), dtype=np.int64) if by is None else by
        count = int(groups.max()) + 1
        pull = median / chance
        slopes = np.empty((count, self.size))
        hours = np.bincount(groups * HOURS + self.rows.hour, pull, count * HOURS)
        slopes[:, :HOURS] = hours.reshape(count, HOURS)
        slopes[:, HOURS] = np.bincount(groups, pull * self.rows.spread, count)
        slopes[:, HOURS + 1] = np.bincount(groups, log_sd / chance, count)
        for k, (share, inside) in enumerate(zip(self.chances(theta), self.at, strict=True)):
            slopes[:, HOURS + 2 + k] = np.bincount(groups, share * (inside / chance - 1), count)
        if self.slope is not None:
            slopes[:, HOURS] = 0.0
        return slopes

    def information(self, theta: Floats, parts: tuple[Floats, Floats, Floats]) -> Floats:
        """[names, names] the auctions' own scores, squared and added up; the penalty's curvature besides."""
        chance, median, log_sd = parts
        hour, pull = self.rows.hour, median / chance
        others = [pull * self.rows.spread, log_sd / chance]
        others += [share * (at / chance - 1) for share, at in zip(self.chances(theta), self.at, strict=True)]
        matrix = np.zeros((self.size, self.size))
        matrix[:HOURS, :HOURS] = np.diag(np.bincount(hour, pull**2, HOURS)) + (np.eye(HOURS) - 1 / HOURS) / SPREAD**2
        for k, one in enumerate(others, start=HOURS):
            matrix[:HOURS, k] = matrix[k, :HOURS] = np.bincount(hour, pull * one, HOURS)
            for j, other in enumerate(others[: k - HOURS + 1], start=HOURS):
                matrix[j, k] = matrix[k, j] = float((one * other).sum())
        if self.slope is not None:
            matrix[HOURS], matrix[:, HOURS] = 0.0, 0.0
            matrix[HOURS, HOURS] = 1.0
        return matrix + 1e-9 * np.eye(self.size)


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi))


def estimate(rows: Seen, slope: float | None = None) -> Prices:
    """Maximum likelihood of the law of prices; shocks of days are estimated in turn and removed.

    Standard errors treat the hours of the log as independent and add what the days' shocks leave uncertain.

    Args:
        rows: the observed intervals.
        slope: with the log rate, where it is known; None to estimate it.
    """
    floors, cut, reserve = heaps(rows)
    law = _Law(rows, floors, cut, reserve, slope)
    middle = np.log(np.where(np.isfinite(rows.high), (rows.low + rows.high) / 2, 1.5 * rows.low))
    theta = np.concatenate([np.full(HOURS, middle.mean()), [slope or 0.0, np.log(0.8)], np.full(len(floors), -3.0)])
    day = rows.tick // (TICK * HOURS)
    effects, day_variance = np.zeros(int(day.max()) + 1), 0.0
    for _ in range(ROUNDS):
        theta = _maximum(law, theta, effects[day])
        effects, day_variance = _day_effects(law, theta, effects, day)
    theta = _maximum(law, theta, effects[day])
    parts = law.parts(theta, effects[day])
    hour_variance, tick_variance = _shocks(parts[1] / parts[0], rows.tick)
    spread = np.exp(2 * theta[HOURS + 1]) - hour_variance - tick_variance
    present = effects[np.unique(day)]
    return Prices(
        levels=theta[:HOURS],
        slope=float(theta[HOURS]),
        sd=float(np.sqrt(max(spread, 1e-4))),
        floors=tuple(int(floor) for floor in law.floors),
        chances=tuple(law.chances(theta).tolist()),
        day_sd=float(np.sqrt(day_variance)),
        hour_sd=float(np.sqrt(hour_variance)),
        tick_sd=float(np.sqrt(tick_variance)),
        errors=_errors(law, theta, parts, day_variance, present),
        cut=cut,
        reserve=reserve,
        days=present,
    )


def _maximum(law: _Law, theta: Floats, shift: Floats) -> Floats:
    """Scoring: Newton steps whose curvature is that of the auctions' own scores, halved until they help."""
    least = np.concatenate([np.full(HOURS + 1, -50.0), [-4.0], np.full(len(law.floors), -12.0)])
    most = np.concatenate([np.full(HOURS + 1, 50.0), [2.0], np.full(len(law.floors), 8.0)])
    value, slope = law.loss(theta, shift)
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(law.information(theta, law.parts(theta, shift)), -slope)
        for halving in range(12):
            moved = np.clip(theta + step / 2**halving, least, most)
            better, its_slope = law.loss(moved, shift)
            if better < value:
                break
        gained = value - better
        if gained <= 0:
            break
        theta, value, slope = moved, better, its_slope
        if gained < ENOUGH:
            break
    return theta


def _day_effects(law: _Law, theta: Floats, effects: Floats, day: Ints) -> tuple[Floats, float]:
    """Shocks of the days by a Newton step, drawn to 0 as far as chance may have made them; and their variance."""
    chance, median, _ = law.parts(theta, effects[day])
    pull = median / chance
    score = np.bincount(day, pull, len(effects))
    information = np.maximum(np.bincount(day, pull**2, len(effects)), 1e-9)
    present = np.bincount(day, minlength=len(effects)) > 0
    if present.sum() < 2:
        return effects, 0.0
    single = effects + score / information
    variance = max(float(single[present].var(ddof=1) - (1 / information[present]).mean()), 0.0)
    trust = variance * information / (1 + variance * information)
    shrunk = np.where(present, (single - single[present].mean()) * trust, 0.0)
    return shrunk, variance


def _shocks(pull: Floats, tick: Ints) -> tuple[float, float]:
    """Variances of the shocks of hours and of ticks.

    Products of two different auctions' scores are 0 on average but for shocks they share, which add their variance
    times the product of informations: always in a tick, and in one of four cases in an hour.
    """
    shared = []
    for group in (tick, tick // TICK):
        count = int(group.max()) + 1
        each = np.bincount(group, pull**2, count)
        shared.append(float((np.bincount(group, pull, count) ** 2 - each).sum() / max((each**2).sum(), 1e-9)))
    days = max(int(tick.max()) // (TICK * HOURS) + 1, 2)
    both, hourly = (share * days / (days - 1) for share in shared)
    of_tick = max((both - hourly) * TICK / (TICK - 1), 0.0)
    return max(both - of_tick, 0.0), of_tick


def _errors(
    law: _Law, theta: Floats, parts: tuple[Floats, Floats, Floats], day_variance: float, effects: Floats
) -> dict[str, tuple[float, ...]]:
    """The sandwich over hours of the log; rows' own scores stand for the curvature."""
    hourly = law.scores(theta, parts, law.rows.tick // TICK)
    inverse = np.linalg.pinv(law.information(theta, parts))
    covariance = inverse @ (hourly.T @ hourly) @ inverse
    single = np.sqrt(np.maximum(np.diag(covariance), 0))
    shares = law.chances(theta)
    days = len(effects)
    level = float(covariance[:HOURS, :HOURS].mean()) + day_variance / days + _drift(effects)
    return {
        "level": (float(np.sqrt(max(level, 0))),),
        "levels": tuple(single[:HOURS].tolist()),
        "slope": (float(single[HOURS]),),
        "sd": (float(single[HOURS + 1] * np.exp(theta[HOURS + 1])),),
        "day_sd": (float(np.sqrt(day_variance / max(2 * (days - 1), 1))),),
        "chances": tuple((single[HOURS + 2 :] * shares * (1 - shares)).tolist()),
    }


def _drift(effects: Floats) -> float:
    """Variance of the level of days to come, beyond that of independent days, where it drifts.

    It may differ from that of the log as one fifth of the log differs from another.

    Args:
        effects: [days] shocks of the days.
    """
    if len(effects) < 2 * FIFTHS:
        return 0.0
    means = np.array([part.mean() for part in np.array_split(effects, FIFTHS)])
    by_chance = float(np.mean(np.diff(effects) ** 2)) / 2 * FIFTHS / len(effects)
    return max(float(means.var(ddof=1)) - by_chance, 0.0) * (1 + 1 / FIFTHS)
