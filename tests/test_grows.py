"""Optional parts added one by one to what `bizgyms new` writes: each switches on its column everywhere."""

import importlib
import sys
from pathlib import Path

import pytest

import bizgyms
from baselines.cli import main

NAME = "growing_stall"
CASE = "growing_stall/GrowingStall-v0"
REFERENCE = """
from bizgyms.reference import Reference


def reference(p):
    mean = sum(p.demand * (p.weekend if day % 7 >= 5 else 1.0) for day in range(p.days))
    return Reference((p.price - p.cost) * mean, "bound", 0.0, "everybody who comes is served, nothing is left over")
"""
TWIN = '''
import numpy as np
from bizgyms.twin import Twin

from .env import GrowingStallView


class GrowingStallTwin(Twin):
    """All stalls a day at a time."""

    case_id = "growing_stall/GrowingStall-v0"
    view_type = GrowingStallView

    def _allocate(self):
        self._day, self._stock = np.zeros((2, self.num_envs), dtype=np.int64)

    def _begin(self, rows):
        self._day[rows] = self._stock[rows] = 0
        self._observations[rows] = 0

    def _advance(self, actions, idle):
        p, on = self.parameters, np.flatnonzero(~idle)
        made, demand = actions[on], self._luck.demand[on, self._day[on]]
        stock = self._stock[on] + made
        sold = np.minimum(stock, demand)
        self._day[on] += 1
        self._stock[on] = ((stock - sold) * p.keeps).astype(np.int64)
        self._terms[:, on] = p.price * sold, -p.cost * made
        self._rewards[on] = np.asarray(self._weights) @ self._terms[:, on]
        self._figures[:, on] = demand, sold
        self._decisions[on] = made
        self._observations[on] = np.stack([self._stock[on], self._day[on] % 7], axis=1)
        self._terminated[on] = self._day[on] == p.days
        return bool(self._terminated[on].any())
'''
TABLE = """
import dataclasses

import numpy as np
import pandas as pd
from envs_data.fits import BackTest, Fit
from envs_data.parameters import Origin

from .parameters import GrowingStallParameters as Parameters
from .world import draw


def generate(parameters, policy=None, seed=0, days=None):
    length = dataclasses.replace(parameters, days=days or parameters.days)
    demand = draw(length, np.random.default_rng(seed), 1).demand[0]
    return pd.DataFrame({"day": range(len(demand)), "demand": demand})


def fit(table, columns=None, known=None, since=None, until=None):
    demand = table["demand"] if isinstance(table, pd.DataFrame) else pd.read_csv(table)["demand"]
    weekday = np.arange(len(demand)) % 7 < 5
    mean = float(demand[weekday].mean())
    fitted = Parameters(demand=mean, **(known or {}))
    error = float(demand[weekday].std() / weekday.sum() ** 0.5)
    return Fit(
        fitted,
        {"demand": Origin("fitted", error, "mean of the weekdays")},
        ({"demand": mean - error}, {"demand": mean + error}),
        BackTest("the table itself"),
        {"demand": "demand"},
        (("fitted", f"demand {mean:.1f} units a day"),),
        observed=len(demand),
    )
"""
PARTS = {
    "rules": "rules:RULES",
    "draw": "world:draw",
    "reference": "optimum:reference",
    "twin": "twin:GrowingStallTwin",
}
PARTS |= {"generate": "table:generate", "fit": "table:fit"}


class Stall:
    """The folder, and the command line started anew on it."""

    def __init__(self, capsys):
        self.capsys = capsys

    def forget(self):
        for module in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[module]
        bizgyms.registry._cases.pop(CASE, None)
        importlib.invalidate_caches()

    def has(self, *parts):
        listed = "".join(f'    {part}="{NAME}.{PARTS[part]}",\n' for part in parts)
        Path(NAME, "__init__.py").write_text(
            f'import bizgyms\n\nCASE = bizgyms.Case(\n    "{CASE}",\n    scenarios="{NAME}.parameters:SCENARIOS",\n'
            f'    env="{NAME}.env:GrowingStall",\n{listed})\nbizgyms.add(CASE)\n'
        )

    def run(self, *words):
        self.forget()
        status = main(list(words))
        said = self.capsys.readouterr()
        assert status == 0, said.out + said.err
        return said.out


@pytest.fixture
def stall(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = Stall(capsys)
    found.run("new", NAME)
    for file, text in {"optimum": REFERENCE, "twin": TWIN, "table": TABLE}.items():
        Path(NAME, f"{file}.py").write_text(text)
    yield found
    found.forget()


def test_each_part_is_a_column_of_the_list(stall):
    parts = []
    stall.has()
    assert "has no optional part; without twin, draw, reference, fit, generate, rules" in stall.run("list", f"./{NAME}")
    for part in PARTS:
        parts.append(part)
        stall.has(*parts)
        line = next(line for line in stall.run("list", f"./{NAME}").splitlines() if line.startswith("  has "))
        there, _, missing = line.partition("; without ")
        assert set(there.removeprefix("  has ").split(", ")) == set(parts)
        assert set(missing.split(", ")) - {""} == set(PARTS) - set(parts)


def test_a_bound_is_checked_against_the_rules_of_the_case(stall):
    stall.has("draw", "rules", "reference")
    assert "nothing tests the bound" not in stall.run("check", f"./{NAME}")
