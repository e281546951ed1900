"""The part of ``docs/evidence.md`` on worlds that the fit does not know, from the rows of `benchmarks.outside`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Row = Mapping[str, str]

HEAD = """
## In worlds that the fit does not know

Made by `python -m benchmarks.outside`: tables of 500 days of one item whose demand follows laws of its own, kept in
stock by a base-stock rule. The truth is what the rule tuned in the fitted world gains over the shop's own in 200
continuations of that very world; the interval is the one given what the table can tell. A table that the
back-test refuses is printed with "do not trust a verdict from this fit"; where no rule is better than the shop's own,
nothing is promised.

| law of demand | accepted | interval holds the truth, of those accepted | mean width | wrong signs |
|---|---|---|---|---|
"""


FAMILIES = """
The same for prices, bids, messages and shops, made by `python -m benchmarks.outside_families`: tables that the cases'
own worlds leave under laws of their own (`benchmarks.outside_laws`), and the rules tuned in the fitted world against
the rule in use in 200 continuations.

| table | law | accepted | interval holds the truth, of those accepted | mean width | wrong signs |
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


def outside(rows: Sequence[Row]) -> str:
    """The part, or nothing where nothing was measured."""
    if not rows:
        return ""
    laws = dict.fromkeys(row["law"] for row in rows)
    lines = [_line(law, [row for row in rows if row["law"] == law]) for law in laws]
    return HEAD + "\n".join([*lines, _line("all", rows)]) + "\n"


def _line(law: str, rows: Sequence[Row]) -> str:
    kept = [row for row in rows if row["accepted"] == "True"]
    low, high, truth = (np.array([float(row[name]) for row in kept]) for name in ("low", "high", "truth"))
    held = int(np.sum((low <= truth) & (truth <= high)))
    wrong = int(np.sum((low > 0) & (truth < 0)) + np.sum((high < 0) & (truth > 0)))
    width = f"{np.mean(high - low):,.0f}" if kept else ""
    return f"| {law} | {len(kept)} of {len(rows)} | {held} of {len(kept)} | {width} | {wrong} |"
