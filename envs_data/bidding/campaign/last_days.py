"""The last fifth of a log's days as they came: each auction's best competing bid, where the log tells it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from envs_data.arrays import Flags, Floats, Ints, Rows
from envs_data.bidding.campaign.back_test import held_back
from envs_data.bidding.campaign.luck import CLICKED, LATEST, NOTHING, CampaignLuck, columns, outcome_of
from envs_data.bidding.campaign.observed_prices import intervals
from envs_data.bidding.campaign.outcomes import SECONDS, WHOLE, share_by_now
from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.tables import TableError

# Days held out without which an interval says nothing, and the share of their auctions whose price may be unknown.
LEAST_DAYS, MOST_UNKNOWN = 3, 1 / 3
WITHOUT = "what can answer is the fitted world alone, without replay"
# Factors of a day's true rates that are tried: so many, over so many standard deviations.
FACTORS, REACH = 401, 5.0


@dataclasses.dataclass(frozen=True)
class AuctionDays:
    """The last fifth of a log's days, those with less than half the usual traffic left out.

    Attributes:
        dates: [days] the days.
        frame: their rows in order of time, with the number of the day as ``day``.
        low, high: [auctions] the best competing bid is from low to high; equal where the log tells it.
        short: days left out.
    """

    dates: pd.DatetimeIndex
    frame: pd.DataFrame
    low: Floats
    high: Floats
    short: int

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def first(self) -> np.datetime64:
        """The first day."""
        return np.datetime64(self.dates[0], "D")

    @property
    def last(self) -> np.datetime64:
        """The last day."""
        return np.datetime64(self.dates[-1], "D")

    @property
    def unknown(self) -> Flags:
        """[auctions] whether the log does not tell what would have won it."""
        return np.asarray(self.low != self.high)

    def in_words(self, fillings: int) -> str:
        """What is unknown of these days, and how it was filled."""
        count, drawn = int(self.unknown.sum()), f"drawn {fillings} times from the fitted law"
        led = "those you did not win would have led to"
        if not count:
            return f"{len(self.frame):,} auctions, each with the bid that would have won it; what {led} is {drawn}"
        cut = f"what would have won {count:,} of them is not in the log and, like what {led}"
        return f"{len(self.frame):,} auctions; {cut}, {drawn}"


def last_days(frame: pd.DataFrame, second_price: bool, where: str) -> AuctionDays:
    """The days that a back-test holds out.

    Args:
        frame: the log.
        second_price: whether winners paid the best competing bid.
        where: the log's name, for messages.

    Raises:
        TableError: too few days, or too many auctions whose best competing bid the log does not tell.
    """
    since, day = held_back(frame), frame["time"].dt.normalize()
    traffic = day.value_counts()
    whole = traffic.index[traffic >= WHOLE * traffic.median()]
    late = [] if since is None else [one for one in sorted(traffic.index) if one >= since]
    dates = pd.DatetimeIndex([one for one in late if one in whole])
    if len(dates) < LEAST_DAYS:
        wanted = f"replay plays the last fifth of the days, and needs {LEAST_DAYS} whole ones"
        raise TableError(where, [f"{wanted}: {5 * LEAST_DAYS} days of auctions, not {len(traffic)}; {WITHOUT}"])
    rows = day.isin(dates)
    low, high = intervals(frame, second_price)
    own = frame[rows].assign(day=dates.get_indexer(day[rows]))
    days = AuctionDays(dates, own, low[rows], high[rows], len(late) - len(dates))
    share = float(days.unknown.mean())
    if share > MOST_UNKNOWN:
        why = "a bid lower or higher than yours may have won as well"
        problem = f"of {share:.0%} of the auctions of the last days the log does not tell what would have won them"
        remedy = "a log with minimum_bid, the smallest bid that would have won, of auctions won and lost"
        raise TableError(where, [f"{problem}, so that {why}; {WITHOUT}, or {remedy}"])
    return days


def world_of(days: AuctionDays, fitted: CampaignParameters) -> CampaignParameters:
    """A fitted world over these days: each is an episode.

    Raises:
        TableError: a day has more auctions than the fitted world can hold.
    """
    busiest, most = int(np.bincount(days.frame["day"]).max()), columns(fitted)
    if busiest > most:
        why = f"a day has {busiest:,} auctions; the world fitted to the days before holds {most:,}"
        raise TableError("replay", [f"{why}; {WITHOUT}"])
    return fitted.replace(bounds=False)


def luck_of(days: AuctionDays, world: CampaignParameters, rng: np.random.Generator, fillings: int) -> CampaignLuck:
    """What was offered on these days, a row a day; all days of the first filling, then all of the second.

    Args:
        days: the days as the log has them.
        world: the fitted world over them.
        rng: the source of randomness.
        fillings: how often what is unknown is filled.
    """
    frame, count = days.frame, len(days)
    day, tick = frame["day"].to_numpy(), _tick(frame["time"], world)
    place = np.arange(len(frame)) - np.searchsorted(day, np.arange(count))[day]
    rate = np.minimum(frame["predicted"].to_numpy(np.float32), np.float32(1))
    arrivals = np.bincount(day * world.ticks + tick, minlength=count * world.ticks).reshape(count, world.ticks)
    shape = (fillings, count, columns(world))
    rates, competing, outcome = np.zeros(shape, np.float32), np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    bias = np.array([_factors(days, world, rng) for _ in range(fillings)])
    for k in range(fillings):
        rates[k, day, place] = rate
        competing[k, day, place] = _prices(days, world, rate, tick, rng)
        outcome[k, day, place] = _outcomes(frame, outcome_of(world, rng, rate, bias[k, day].astype(np.float32)), world)
    rows = fillings * count
    return CampaignLuck(
        np.tile(arrivals.astype(np.int32), (fillings, 1)),
        np.zeros((rows, world.ticks)),
        bias.reshape(rows),
        rates.reshape(rows, -1),
        competing.reshape(rows, -1),
        outcome.reshape(rows, -1),
    )


def _tick(time: pd.Series, world: CampaignParameters) -> Ints:
    """Tick of the day of each moment."""
    seconds = (time - time.dt.normalize()).dt.total_seconds().to_numpy()
    return np.asarray(np.minimum((seconds / (world.hours * SECONDS)).astype(np.int64), world.ticks - 1))


def _prices(
    days: AuctionDays,
    world: CampaignParameters,
    rate: Rows,
    tick: Ints,
    rng: np.random.Generator,
) -> Ints:
    """[auctions] best competing bids: as the log has them, else drawn from the law given what it says.

    A day's shock is not told apart from the spread: auctions of one day are drawn independently.
    """
    prices, open_ = days.low.astype(np.int64), np.flatnonzero(days.unknown)
    low, high = np.maximum(days.low[open_], max(world.reserve, 1)), days.high[open_]
    shocks = world.day_sd**2 + world.hour_sd**2 + world.tick_sd**2
    sd = np.sqrt(world.competition_sd**2 + shocks)
    logs = np.log(rate[open_].astype(np.float64)) - np.log(world.rate)
    median = np.log(world.usual())[tick[open_]] + world.competition_slope * logs
    with np.errstate(divide="ignore"):
        under = np.where(low <= max(world.reserve, 1), -np.inf, (np.log(low - 0.5) - median) / sd)
        over = np.where(high >= world.highest, np.inf, (np.log(np.minimum(high, world.highest) + 0.5) - median) / sd)
    drawn = np.exp(median + sd * _between(under, over, rng.random(len(open_))))
    drawn = np.clip(np.rint(drawn), low, np.maximum(np.minimum(high, world.highest), low))
    prices[open_] = _at_floors(world, drawn, low, high, under, over, rng)
    return prices


def _between(under: Floats, over: Floats, uniforms: Floats) -> Floats:
    """Standard normal draws between two ends, taken from the side on which both tails are small."""
    flip = under > 0
    first, last = np.where(flip, -over, under), np.where(flip, -under, over)
    chances = special.ndtr(first) + uniforms * (special.ndtr(last) - special.ndtr(first))
    drawn = np.clip(special.ndtri(np.clip(chances, 1e-300, 1 - 1e-16)), first, last)
    return np.asarray(np.where(flip, -drawn, drawn))


def _at_floors(
    world: CampaignParameters,
    drawn: Floats,
    low: Floats,
    high: Floats,
    under: Floats,
    over: Floats,
    rng: np.random.Generator,
) -> Ints:
    """The draws, some of them moved to the floors that are as possible."""
    floors = np.maximum(np.array(world.floors, dtype=np.float64), world.reserve)
    at = np.array(world.floor_chances) * ((low[:, None] <= floors) & (floors <= high[:, None]))
    free = (1 - sum(world.floor_chances)) * (special.ndtr(over) - special.ndtr(under))
    ends = np.cumsum(at, axis=1)
    whole = ends[:, -1] if len(floors) else np.zeros(len(drawn))
    uniforms = rng.random(len(drawn)) * (whole + np.maximum(free, 1e-300))
    for k in range(len(floors)):
        reached = (uniforms < ends[:, k]) & (uniforms >= ends[:, k] - at[:, k])
        drawn = np.where(reached, floors[k], drawn)
    return np.asarray(drawn, dtype=np.int64)


def _outcomes(frame: pd.DataFrame, drawn: NDArray[np.int16], world: CampaignParameters) -> NDArray[np.int16]:
    """[auctions] what impressions lead to: as it was for those won, as drawn for all others."""
    won = (frame["won"] == 1).to_numpy()
    if not {"click", "conversion"} & {*frame}:
        return drawn
    real = np.full(len(frame), NOTHING)
    if "click" in frame:
        real = np.where(frame["click"] == 1, CLICKED, real)
    if "conversion" in frame:
        came = frame["conversion"].notna().to_numpy()
        length = world.hours * SECONDS
        start = frame["time"].dt.normalize()
        ends = (frame["conversion"].fillna(start) - start).dt.total_seconds() // length
        begins = (frame["time"] - start).dt.total_seconds() // length
        real = np.where(came, np.clip((ends - begins).to_numpy(), 0, LATEST), real)
    return np.where(won, real, drawn).astype(np.int16)


def _factors(days: AuctionDays, world: CampaignParameters, rng: np.random.Generator) -> Floats:
    """[days] true conversion rates over predicted ones: the fitted law, given the conversions of impressions won."""
    if world.bias_sd == 0:
        return np.full(len(days), world.bias)
    due, came = due_and_came(days, world)
    logs = np.linspace(-REACH, REACH, FACTORS) * world.bias_sd - world.bias_sd**2 / 2
    weights = -((np.linspace(-REACH, REACH, FACTORS)) ** 2) / 2 + came[:, None] * logs
    weights = weights - due[:, None] * world.bias * np.exp(logs)
    ends = np.cumsum(np.exp(weights - weights.max(axis=1, keepdims=True)), axis=1)
    chosen = (ends < rng.random((len(days), 1)) * ends[:, -1:]).sum(axis=1)
    return np.asarray(world.bias * np.exp(logs[chosen]))


def due_and_came(days: AuctionDays, world: CampaignParameters) -> tuple[Floats, Floats]:
    """[days] conversions of impressions won that were predicted to be in the log, and those that are."""
    won = days.frame["won"] == 1
    rows = days.frame[won]
    predicted = rows["predicted"].to_numpy(np.float64) * share_by_now(days.frame, rows, world.delay)
    came = rows["conversion"].notna().to_numpy() if "conversion" in rows else np.zeros(len(rows))
    day = rows["day"].to_numpy()
    due, reported = (np.bincount(day, weights, len(days)).astype(np.float64) for weights in (predicted, came))
    return due, reported
