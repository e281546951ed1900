"""The law of what customers spend at a purchase: gamma amounts around a mean of each customer's own.

A customer's amounts are Gamma(p, rate nu), and nu is Gamma(q, scale): Fader, Hardie and Lee (2005), RFM and CLV,
Journal of Marketing Research 42(4). Amounts are assumed to be independent of the purchase rate.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from envs_data.arrays import Floats, Ints


@dataclasses.dataclass(frozen=True)
class GammaSpend:
    """The law.

    Attributes:
        p: shape of a customer's amounts.
        q: shape of the customers; above 1 the mean amount is finite.
        scale: money; the mean amount is p scale / (q - 1).
    """

    p: float
    q: float
    scale: float

    @property
    def mean(self) -> float:
        """Mean amount of a purchase over all customers; infinite for q up to 1."""
        return self.p * self.scale / (self.q - 1) if self.q > 1 else np.inf

    def log_likelihood(self, mean: Floats, count: Ints) -> Floats:
        """[customers] log density of each customer's mean amount over a number of purchases."""
        p, q = self.p * count, self.q
        shapes = special.gammaln(p + q) - special.gammaln(p) - special.gammaln(q)
        amounts = q * np.log(self.scale) + (p - 1) * np.log(mean) + p * np.log(count)
        return np.asarray(shapes + amounts - (p + q) * np.log(self.scale + count * mean))

    def expected(self, mean: Floats, count: Ints) -> Floats:
        """[customers] expected amount of the next purchase: the customer's own mean, drawn towards that of all."""
        return np.asarray(self.p * (self.scale + count * mean) / (self.p * count + self.q - 1))

    def draw(self, rng: np.random.Generator, customer: Ints, customers: int) -> Floats:
        """Draws the amount of every purchase.

        Args:
            rng: the source of randomness.
            customer: [purchases] who buys.
            customers: how many customers there are.
        """
        nu = rng.gamma(self.q, 1 / self.scale, customers)
        return np.asarray(rng.gamma(self.p, 1, len(customer)) / nu[customer])
