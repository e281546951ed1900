"""How far the interval of a replay can be trusted. Makes ``docs/evidence/replay.csv``.

Run ``python -m benchmarks.replay_study [worlds]``: 108 by default, every other one of a family that the fit knows, with
hidden parameters, the rest of laws that it does not. It goes on where it stopped. A table of 500 days is replayed:
fitted and tuned on the first 400, played on the last 100. The truth is what the very same rules gain on average in 199
other continuations of that world after its first part: its level, trend and shocks carried on.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import numpy as np

from baselines.agents import Agent, Kind
from baselines.judge.own_days import surprise
from baselines.ladder.selection import select
from baselines.play.budget import budget_of
from baselines.play.experiment import Experiment
from baselines.play.rollout import rewards_on
from baselines.protocols.own_period import OwnPeriod, own_period
from baselines.protocols.replay import replayed, today_there
from baselines.runs.run_file import RunFile
from benchmarks import outside, result_rows
from benchmarks.evidence import ITEM
from envs_data.arrays import Floats
from envs_data.restock.item.luck import ItemLuck
from envs_data.tables import TableError

OUT = outside.OUT.with_name("replay.csv")
WORLDS, DAYS, KNOWN_DAYS, A_YEAR = 108, 500, 400, 365
# Other worlds than those on which forms of the interval were compared.
FIRST = 2_000
INSIDE = "as the fit has it"
# Laws of demand that the fit does not know; a table without a stock column is of the family, and has no days that it
# knows to have sold out.
OUTSIDE = tuple(law for law in outside.LAWS if law not in (INSIDE, "no stock column"))
# A shop keeps this many days of demand, by its own rule.
COVER = (3.2, 5.0)
# The row of a replay that was refused, or had no rule to judge.
NOTHING = {"rule": "", "gain": 0.0, "low": 0.0, "high": 0.0, "truth": 0.0, "error": 0.0}


def world(number: int) -> tuple[str, outside.Law, int]:
    """The name of a world's law, the law, and the level of the shop's own rule."""
    rng = np.random.default_rng([number, 20_261_201])
    cover = float(rng.uniform(*COVER))
    if number % 2:
        name = OUTSIDE[number // 2 % len(OUTSIDE)]
        return name, outside.LAWS[name], round(12 * cover)
    mean, size = float(np.exp(rng.uniform(np.log(4), np.log(16)))), float(rng.uniform(3, 20))
    week = rng.gamma(8, 1 / 8, 7)

    def demand(draws: Any, days: int) -> Floats:
        level = mean * week[np.arange(days) % 7] / week.mean()
        return np.asarray(draws.negative_binomial(size, size / (size + level)), dtype=np.float64)

    return INSIDE, demand, round(mean * cover)


def measured(number: int) -> dict[str, Any]:
    """What a replay says of the best rule over the shop's own, beside the truth."""
    name, law, level = world(number)
    lives = outside.continued(law, number, KNOWN_DAYS, DAYS)
    frame = outside.kept(lives[0], level, np.random.default_rng([number, 0, 0]))
    sold_out = int((frame["on_hand"].tail(DAYS - KNOWN_DAYS) == 0).sum())
    row = {"law": name, "number": number, "sold_out": sold_out, "surprise": False}
    scenario = ITEM.fit(frame, known=outside.KNOWN).scenario()
    try:
        period = own_period(ITEM, scenario, frame)
    except TableError:
        return {**row, **NOTHING}
    with contextlib.closing(RunFile(None)) as run_file:
        experiment = Experiment(period.problem, budget_of("quick"), 0, run_file)
        today = today_there(period, scenario, f"base_stock:S={level}")
        assert today is not None
        found = replayed(period, experiment, ["rules"], today, lambda line: None)
        row["surprise"] = bool(surprise(found))
        rule = next((one for one in found.rows if one.role == Kind.BEST_RULE), None)
        if rule is None or rule.over_today is None:
            return {**row, **NOTHING}
        spec = next(spec for spec in select(period.problem, ["rules"]).all_rules if spec.name == rule.agent)
        truth, error = true_gain(
            period, experiment.agents([experiment.rule(spec)])[0], today.agent, lives[1:, KNOWN_DAYS:]
        )
    gain = rule.over_today
    promised = {"gain": gain.value, "low": gain.low, "high": gain.high}
    return {**row, "rule": rule.agent, **promised, "truth": truth, "error": error}


def true_gain(period: OwnPeriod, best: Agent, own: Agent, futures: Floats) -> tuple[float, float]:
    """What one rule gains a year over another in continuations, and its standard error."""
    luck = ItemLuck(futures.astype(period.luck.demand.dtype))
    ours, theirs = (rewards_on(period.problem, agent, luck, "rule").mean(axis=1) for agent in (best, own))
    gains = (ours - theirs) * A_YEAR
    return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))


def main(worlds: int) -> None:
    """Measures what is missing, world by world."""
    done = {int(row["number"]) for row in result_rows.known(OUT)}
    for number in range(FIRST, FIRST + worlds):
        if number not in done:
            result_rows.add(OUT, measured(number))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS)
