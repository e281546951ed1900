"""Named scenarios of `AuctionParameters`."""

from __future__ import annotations

from envs_data.bidding.auction.parameters import AuctionParameters

_TINY = AuctionParameters(
    auctions=24,
    budget=40,
    max_bid=20,
    values=(2.0, 5.0, 10.0, 20.0),
    chances=(0.4, 0.3, 0.2, 0.1),
    competition=5.0,
)

SCENARIOS: dict[str, AuctionParameters] = {
    # The winner pays his bid: how far to shade it depends on value, competition and budget at once.
    "first-price": AuctionParameters(price="first"),
    # The winner pays the best competing bid: a linear bid paced by budget left over time left is nearly optimal.
    "second-price": AuctionParameters(price="second"),
    # Small enough for a table of every state.
    "tiny-first-price": _TINY.replace(price="first"),
    "tiny-second-price": _TINY.replace(price="second"),
}
