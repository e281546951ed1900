import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bizgyms
from baselines.cli import entry as cli
from baselines.protocols import case_table, ceilings, ceilings_table, many_boards
from baselines.report.notes import provenance
from bizgyms.catalogue import CASES
from bizgyms.scenario import load
from tests.baselines.small import SHOP

ROOT = Path(__file__).parents[2]
QUICKLY = ["--agents", "base_stock", "--episodes", "20"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.json").write_text(json.dumps({"case": SHOP.case, "parameters": SHOP.to_dict()}))
    return tmp_path


def run(capsys, *words):
    status = cli.main([str(word) for word in words])
    told = capsys.readouterr()
    return status, told.out, told.err


def there(folder):
    return {path.name for path in folder.rglob("*") if path.name != "shop.json"}


def test_list(capsys):
    status, out, _ = run(capsys, "list")
    assert status == 0
    for case in bizgyms.cases():
        assert case.id in out
        assert all(name in out for name in case.scenarios)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_of_cases_says_what_the_cases_say(case):
    assert case_table.about(case) == case_table.described(case)


@pytest.fixture
def known(folder, monkeypatch):
    """A file of two ceilings instead of ours."""
    head = "case,scenario,kind,ceiling,per_cent,unit,best_rule,best_known,recipe\n"
    item = "bizgyms/RestockItem-v0,corner-shop,exact,21,2.0,EUR,myopic-2,,\n"
    box = "bizgyms/RestockBox-v0,fashion-box,bound,900,12,EUR,newsvendor,800,PPO\n"
    (folder / "ceilings.csv").write_text(head + item + box)
    for module in (ceilings_table, ceilings):
        monkeypatch.setattr(module, "CEILINGS", folder / "ceilings.csv")
    ceilings_table.ceilings.cache_clear()
    yield folder / "ceilings.csv"
    ceilings_table.ceilings.cache_clear()


def test_list_and_card_with_ceilings(capsys, known):
    _, out, _ = run(capsys, "list")
    assert "corner-shop  21 EUR (2.0 %, exact)\n" in out
    assert "fashion-box  900 EUR (12 %, bound; best known: 800 a year by PPO)\n" in out
    assert "reference: exact" in out
    _, out, _ = run(capsys, "show", "RestockBox")
    assert "best known: 800 a year by PPO" in out


def test_a_new_ceiling_leaves_the_others_as_they_are(known):
    before = known.read_text().splitlines()
    new = {"case": "bizgyms/RestockItem-v0", "scenario": "spare-part", "kind": "exact", "ceiling": "8", "unit": "EUR"}
    ceilings.write(new)
    ceilings.write({**new, "ceiling": "9"})
    after = known.read_text().splitlines()
    assert after == [*before[:2], "bizgyms/RestockItem-v0,spare-part,exact,9,,EUR,,,", before[2]]


def test_show_names_every_field_and_writes_a_file_that_score_takes(capsys, folder):
    status, out, _ = run(capsys, "show", "restock", "--scenario", "rule-fails")
    assert status == 0
    assert "## Action Space" in out
    assert all(name in out for name in SHOP.quantities())
    status, out, _ = run(capsys, "show", "RestockItem", "--scenario", "rule-fails", "-o", "mine.json")
    assert (status, out) == (0, "Wrote mine.json. Edit it, then: bizgyms score mine.json\n")
    assert json.loads((folder / "mine.json").read_text())["case"] == "bizgyms/RestockItem-v0"
    assert run(capsys, "show", "mine.json")[0] == 0


def test_score_prints_the_board_and_the_next_command(capsys, folder):
    status, out, err = run(capsys, "score", "shop.json", *QUICKLY)
    assert status == 0
    assert not err
    assert "best possible (exact)" in out
    assert "Next:    bizgyms score shop.json --budget full --out runs/0001" in out
    assert (folder / "runs" / "0001" / "board.csv").exists()
    run(capsys, "score", "shop.json", *QUICKLY)
    assert (folder / "runs" / "0002" / "board.txt").exists()


def test_score_several(capsys, folder):
    status, out, _ = run(capsys, "score", "shop.json", "RestockItem", *QUICKLY, "--out", "here")
    assert status == 0
    assert out.count("best possible (exact)") == 2
    assert {path.name for path in (folder / "here").iterdir()} == {"shop", "RestockItem"}


def test_a_family_is_its_first_case_and_names_the_others(capsys):
    _, out, _ = run(capsys, "score", "restock", *QUICKLY)
    assert "RestockItem, scenario corner-shop" in out
    others = [case.name for case in bizgyms.cases() if case.family == "restock"][1:]
    for first in others[:1]:
        assert f"restock also has {', '.join(others)}: bizgyms score {first}" in out


def test_from_a_generated_table_to_a_scenario(capsys, folder):
    assert run(capsys, "generate", "restock", "--days", 200, "--seed", 3, "-o", "sales.csv")[0] == 0
    words = ["fit", "restock", "sales.csv", "--columns", "units=units,date=date", "--known"]
    words += ["lead_time=2", "price=14", "shortage=6", "holding=.05", "-o", "mine.json"]
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert "Next: bizgyms score mine.json" in out
    fitted = json.loads((folder / "mine.json").read_text())
    assert [fitted["parameters"][name] for name in ("lead_time", "price", "shortage", "holding")] == [2, 14, 6, 0.05]
    assert fitted["origins"]["lead_time"]["kind"] == "known"
    same = [*words[:5], "--known", "lead_time=2", "--known", "price=14,shortage=6,holding=0.05", "-o", "same.json"]
    assert run(capsys, *same)[0] == 0
    assert json.loads((folder / "same.json").read_text())["parameters"] == fitted["parameters"]


def test_a_table_of_several_items_is_a_box(capsys, folder):
    words = ["generate", "restock", "--case", "RestockBox", "--scenario", "rule-enough", "--days", 120]
    assert run(capsys, *words, "-o", "sales.csv")[0] == 0
    words = ["fit", "restock", "sales.csv", "--known", "lead_time=1", "holding.soap=.01", "-o", "mine.json"]
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert out.startswith("2 items in column item: RestockBox (--case RestockItem to choose otherwise).\n")
    fitted = json.loads((folder / "mine.json").read_text())
    assert fitted["case"] == "bizgyms/RestockBox-v0"
    assert fitted["parameters"]["items"][0]["holding"] == 0.01
    assert fitted["origins"]["holding.soap"]["kind"] == "known"
    status, out, _ = run(capsys, "show", "mine.json")
    assert status == 0
    assert "2, below" in out
    assert "1.2; 2" in out
    assert "known, assumed" in out
    assumed = next(provenance(load(bizgyms.case("RestockBox"), "mine.json")))
    assert {"cost", "shortage", "holding.tissues"} <= {*assumed.rstrip(".").replace(": ", ", ").split(", ")}
    status, _, err = run(capsys, "fit", "restock", "sales.csv", "--case", "RestockItem")
    assert status == 2
    assert "2 items (soap, tissues); fit each by itself with --each item -o FOLDER" in err


def test_pairs_after_one_flag():
    words = ["fit", "restock", "t.csv", "--known", "a=1", "b=2", "-o", "m.json", "c=3"]
    assert cli.spread(words) == [*words[:5], "--known", "b=2", "-o", "m.json", "c=3"]
    assert cli.spread(["--known", "a=1", "--known", "b=2"]) == ["--known", "a=1", "--known", "b=2"]
    assert cli.spread(["fit", "--known", "a=1", "restock", "t.csv"]) == ["fit", "--known", "a=1", "restock", "t.csv"]
    assert cli.spread(["--known", "a=1", "b.c d=2"]) == ["--known", "a=1", "--known", "b.c d=2"]
    assert cli.spread(["--columns", "a=b,c=d", "e=f"]) == ["--columns", "a=b,c=d", "--columns", "e=f"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["score", "restok"], "unknown case or family 'restok'; did you mean 'restock'"),
        (["score", "restock", "--scenario", "corner-shp"], "unknown scenario 'corner-shp'; did you mean 'corner-shop'"),
        (["score", "nowhere.json"], "nowhere.json: no such file"),
        (["score", "bad.json"], "bad.json: not JSON: .* line 1, column 2"),
        (["score", "list.json"], "list.json: not a scenario file"),
        (["score", "field.json"], r"field.json: .*unknown field 'leadtime'; did you mean 'lead_time'"),
        (["score", "field.json"], r"mean is -1.0; it must be between 0"),
        (["score", "stranger.json"], "stranger.json: unknown case 'bizgyms/Nothing-v0'"),
        (["score", "RestockItem", "--scenario", "box.json"], "box.json: .*is a scenario of 'bizgyms/RestockBox-v0'"),
        (["score", "shop.json", "--scenario", "corner-shop"], "leave out --scenario"),
        (["score", "restock", "--agents", "pppo"], "unknown agent 'pppo'; did you mean 'ppo'"),
        (["score", "restock", "--today", "bse_stock:S=3"], "unknown rule 'bse_stock'; did you mean 'base_stock'"),
        (["score", "restock", "--today", "base_stock:S=x"], "it must be a number"),
        (["score", "restock", "--today", "rule.py:mine"], "rule.py: no such file"),
        (["score", "restock", "--today", "broken.py:mine"], "broken.py, line 1: SyntaxError"),
        (["score", "restock", "--budget", "huge"], "budget: 'huge' is not possible; it must be one of quick, full"),
        (["score", "restock", "--worth", "-5"], "worth: -5.0 is not possible"),
        (["score", "restock", "--episodes", "1"], "episodes: 1 is not possible"),
        (["score", "restock", "--seed", "-1"], "seed: -1 is not possible"),
        (["score", "restock", "--out", "shop.json"], "shop.json"),
        (["score", "restock", "--episodes", "many"], "Invalid value for '--episodes'"),
        (["fit"], "Missing argument"),
        (["scor", "restock"], "No such command 'scor'"),
        (["show", "restock", "-o", "no/folder/m.json"], "there is no folder no/folder"),
        (["show", "restock", "-o", "."], "it is a folder; name a file"),
        (["fit", "restock", "nowhere.csv"], "nowhere.csv"),
        (["fit", "restock", "empty.csv", "-o", "m.json"], "empty.csv"),
        (["fit", "restock", "columns.csv", "-o", "m.json"], "columns.csv"),
        (
            ["fit", "restock", "columns.csv", "--known", "leadtime=2", "--case", "RestockItem"],
            "unknown field 'leadtime'; did you mean 'lead_time'",
        ),
        (["fit", "restock", "columns.csv", "--known", "price"], "--known: 'price' is no name=value"),
        (["fit", "restock", "columns.csv", "--case", "Nothing"], "--case: unknown case 'Nothing'"),
        (["generate", "restock", "--days", "-3", "-o", "t.csv"], "days is -3; it must be between 1"),
        (["verify", "nothing"], "unknown family 'nothing'"),
        (["check", "nothing"], "unknown case or family 'nothing'"),
    ],
)
def test_bad_input_is_one_clear_message_and_nothing_half_written(capsys, folder, words, message):
    (folder / "bad.json").write_text("{days: 3}")
    (folder / "list.json").write_text("[1, 2]")
    (folder / "field.json").write_text(json.dumps({"case": SHOP.case, "parameters": {"leadtime": 3, "mean": -1.0}}))
    (folder / "stranger.json").write_text('{"case": "bizgyms/Nothing-v0"}')
    (folder / "box.json").write_text('{"case": "bizgyms/RestockBox-v0"}')
    (folder / "broken.py").write_text("def mine(o) return 3\n")
    (folder / "empty.csv").write_text("")
    (folder / "columns.csv").write_text("when,what\n2025-01-01,3\n")
    before = there(folder)
    status, out, err = run(capsys, *words)
    assert status == 2
    assert not out or "Expected duration" not in out
    assert re.search(message, err.replace("\n", " ")), err
    assert "Traceback" not in err
    assert there(folder) - before <= {"runs"}


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(many_boards, "score", interrupted)
    monkeypatch.setattr(sys, "argv", ["bizgyms", "score", "restock"])
    status, _, err = run(capsys, "score", "restock")
    assert status == 130
    assert "What is finished is kept; go on with: bizgyms score restock --out runs/0001" in err


