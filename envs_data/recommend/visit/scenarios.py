"""Named scenarios of `VisitParameters`."""

from __future__ import annotations

from envs_data.recommend.visit.parameters import CLICKBAIT, KALE, MIXED, Kind, VisitParameters

SCENARIOS: dict[str, VisitParameters] = {
    # The top of a shop's home page, one visit a week. Guides build trust and sell little, offers are clicked most and
    # disappoint; and whatever was shown last week is stale.
    "home-page": VisitParameters(
        kinds=(
            Kind(name="guide", clicks=1.0, worth=1.0, up=0.5, down=0.05),
            Kind(name="range", clicks=1.3, worth=1.0, up=0.3, down=0.2),
            Kind(name="offer", clicks=1.7, worth=1.0, up=0.05, down=0.55),
        ),
        boredom=2,
        dulls=0.15,
        money="EUR",
    ),
    # The instance of five states: no boredom, so that one threshold on satisfaction is optimal.
    "lifetime-tiny": VisitParameters(kinds=(KALE, MIXED, CLICKBAIT)),
    # Clicks and value agree: what is clicked most also pleases most. Whoever follows clicks loses nothing.
    "honest": VisitParameters(
        kinds=(
            Kind(name="guide", clicks=1.7, up=0.5, down=0.05),
            Kind(name="range", clicks=1.3, up=0.3, down=0.2),
            Kind(name="offer", clicks=1.0, up=0.05, down=0.55),
        ),
    ),
}
