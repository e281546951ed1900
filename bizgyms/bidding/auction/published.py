"""Numbers of a day of auctions, for comparison with known ones. All are exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bizgyms.bidding.auction.optimum import Bids, evaluate, reference
from bizgyms.registry import case
from bizgyms.scenario import resolve
from envs_data.bidding.auction import AuctionParameters


def optimum(auctions: str | Mapping[str, Any]) -> float:
    """Expected value of a day under the optimal policy."""
    return reference(_auctions(auctions)).value


def constant_share(auctions: str | Mapping[str, Any]) -> float:
    """Value of the best constant bid, in percent of the optimum."""
    p = _auctions(auctions)
    best = max(_value(p, np.full(len(p.values), bid)) for bid in range(1, p.max_bid + 1))
    return 100 * best / optimum(auctions)


def truthful_share(auctions: str | Mapping[str, Any]) -> float:
    """Value of bidding the value, in percent of the optimum."""
    return 100 * linear_value(auctions, 1.0) / optimum(auctions)


def linear_value(auctions: str | Mapping[str, Any], multiplier: float) -> float:
    """Expected value of bidding a multiple of the value, rounded."""
    p = _auctions(auctions)
    return _value(p, np.clip(np.rint(multiplier * np.array(p.values)), 0, p.max_bid))


def _value(p: AuctionParameters, bids: Any) -> float:
    table: Bids = np.asarray(bids).astype(np.uint8)[None]
    return evaluate(p, lambda _, __: table)[0]


def _auctions(auctions: str | Mapping[str, Any]) -> AuctionParameters:
    parameters = resolve(case("BiddingAuction"), auctions)
    assert isinstance(parameters, AuctionParameters)
    return parameters