def test_verify_prints_the_table_and_fails_on_a_difference(capsys, monkeypatch):
    row = {
        "source": "Zipkin 2008, table 3",
        "what": "L=1",
        "published": 4.0407,
        "ours": 4.0407,
        "difference": 0.0,
        "ok": True,
    }
    found = [row]
    module = type(sys)("baselines.verify")
    module.rows = lambda family: found
    monkeypatch.setitem(sys.modules, "baselines.verify", module)
    monkeypatch.setattr("baselines.verify", module, raising=False)
    status, out, _ = run(capsys, "verify", "restock")
    assert status == 0
    assert "4.0407" in out
    assert "1 published numbers, 1 reproduced" in out
    found.append({**row, "ours": 5.0, "ok": False})
    assert run(capsys, "verify", "restock")[0] == 1


def test_three_packages_of_one_installation(capsys, monkeypatch):
    assert cli.foreign_package() is None
    monkeypatch.setattr(cli.envs_data, "__file__", "/elsewhere/envs_data/__init__.py")
    status, _, err = run(capsys, "list")
    assert status == 2
    assert "envs_data comes from /elsewhere" in err
    assert "PYTHONPATH" in err


def test_the_command_line_does_not_import_torch():
    code = "import sys, baselines.cli, baselines.cli.commands, baselines.cli.scores; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_board_as_json_and_nothing_else(tmp_path, capsys):
    arguments = ["score", "NudgeHabit", "--scenario", "rule-fails", "--agents", "rules", "--episodes", "40"]
    assert cli.main([*arguments, "--json", "--out", str(tmp_path / "runs")]) == 0
    printed = capsys.readouterr()
    board = json.loads(printed.out)
    assert {"title", "verdict", "ceiling", "unit", "period", "rows", "notes", "folder"} == set(board)
    assert {"best possible", "best rule", "today", "random"} <= {row["role"] for row in board["rows"]}
    assert printed.err == ""


def test_quietly_there_is_only_the_board(tmp_path, capsys):
    arguments = ["score", "NudgeHabit", "--scenario", "rule-fails", "--agents", "rules", "--episodes", "40"]
    assert cli.main([*arguments, "--quiet", "--out", str(tmp_path / "runs")]) == 0
    printed = capsys.readouterr()
    assert "Expected duration" not in printed.out + printed.err
    assert "best possible (exact)" in printed.out
