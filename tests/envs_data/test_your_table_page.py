"""The page "Your table" shows tables, lines and sentences as they are."""

import re
import shlex
from pathlib import Path

import pytest

from envs_data.excerpts import excerpts
from envs_data.reading.options import CHOICES, OPEN
from tests.envs_data.shape_runs import SHAPES, run_of

PAGE = (Path(__file__).parents[2] / "docs" / "your-table.md").read_text(encoding="utf-8")
GALLERY, OPTIONS = PAGE.split("## What you can say of a table")
ENTRY = re.compile(
    r"### .+\n\n<!-- (?P<name>.+) -->\n```csv\n(?P<head>[^`]+)\n```\n\n    (?P<line>bizgyms fit .+)\n\n(?P<text>[^#]+)"
)
ENTRIES = {entry["name"]: entry for entry in ENTRY.finditer(GALLERY)}
LINES_SHOWN = 3


def test_every_heading_has_its_table_and_all_trades_are_there():
    assert len(ENTRIES) == GALLERY.count("\n### ") == GALLERY.count("```csv")
    assert {SHAPES[name].family for name in ENTRIES} == {"restock", "pricing", "nudge", "bidding", "recommend"}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_shows_the_head_of_the_file_the_line_and_what_is_printed(name):
    entry, shape, run = ENTRIES[name], SHAPES[name], run_of(name)
    head, file = entry["head"].splitlines(), run.text.splitlines()
    assert len(head) >= LINES_SHOWN
    for shown, line in zip(head, file, strict=False):
        assert line.startswith(shown.removesuffix("...")) if shown.endswith(",...") else line == shown
    typed = ["bizgyms", "fit", shape.family, "table.csv", *shlex.split(shape.line), "-o", "mine.json"]
    assert shlex.split(entry["line"]) == typed
    quoted = re.findall(r'"([^"]+)"', " ".join(entry["text"].split()))
    assert quoted
    for said in quoted:
        assert any(said in printed for printed in (*run.tried, run.printed)), said


def test_all_options_of_reading_are_listed_with_their_values():
    rows = {row[1]: row[2] for row in re.finditer(r"^\| `(\w+)` \| (.+?) \|", OPTIONS, re.MULTILINE)}
    assert {*rows} == {*CHOICES, *OPEN}
    for name, values in CHOICES.items():
        assert {*re.findall(r"`(\w+)`", rows[name])} <= {*values}
        assert name == "dates" or len(re.findall(r"`(\w+)`", rows[name])) == len(values)


def test_each_item_of_each_store_is_a_table_of_its_own(tmp_path):
    assert "--each store,item -o items/" in OPTIONS
    file = tmp_path / "table.csv"
    file.write_text(run_of("stores and items").text, encoding="utf-8")
    assert len(excerpts(file, "store,item")) == 4
