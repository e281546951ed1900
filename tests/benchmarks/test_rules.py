"""The audit of the rules: recipes are numbers and back, a search finds what a board lacks, rows are kept once."""

import json
import sys

import numpy as np
import pytest

import bizgyms
from baselines.agents import problem_of
from baselines.batching import Panel, batched
from benchmarks import rules as audit
from benchmarks.mixtures import agent_of, genes, with_numbers
from benchmarks.rules_page import missing_rules
from tests.baselines.test_occasions import at

ITEM = problem_of(bizgyms.case("RestockItem"), bizgyms.case("RestockItem").scenarios["weekend-kiosk"])
BOX = problem_of(bizgyms.case("RestockBox"), bizgyms.case("RestockBox").scenarios["lunch-vans"])
HABIT = problem_of(bizgyms.case("NudgeHabit"), bizgyms.case("NudgeHabit").scenarios["newsletter"])
REVIEW = {"rule": "(R,s,S)", "setting": {"weekdays": 24, "factor": 0.0075, "gap": 8.0}}
TRUCKS = {"rule": "truck timetable", "setting": {"every": 2, "trucks": 1, "items": 0, "then": 2, "phase": 1}}
CAPS = {"rule": "base-stock with caps by item", "setting": {"service": 0.6915, "caps": 39}}
WEEK = {"every": 7, "times": 2, "phase": 5}


@pytest.mark.parametrize(
    ("problem", "recipe"),
    [
        (ITEM, REVIEW),
        (ITEM, {"usual": REVIEW, "other": REVIEW, "when": WEEK}),
        (BOX, {"usual": TRUCKS, "other": CAPS, "when": {"feature": "days_left", "bar": 30.5}}),
    ],
    ids=["review", "by weekday", "at the end"],
)
def test_a_recipe_is_numbers_and_back(problem, recipe):
    found = list(genes(problem, recipe))
    places = [gene.write(number) for gene, number in found]
    assert all(0 <= place <= 1 for place in places)
    back = with_numbers(problem, recipe, iter([gene.read(x) for (gene, _), x in zip(found, places, strict=True)]))
    rows = at(problem, range(12))
    np.testing.assert_array_equal(agent_of(problem, back).act(rows), agent_of(problem, recipe).act(rows))
    assert all(0 <= gene.read(0.0) <= gene.read(1.0) for gene, _ in found)


def test_mixtures_by_hand_and_joined():
    def kind(number):
        return {"rule": "always", "setting": {"kind": number}}

    week = agent_of(HABIT, {"usual": kind(1), "other": kind(2), "when": {"every": 3, "times": 1, "phase": 1}})
    assert week.act(at(HABIT, range(5))).tolist() == [1, 2, 1, 1, 2]
    end = agent_of(HABIT, {"usual": kind(1), "other": kind(3), "when": {"feature": "steps_left", "bar": 2.5}})
    assert end.act(at(HABIT, [0, 49, 50, 51])).tolist() == [1, 1, 3, 3]
    rows, owner = at(HABIT, range(12)), np.arange(12) % 2
    joined = batched([week, week], owner)
    np.testing.assert_array_equal(joined.act(rows), Panel([week, week], owner).act(rows))


def test_the_search_finds_what_a_ladder_lacks():
    """Of a ladder without the rule that rests, a mixture with `never` comes to rest."""
    ladder = [
        ({"rule": "always", "setting": {"kind": 3}}, 34.0),
        ({"rule": "weekly rhythm", "setting": {"every": 10, "kind": 3}}, 48.0),
        ({"rule": "never", "setting": {}}, 36.0),
    ]
    ladder.sort(key=lambda one: -one[1])
    search = audit.Audit(HABIT, ladder, [ladder[0][0]])
    search.search(3.0)
    (best,) = search.best
    found = search._returns(best, audit.LAST, 0).mean()
    assert found > 55 > search._returns(ladder[0][0], audit.LAST, 0).mean()


def test_an_impossible_recipe_is_worth_less_than_any(monkeypatch):
    search = audit.Audit(HABIT, [], [])
    wrong, right = {"rule": "always", "setting": {"kind": 9}}, {"rule": "always", "setting": {"kind": 1}}
    values = search._values([wrong, right])
    assert values[0] == -audit.IMPOSSIBLE < values[1]


