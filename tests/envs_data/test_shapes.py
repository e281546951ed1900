"""Tables as people have them: each is read right at once, or says the line that reads it right."""

import numpy as np
import pytest

from tests.envs_data.shape_runs import SHAPES, run_of

# Lists of a world whose entries have fields of their own.
PARTS = ("items", "products", "messages", "types")


def values_of(world, field):
    """A field of a world, or of all its parts."""
    if field in world:
        return world[field]
    return [part[field] for name in PARTS for part in world.get(name, [])]


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_is_read_right_or_says_the_line_that_does(name):
    shape, run = SHAPES[name], run_of(name)
    for said, printed in zip(shape.first, run.tried, strict=True):
        assert said in printed
    for said in shape.refused or shape.says:
        assert said in run.printed
    assert run.code == (2 if shape.refused or (shape.first and not shape.line) else 0), run.printed
    for field, value in shape.fields.items():
        assert np.mean(values_of(run.world, field)) == pytest.approx(value, rel=shape.tolerance), field
