"""The rules of recommendation, the recommender trained on clicks, and what a board says of the two goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baselines.agents import Rung
from baselines.learners.scores import by_scores, on_clicks
from baselines.rules import (
    recommend_clicks,
    recommend_lifetime,
    recommend_satisfaction,
    recommend_supervised,
    recommend_visit,
)

if TYPE_CHECKING:
    from baselines.judge.verdict import Evidence

# Who is trained on clicks, as boards of all cases call them.
CLICKS = ("click model", "PPO on clicks")

LEARNERS = (
    Rung("PPO by scores", "deep", "observations", by_scores, preview=True),
    Rung("PPO on clicks", "deep", "observations", on_clicks),
)
RULES: dict[str, tuple[Rung, ...]] = {
    "RecommendLifetime": (*recommend_lifetime.RULES, *recommend_clicks.PREDICT, *LEARNERS),
    "RecommendSatisfaction": (*recommend_satisfaction.RULES, recommend_supervised.SATISFACTION),
    "RecommendVisit": (*recommend_visit.RULES, recommend_supervised.VISIT),
}


def remarks(evidence: Evidence) -> list[str]:
    """What optimising clicks earns beside optimising the lifetime, and beside what is possible."""
    money = evidence.money
    clicks = max((row.value for row in evidence.rows if row.agent in CLICKS and row.value is not None), default=None)
    possible = evidence.of_role("best possible")
    if clicks is None or possible is None or possible.value is None:
        return []
    learners = [row for row in evidence.learners if row.agent not in CLICKS]
    best = max(learners, key=lambda row: row.value or 0.0, default=None)
    lifetime = "nothing yet" if best is None or best.value is None else f"{money(best.value)} ({best.agent})"
    return [
        f"Trained on clicks: {money(clicks)}; trained on the lifetime: {lifetime}; "
        f"possible: {money.a_year(possible.value)}."
    ]
