"""Tables as people have them: each is read right at once, or says the line that reads it right."""

import json
import shlex

import numpy as np
import pytest

from baselines.cli import main
from tests.envs_data.shapes import RESTOCK

SHAPES = {**RESTOCK}


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_is_read_right_or_says_the_line_that_does(name, tmp_path, monkeypatch, capsys):
    shape = SHAPES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(shape.write(shape.table()), encoding="utf-8")
    words = ["fit", shape.family, "table.csv", "-o", "mine.json"]
    for said in shape.first[:1]:
        assert main(words) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    if shape.first and not shape.line:
        return
    assert main([*words, *shlex.split(shape.line)]) == 0, capsys.readouterr().err
    out = " ".join(capsys.readouterr().out.split())
    for said in shape.says:
        assert said in out
    found = json.loads((tmp_path / "mine.json").read_text())["parameters"]
    for field, value in shape.fields.items():
        parts = [item[field] for item in found["items"]] if "items" in found else [found[field]]
        assert np.mean(parts) == pytest.approx(value, rel=0.05)
