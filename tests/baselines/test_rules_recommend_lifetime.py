"""The rules of RecommendLifetime: what they decide, and what the scenarios were made to show of them."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Agent, problem_of
from baselines.learners.random_agent import Random
from baselines.play.rollout import play
from baselines.rules import recommend_clicks, recommend_lifetime, rules
from bizgyms.recommend.lifetime.planner import planner
from envs_data.recommend.lifetime import SCENARIOS
from envs_data.recommend.lifetime.table import generate

LIFETIME = bizgyms.case("RecommendLifetime")
PLAYED = 20


def problem(scenario):
    return problem_of(LIFETIME, SCENARIOS[scenario])


def earned(wanted, *agents, episodes=600):
    """[agents, episodes] margins of each episode, the same luck for everybody."""
    return np.array([play(wanted, agent, episodes, 77, "agent").returns for agent in agents])


def surely_more(more, less):
    """Whether paired differences are above zero by four standard errors."""
    difference = more - less
    return difference.mean() > 4 * difference.std() / np.sqrt(len(difference))


@pytest.mark.parametrize(
    "scenario", [pytest.param("web-shop", marks=pytest.mark.slow), "boredom", "tiny", "tiny-boredom"]
)
def test_every_setting_of_every_rule_shows_different_items_in_stock(scenario):
    """Only the planner may repeat the top item, where nothing is worth showing below it."""
    wanted = problem(scenario)
    envs = bizgyms.make_vec(wanted.parameters, num_envs=PLAYED)
    rows, _ = envs.reset(seed=1)
    for _ in range(3):
        rows, *_ = envs.step(envs.action_space.sample() * 0)
    slate, repeats = wanted.parameters.slate, ("planner",)
    for spec in rules(wanted):
        if spec.kind != "rule" or not spec.fits(wanted):
            continue
        for setting in spec.settings(wanted):
            agent = spec.build(wanted, **setting)
            assert isinstance(agent, Agent)
            slates = agent.act(rows)
            assert envs.action_space.contains(slates.astype(np.int64))
            assert np.take_along_axis(wanted.view.available(rows), slates, axis=1).all()
            assert spec.name in repeats or all(len(set(row)) == slate for row in slates.tolist())


def test_the_satisfied_are_treated_and_the_last_visits_are_worth_their_margin():
    wanted = problem("tiny")
    agent = recommend_lifetime.treat_the_satisfied(wanted, care=8.0, level=4, then=1.0, last=7)
    rows = np.zeros((3, len(wanted.view.features)), dtype=np.float32)
    rows[:, wanted.view.columns["satisfaction"]] = [3, 4, 3]
    rows[:, wanted.view.columns["visits"]] = [5, 5, 33]
    available = [k for k, feature in enumerate(wanted.view.features) if feature.name.startswith("available")]
    rows[:, available] = 1.0
    slates = [recommend_lifetime.worth_of_a_click(wanted, care).act(rows[:1])[0, 0] for care in (8.0, 1.0, 0.0)]
    assert agent.act(rows)[:, 0].tolist() == slates


def test_what_a_log_says_of_the_past_is_what_is_observed():
    """Recent clicks and places of a row's topic, rebuilt from a log, are those of the observation."""
    p = SCENARIOS["boredom"]
    log = generate(p, seed=3, customers=1)
    found = recommend_clicks.of_late(log, p.topics)
    recent, shown = np.zeros(p.topics), np.zeros(p.topics)
    for _, visit in log.groupby("visit"):
        rows = visit.index.to_numpy()
        topics = visit["topic"].to_numpy()
        assert found[rows, 0] == pytest.approx(recent[topics])
        assert found[rows, 1] == pytest.approx(shown[topics])
        recent, shown = 0.8 * recent, 0.8 * shown
        np.add.at(recent, topics, visit["clicked"].to_numpy())
        np.add.at(shown, topics, 1.0)
    assert recent.sum() > 0


def test_in_clickbait_whoever_follows_clicks_earns_less_than_random():
    wanted = problem("clickbait")
    agents = (Random(wanted), recommend_lifetime.most_popular(wanted), planner(wanted.parameters))
    chance, popular, planned = earned(wanted, *agents)
    assert surely_more(chance, popular)
    assert popular.mean() < planned.mean() - 0.3 * (planned.mean() - chance.mean())


def test_in_honest_the_most_popular_items_are_all_that_is_needed():
    """No other rule earns more than the noise over them, and they come within a few per cent of the bound."""
    wanted = problem("honest")
    popular = earned(wanted, recommend_lifetime.most_popular(wanted), episodes=2000)[0]
    for spec in [spec for spec in recommend_lifetime.RULES[1:] if spec.fits(wanted)]:
        other = earned(wanted, spec.build(wanted, **spec.settings(wanted)[0]), episodes=2000)[0]
        assert not surely_more(other, popular)
    bound = LIFETIME.reference(wanted.parameters).value
    assert 0.9 * bound < popular.mean() < bound + 3 * popular.std() / np.sqrt(2000)


def test_in_drift_who_learns_on_beats_who_was_trained_before():
    """The same click model, fixed and learning on, side by side on the same luck; a planner knows the law."""
    wanted = problem("drift")
    fixed = recommend_clicks.clicks_times_margin(wanted)
    fixed, learning, knowing = earned(wanted, fixed, recommend_clicks.learns_on(wanted), planner(wanted.parameters))
    assert surely_more(learning, fixed)
    assert surely_more(knowing, learning)
