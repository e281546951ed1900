"""All randomness of a campaign's day."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from envs_data.arrays import Floats, Ints, Rows
from envs_data.bidding.campaign.parameters import HOURS, REACH, CampaignParameters
from envs_data.branching import each, joined, spliced
from envs_data.chance import WORDS, OutcomeTables, random_words

NOTHING, CLICKED = -2, -1
LATEST = 30_000
AT_ONCE = 32_768
# Values of the day's traffic that are told apart when it is drawn given what has come.
GRID = 501


class CampaignLuck(NamedTuple):
    """Everything chance decides in an episode. Auctions are numbered through the day, in order of arrival.

    Attributes:
        arrivals: [worlds, ticks] auctions of each tick.
        level: [worlds, ticks] shocks of competition, in log units: day, hour and tick together.
        bias: [worlds] true conversion rates over predicted ones.
        rate: [worlds, auctions] predicted conversion rate.
        competing: [worlds, auctions] best competing bid: the smallest bid that wins.
        outcome: [worlds, auctions] what an impression leads to if it is won: -2 nothing, -1 a click, otherwise a
            conversion that is reported this many ticks later, in the middle of a tick.
    """

    arrivals: NDArray[np.int32]
    level: Floats
    bias: Floats
    rate: Rows
    competing: NDArray[np.int16]
    outcome: NDArray[np.int16]


def columns(p: CampaignParameters) -> int:
    """Most auctions of a day."""
    most = p.busiest
    return math.ceil(most + REACH * math.sqrt(most) + REACH)


def draw(parameters: CampaignParameters, rng: np.random.Generator, worlds: int) -> CampaignLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the campaign.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p = parameters
    arrivals, level = _arrivals(p, rng, _shock(p.traffic_sd, rng, (worlds, 1))), _level(p, rng, worlds)
    return _auctions(p, rng, arrivals, level, p.bias * _shock(p.bias_sd, rng, (worlds,)))


def redraw(
    parameters: CampaignParameters, luck: CampaignLuck, step: int | Ints, rng: np.random.Generator
) -> CampaignLuck:
    """Draws the ticks anew that have not come yet.

    The bias stays. Traffic and competition go on as likely as the ticks so far make it: shocks of the day and of the
    hour are not kept apart, and follow from them.

    Args:
        parameters: the campaign.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    p, ticks = parameters, each(step, len(luck.bias))
    past = np.arange(p.ticks) < ticks[:, np.newaxis]
    came = np.where(past, luck.arrivals, 0).sum(axis=1)
    traffic = _traffic_given(p, rng, came, np.where(past, p.expected(), 0.0).sum(axis=1))
    arrivals = _cut(joined(luck.arrivals, _arrivals(p, rng, traffic), ticks), columns(p))
    level = _level_given(p, rng, luck.level, ticks)
    fresh = _auctions(p, rng, arrivals, level, luck.bias)
    kept = dict.fromkeys(("rate", "competing", "outcome"), came)
    return spliced(luck._replace(arrivals=arrivals, level=level), fresh, kept)


def _traffic_given(p: CampaignParameters, rng: np.random.Generator, came: Ints, expected: Floats) -> Floats:
    """[worlds, 1] factors of traffic, given how many auctions came where so many are expected: Bayes on a grid."""
    logs = np.linspace(-REACH, REACH, GRID) * p.traffic_sd - p.traffic_sd**2 / 2
    likely = came[:, np.newaxis] * logs - expected[:, np.newaxis] * np.exp(logs)
    likely -= np.linspace(-REACH, REACH, GRID) ** 2 / 2
    chances = np.cumsum(np.exp(likely - likely.max(axis=1, keepdims=True)), axis=1)
    place = (chances < rng.random((len(came), 1)) * chances[:, -1:]).sum(axis=1, keepdims=True)
    return np.asarray(np.exp(logs[place]))


def _level_given(p: CampaignParameters, rng: np.random.Generator, level: Floats, ticks: Ints) -> Floats:
    """[worlds, ticks] the shocks so far, and others that go with them.

    Matheron's rule: what a fresh draw of the whole day lacks of the shocks so far is made up for by regression.
    """
    hour = np.arange(p.ticks) * HOURS // p.ticks
    covariance = p.day_sd**2 + p.hour_sd**2 * (hour[:, np.newaxis] == hour) + p.tick_sd**2 * np.eye(p.ticks)
    fresh = _level(p, rng, len(level))
    for now in np.unique(ticks):
        rows, past = np.flatnonzero(ticks == now), slice(int(now))
        weights = np.linalg.pinv(covariance[past, past], hermitian=True) @ covariance[past]
        fresh[rows] += (level[rows, past] - fresh[rows, past]) @ weights
    return joined(level, fresh, ticks)


