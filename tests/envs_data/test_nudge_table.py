"""The log of messages: made by the world, read under its contract."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs_data.nudge.habit import SCENARIOS
from envs_data.nudge.habit.table import AVAILABLE, generate
from envs_data.nudge.reading import NONE, read_table, step_days
from envs_data.tables import TableError

SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
NEWS = SCENARIOS["newsletter"]


def table(**columns):
    rows = {"person": ["a", "a", "a", "b"], "time": [0, 1, 2, 0], "message": ["x", "none", "x", ""]}
    return pd.DataFrame(rows | {"response": [1, 0, 0, 0]} | columns)


def problems_of(frame, **options):
    with pytest.raises(TableError) as caught:
        read_table(frame, **options)
    return caught.value.problems


def test_the_log_has_the_columns_of_its_contract_and_ends_with_leaving():
    frame = generate(SCENARIOS["get-fit"], seed=1, people=60)
    assert list(frame) == ["person", "time", "available", "context", "message", "propensity", "response", "left"]
    assert (frame.loc[frame["available"] == 0, "message"] == NONE).all()
    assert frame["available"].mean() == pytest.approx(AVAILABLE, abs=0.02)
    assert frame["context"].isna().equals(frame["message"] == NONE)
    last = frame.groupby("person").tail(1)
    assert frame["left"].sum() == last["left"].sum() > 0
    assert (last.loc[last["left"] == 0, "time"] == 89).all()


def test_propensity_is_the_frequency_of_the_decision():
    frame = generate(NEWS, seed=1, people=300)
    reached = frame[frame["available"] == 1]
    for value, rows in reached.groupby(reached["propensity"].round(6)):
        assert 0 < value <= 1
        assert len(rows) > 100
    assert (1 / reached["propensity"]).mean() == pytest.approx(1 + len(NEWS.messages), rel=0.05)


def test_same_seed_same_table():
    assert generate(NEWS, seed=5, people=9).equals(generate(NEWS, seed=5, people=9))
    assert not generate(NEWS, seed=5, people=9).equals(generate(NEWS, seed=6, people=9))
    assert generate(NEWS, days=70, people=9)["time"].max() == 69


def test_the_sample_table_is_what_its_card_says():
    made = generate(NEWS, seed=4, people=30).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / "newsletter.csv").read_text(encoding="utf-8") == made
    assert '`generate(SCENARIOS["newsletter"], seed=4, people=30)`' in (SAMPLES / "README.md").read_text()


def test_dates_become_steps_of_the_smallest_gap():
    days = ["2025-01-06", "2025-01-13", "2025-01-27", "2025-01-13"]
    read = read_table(table(date=days).drop(columns="time"))
    assert read.frame["time"].tolist() == [0, 1, 3, 0]
    assert step_days(read.frame) == 7
    kept = read_table(table(date=days).drop(columns="time"), since="2025-01-01", until="2025-01-20")
    assert kept.frame["person"].tolist() == ["a", "a", "b"]


@pytest.mark.parametrize("frequency", ["MS", "ME"])
def test_months_are_steps_whatever_their_lengths(frequency):
    days = pd.date_range("2024-01-01", periods=20, freq=frequency).delete(4)
    read = read_table(pd.DataFrame({"person": "a", "date": days, "message": ["x", *[""] * 18], "response": 0}))
    assert read.frame["time"].tolist() == [0, 1, 2, 3, *range(5, 20)]
    assert step_days(read.frame) == pytest.approx(30.44, abs=0.01)


def test_four_weeks_are_no_month():
    days = pd.date_range("2024-01-01", periods=20, freq="28D")
    read = read_table(pd.DataFrame({"person": "a", "date": days, "message": ["x", *[""] * 19], "response": 0}))
    assert (read.frame["time"].tolist(), step_days(read.frame)) == ([*range(20)], 28)


def test_silence_has_many_names():
    read = read_table(table(message=["x", "No", " ", "0"]))
    assert read.frame["message"].tolist() == ["x", NONE, NONE, NONE]


def test_everything_wrong_is_one_message_with_rows():
    frame = table(available=[0, 1, 1, 1], propensity=[0.5, 0.0, 1.2, 0.5], left=[0, 1, 0, 0], response=[1, 0, 2, 0])
    found = problems_of(frame)
    assert "row 2, column 'message': 'x' was sent to somebody who was unavailable" in found
    assert "row 3, column 'propensity': 0 is the probability of what was done, so it cannot be 0" in found
    assert "row 4, column 'propensity': 1.2 is more than 1" in found
    assert "row 4, column 'response': 2 is more than 1" in found
    assert any(said.startswith("row 4, column 'response': 2 is of somebody who left before") for said in found)


def test_a_table_without_messages_or_with_a_step_twice_is_refused():
    assert problems_of(table(message=["none"] * 4))[0].startswith("rows 2 to 5, column 'message': no message was ever")
    assert "row 3" in problems_of(table(time=[0, 0, 1, 0]))[0]
    assert "no column for time" in problems_of(table().drop(columns="time"))[0]
    assert (
        "no rows with --since 2026-01-01"
        in problems_of(table(date=["2025-01-06"] * 4, person=list("abcd")), since="2026-01-01")[0]
    )
    assert "need a column of dates" in problems_of(table(), since="2026-01-01")[0]


cells = st.one_of(st.none(), st.integers(-2, 3), st.floats(-1, 2), st.sampled_from(["x", "none", "", "2025-01-06"]))


@given(st.lists(st.fixed_dictionaries({
    "person": cells, "time": cells, "message": cells, "response": cells, "left": cells, "propensity": cells,
}), min_size=1, max_size=6))  # fmt: skip
def test_any_table_is_read_or_refused_with_a_table_error(rows):
    found: tuple[object, ...] = ()
    try:
        found = tuple(np.isfinite(read_table(pd.DataFrame(rows, dtype=object)).frame["time"]))
    except TableError as error:
        found = error.problems
    assert found
    assert all(found)


def test_a_log_that_names_nobody_who_left_is_refused_in_sentences():
    days = ["2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27"]
    nobody = table(date=days, person=[None, None, "b", "b"], left=[1, 1, 0, 0]).drop(columns="time")
    assert any("column 'person': the cell is empty" in problem for problem in problems_of(nobody))
