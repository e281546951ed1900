import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import baselines
from baselines import report
from baselines.agents import problem_of
from baselines.cli import entry as cli
from baselines.ladder.current_rule import today_of
from baselines.protocols.sample_episode import most_ordinary
from baselines.report import pictures
from baselines.rules import rules
from baselines.runs.run_file import RunFileError
from bizgyms import registry
from tests.baselines.small import SHOP

ID = "bizgyms/RestockItem-v0"
VOID = {"meta", "line", "path", "circle", "rect", "br"}


def quiet(line):
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def board(folder):
    return baselines.score(ID, agents=["base_stock"], scenario=SHOP, episodes=20, out=folder, say=quiet)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def test_one_page_that_needs_nothing_beside_it(board):
    text = board.to_html()
    page = Page(text)
    assert len(text.encode()) < 1_000_000
    assert not page.open
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not [a for _, found in page.tags for a in found if a in ("src", "href", "srcset")]
    assert "http" not in text
    assert "url(" not in text


def test_every_picture_says_what_it_shows(board):
    drawn = [found for tag, found in Page(board.to_html()).tags if tag == "svg"]
    assert drawn
    assert all(found.get("aria-hidden") or (found["role"] == "img" and found["aria-label"]) for found in drawn)


def test_it_holds_the_verdict_every_row_and_every_field(board):
    words = " ".join(Page(board.to_html()).words.split())
    assert board.verdict in words
    for row in board.shown():
        assert board.line(row)[0] in words
        assert board.line(row)[1] in words
    assert all(name in words for name in SHOP.quantities())


def test_the_command_makes_the_same_page_again(board, folder, capsys):
    first = (folder / "report.html").read_text(encoding="utf-8")
    assert first == board.to_html()
    (folder / "report.html").unlink()
    assert cli.main(["report", str(folder)]) == 0
    assert capsys.readouterr().out == f"Report: {folder}/report.html\n"
    assert (folder / "report.html").read_text(encoding="utf-8") == first


def test_the_episode_is_the_one_that_was_scored(board):
    """The event-by-event lives of the picture earn what the same rules earned in that episode on the twin."""
    lives = {role: (label, life) for role, label, life in board.episode.lives}
    assert set(lives) == {"today", "best rule", "best possible"}
    problem = problem_of(registry.case(ID), SHOP)
    specs = [spec for spec in rules(problem) if spec.kind == "rule"]
    for role in ("today", "best rule"):
        label, life = lives[role]
        agent = today_of(problem, specs, label.replace("-", "_").replace(" ", ":")).agent
        played = baselines.evaluate(ID, agent, 20, 0, SHOP)
        assert sum(life.rewards) == pytest.approx(played.returns[board.episode.number])
        assert sum(life.terms.values()) == pytest.approx(played.returns[board.episode.number])
    assert lives["today"][1].figures["demand"] == lives["best possible"][1].figures["demand"]


def test_the_most_ordinary_episode():
    today, learner = np.array([1.0, 9.0, 5.0, 5.0, 5.0]), np.array([3.0, 11.0, 4.0, 7.0, 10.0])
    assert most_ordinary([today]) == 2
    assert most_ordinary([today, learner]) == 3


def test_a_failed_back_test_stands_on_top(board):
    facts = json.loads(json.dumps(board.facts()))
    series = {"date": ["2025-01-01", "2025-01-02", "2025-01-03"], "units": [3, 0, 9], "sold_out": [False, True, False]}
    series |= {"expected": [3.0, 3.0, 3.0], "low": [1, 1, 1], "high": [5, 5, 5]}
    back_test = {"held_out": "the last 3 days", "problems": ["demand rose"], "rival": {}, "series": series}
    back_test |= {"verdict": "Do not trust a verdict from this fit: demand rose."}
    back_test |= {"predicted": {"mean": 3.0, "weekday": [1.0]}, "observed": {"mean": 4.0, "weekday": [1.0]}}
    facts["fit"] = {"back_test": back_test}
    text = report.html(facts)
    assert text.index('<p class="warning">Do not trust a verdict') < text.index("Who earns what")
    assert text.count("<circle") >= 3
    assert "(hollow: sold out)" in text
    back_test["series"] = {}
    assert "the last 3 days" in report.html(facts)


