"""The law of when customers come back and when they stop: BG/NBD.

A customer makes a first purchase at time 0 and then buys at a rate of their own, Gamma(r, alpha). After every repeat
purchase they drop out for good with a probability of their own, Beta(a, b). Fader, Hardie and Lee (2005), "Counting
your customers" the easy way, Marketing Science 24(2); equation numbers below are theirs.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy import special

from envs_data.arrays import Flags, Floats, Ints

# At a = 1 and at a + b = 1 the expected number of purchases is a limit; so near to them the formula loses its digits.
NEAR = 1e-6


class Customers(NamedTuple):
    """Hidden rates of customers.

    Attributes:
        rate: [customers] repeat purchases a unit of time, as long as the customer stays.
        dropout: [customers] probability of stopping for good after each repeat purchase.
    """

    rate: Floats
    dropout: Floats


class Cohort(NamedTuple):
    """A summary of customers' purchases, as a business knows it.

    Attributes:
        frequency: [customers] repeat purchases.
        recency: [customers] time of the last one since the first purchase; 0 if there is none.
        age: [customers] time since the first purchase.
    """

    frequency: Ints
    recency: Floats
    age: Floats


class Purchases(NamedTuple):
    """Repeat purchases one by one, those of a customer side by side and in the order of time.

    Attributes:
        customer: [purchases] number of the customer.
        time: [purchases] since the customer's first purchase.
    """

    customer: Ints
    time: Floats


@dataclasses.dataclass(frozen=True)
class BgNbd:
    """The law, in whatever unit of time `alpha` is.

    Attributes:
        r: shape of the rates; below 1 most customers hardly ever buy.
        alpha: rate of the rates' gamma, in units of time: the mean rate is r / alpha.
        a: first parameter of the drop-out probabilities.
        b: second one: the mean drop-out probability is a / (a + b).
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, cohort: Cohort) -> Floats:
        """[customers] log likelihood of each customer's purchases; equation (6)."""
        x, last, age = cohort
        r, a, b = self.r, self.a, self.b
        buying = special.gammaln(r + x) - special.gammaln(r) + r * np.log(self.alpha)
        staying = special.betaln(a, b + x) - special.betaln(a, b)
        alive = -(r + x) * np.log(self.alpha + age)
        gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(self.alpha + last)
        return np.asarray(buying + staying + np.where(x > 0, np.logaddexp(alive, gone), alive))

    def expected(self, age: Floats) -> Floats:
        """Expected repeat purchases of a customer up to each time since the first purchase; equation (9)."""
        r, b, t = self.r, self.b, np.asarray(age, dtype=np.float64)
        a = self._regular_a()
        waiting = (self.alpha / (self.alpha + t)) ** r
        return np.asarray((a + b - 1) / (a - 1) * (1 - waiting * special.hyp2f1(r, b, a + b - 1, t / (self.alpha + t))))

    def nothing(self, age: Floats) -> Floats:
        """Probability of no repeat purchase up to each time since the first purchase."""
        return np.asarray((self.alpha / (self.alpha + np.asarray(age))) ** self.r)

    def alive(self, cohort: Cohort) -> Floats:
        """[customers] probability that a customer has not dropped out yet."""
        x, last, age = cohort
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        odds = odds + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + last))
        return np.asarray(np.where(x > 0, special.expit(-odds), 1.0))

    def expected_after(self, cohort: Cohort, time: float) -> Floats:
        """[customers] expected purchases in a period to come, given those so far; equation (10)."""
        x, _, age = cohort
        b, a = self.b, self._regular_a()
        now, later = self.alpha + age, self.alpha + age + time
        waiting = (now / later) ** (self.r + x)
        series = special.hyp2f1(self.r + x, b + x, a + b + x - 1, time / later)
        return np.asarray((a + b + x - 1) / (a - 1) * (1 - waiting * series) * self.alive(cohort))

    def _regular_a(self) -> float:
        """Parameter a, moved a little where the expectation is a limit."""
        return self.a + NEAR if min(abs(self.a - 1), abs(self.a + self.b - 1)) < NEAR else self.a

    def draw_customers(self, rng: np.random.Generator, count: int) -> Customers:
        """Draws the hidden rates of customers."""
        return Customers(rng.gamma(self.r, 1 / self.alpha, count), rng.beta(self.a, self.b, count))

    def draw_cohort(self, rng: np.random.Generator, age: Floats) -> Cohort:
        """Draws the summary of a cohort.

        How many purchases a customer would make without ever dropping out is Poisson, and at which of them they drop
        out is geometric, independently; the smaller of the two is how many they make. Their times are those of a
        Poisson process, of which the last one made is an order statistic.

        Args:
            rng: the source of randomness.
            age: [customers] time since the first purchase.
        """
        wanted, made = _counts(rng, self.draw_customers(rng, len(age)), age)
        last = np.zeros(len(age))
        some = made > 0
        last[some] = age[some] * rng.beta(made[some], wanted[some] - made[some] + 1)
        return Cohort(made, last, np.asarray(age, dtype=np.float64))

    def draw_purchases(self, rng: np.random.Generator, age: Floats) -> Purchases:
        """Draws every repeat purchase of a cohort.

        Args:
            rng: the source of randomness.
            age: [customers] time since the first purchase.
        """
        return draw_times(rng, self.draw_customers(rng, len(age)), age)

    def draw_who_stayed(self, rng: np.random.Generator, cohort: Cohort) -> Customers:
        """Draws customers' rates given their purchases; customers who have stopped have a rate of 0."""
        x, _, age = cohort
        stays = rng.random(len(x)) < self.alive(cohort)
        rate = rng.gamma(self.r + x, 1 / (self.alpha + age))
        return Customers(np.where(stays, rate, 0.0), rng.beta(self.a, self.b + x))


