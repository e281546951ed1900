"""Names that users import stay where they were."""

import importlib

import pytest

ALIASES = (
    ("restock.fit:fit", "restock.item.fit"),
    ("restock.table:generate", "restock.item.table"),
    ("restock.table:read_table", "restock.reading"),
    ("nudge.fit:fit", "nudge.habit.fit"),
    ("nudge.table:generate", "nudge.habit.table"),
    ("nudge.table:read_table", "nudge.reading"),
    ("bidding.fit:fit", "bidding.campaign.fit"),
    ("bidding.generate:generate", "bidding.campaign.table"),
    ("recommend.fit:fit", "recommend.lifetime.purchase_fit"),
    ("world:WorldError", "clock"),
)


@pytest.mark.parametrize(("old", "new"), ALIASES)
def test_a_public_name_is_the_one_that_moved(old, new):
    module, name = old.split(":")
    moved = importlib.import_module(f"envs_data.{new}")
    assert getattr(importlib.import_module(f"envs_data.{module}"), name) is getattr(moved, name)