@pytest.mark.parametrize(
    ("bins", "labels"), [({"hour": ["a", "b", "c"]}, "abc"), ({"step": [4, 5, 6]}, "456"), ({}, "123")]
)
def test_bins_of_a_back_test_are_labels_and_not_what_was_observed(bins, labels):
    band = {"expected": [3.0, 3.0, 3.0], "low": [1, 1, 1], "high": [5, 5, 5]}
    picture = pictures.back_test({**bins, "wins": [2.0, 3.0, 4.0], **band})
    assert picture["observed"] == "wins"
    assert "".join(label for _, label in picture["x"]) == labels


def test_what_users_write_is_text():
    facts = {"format": 1, "title": "<script>x</script>", "verdict": "a < b", "ceiling_sentence": "", "ceiling": None}
    facts |= {"money": {"unit": "<b>", "digits": 0}, "rows": [], "notes": ["<i>"], "fields": [], "fit": {}}
    facts |= {"steps_per_year": 365, "episode": None, "code": {}}
    text = report.html(facts)
    assert "<script" not in text
    assert "<i>" not in text
    assert "&lt;b&gt;" in text
    assert report.svg(facts) == ""


def test_other_families_need_no_code_of_their_own():
    board = baselines.score("bizgyms/NudgeHabit-v0", agents=["rules"], episodes=4, say=quiet)
    text = board.to_html()
    Page(text)
    assert board.episode.step == "week"
    assert "habituation, levels" in text


def test_stand_alone_picture(folder, board):
    picture = (folder / "episode.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg xmlns=")
    assert "today: base-stock" in picture


def row(role, value, low, high):
    gain = None if value is None else {"value": value, "low": low, "high": high}
    return {"role": role, "over_today": gain, "over_rule": None}


def test_bars():
    rows = [row("best possible", 100.0, 90.0, 110.0), row("rule", -500.0, -600.0, -400.0)]
    rows += [row("random", -1e6, -1e6, -1e6), row("deep", 20.0, None, None), row("today", None, None, None)]
    best, worst, random, single, today = pictures.intervals(rows)
    assert best["low"] < best["at"] < best["high"] == 97
    assert best["zero"] == 50
    assert worst["outside"] == random["outside"] == "left"
    assert single["low"] == single["at"] == single["high"]
    assert today == {}
    nobody = pictures.intervals([row("random", -1.0, None, None)])[0]
    assert all(0 <= nobody[key] <= 100 for key in ("low", "at", "high", "zero"))


def test_scales_and_paths():
    y = pictures.scale_of([4.0, 10.0], 100, 0)
    assert pictures.ticks(y) == [(100.0, "0"), (50.0, "5"), (0.0, "10")]
    assert pictures.ticks(pictures.scale_of([0.013], 0, 13))[1] == (5.0, "0.005")
    assert pictures.scale_of([], 0, 1).high == 1
    x = pictures.Scale(2, 4, 0, 20)
    assert pictures.steps_path([0, 10], x, y, 2) == "M0 100V100H10V0H20"
    assert pictures.line_path([0, 10, 5], pictures.Scale(0, 2, 0, 20), y) == "M0 100L10 0L20 50"
    assert pictures.bars_path([10], x, y, 2) == "M1.5 100V0h7.0V100z"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no finished board is in it; make one with: bizgyms score ... --out"),
        ("{", "not a board of this version, or a damaged one"),
        ('{"format": 0}', "not a board of this version, or a damaged one"),
    ],
)
def test_a_folder_without_a_board(tmp_path, content, message):
    if content is not None:
        (tmp_path / "board.json").write_text(content)
    with pytest.raises(RunFileError, match=re.escape(message)):
        report.read(tmp_path)


def test_a_folder_of_folders_and_no_folder(tmp_path, folder, board, capsys):
    with pytest.raises(RunFileError, match=re.escape(str(folder))):
        report.read(folder.parent)
    assert cli.main(["report", str(Path(tmp_path, "nowhere"))]) == 2
    assert "nowhere: no such folder" in capsys.readouterr().err


def test_the_picture_of_a_back_test_shows_what_came_and_not_where():
    series = {"hour": ["a", "b"], "wins": [4.0, 5.0], "expected": [3.0, 4.0], "low": [1.0, 2.0], "high": [6.0, 7.0]}
    assert pictures.back_test(series)["observed"] == "wins"
    steps = {"step": [80, 81], "responses": [4.0, 5.0], **{name: series[name] for name in ("expected", "low", "high")}}
    assert pictures.back_test(steps)["observed"] == "responses"
