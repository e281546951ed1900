"""Many items: fitted into a folder, screened by rules."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bizgyms
from baselines.cli import entry as cli
from baselines.play.tuning import tune
from baselines.protocols import screen_item
from baselines.protocols.scenario_folder import file_name, file_names, read_folder
from baselines.protocols.screen import screen
from baselines.rules import rules
from baselines.runs.run_file import RunFile
from bizgyms.restock.item.forward import episode_value
from envs_data.restock.item import ItemParameters

ITEM = bizgyms.case("RestockItem")
SHOP = ItemParameters(
    days=90, mean=3.0, demand_law="poisson", lead_time=2, max_packs=8, start_on_hand=6, holding=0.1, shortage=2.0
)


def run(capsys, *words):
    status = cli.main([str(word) for word in words])
    told = capsys.readouterr()
    return status, told.out, told.err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(names, days=100):
    """A table of items; one called ``dead`` never sells."""
    frames = []
    for k, name in enumerate(names):
        frame = ITEM.generate(SHOP.replace(mean=2.0 + k, start_date="2025-01-01"), seed=k, days=days)
        frames.append(frame.assign(sku=name, units=0 if name == "dead" else frame["units"]))
    return pd.concat(frames)


def write_folder(path, count=3, **changes):
    path.mkdir()
    for k in range(count):
        parameters = SHOP.replace(mean=2.0 + k % 20, **changes).to_dict()
        (path / f"item{k}.json").write_text(json.dumps({"case": SHOP.case, "parameters": parameters}))
    return path


def test_file_names_that_every_system_takes():
    given = ["milk 1.5 %", "a/b", "../../etc", "Käse", "con", "", "x" * 300]
    named = [file_name(name) for name in given]
    assert named[:6] == ["milk_1.5.json", "a_b.json", "etc.json", "Käse.json", "con_.json", "item.json"]
    assert len(named[6]) < 110
    files, refused = file_names(["a/b", "a b", "A_B", "c"])
    assert files == {"a/b": "a_b.json", "c": "c.json"}
    assert refused["a b"] == "its file a_b.json would be that of item 'a/b'; rename one of them in the table"
    assert "A_B" in refused


def test_each_item_of_a_table_is_fitted_and_screened(capsys, folder):
    table(["milk", "a/b", "dead", "a b", "bread"]).to_csv("sales.csv", index=False)
    words = ["fit", "restock", "sales.csv", "--each", "sku", "--known", "lead_time=2", "price=3", "price.milk=5"]
    status, out, err = run(capsys, *words, "-o", "items/")
    assert (status, err) == (0, "")
    assert "Fitted 3 of 5 items into items." in out
    assert "Next: bizgyms score items --agents rules" in out
    with Path("items/not_fitted.csv").open(encoding="utf-8") as file:
        reasons = {row["item"]: row["reason"] for row in csv.DictReader(file)}
    assert set(reasons) == {"dead", "a b"}
    assert "not a single unit was sold" in reasons["dead"]
    fitted = {member.name: member.scenario for member in read_folder(Path("items"))}
    assert {name: one.parameters.price for name, one in fitted.items()} == {"milk": 5.0, "a/b": 3.0, "bread": 3.0}
    assert fitted["milk"].notes["today"]["rule"]
    alone = ITEM.fit(table(["milk"]), known={"lead_time": 2, "price": 5})
    assert fitted["milk"].parameters == alone.parameters

    status, out, err = run(capsys, "score", "items/", "--agents", "rules", "--episodes", 20, "--out", "run")
    assert (status, err) == (0, "")
    assert "3 items of items screened by rules" in out
    assert "2 items could not be fitted:" in out
    assert "A screen leaves out: learners" in out
    found = pd.read_csv("run/screen.csv").set_index("item")
    assert set(found.index) == {"milk", "a/b", "bread", "dead", "a b"}
    assert found.loc["dead", "reason"] == reasons["dead"]
    left = found["left"].dropna().to_numpy()
    assert len(left) == 3
    assert (np.diff(left) <= 0).all()
    assert "not a single unit was sold" in Path("run/screen.html").read_text(encoding="utf-8")
    assert Path("run/screen.txt").read_text(encoding="utf-8") in out + "\n"


def test_what_was_fitted_is_not_fitted_again(capsys, folder, monkeypatch):
    table(["milk", "bread"]).to_csv("sales.csv", index=False)
    words = ["fit", "restock", "sales.csv", "--each", "sku", "-o", "items"]
    assert run(capsys, *words)[0] == 0
    before = Path("items/milk.json").read_text()
    Path("items/milk.json").unlink()
    monkeypatch.setattr("baselines.protocols.fit_each.FitTask.do", None)
    assert run(capsys, *words)[0] == 0
    assert Path("items/milk.json").read_text() == before


def test_a_screen_goes_on_where_it_was_stopped(folder, monkeypatch):
    items = write_folder(folder / "items", 4)
    put, count = RunFile.put, []

    def stops(self, *given):
        if len(count) == 2:
            raise KeyboardInterrupt
        count.append(given)
        put(self, *given)

    monkeypatch.setattr(RunFile, "put", stops)
    with pytest.raises(KeyboardInterrupt):
        screen(items, episodes=20, out=folder / "run", processes=0)
    assert not (folder / "run" / "screen.csv").exists()
    monkeypatch.setattr(RunFile, "put", put)
    done = []
    work = screen_item.ScreenTask.do
    monkeypatch.setattr(screen_item.ScreenTask, "do", lambda self: (done.append(self.name), work(self))[1])
    board = screen(items, episodes=20, out=folder / "run", processes=0)
    assert sorted(done) == ["item2", "item3"]
    whole = screen(items, episodes=20, processes=2)
    rows = [board.table.drop(columns="seconds"), whole.table.drop(columns="seconds")]
    pd.testing.assert_frame_equal(*rows)


@pytest.mark.parametrize("kind", [{}, {"lead_time": 1, "weekday": (0.5, 0.8, 1, 1, 1.2, 2, 0.5)}, {"order_cost": 3.0}])
def test_a_row_is_what_the_full_board_would_say(kind):
    p = SHOP.replace(**kind)
    facts = screen_item.screen_one(ITEM, bizgyms.scenario.load(ITEM, p), None, 0, 400)
    problem = screen_item.problem_of(ITEM, p)
    specs = [spec for spec in rules(problem) if spec.kind == "rule" and spec.fits(problem)]
    tuned = [(spec, tune(problem, spec, 1_000_000).setting) for spec in specs]
    best = max(episode_value(p, spec.build(problem, **setting)) for spec, setting in tuned) * 365 / p.days
    ceiling = ITEM.reference(p).value * 365 / p.days - best
    value, low, high = facts["left"]
    assert low <= value <= high
    # Few episodes find a setting that is nearly as good; fixed occasions are looked for with the leading rule alone.
    assert value == pytest.approx(ceiling, abs=0.018 * abs(best))


def test_a_box_and_a_case_without_rules_or_of_another_family(folder):
    items = write_folder(folder / "items", 1)
    season = bizgyms.case("PricingSeason")
    name, parameters = next(iter(season.scenarios.items()))
    values = {"case": season.id, "parameters": parameters.to_dict()}
    (items / "season.json").write_text(json.dumps(values))
    board = screen(items, episodes=20, processes=0)
    assert {row.case for row in board.rows} == {SHOP.case, season.id}
    assert len(board.totals) == len({row.unit for row in board.rows})
    assert "nothing can gain more than" in str(board), name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fit", "restock", "sales.csv", "--each", "itm", "-o", "items"], "--each: unknown column 'itm'"),
        (["fit", "restock", "sales.csv", "--each", "sku"], "name a folder for them, such as -o items/"),
        (["fit", "restock", "sales.csv", "--each", "sku", "-o", "sales.csv"], "sales.csv: it is a file"),
        (["fit", "restock", "sales.csv", "--each", "sku", "-o", "no/items"], "there is no folder no; make it first"),
        (["fit", "restock", "sales.csv", "--each", "sku", "-o", "code"], "it is a folder of code"),
        (["fit", "restock", "dead.csv", "--each", "sku", "-o", "items"], "none of 1 items could be fitted"),
        (
            ["fit", "restock", "sales.csv", "--each", "sku", "--known", "leadtime=2", "-o", "items"],
            "milk and 1 more: known: unknown field 'leadtime'; did you mean 'lead_time'",
        ),
        (["fit", "restock", "nowhere.csv", "--each", "sku", "-o", "items"], "nowhere.csv: no such file"),
        (["score", "empty"], "empty: no scenario file is in it; make some with: bizgyms fit restock"),
        (["score", "bad"], "bad/list.json: not a scenario file.*bad/other.json: unknown case 'Nothing'"),
        (["score", "good", "--agents", "ppo"], "screened by rules alone: --agents rules; for learners score one item"),
        (["score", "good", "restock"], "a folder is screened by itself"),
        (["score", "good", "--scenario", "x", "--budget", "full"], "--scenario means nothing.*--budget full means"),
        (["score", "good", "--today", "nothing:S=3"], "unknown rule 'nothing'"),
        (["score", "good", "--worth", "-1"], "worth: -1.0 is not possible"),
        (["score", "good", "--episodes", "1"], "episodes: 1 is not possible"),
        (["score", "good", "--seed", "-1"], "seed: -1 is not possible"),
    ],
)
def test_bad_input_is_one_clear_message_and_nothing_half_written(capsys, folder, words, message):
    table(["milk", "bread"], 40).to_csv("sales.csv", index=False)
    table(["dead"], 40).to_csv("dead.csv", index=False)
    for name in ("empty", "bad", "code"):
        Path(name).mkdir()
    Path("bad/list.json").write_text("[1]")
    Path("bad/other.json").write_text('{"case": "Nothing"}')
    Path("code/__init__.py").write_text("")
    write_folder(folder / "good")
    before = {path for path in folder.rglob("*") if "items" not in path.parts}
    status, _, err = run(capsys, *words)
    assert status == 2
    assert re.search(message, err.replace("\n", " ")), err
    assert "Traceback" not in err
    after = {path for path in folder.rglob("*") if path.name not in ("runs.sqlite", "items", "runs")}
    assert after <= before


def test_a_rule_of_today_in_a_file_is_run_by_every_process(folder):
    items = write_folder(folder / "items", 4)
    (folder / "rule.py").write_text("def mine(seen):\n    return max(0, min(8, 12 - int(seen['on_hand'])))\n")
    board = screen(items, today="rule.py:mine", episodes=10, out=folder / "run")
    assert {row.today_label for row in board.rows} == {"rule.py:mine"}


@pytest.mark.slow
def test_two_hundred_items_are_screened_by_all_cores(folder):
    items = write_folder(folder / "items", 200, days=365, max_packs=30, weekday=(0.8, 0.9, 1, 1, 1.1, 1.3, 0.9))
    board = screen(items)
    assert len(board.rows) == 200
    assert len({row.name for row in board.rows}) == 200
