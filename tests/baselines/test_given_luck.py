import numpy as np
import pytest

import baselines
import bizgyms
from baselines.agents import Kind, problem_of
from baselines.play import budget, tuning
from baselines.protocols.saved_agents import load
from baselines.runs.run_file import RunFile
from envs_data.parameters import ParameterError
from envs_data.restock.item import ItemLuck, ItemParameters, draw

CASE = bizgyms.case("RestockItem")
SHOP = ItemParameters(
    days=30, mean=3.0, demand_law="poisson", lead_time=1, max_packs=9, start_on_hand=6, holding=1.0, shortage=4.0
)
ORDINARY = draw(SHOP, np.random.default_rng(3), 40)
HARD = ItemLuck(np.minimum(2 * ORDINARY.demand, 30))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    from tests.baselines.small import little_training

    monkeypatch.setattr(tuning, "ROUNDS", ((None, 20), (2, 20), (2, 40)))
    monkeypatch.setitem(budget.BUDGETS, "quick", little_training())


def scored(luck, agents=("base_stock", "cross_entropy"), **options):
    options = {"scenario": SHOP, "today": "base_stock:S=8", "say": lambda line: None, **options}
    return baselines.score(CASE, agents, luck=luck, **options)


def test_every_agent_plays_the_luck_that_was_given(tmp_path):
    board = scored(HARD, out=tmp_path)
    rows = {row.role: row for row in board.rows}
    agents = {one.kind: [a.agent for a in load(tmp_path).agents if a.kind == one.kind] for one in load(tmp_path).agents}
    assert {Kind.TODAY, Kind.BEST_RULE, Kind.SEARCH} <= {*agents}
    for role, played in agents.items():
        means = [baselines.evaluate(CASE, one, scenario=SHOP, luck=HARD).mean for one in played]
        assert rows[role].value == pytest.approx(np.mean(means) * 365 / 30)
    usual = {row.role: row.value for row in scored(None).rows}
    assert rows[Kind.TODAY].value < 1.5 * usual[Kind.TODAY] < 0
    assert not rows[Kind.SEARCH].watched
    assert rows[Kind.SEARCH].over_rule is not None


def test_luck_that_was_given_has_no_best_possible_and_says_so():
    board = scored(HARD, ["base_stock"])
    assert board.ceiling is None
    assert board.rows[0].value is None
    assert "at most is not known here: the luck was given" in board.ceiling_sentence
    assert "40 episodes" in board.title
    assert "luck as it was given" in str(board)
    assert board.rows[0].captured is None


def test_other_luck_is_another_run_and_the_same_training(tmp_path):
    first = scored(HARD, out=tmp_path)
    runs = len_of(tmp_path)
    assert [row.value for row in scored(HARD, out=tmp_path).rows] == [row.value for row in first.rows]
    assert len_of(tmp_path) == runs
    other = scored(ORDINARY, out=tmp_path)
    assert {row.role: row.value for row in other.rows} != {row.role: row.value for row in first.rows}
    seconds = [{row.role: row.seconds for row in board.rows}[Kind.SEARCH] for board in (first, other)]
    assert seconds[0] == seconds[1]  # no training was done again
    assert runs < len_of(tmp_path) < 2 * runs


def len_of(folder):
    run_file = RunFile(folder / "runs.sqlite")
    count = len(run_file)
    run_file.close()
    return count


def test_an_agent_of_yours_plays_it_too():
    board = scored(HARD, {"mine": lambda seen: 3})
    mine = next(row for row in board.rows if row.role == Kind.YOURS)
    assert mine.value == pytest.approx(baselines.evaluate(CASE, lambda o: 3, scenario=SHOP, luck=HARD).mean * 365 / 30)


@pytest.mark.parametrize(
    ("luck", "reason"),
    [
        (HARD.demand, "ndarray is no luck"),
        (ItemLuck(HARD.demand[:, :7]), r"luck.demand has shape \(40, 7\)"),
        (ItemLuck(HARD.demand[:1]), "it has one episode; intervals need at least two"),
    ],
)
def test_luck_of_another_form_is_refused(luck, reason):
    with pytest.raises(ParameterError, match=reason):
        scored(luck)


def test_the_same_luck_as_the_evaluation_gives_the_same_board():
    from baselines.play import seeds

    same = seeds.luck(CASE, SHOP, seeds.evaluation(0), 0, 40)
    given, usual = scored(same), scored(None, episodes=40)
    rows = {row.label: row for row in usual.rows}
    assert problem_of(CASE, SHOP).case is CASE
    for row in given.rows[1:]:
        assert (row.value, row.over_rule) == (rows[row.label].value, rows[row.label].over_rule)
