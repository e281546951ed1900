"""The audit of the rules: a search far wider than a board's. Makes ``docs/evidence/rules.csv``.

Run ``python -m benchmarks.rules [CASE[:SCENARIO] ...] [--seconds N] [--again]``: the default scenario of every case,
all that are called ``rule-fails``, and those of the frozen suite where none is named. Every rule's numbers are searched
by CMA-ES (Hansen 2016), alone and in mixtures of which a calendar or an observed bar chooses, grown from the best so
far. What is found is scored again on luck that nothing was tuned on. A search goes on where its row ends: seconds are
of all pieces together, and a piece is kept every two minutes. ``--again`` tunes the board's rules anew also where no
seconds are missing, and scores beside them what was found before.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines.agents import AgentError, Problem, imported, problem_of
from baselines.play import seeds, tuning
from baselines.play.rollout import play, play_together
from baselines.protocols.suite import suite_of
from baselines.rules import rules
from benchmarks import result_rows
from benchmarks.mixtures import LONGEST, Recipe, agent_of, genes, with_numbers
from bizgyms import registry
from envs_data.arrays import Floats
from envs_data.parameters import ParameterError, write_whole

OUT = Path(__file__).parents[1] / "docs" / "evidence" / "rules.csv"
KEY = ("case", "scenario")
SECONDS, PIECE = 300, 120
# Episodes on which candidates, winners of a search, and the best few are compared, and all are scored in the end.
EPISODES, AGAIN, LAST, SCORED = 40, 400, 2_000, 4_000
# Candidates of a generation, generations of a search, and those after which one that is far behind is given up.
CANDIDATES, GENERATIONS, PATIENCE = 16, 30, 8
SPREAD = 0.2
# The share of the time in which single rules are searched, and how many rules mixtures are made of.
ALONE, LEADERS = 0.3, 6
IMPOSSIBLE = 1e30
SUITE = "core-v0"


@dataclasses.dataclass
class Audit:
    """The search in one scenario.

    Attributes:
        problem: the scenario.
        leaders: recipes, the best first, with their value on the tuning luck: every rule as the board tunes it.
        best: recipes, each better than the one before.
        runs: searches so far, each on luck of its own.
        rng: draws structures, others in every piece.
    """

    problem: Problem
    leaders: list[tuple[Recipe, float]]
    best: list[Recipe]
    runs: int = 0
    rng: np.random.Generator = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.runs)

    def search(self, seconds: float) -> None:
        """Searches for so many seconds of a core; then the best known so far is alone in `best`."""
        start = time.process_time()
        tunable = [recipe for recipe, _ in self.leaders if recipe["setting"]]
        for k, recipe in enumerate(tunable):
            until = start + ALONE * seconds * (k + 1) / len(tunable)
            while time.process_time() < until:
                self._challenge(recipe)
        while time.process_time() < start + seconds:
            self._challenge(self._mixture(self.best[-1]))
        few = [self.leaders[0][0], *(one for one in self.best[-4:] if one != self.leaders[0][0])]
        values = [self._returns(recipe, LAST, 0).mean() for recipe in few] if len(few) > 1 else [0.0]
        self.best = [few[int(np.argmax(values))]]

    def _challenge(self, start: Recipe) -> None:
        """Searches around a recipe; what it finds becomes the best if it beats the best so far on other luck."""
        self.runs += 1
        best = self.best
        floor = self._returns(best[-1], EPISODES, self.runs).mean()
        winner = self._searched(start, floor)
        if winner is None:
            return
        gains = self._returns(winner, AGAIN, self.runs) - self._returns(best[-1], AGAIN, self.runs)
        if gains.mean() > gains.std(ddof=1) / np.sqrt(AGAIN):
            best.append(winner)

    def _searched(self, start: Recipe, floor: float) -> Recipe | None:
        """The best recipe around a start by CMA-ES; None where nothing comes near the floor."""
        found = list(genes(self.problem, start))
        if not found:
            return None
        cma = imported("cmaes", "the audit", extra="test")
        mean = np.clip([gene.write(number) for gene, number in found], 0.01, 0.99)
        bounds = np.tile([0.0, 1.0], (len(mean), 1))
        search = cma.CMA(mean, SPREAD, bounds, seed=self.runs, population_size=CANDIDATES)
        best, value = start, self._values([start])[0]
        for generation in range(GENERATIONS):
            asked = [search.ask() for _ in range(CANDIDATES)]
            recipes = [self._at(start, [gene for gene, _ in found], one) for one in asked]
            values = self._values(recipes)
            if values.max() > value:
                best, value = recipes[int(values.argmax())], float(values.max())
            search.tell([(one, -worth) for one, worth in zip(asked, values, strict=True)])
            spread = values[values > -IMPOSSIBLE].std() if (values > -IMPOSSIBLE).any() else 0.0
            if search.should_stop() or (generation >= PATIENCE and value + spread < floor):
                break
        return best if value >= floor else None

    def _at(self, recipe: Recipe, found: Sequence[Any], at: Floats) -> Recipe:
        return with_numbers(self.problem, recipe, iter([g.read(x) for g, x in zip(found, at, strict=True)]))

    def _mixture(self, best: Recipe) -> Recipe:
        """The best so far or a leading rule, and another rule at places of a cycle or below a bar."""
        few = self.leaders[:LEADERS]
        usual = best if self.rng.random() < 0.6 else few[self.rng.integers(len(few))][0]
        other = self.leaders[self.rng.integers(len(self.leaders))][0]
        if self.rng.random() < 0.5:
            other = self._shaken(other)
        parts = (usual, other) if self.rng.random() < 0.8 else (other, usual)
        return {"usual": parts[0], "other": parts[1], "when": self._when()}

    def _shaken(self, recipe: Recipe) -> Recipe:
        """A rule with numbers drawn anew."""
        found = [gene for gene, _ in genes(self.problem, recipe)]
        return self._at(recipe, found, self.rng.random(len(found)))

    def _when(self) -> dict[str, Any]:
        view = self.problem.view
        timed = view.clock in view.columns
        if timed and self.rng.random() < 0.5:
            every = int(self.rng.choice([2, 3, 4, 7, 14, self.rng.integers(2, LONGEST)]))
            return {"every": every, "times": int(self.rng.integers(1, max(every // 2, 1) + 1)), "phase": 0}
        name = view.clock if timed and self.rng.random() < 0.4 else self.rng.choice(view.features).name
        feature = view.features[view.columns[name]]
        share = self.rng.random() ** (3 if name == view.clock else 1)  # the end of an episode is like no other time
        return {"feature": name, "bar": float(feature.low + share * (feature.high - feature.low))}

    def _values(self, recipes: Sequence[Recipe]) -> Floats:
        """[recipes] mean returns on the luck of this search; an impossible one is worth less than any other."""
        luck = seeds.luck(self.problem.case, self.problem.parameters, seeds.tuning(self._block()), 0, EPISODES)
        try:
            agents = [agent_of(self.problem, recipe) for recipe in recipes]
            returns, _ = play_together(self.problem, agents, luck, EPISODES, "audit")
        except (AgentError, ParameterError, ArithmeticError, LookupError, ValueError):
            if len(recipes) == 1:
                return np.array([-IMPOSSIBLE])
            return np.concatenate([self._values([recipe]) for recipe in recipes])
        return np.asarray(returns.mean(axis=1))

    def _block(self) -> int:
        return 1 + self.runs % 900

    def _returns(self, recipe: Recipe, episodes: int, block: int) -> Floats:
        """[episodes] returns on the tuning luck of a search; of block 0, which the board tunes on, for the last."""
        seed = seeds.tuning(block % 900 + 1) if episodes != LAST else seeds.tuning(999)
        return play(self.problem, agent_of(self.problem, recipe), episodes, seed, "audit").returns


def leaders(problem: Problem) -> list[tuple[Recipe, float]]:
    """Every rule as the board tunes it, with its value, the best first."""
    found = []
    for spec in rules(problem):
        if spec.kind == "rule":
            tuned = tuning.tune(problem, spec, seeds.tuning(0))
            found.append(({"rule": spec.name, "setting": dict(tuned.setting)}, tuned.value))
    return sorted(found, key=lambda one: -one[1])


def audited(case: registry.Case, scenario: str, seconds: int) -> Iterator[dict[str, Any]]:
    """One scenario's row after every piece of its search, which goes on where the row that is kept ends."""
    problem = problem_of(case, case.scenarios[scenario])
    before: Mapping[str, Any] = kept().get((case.id, scenario), {"seconds": 0, "searches": 0})
    done, ladder = int(before["seconds"]), leaders(problem)
    known = ladder[0][0]
    best = [known, json.loads(before["found"])] if "found" in before else [known]
    audit = Audit(problem, ladder, best, int(before["searches"]))
    while True:
        piece = min(PIECE, max(seconds - done, 0))
        audit.search(piece)
        done += piece
        told = dict(zip((*KEY, "seconds", "searches"), (case.id, scenario, done, audit.runs), strict=True))
        yield {**told, **compared(problem, known, audit.best[-1])}
        if done >= seconds:
            return