def _auctions(
    p: CampaignParameters, rng: np.random.Generator, arrivals: NDArray[np.int32], level: Floats, bias: Floats
) -> CampaignLuck:
    """Draws the auctions of days whose traffic and competition are drawn."""
    shape = (len(bias), columns(p))
    luck = CampaignLuck(
        arrivals, level, bias, np.zeros(shape, np.float32), np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    )
    medians = (np.log(p.usual()) + level).astype(np.float32)
    totals = arrivals.sum(axis=1)
    for some in _groups(totals):
        # What is drawn at once stays in the processor's cache.
        spread = normals(rng, int(totals[some].sum())) * np.float32(p.rate_sd)
        rate = np.minimum(np.exp(spread + np.float32(math.log(p.rate))), np.float32(1))
        center = np.repeat(medians[some].ravel(), arrivals[some].ravel())
        competing = _competing(p, rng, center, spread)
        outcome = outcome_of(p, rng, rate, np.repeat(bias[some].astype(np.float32), totals[some]))
        last = 0
        for world in range(some.start, some.stop):
            first, last, count = last, last + int(totals[world]), int(totals[world])
            luck.rate[world, :count] = rate[first:last]
            luck.competing[world, :count] = competing[first:last]
            luck.outcome[world, :count] = outcome[first:last]
    return luck


def _groups(totals: NDArray[np.integer]) -> Iterator[slice]:
    """Neighbouring worlds of about `AT_ONCE` auctions together."""
    first, auctions = 0, 0
    for world, total in enumerate(totals.tolist()):
        if auctions and auctions + total > AT_ONCE:
            yield slice(first, world)
            first, auctions = world, 0
        auctions += total
    yield slice(first, len(totals))


@functools.cache
def _quantiles() -> Rows:
    """[words] the standard normal at the middle of each of 65,536 equally likely ranges; infinite at both ends."""
    quantiles = special.ndtri((np.arange(WORDS) + 0.5) / WORDS)
    quantiles[[0, -1]] = np.inf
    return np.asarray(quantiles, dtype=np.float32)


def normals(rng: np.random.Generator, count: int) -> Rows:
    """Standard normal draws, sixteen random bits each; in the outermost ranges a second draw says how far out.

    Args:
        rng: the source of randomness.
        count: how many.
    """
    drawn = _quantiles().take(random_words(rng, count), mode="clip")  # words fit; clip spares a copy
    if count and drawn.max() == np.inf:
        out = np.flatnonzero(drawn == np.inf)
        uniform = rng.random(out.size)
        drawn[out] = np.sign(uniform - 0.5) * -special.ndtri(np.abs(2 * uniform - 1) / WORDS)
    return drawn


def _shock(sd: float, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Lognormal factors with mean 1."""
    return np.exp(sd * rng.standard_normal(shape) - sd * sd / 2)


def _arrivals(p: CampaignParameters, rng: np.random.Generator, traffic: Floats) -> NDArray[np.int32]:
    """[worlds, ticks] auctions, given the traffic of each day."""
    return _cut(rng.poisson(p.expected() * traffic), columns(p))


def _cut(count: NDArray[np.integer], most: int) -> NDArray[np.int32]:
    """Arrivals without those that a day has no room for."""
    for row in np.flatnonzero(count.sum(axis=1) > most):
        count[row] = np.diff(np.minimum(np.cumsum(count[row]), most), prepend=0)
    return count.astype(np.int32)


def _level(p: CampaignParameters, rng: np.random.Generator, worlds: int) -> Floats:
    """[worlds, ticks] log shocks of competition."""
    hour = np.arange(p.ticks) * HOURS // p.ticks
    day = p.day_sd * rng.standard_normal((worlds, 1))
    hourly = p.hour_sd * rng.standard_normal((worlds, HOURS))
    return np.asarray(day + hourly[:, hour] + p.tick_sd * rng.standard_normal((worlds, p.ticks)))


def _competing(p: CampaignParameters, rng: np.random.Generator, center: Rows, spread: Rows) -> Rows:
    """[auctions] best competing bids, given the log medians and how far rates are from theirs."""
    noise = normals(rng, len(center))
    noise *= np.float32(p.competition_sd)
    noise += center
    noise += np.float32(p.competition_slope) * spread
    np.exp(noise, out=noise)
    np.rint(noise, out=noise)
    np.clip(noise, max(p.reserve, 1), p.highest, out=noise)
    if p.floors:
        which = _floors(p.floor_chances).draw(rng, random_words(rng, len(noise)))
        prices = np.maximum(np.array([0, *p.floors], dtype=np.float32), np.float32(p.reserve))
        prices[0] = 0
        noise *= which == 0
        noise += prices.take(which)
    return noise


@functools.lru_cache(maxsize=8)
def _floors(chances: tuple[float, ...]) -> OutcomeTables:
    """Which floor, from 1 on; 0 for none."""
    law = np.array([[max(1 - sum(chances), 0.0), *chances]])
    return OutcomeTables(law, np.arange(law.size, dtype=np.int16))


def outcome_of(p: CampaignParameters, rng: np.random.Generator, rate: Rows, bias: Rows) -> NDArray[np.int16]:
    """[auctions] click, conversion and its delay; a conversion comes with a click.

    Args:
        p: the campaign.
        rng: the source of randomness.
        rate: [auctions] predicted conversion rates.
        bias: [auctions] true rates over predicted ones.
    """
    fate = rng.random(len(rate), dtype=np.float32)
    true = np.minimum(rate * bias, np.float32(1))
    outcome = (fate < true * np.float32(p.clicks)).astype(np.int16)
    outcome += np.int16(NOTHING)
    converted = np.flatnonzero(fate < true)
    late = rng.random(len(converted)) + rng.exponential(p.delay / p.hours, len(converted)) if p.delay else 0.0
    outcome[converted] = np.minimum(late, LATEST)
    return np.asarray(outcome, dtype=np.int16)
