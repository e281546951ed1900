"""Tables written for people: nothing in them runs in a spreadsheet, and no link is followed."""

import pandas as pd
import pytest

from baselines.protocols.scenario_folder import read_not_fitted, write_not_fitted
from envs_data.parameters import write_whole
from envs_data.written_tables import as_meant, as_text, write_table

FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\tx", '=HYPERLINK("x")')


@pytest.mark.parametrize("text", [*FORMULAS, "", "milk", "'quoted", "a=b", "1", "é"])
def test_a_text_comes_back_as_it_was(text):
    assert as_meant(as_text(text)) == text


def test_no_cell_of_a_written_table_begins_like_a_formula(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, pd.DataFrame({"item": FORMULAS, "left": -1.0}))
    written = pd.read_csv(path)
    assert written["item"].tolist() == [f"'{text}" for text in FORMULAS]
    assert (written["left"] == -1.0).all()


def test_items_with_such_names_are_found_again(tmp_path):
    reasons = dict.fromkeys(FORMULAS, "no rows")
    write_not_fitted(tmp_path, reasons)
    assert read_not_fitted(tmp_path) == reasons


def test_a_link_in_the_place_of_the_draft_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr("os.getpid", lambda: 7)
    other = tmp_path / "other.txt"
    other.write_text("mine")
    (tmp_path / ".table.csv.7").symlink_to(other)
    write_whole(tmp_path / "table.csv", "new")
    assert other.read_text() == "mine"
    assert (tmp_path / "table.csv").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.txt", "table.csv"]
