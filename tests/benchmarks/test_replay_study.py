"""Replays whose truth is known: a world is the past of its continuations, and the page counts what it should."""

import numpy as np
import pandas as pd
import pytest

from baselines.play import tuning
from benchmarks import outside, replay_study
from benchmarks.outside_page import replays


def test_half_the_worlds_are_of_the_family_and_each_has_parameters_of_its_own():
    worlds = [
        replay_study.world(number) for number in range(replay_study.FIRST, replay_study.FIRST + replay_study.WORLDS)
    ]
    names = [name for name, _, _ in worlds]
    assert names.count(replay_study.INSIDE) == replay_study.WORLDS // 2
    assert {*names} == {replay_study.INSIDE, *replay_study.OUTSIDE}
    assert len({level for _, _, level in worlds}) > 12
    inside = [law(np.random.default_rng(0), 700).mean() for name, law, _ in worlds if name == replay_study.INSIDE]
    assert len({*inside}) == len(inside)
    assert 3 < min(inside) < max(inside) < 18


def test_a_row_is_measured_once_and_says_what_the_rule_gains(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(replay_study, "OUT", tmp_path / "replay.csv")
    monkeypatch.setattr(tuning, "ROUNDS", ((None, 20), (2, 20), (2, 40)))
    monkeypatch.setattr(outside, "CONTINUATIONS", 20)
    replay_study.main(1)
    replay_study.main(1)
    (row,) = pd.read_csv(tmp_path / "replay.csv").to_dict("records")
    assert row["law"] == replay_study.INSIDE
    assert row["low"] < row["gain"] < row["high"]
    assert row["error"] > 0
    assert abs(row["truth"] - row["gain"]) < 10 * (row["high"] - row["low"])
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("low", "high", "held", "told", "wrong"), [("-5", "5", 1, 0, 0), ("4", "9", 0, 1, 0), ("-9", "-1", 0, 1, 1)]
)
def test_the_page_counts_intervals_and_signs(low, high, held, told, wrong):
    row = {"law": "rising", "rule": "base-stock", "low": low, "high": high, "truth": "3", "surprise": "True"}
    inside = {**row, "law": "as the fit has it", "rule": "", "surprise": "False"}
    text = replays([inside, row])
    width = float(high) - float(low)
    assert f"| rising | 1 of 1 | {held} of 1 | {width:.0f} | 3 | {told} | {wrong} | 1 |" in text
    assert "| as the fit has it | 0 of 1 | 0 of 0 |  |  | 0 | 0 | 0 |" in text
    assert f"| all | 1 of 2 | {held} of 1 |" in text
    assert replays([]) == ""