def compared(problem: Problem, known: Recipe, found: Recipe) -> dict[str, Any]:
    """What was found, beside the board's best rule and the best possible, an episode, on luck nothing was tuned on."""
    seed = seeds.evaluation(999)
    rule = play(problem, agent_of(problem, known), SCORED, seed, "audit").returns
    gains = np.zeros(SCORED) if found == known else _gains(problem, found, rule, seed)
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(SCORED))
    ceiling = problem.case.reference(problem.parameters).value - float(rule.mean())
    return {
        "best_rule": json.dumps(known),
        "value": f"{rule.mean():.6g}",
        "ceiling": f"{ceiling:.4g}",
        "gain": f"{gain:.4g}",
        "error": f"{error:.3g}",
        "counts": int(gain > max(ceiling / 10, 3 * error)),
        "found": json.dumps(found),
    }


def _gains(problem: Problem, found: Recipe, rule: Floats, seed: int) -> Floats:
    """[episodes] what a recipe earns more than the rule did on the same luck."""
    return np.asarray(play(problem, agent_of(problem, found), SCORED, seed, "audit").returns - rule)


def kept() -> dict[tuple[str, ...], dict[str, Any]]:
    """The rows there are, by their key."""
    if not OUT.exists():
        return {}
    with OUT.open(encoding="utf-8", newline="") as file:
        return {tuple(one[name] for name in KEY): one for one in csv.DictReader(file)}