def returns_of(customer: Ints, day: Ints) -> Purchases:
    """What customers bought after their first day, in days since it; what is bought on one day is one purchase.

    Args:
        customer: [purchases] number of the customer, those of one side by side.
        day: [purchases] days, rising for each customer.
    """
    first = np.append(True, np.diff(customer) != 0)
    since = day - day[first][np.cumsum(first) - 1]
    kept = (since > 0) & np.append(True, (np.diff(day) != 0) | (np.diff(customer) != 0))
    return Purchases(customer[kept], since[kept].astype(np.float64))


def draw_times(rng: np.random.Generator, customers: Customers, time: Floats) -> Purchases:
    """Draws every purchase of customers within a time of each.

    Args:
        rng: the source of randomness.
        customers: what they are like.
        time: [customers] for how long.
    """
    wanted, made = _counts(rng, customers, time)
    customer = np.repeat(np.arange(len(time)), wanted)
    when = time[customer] * rng.random(len(customer))
    when = when[np.lexsort((when, customer))]
    first = np.cumsum(wanted) - wanted
    kept = np.arange(len(customer)) - first[customer] < made[customer]
    return Purchases(customer[kept], when[kept])


def _counts(rng: np.random.Generator, customers: Customers, time: Floats) -> tuple[Ints, Ints]:
    """[customers] purchases without drop-out, and those made."""
    wanted = rng.poisson(customers.rate * time)
    # A probability of 0 to double precision means that they never stop.
    stops = rng.geometric(np.maximum(customers.dropout, 1e-12))
    return wanted, np.minimum(wanted, stops)


def draw_gaps(rng: np.random.Generator, customers: Customers, visits: int) -> Floats:
    """[customers, visits] time from each visit to the next, as long as the customer stays."""
    gaps = rng.standard_exponential((len(customers.rate), visits))
    return np.asarray(gaps / np.maximum(customers.rate, np.finfo(np.float64).tiny)[:, None])


def draw_stops(rng: np.random.Generator, customers: Customers, visits: int) -> Flags:
    """[customers, visits] whether the customer stops for good after each visit."""
    return np.asarray(rng.random((len(customers.dropout), visits)) < customers.dropout[:, None])
