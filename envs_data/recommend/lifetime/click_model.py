"""Maximum likelihood of clicks: appeal of the items, effect of the place, and segments of customers with own tastes.

A visit's click is a multinomial logit over the places of its slate and no click at all. Customers belong to hidden
segments, which differ in what they add to each topic's appeal; each customer's visits are summed over the segments. The
tastes of all segments add up to 0 in every topic, because their mean is confounded with the appeal of its items.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special

from envs_data.arrays import Flags, Floats, Ints

# A weak pull to 0, of one observation's order, keeps the appeal of items that nobody clicked finite.
RIDGE = 0.05
STARTS, SEED = 2, 20_250_106
# Bounds of the log weight of a place relative to the one above.
PLACES = (-3.0, 0.0)


class Log(NamedTuple):
    """Visits as arrays; places beyond a short slate hold item -1.

    Attributes:
        customer: [visits] number of the customer, those of one side by side.
        items: [visits, slate] items shown.
        clicked: [visits] place clicked, the length of the slate for none.
        topic: [items] topic of each item.
        offset: [visits, slate] known addition to each utility, such as boredom.
    """

    customer: Ints
    items: Ints
    clicked: Ints
    topic: Ints
    offset: Floats

    def of(self, chosen: Flags) -> Log:
        """Some of the visits."""
        customer = np.unique(self.customer[chosen], return_inverse=True)[1]
        return Log(customer, self.items[chosen], self.clicked[chosen], self.topic, self.offset[chosen])


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What the log says of clicks.

    Attributes:
        appeal: [items] utility beside no click.
        place: log weight of a place relative to the one above.
        tastes: [segments, topics] what each segment adds; adding up to 0 over the segments.
        shares: [segments] of the customers.
        log_likelihood: at the maximum.
        vector: the parameters as they were optimised: appeal, place, tastes of all segments but the last, log odds of
            the shares.
        covariance: of these, from the scores of the customers.
    """

    appeal: Floats
    place: float
    tastes: Floats
    shares: Floats
    log_likelihood: float
    vector: Floats
    covariance: Floats

    @property
    def errors(self) -> Floats:
        """Standard errors of `vector`."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def log_of(frame: pd.DataFrame, names: list[str], topic: Ints) -> tuple[Log, pd.DataFrame]:
    """Visits out of a log sorted by customer, visit and position, and their customer, date and number."""
    number = {name: k for k, name in enumerate(names)}
    keys = frame.groupby(["customer", "visit"], sort=True)
    visit = keys.ngroup().to_numpy()
    place = frame["position"].to_numpy().astype(np.int64) - 1
    items = np.full((int(visit.max()) + 1, int(place.max()) + 1), -1)
    items[visit, place] = frame["item"].map(number).fillna(-1).to_numpy().astype(np.int64)
    clicked = np.full(len(items), items.shape[1])
    hit = frame["clicked"].to_numpy() == 1
    clicked[visit[hit]] = place[hit]
    about = keys.agg(date=("date", "first")).reset_index()
    customer = pd.factorize(about["customer"])[0].astype(np.int64)
    return Log(customer, items, clicked, topic, np.zeros(items.shape)), about


def utilities(log: Log, appeal: Floats, place: float, tastes: Floats) -> Floats:
    """[segments, visits, slate] utility of every place; minus infinity where nothing was shown."""
    seen = log.items >= 0
    item = np.maximum(log.items, 0)
    base = appeal[item] + place * np.arange(log.items.shape[1]) + log.offset
    return np.where(seen, base + tastes[:, log.topic[item]], -np.inf)


def chances(log: Log, appeal: Floats, place: float, tastes: Floats) -> Floats:
    """[segments, visits, slate + 1] probability of a click at each place, and of none."""
    none = np.zeros((len(tastes), len(log.items), 1))
    return np.asarray(special.softmax(np.concatenate([utilities(log, appeal, place, tastes), none], axis=2), axis=2))


class _Likelihood:
    """The likelihood of a log under some number of segments, and its gradient."""

    def __init__(self, log: Log, segments: int) -> None:
        self.log, self.segments = log, segments
        self.items, self.topics = len(log.topic), int(log.topic.max()) + 1
        self.customers = int(log.customer.max()) + 1
        self._rows = np.arange(len(log.items))
        self._hit = np.zeros((len(log.items), log.items.shape[1] + 1))
        self._hit[self._rows, log.clicked] = 1.0

    def parts(self, vector: Floats) -> tuple[Floats, float, Floats, Floats]:
        """Appeal, place, tastes and shares."""
        free = self.segments - 1
        appeal, place, rest = vector[: self.items], float(vector[self.items]), vector[self.items + 1 :]
        most = rest[: free * self.topics].reshape(free, self.topics)
        tastes = np.vstack([most, -most.sum(axis=0, keepdims=True)]) if free else np.zeros((1, self.topics))
        return (
            appeal,
            place,
            tastes,
            np.asarray(special.softmax(np.append(rest[free * self.topics :], 0.0)), dtype=np.float64),
        )

    def scores(self, vector: Floats, customer: Ints) -> tuple[Floats, Floats]:
        """[customers] log likelihoods, and their gradients, added up over the visits with the same ``customer``."""
        log = self.log
        appeal, place, tastes, shares = self.parts(vector)
        chance = chances(log, appeal, place, tastes)
        told = np.log(np.maximum(chance[:, self._rows, log.clicked], 1e-300))
        each = np.stack([np.bincount(log.customer, row, self.customers) for row in told]) + np.log(shares)[:, None]
        total = special.logsumexp(each, axis=0)
        member = np.exp(each - total)
        # Slope in each place's utility for each segment, weighted by the probability of belonging to it.
        slope = ((self._hit - chance) * member[:, log.customer, None])[:, :, :-1]
        return total, self._gradient(slope, member - shares[:, None], customer)

    def _gradient(self, slope: Floats, member: Floats, customer: Ints) -> Floats:
        log, free = self.log, self.segments - 1
        rows, item = int(customer.max()) + 1, np.maximum(log.items, 0)
        both = slope.sum(axis=0)
        last = _added(slope[-1], customer, log.topic[item], rows, self.topics)
        tastes = [_added(part, customer, log.topic[item], rows, self.topics) - last for part in slope[:free]]
        place = np.bincount(customer, both @ np.arange(item.shape[1]), rows)
        # All customers together belong to a segment as often as the sum of them does.
        shares = member[:free].T if rows > 1 else member[:free].sum(axis=1, keepdims=True).T
        return np.hstack([_added(both, customer, item, rows, self.items), place[:, None], *tastes, shares])

    def loss(self, vector: Floats) -> tuple[float, Floats]:
        """What is minimised: minus the log likelihood, with the weak pull to 0."""
        total, gradient = self.scores(vector, np.zeros_like(self.log.customer))
        pull = vector.copy()
        pull[self.items] = 0.0
        return float(-total.sum() + RIDGE / 2 * pull @ pull), -gradient[0] + RIDGE * pull

    def fit(self, begin: Floats) -> Estimate:
        """The maximum that is reached from a beginning."""
        bounds = [(-12.0, 12.0)] * len(begin)
        bounds[self.items] = PLACES
        best = optimize.minimize(self.loss, begin, jac=True, method="L-BFGS-B", bounds=bounds)
        total, scores = self.scores(best.x, self.log.customer)
        information = scores.T @ scores + RIDGE * np.eye(len(begin))
        return Estimate(
            *self.parts(best.x), float(total.sum()), best.x, np.asarray(np.linalg.inv(information), dtype=np.float64)
        )


def _added(slope: Floats, row: Ints, column: Ints, rows: int, columns: int) -> Floats:
    """[rows, columns] the slopes of visits and places, added up."""
    place = row[:, None] * columns + column
    return np.asarray(
        np.bincount(place.ravel(), slope.ravel(), rows * columns).reshape(rows, columns), dtype=np.float64
    )


def estimate(log: Log, most: int = 3) -> Estimate:
    """Fits one segment, then two and so on, as long as the Bayesian information criterion likes it better.

    Args:
        log: the visits.
        most: largest number of segments tried.
    """
    one = _Likelihood(log, 1)
    best = one.fit(np.append(np.full(one.items, -2.0), -0.1))
    rng = np.random.default_rng(SEED)
    for segments in range(2, most + 1 if one.topics > 1 else 2):
        model = _Likelihood(log, segments)
        begins = [_begin(best, model, rng) for _ in range(STARTS)]
        candidate = max((model.fit(begin) for begin in begins), key=lambda fitted: fitted.log_likelihood)
        if criterion(candidate, model.customers) >= criterion(best, model.customers):
            break
        best = candidate
    return best


def _begin(before: Estimate, model: _Likelihood, rng: np.random.Generator) -> Floats:
    """Appeal and place as with fewer segments, and tastes at random."""
    free = model.segments - 1
    tastes = rng.normal(0.0, 0.5, free * model.topics)
    return np.concatenate([before.vector[: model.items + 1], tastes, np.zeros(free)])


def criterion(fitted: Estimate, customers: int) -> float:
    """The Bayesian information criterion: the smaller, the better."""
    return float(len(fitted.vector) * np.log(customers) - 2 * fitted.log_likelihood)
