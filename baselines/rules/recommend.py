"""The rules of recommendation, and the recommender trained on clicks."""

from baselines.agents import Rung
from baselines.rules import recommend_clicks, recommend_lifetime, recommend_satisfaction, recommend_visit

RULES: dict[str, tuple[Rung, ...]] = {
    "RecommendLifetime": (*recommend_lifetime.RULES, *recommend_clicks.PREDICT),
    "RecommendSatisfaction": recommend_satisfaction.RULES,
    "RecommendVisit": recommend_visit.RULES,
}
