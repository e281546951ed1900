"""The rules of RecommendVisit and RecommendSatisfaction, the recommenders trained on clicks, and their logs."""

import numpy as np
import pytest

import bizgyms
from baselines.agents import Agent, Problem
from baselines.protocols.scoring import score
from baselines.rules import recommend_supervised, recommend_visit, rules
from bizgyms.recommend.visit.optimum import block_of, model, solve, states_of, value_of
from envs_data.recommend.satisfaction import SCENARIOS as SATISFACTION
from envs_data.recommend.satisfaction.table import generate as items_shown
from envs_data.recommend.visit import SCENARIOS as VISIT
from envs_data.recommend.visit.table import generate as visits_made


def problem(name, scenario):
    case = bizgyms.case(name)
    parameters = case.scenarios[scenario]
    return Problem(case, parameters, case.env.view_type(parameters))


def exact(p, agent):
    """What a stationary rule earns, by solving for its table."""
    satisfaction, shown, repeats = (part.ravel() for part in states_of(p))
    rows = np.stack([satisfaction, shown, repeats], axis=1).astype(np.float32)
    found = model(p)
    return value_of(found, agent.act(rows))[found.start]


def best_of(wanted, spec):
    p = wanted.parameters
    return max(exact(p, spec.build(wanted, **setting)) for setting in spec.settings(wanted))


@pytest.mark.parametrize(
    ("name", "scenario"),
    [("RecommendVisit", scenario) for scenario in VISIT] + [("RecommendSatisfaction", s) for s in SATISFACTION],
)
def test_every_setting_of_every_rule_decides_inside_the_space(name, scenario):
    wanted = problem(name, scenario)
    envs = bizgyms.make_vec(wanted.parameters, num_envs=40)
    rows, _ = envs.reset(seed=1)
    for _ in range(3):
        rows, *_ = envs.step(envs.action_space.sample() * 0)
    for spec in rules(wanted):
        listed = spec.settings(wanted)
        assert 0 < len(listed) <= 150
        for setting in listed:
            agent = spec.build(wanted, **setting)
            assert isinstance(agent, Agent)
            assert envs.action_space.contains(agent.act(rows).astype(np.int64))


def test_stand_ins_go_by_satisfaction():
    home = problem("RecommendVisit", "home-page")
    agent = recommend_visit.vary_by_mood(home, kind=0, relief=1, delight=2, level=3, most=1)
    rows = np.array([[1, 0, 0], [1, 1, 0], [3, 1, 0], [3, 2, 0]], dtype=np.float32)
    assert agent.act(rows).tolist() == [0, 1, 2, 0]


def test_the_dial_of_boredom():
    """Without boredom a threshold is optimal; with it neither one kind nor a threshold comes near, varying does."""
    specs = {spec.name: spec for spec in recommend_visit.RULES}
    tiny, home = problem("RecommendVisit", "lifetime-tiny"), problem("RecommendVisit", "home-page")
    assert best_of(tiny, specs["treat the satisfied"]) == pytest.approx(solve(tiny.parameters).value, rel=1e-12)
    shares = {name: best_of(home, specs[name]) / solve(home.parameters).value for name in specs}
    assert shares["always the same"] < 0.75
    assert shares["treat the satisfied"] < 0.87
    assert 0.95 < shares["diversity cap"] < shares["treat and vary"] < 0.995
    assert shares["most popular"] < 0.3
    assert shares["highest margin now"] < 0.3
    assert not specs["diversity cap"].fits(tiny)


def test_who_is_trained_on_clicks_finds_what_is_clicked_and_loses_the_customer():
    wanted = problem("RecommendVisit", "home-page")
    p = wanted.parameters
    agent = recommend_supervised.trained_on_visits(wanted, customers=600)
    greedy = model(p).clicks.argmax(axis=0)
    satisfaction, shown, repeats = (part.ravel() for part in states_of(p))
    chosen = agent.act(np.stack([satisfaction, shown, repeats], axis=1).astype(np.float32))
    often = (shown > 0) & (satisfaction < 4)
    assert (chosen == greedy)[often].mean() > 0.9
    assert exact(p, agent) < 0.3 * solve(p).value


def test_clicks_are_the_right_goal_where_they_agree_with_value():
    wanted = problem("RecommendVisit", "honest")
    agent = recommend_supervised.trained_on_visits(wanted, customers=300)
    assert exact(wanted.parameters, agent) == pytest.approx(solve(wanted.parameters).value, rel=1e-9)


def test_who_is_trained_on_minutes_shows_the_most_clickbait():
    wanted = problem("RecommendSatisfaction", "sensitive")
    agent = recommend_supervised.trained_on_items(wanted, users=60)
    rows, _ = bizgyms.make_vec(wanted.parameters, num_envs=50).reset(seed=1)
    assert (agent.act(rows) == rows[:, 3:].argmax(axis=1)).mean() > 0.95


def test_the_log_of_visits_says_what_was_done():
    p = VISIT["home-page"]
    log = visits_made(p, seed=1, customers=300)
    assert log.equals(visits_made(p, seed=1, customers=300))
    assert (log["propensity"] == 1 / 3).all()
    assert log["shown"].value_counts(normalize=True).to_numpy() == pytest.approx(np.full(3, 1 / 3), abs=0.03)
    assert log["left"].sum() == 300
    assert (log.groupby("customer")["left"].last() == 1).all()
    numbers = {kind.name: number for number, kind in enumerate(p.kinds)}
    expected = p.clicks()[log["shown"].map(numbers), log["satisfaction"], log["repeats"]]
    assert log["clicks"].mean() == pytest.approx(expected.mean(), abs=4 * np.sqrt(expected.mean() / len(log)))
    assert (log["margin"] == log["clicks"]).all()
    again = (log["shown"] == log["shown"].shift()) & (log["customer"] == log["customer"].shift())
    assert ((log["repeats"] > 0) == again).all()


def test_the_log_of_items_says_what_was_done():
    p = SATISFACTION["crossover"]
    log = items_shown(p, seed=2, users=40)
    assert len(log) == 40 * p.steps
    assert log["clickbait"].mean() == pytest.approx(0.5, abs=0.02)
    expected = log["satisfaction"] * (4 + log["clickbait"])
    assert (np.log(log["minutes"]) - expected).mean() == pytest.approx(0, abs=4 / np.sqrt(len(log)))


def test_a_board_says_what_optimising_clicks_costs(tmp_path):
    board = score(
        "bizgyms/RecommendVisit-v0",
        agents=["most popular", "click model"],
        out=tmp_path,
        episodes=200,
        say=lambda line: None,
    )
    said = next(note for note in board.notes if note.startswith("Trained on clicks: "))
    assert "trained on the lifetime: nothing yet; possible: " in said
    assert said.endswith("EUR a year.")
    clicks, possible = (float(part.split()[0].strip(";").replace(",", "")) for part in said.split(": ")[1::2])
    assert clicks < 0.4 * possible


def test_blocks_of_states_are_numbered_as_tables_are():
    p = VISIT["home-page"]
    _, shown, repeats = states_of(p)
    assert (block_of(shown, repeats, p.boredom) == np.arange(shown.shape[1])).all()
