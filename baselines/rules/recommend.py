"""The rules of recommendation, and the recommender trained on clicks."""

from __future__ import annotations

from baselines.agents import AgentSpec
from baselines.rules import (
    recommend_clicks,
    recommend_lifetime,
    recommend_satisfaction,
    recommend_supervised,
    recommend_visit,
)

RULES: dict[str, tuple[AgentSpec, ...]] = {
    "RecommendLifetime": (*recommend_lifetime.RULES, *recommend_clicks.PREDICT),
    "RecommendSatisfaction": (*recommend_satisfaction.RULES, recommend_supervised.SATISFACTION),
    "RecommendVisit": (*recommend_visit.RULES, recommend_supervised.VISIT),
}
