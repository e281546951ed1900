"""Do customers remember prices? What a table's periods tell of it, and what they leave open."""

from __future__ import annotations

import numpy as np

from envs_data.arrays import Flags, Floats
from envs_data.pricing.logit import Logit, Offers
from envs_data.pricing.shelf.choice import moved


def below_remembered(prices: Floats, offered: Flags, memory: float) -> Floats:
    """[periods, products] how far each price is below the one that customers remember of the periods before.

    Args:
        prices: [periods, products] in the order of time.
        offered: [periods, products].
        memory: share of the remembered price that is kept from one period to the next.
    """
    first = offered.argmax(axis=0)
    remembered = prices[first, np.arange(prices.shape[1])]
    below = np.zeros_like(prices)
    for row, there in enumerate(offered):
        below[row] = np.where(there, remembered - prices[row], 0.0)
        remembered = np.where(there, moved(remembered, prices[row], memory), remembered)
    return below


def probability(fitted: Logit, offers: Offers) -> float:
    """How probable a memory is, were it as probable as none beforehand: by the BIC, of which rows are the sample.

    Args:
        fitted: the logit with a memory.
        offers: the rows it was fitted to.
    """
    error = fitted.stderrs()[2 * len(fitted.appeal)]
    if fitted.recall <= 0 or not 0 < error < np.inf:
        return 0.0
    odds = np.exp(min(((fitted.recall / error) ** 2 - np.log(len(offers.prices))) / 2, 50.0))
    return float(odds / (1 + odds))
