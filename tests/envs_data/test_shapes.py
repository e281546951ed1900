"""Tables as people have them: each is read right at once, or says the line that reads it right."""

import json
import shlex

import numpy as np
import pytest

from baselines.cli import main
from tests.envs_data.shapes_bidding import BIDDING
from tests.envs_data.shapes_nudge import NUDGE
from tests.envs_data.shapes_pricing import PRICING
from tests.envs_data.shapes_recommend import RECOMMEND
from tests.envs_data.shapes_restock import RESTOCK

SHAPES = {**RESTOCK, **PRICING, **NUDGE, **BIDDING, **RECOMMEND}
# Lists of a world whose entries have fields of their own.
PARTS = ("items", "products", "messages", "types")


def values_of(world, field):
    """A field of a world, or of all its parts."""
    if field in world:
        return world[field]
    return [part[field] for name in PARTS for part in world.get(name, [])]


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_is_read_right_or_says_the_line_that_does(name, tmp_path, monkeypatch, capsys):
    shape = SHAPES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(shape.write(shape.table()), encoding="utf-8")

    def typed(line):
        code = main(["fit", shape.family, "table.csv", "-o", "mine.json", *shlex.split(line)])
        return code, " ".join("".join(capsys.readouterr()).split())

    for line, said in zip(shape.tries(), shape.first, strict=False):
        assert said in typed(line)[1]
    code, printed = typed(shape.line)
    for said in shape.refused or shape.says:
        assert said in printed
    assert code == (2 if shape.refused or (shape.first and not shape.line) else 0), printed
    for field, value in shape.fields.items():
        found = values_of(json.loads((tmp_path / "mine.json").read_text())["parameters"], field)
        assert np.mean(found) == pytest.approx(value, rel=shape.tolerance), field