def test_a_row_is_made_once_and_kept_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(audit, "OUT", tmp_path / "rules.csv")
    monkeypatch.setattr(audit, "SCORED", 200)
    monkeypatch.setattr(audit, "LAST", 100)
    made = []
    monkeypatch.setattr(audit, "leaders", lambda problem: made.append(1) or [({"rule": "never", "setting": {}}, 36.0)])
    for words in (["NudgeHabit:newsletter"], ["NudgeHabit:newsletter"], ["NudgeHabit:rule-fails"]):
        monkeypatch.setattr(sys, "argv", ["rules", *words, "--seconds", "0"])
        audit.main()
    assert len(made) == 2, "what is there is not made again"
    rows = list(audit.kept().values())
    assert [row["scenario"] for row in rows] == ["newsletter", "tailoring-0.5"], "a former name finds the present one"
    assert json.loads(rows[0]["found"]) == {"rule": "never", "setting": {}}
    assert (rows[0]["gain"], rows[0]["counts"]) == ("0", "0")
    page = missing_rules(rows)
    assert "| NudgeHabit | `newsletter` | 0 | never |" in page
    assert "No finding counts." in page


def test_pieces_add_up_and_go_on_where_the_last_ended(tmp_path, monkeypatch):
    """Seconds are of all pieces; what was found before is compared again, on other luck and structures."""
    monkeypatch.setattr(audit, "OUT", tmp_path / "rules.csv")
    monkeypatch.setattr(audit, "SCORED", 200)
    monkeypatch.setattr(audit, "LAST", 100)
    monkeypatch.setattr(audit, "PIECE", 1)
    never, rhythm = {"rule": "never", "setting": {}}, {"rule": "weekly rhythm", "setting": {"every": 10, "kind": 3}}
    monkeypatch.setattr(audit, "leaders", lambda problem: [(never, 36.0)])
    asked = []

    def search(self, seconds):
        asked.append((seconds, self.runs, list(self.best)))
        self.runs += 5
        self.best = [rhythm]

    monkeypatch.setattr(audit.Audit, "search", search)
    for seconds in (2, 2, 3):
        monkeypatch.setattr(sys, "argv", ["rules", "NudgeHabit:newsletter", "--seconds", str(seconds)])
        audit.main()
    assert asked == [(1, 0, [never]), (1, 5, [rhythm]), (1, 10, [never, rhythm])]
    (row,) = audit.kept().values()
    assert (row["seconds"], row["searches"]) == ("3", "15")
    assert float(row["gain"]) > 3 * float(row["error"]) > 0
    monkeypatch.setattr(sys, "argv", ["rules", "NudgeHabit:newsletter", "--seconds", "3", "--again"])
    audit.main()
    assert asked[3:] == [(0, 15, [never, rhythm])], "no seconds are missing: only scored anew"


def test_what_is_audited():
    names = {(case.name, scenario) for case, scenario in audit.scenarios([])}
    assert ("RestockItem", "corner-shop") in names
    assert ("BiddingAuction", "first-price") in names
    assert {("PricingSeason", "rule-fails"), ("RestockBox", "lunch-vans"), ("BiddingCampaign", "target")} <= names
    assert ("NudgeActivity", "blurred-context") in names, "of the frozen suite"
    assert len(audit.scenarios(["NudgeHabit"])) == 8


def test_the_page_says_what_counts():
    recipe = {"usual": REVIEW, "other": REVIEW, "when": WEEK}
    row = {
        "case": "bizgyms/RestockItem-v0",
        "scenario": "weekend-kiosk",
        "seconds": "60",
        "best_rule": json.dumps(REVIEW),
    }
    row |= {"ceiling": "2", "gain": "1", "error": "0.1", "counts": "1", "found": json.dumps(recipe)}
    said = "(R,s,S) weekdays=24, factor=0.0075, gap=8"
    assert f"`weekend-kiosk`: ({said}), for 2 of every 7 steps from step 5 on ({said})" in missing_rules([row])
    assert missing_rules([]) == ""
