"""Every published number comes out to its last printed digit."""

from __future__ import annotations

import pytest

from baselines import verify


@pytest.mark.parametrize("row", verify.table(), ids=lambda row: f"{row.source}: {row.what}")
def test_published_number(row: verify.Row) -> None:
    ours = row.ours()
    assert row.agrees(ours), f"{row.what}: published {row.published}, ours {ours}"


@pytest.mark.parametrize(("ours", "agrees"), [(1.2345, True), (1.2355, True), (1.2344, False), (1.2356, False)])
def test_rounding_to_the_last_printed_digit(ours: float, agrees: bool) -> None:
    assert verify.Row("a paper", "a number", "1.235", "", {}).agrees(ours) is agrees


@pytest.mark.parametrize(("ours", "agrees"), [(1.235, True), (1.2359, True), (1.2349, False), (1.2361, False)])
def test_numbers_cut_instead_of_rounded(ours: float, agrees: bool) -> None:
    assert verify.Row("a paper", "a number", "1.235", "", {}, cut=True).agrees(ours) is agrees


def test_unknown_family_is_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'restock'"):
        verify.table("restok")
