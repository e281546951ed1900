"""All randomness of a campaign's day."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from envs_data.arrays import Floats, Rows
from envs_data.bidding.campaign.parameters import HOURS, CampaignParameters
from envs_data.chance import WORDS, OutcomeTables, random_words

NOTHING, CLICKED = -2, -1
LATEST = 30_000
# Columns cover this many standard deviations of traffic; beyond (once in 3 million days) late auctions are dropped.
REACH = 5.0
AT_ONCE = 32_768


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
    most = p.auctions * math.exp(REACH * p.traffic_sd)
    return math.ceil(most + REACH * math.sqrt(most) + REACH)


def draw(parameters: CampaignParameters, rng: np.random.Generator, worlds: int) -> CampaignLuck:
    """Draws the luck of whole episodes.

    Args:
        parameters: the campaign.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p, most = parameters, columns(parameters)
    shape = (worlds, most)
    arrivals, level = _arrivals(p, rng, worlds, most), _level(p, rng, worlds)
    bias = p.bias * _shock(p.bias_sd, rng, (worlds,))
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


def _arrivals(p: CampaignParameters, rng: np.random.Generator, worlds: int, most: int) -> NDArray[np.int32]:
    count = rng.poisson(p.expected() * _shock(p.traffic_sd, rng, (worlds, 1)))
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
