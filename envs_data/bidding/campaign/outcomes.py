"""What comes of impressions: traffic, predicted rates, clicks, conversions, how late they are, and calibration."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from scipy import optimize, stats

from envs_data.arrays import Floats
from envs_data.bidding.campaign.parameters import HOURS

SECONDS = 3600.0
# A day with less than this share of the usual traffic is not a whole one.
WHOLE = 0.5


@dataclasses.dataclass(frozen=True)
class Estimated:
    """A number and its standard error."""

    value: float
    stderr: float


def traffic(time: pd.Series) -> tuple[Estimated, tuple[float, ...], Estimated, int]:
    """Auctions a day, factors by hour, the spread of days, and how many days were too short to count."""
    counts = pd.crosstab(time.dt.normalize(), time.dt.hour).reindex(columns=range(HOURS), fill_value=0).to_numpy()
    totals = counts.sum(axis=1)
    whole = totals >= WHOLE * np.median(totals)
    counts, totals, days = counts[whole], totals[whole].astype(np.float64), int(whole.sum())
    mean = float(totals.mean())
    factors = counts.sum(axis=0) * HOURS / totals.sum()
    variance = float(totals.var(ddof=1)) / mean**2 - 1 / mean if days > 1 else 0.0
    spread = float(np.sqrt(max(variance, 0.0)))
    error = (max(variance, 0.0) + 1 / mean) / np.sqrt(2 * max(days - 1, 1)) / max(spread, np.sqrt(1 / mean))
    return (
        Estimated(mean, float(np.sqrt((max(variance, 0) * mean**2 + mean) / days))),
        tuple(round(float(x), 4) for x in factors),
        Estimated(spread, float(error)),
        int((~whole).sum()),
    )


def rates(predicted: pd.Series) -> tuple[Estimated, Estimated]:
    """Median and log spread of predicted rates; rates of 1 count as censored."""
    logs = np.log(predicted.to_numpy(np.float64))
    free, cut = logs[logs < 0], int((logs >= 0).sum())
    mean, sd = float(logs.mean()), max(float(logs.std()), 1e-6)
    if cut:

        def loss(x: Floats) -> float:
            law = stats.norm(x[0], np.exp(x[1]))
            return -float(law.logpdf(free).sum() + cut * law.logsf(0.0)) / len(logs)

        mean, log_sd = optimize.minimize(loss, [mean, np.log(sd)], method="Nelder-Mead", options={"xatol": 1e-5}).x
        sd = float(np.exp(log_sd))
    count = np.sqrt(len(logs))
    return Estimated(float(np.exp(mean)), float(np.exp(mean)) * sd / count), Estimated(sd, sd / count / np.sqrt(2))


def delay(frame: pd.DataFrame) -> Estimated:
    """Mean hours from impression to conversion, by maximum likelihood: later ones than the log's end are not in it."""
    late = frame[frame["conversion"].notna()]
    hours = (late["conversion"] - late["time"]).dt.total_seconds().to_numpy() / SECONDS
    window = np.maximum((_end(frame) - late["time"]).dt.total_seconds().to_numpy() / SECONDS, 1e-3)
    if not len(hours) or hours.mean() <= 1 / SECONDS:
        return Estimated(0.0, 0.0)

    def loss(log_mean: float) -> float:
        mean = np.exp(log_mean)
        return float((log_mean + hours / mean + np.log(-np.expm1(-window / mean))).sum())

    at = float(np.log(hours.mean()))
    best = float(optimize.minimize_scalar(loss, bounds=(at - 2, at + 4), method="bounded").x)
    step = 0.01
    curvature = (loss(best + step) - 2 * loss(best) + loss(best - step)) / step**2
    mean = float(np.exp(best))
    return Estimated(mean, mean / float(np.sqrt(max(curvature, 1e-9))))


def _end(frame: pd.DataFrame) -> pd.Timestamp:
    moments = [frame[name].dropna() for name in ("time", "conversion") if name in frame]
    last: pd.Timestamp = pd.concat(moments).max()
    return last


def with_due(frame: pd.DataFrame, mean_delay: float) -> pd.DataFrame:
    """Impressions won, with ``due``: predicted conversions that can have come by the end of the log.

    Args:
        frame: the log.
        mean_delay: hours from impression to conversion.
    """
    won = frame[frame["won"] == 1]
    return won.assign(due=won["predicted"] * share_by_now(frame, won, mean_delay))


def calibration(frame: pd.DataFrame, mean_delay: float) -> tuple[Estimated, Estimated]:
    """True conversion rates over predicted ones, and how far the factor spreads from day to day.

    Args:
        frame: the log.
        mean_delay: hours; conversions still to come are reckoned with.
    """
    won = with_due(frame, mean_delay)
    daily = pd.DataFrame({"due": won["due"], "came": won["conversion"].notna()})
    sums = daily.groupby(won["time"].dt.normalize()).sum()
    due, came = sums["due"].to_numpy(np.float64), sums["came"].to_numpy(np.float64)
    factor = came.sum() / due.sum()
    if came.sum() == 0:
        return Estimated(1.0, float("nan")), Estimated(0.0, float("nan"))
    days, expected = len(due), factor * due
    variance = float(((came - expected) ** 2 - expected).sum() / (expected**2).sum()) * days / max(days - 1, 1)
    spread = float(np.sqrt(np.log1p(max(variance, 0.0))))
    single = float((1 / expected).mean()) + max(variance, 0.0)
    weights = float((expected**2).sum() / expected.sum() ** 2)
    error = factor * np.sqrt(1 / came.sum() + max(variance, 0.0) * weights)
    return Estimated(float(factor), float(error)), Estimated(
        spread, float(single / np.sqrt(2 * max(days - 1, 1)) / max(spread, np.sqrt(single)))
    )


def share_by_now(frame: pd.DataFrame, won: pd.DataFrame, mean_delay: float) -> Floats | float:
    """[rows] the share of the conversions of impressions that is in the log.

    Args:
        frame: the log.
        won: its rows asked about.
        mean_delay: hours.
    """
    if mean_delay <= 0:
        return 1.0
    window = (_end(frame) - won["time"]).dt.total_seconds().to_numpy() / SECONDS
    return np.asarray(-np.expm1(-window / mean_delay))


def clicks(frame: pd.DataFrame, factor: float) -> float:
    """Clicks a conversion: the factor on true rates that gives as many clicks as there were."""
    won = frame[frame["won"] == 1]
    true, wanted = won["predicted"].to_numpy(np.float64) * factor, float(won["click"].sum())

    def more(log_factor: float) -> float:
        return float(np.minimum(true * np.exp(log_factor), 1.0).sum()) - wanted

    if more(0.0) >= 0:
        return 1.0
    if more(np.log(1e4)) <= 0:
        return 1e4
    return float(np.exp(optimize.brentq(more, 0.0, np.log(1e4))))
