"""Named scenarios of `CampaignParameters`."""

from __future__ import annotations

from envs_data.bidding.campaign.parameters import CampaignParameters

_TARGET = CampaignParameters(price="second", budget=150_000, target=300.0, bid=420.0, bid_span=4.0, bias_sd=0.3)
_SMALL = CampaignParameters(ticks=12, auctions=240.0, budget=3_000)

SCENARIOS: dict[str, CampaignParameters] = {
    # The winner pays his bid: a bid in proportion to value overpays for the most valuable impressions.
    "first-price": CampaignParameters(),
    # The winner pays the next bid: a bid in proportion to value, paced to the traffic, is nearly optimal.
    "second-price": CampaignParameters(price="second"),
    # First price as public logs show it: prices heaped on five floors and cut, losers see what would have won.
    "floors": CampaignParameters(
        floors=(20, 50, 70, 100, 150),
        floor_chances=(0.1, 0.08, 0.06, 0.05, 0.03),
        reserve=20,
        highest=300,
        hour_sd=0.1,
        feedback="minimum_bid",
    ),
    # The bidder sees only its spend and the reported conversions.
    "blind": CampaignParameters(day_sd=0.3, hour_sd=0.15, feedback="none"),
    # A cost per conversion to keep to, with predictions that are off by a factor nobody knows in the morning.
    "target": _TARGET,
    # The same, with conversions three hours late, and eight.
    "target-3h": _TARGET.replace(delay=3.0),
    "target-8h": _TARGET.replace(delay=8.0),
    # Small days; the last one shows its bounds at the end.
    "small-first-price": _SMALL,
    "small-second-price": _SMALL.replace(price="second", feedback="minimum_bid", reserve=10),
    "small-target": _SMALL.replace(
        price="second", target=400.0, bid=560.0, delay=3.0, bias_sd=0.3, feedback="none", bounds=True
    ),
    # A large advertiser's day, for evaluation.
    "big-day": CampaignParameters(auctions=200_000.0, budget=2_400_000, traffic_sd=0.02),
}
