"""The parts of ``docs/evidence.md`` on worlds that the fit does not know: `benchmarks.outside` and `replay_study`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from envs_data.arrays import Floats

Row = Mapping[str, str]

HEAD = """
## In worlds that the fit does not know

Made by `python -m benchmarks.outside`: tables of 500 days of one item whose demand follows laws of its own, kept in
stock by a base-stock rule. The truth is what the rule tuned in the fitted world gains over the shop's own in 200
continuations of that very world; the interval is the one given what the table can tell. A table that the
back-test refuses is printed with "do not trust a verdict from this fit"; where no rule is better than the shop's own,
nothing is promised.

| law of demand | accepted | interval holds the truth, of those accepted | median width | wrong signs |
|---|---|---|---|---|
"""


FAMILIES = """
The same for prices, bids, messages and shops, made by `python -m benchmarks.outside_families`: tables that the cases'
own worlds leave under laws of their own (`benchmarks.outside_laws`), and the rules tuned in the fitted world against
the rule in use in 200 continuations.

| table | law | accepted | interval holds the truth, of those accepted | median width | wrong signs |
|---|---|---|---|---|---|
"""


def families(rows: Sequence[Row]) -> str:
    """The part on the other families; tables whose best rule is the one in use promise nothing, and are left out."""
    if not rows:
        return ""
    told = [row if float(row["high"]) > float(row["low"]) else {**row, "accepted": "False"} for row in rows]
    kinds = dict.fromkeys((row["family"], row["law"]) for row in told)
    lines = [
        f"| {family} {_line(law, [row for row in told if (row['family'], row['law']) == (family, law)])}"
        for family, law in kinds
    ]
    return FAMILIES + "\n".join([*lines, f"| all {_line('', told)}"]) + "\n"


REPLAYS = """
## Replays

Made by `python -m benchmarks.replay_study`: tables of 500 days of one item, half of shops with hidden parameters of the
family that the fit knows, half of the laws above; kept in stock by a base-stock rule. Everything is fitted and tuned on
the first 400 days and plays the last 100 (`baselines.replay`). The truth is what the very same rule gains over the
shop's own on average over 199 other continuations of that world after its first part; the interval is the one beside
the gain on those 100 days. Asked for are intervals that hold it in 88 to 98 %, and wrong signs in at most 2.5 % and
what chance adds. A sign is told where the interval leaves out zero, for which 100 days are few; widths and gains are
medians, in money a year. A table of which more than a third of the last days sold out is refused; where no rule is
better than the shop's own in the fitted world, nothing is said. A surprise is a replay that says itself that the days
had something which the world fitted to the days before leaves out.

| law of demand | replays | interval holds the truth | width | true gain | signs told | wrong signs | surprises |
|---|---|---|---|---|---|---|---|
"""


def replays(rows: Sequence[Row]) -> str:
    """The part on replays, or nothing where nothing was measured."""
    if not rows:
        return ""
    laws = dict.fromkeys(row["law"] for row in rows)
    lines = [_replay_line(law, [row for row in rows if row["law"] == law]) for law in laws]
    outer = [row for row in rows if row["law"] != next(iter(laws))]
    lines += [_replay_line("all outside the family", outer), _replay_line("all", rows)]
    return REPLAYS + "\n".join(lines) + "\n"


def _replay_line(law: str, rows: Sequence[Row]) -> str:
    kept = [row for row in rows if row["rule"]]
    low, high, truth = (np.array([float(row[name]) for row in kept]) for name in ("low", "high", "truth"))
    held, wrong, told = _held(low, high, truth), _wrong(low, high, truth), int(np.sum((low > 0) | (high < 0)))
    width, gain = (f"{np.median(amounts):,.0f}" if kept else "" for amounts in (high - low, truth))
    count = sum(row["surprise"] == "True" for row in rows)
    cells = [f"{len(kept)} of {len(rows)}", f"{held} of {len(kept)}", width, gain, told, wrong, count]
    return f"| {' | '.join(map(str, [law, *cells]))} |"


def _held(low: Floats, high: Floats, truth: Floats) -> int:
    return int(np.sum((low <= truth) & (truth <= high)))


def _wrong(low: Floats, high: Floats, truth: Floats) -> int:
    return int(np.sum((low > 0) & (truth < 0)) + np.sum((high < 0) & (truth > 0)))


def outside(rows: Sequence[Row]) -> str:
    """The part, or nothing where nothing was measured."""
    if not rows:
        return ""
    laws = dict.fromkeys(row["law"] for row in rows)
    lines = [_line(law, [row for row in rows if row["law"] == law]) for law in laws]
    return HEAD + "\n".join([*lines, _line("all", rows)]) + "\n" + _summary(rows, next(iter(laws)))


def _summary(rows: Sequence[Row], within: str) -> str:
    """What was asked for, beside what was measured.

    Args:
        rows: all tables.
        within: the law that the fit knows.
    """
    outer = [row for row in rows if row["law"] != within and row["accepted"] == "True"]
    inner = [row for row in rows if row["law"] == within and row["accepted"] == "True"]
    if not outer or not inner:
        return ""
    low, high, truth = (np.array([float(row[name]) for row in outer]) for name in ("low", "high", "truth"))
    times = np.median(high - low) / np.median([float(row["high"]) - float(row["low"]) for row in inner])
    by_law = {law: _share_held([row for row in outer if row["law"] == law]) for law in {row["law"] for row in outer}}
    worst = min(by_law, key=lambda law: (by_law[law], law))
    wrong = ((low > 0) & (truth < 0)) | ((high < 0) & (truth > 0))
    far = int(np.sum(wrong & (np.abs(truth) > high - low)))
    said = (
        f"Of accepted tables outside the family the interval holds the truth in {_share_held(outer):.0%} (asked for: "
        f"80 %), in no law in less than {by_law[worst]:.0%} (60 %; {worst}); its median width is {times:.1f} times "
        f"that of tables of the family (at most 2). Wrong signs are {wrong.sum()} of {len(outer)} (at most 2.5 % and "
        f"what chance adds), {far} of them where the truth exceeds twice the half-width (none)."
    )
    return f"\n{textwrap.fill(said, 120)}\n"


def _share_held(rows: Sequence[Row]) -> float:
    low, high, truth = (np.array([float(row[name]) for row in rows]) for name in ("low", "high", "truth"))
    return _held(low, high, truth) / len(rows)


def _line(law: str, rows: Sequence[Row]) -> str:
    kept = [row for row in rows if row["accepted"] == "True"]
    low, high, truth = (np.array([float(row[name]) for row in kept]) for name in ("low", "high", "truth"))
    held, wrong = _held(low, high, truth), _wrong(low, high, truth)
    width = f"{np.median(high - low):,.0f}" if kept else ""
    return f"| {law} | {len(kept)} of {len(rows)} | {held} of {len(kept)} | {width} | {wrong} |"