def keep(new: dict[str, Any]) -> None:
    """Adds a row to those there are by now, or puts it in the place of its own, in the order of the registry."""
    rows = {**kept(), tuple(str(new[name]) for name in KEY): new}
    places = [(case.id, scenario) for case in registry.cases() for scenario in case.scenarios]
    write_whole(OUT, result_rows.written([rows[key] for key in sorted(rows, key=places.index)]))


def scenarios(words: Sequence[str]) -> list[tuple[registry.Case, str]]:
    """The scenarios that words name; without any the default of each case, ``rule-fails`` and the frozen suite's."""
    if not words:
        named = [(case, scenario) for case in registry.cases() for scenario in (default_of(case), "rule-fails")]
        frozen = [f"{entry.case}:{entry.scenario}" for entry in suite_of(SUITE).entries]
        every = [*named[::2], *named[1::2], *scenarios(frozen)]
        return list(dict.fromkeys((case, scenario) for case, scenario in every if scenario in list(case.scenarios)))
    found: list[tuple[registry.Case, str]] = []
    for word in words:
        name, _, scenario = word.partition(":")
        case = registry.case(name)
        meant = case.scenarios[scenario] if scenario else None
        found += [(case, one) for one, known in case.scenarios.items() if not scenario or known is meant]
    return found


def default_of(case: registry.Case) -> str:
    """The name of a case's default scenario."""
    return next(iter(case.scenarios))


def main() -> None:
    """Audits what is missing, scenario by scenario."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", metavar="CASE[:SCENARIO]")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of a core, for each scenario")
    parser.add_argument("--again", action="store_true", help="score anew also where no seconds are missing")
    given = parser.parse_args()
    for case, scenario in scenarios(given.scenarios):
        before = kept().get((case.id, scenario))
        if before and int(before["seconds"]) >= given.seconds and not given.again:
            continue
        for new in audited(case, scenario, given.seconds):
            keep(new)
            sys.stdout.write(f"{json.dumps(new)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
