"""The agents of a board, kept beside it: they can be loaded and act exactly as they did.

``agents.json`` says which agents a board has and how each is made; what a learner learned is in the run file, written
in one transaction with its result. Rules are settings, bandits JSON, other learners arrays under a JSON header: nothing
in a folder is executed when it is loaded.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baselines.agents import Agent, Kind, Problem, problem_of
from baselines.ladder.current_rule import today_of
from baselines.ladder.specs import revive
from baselines.rules import rules
from baselines.runs.results import Player
from baselines.runs.run_file import NAME, RunFile, RunFileError
from bizgyms import registry
from bizgyms.scenario import load as load_scenario
from envs_data.parameters import Scenario, write_whole

MANIFEST = "agents.json"
ENTRY = {"name", "kind", "label", "made", "seed", "run"}


class SavedAgent(NamedTuple):
    """An agent as it was scored.

    Attributes:
        name: its name on the board.
        kind: ``today``, ``best rule``, ``rule``, ``predict``, ``bandit``, ``tabular``, ``deep`` or ``random``.
        seed: seed of its training; None for what does not learn.
        agent: who decides.
        label: name with setting.
    """

    name: str
    kind: str
    seed: int | None
    agent: Agent
    label: str


@dataclasses.dataclass(frozen=True)
class SavedAgents:
    """What a run folder holds beside numbers.

    Attributes:
        problem: case, parameters and view of the board.
        scenario: the scenario with the origin of its fields.
        agents: one a training, and one for what does not learn, in the order of the board's rows.
        missing: agents that cannot be brought back, each with the reason.
    """

    problem: Problem
    scenario: Scenario
    agents: Sequence[SavedAgent]
    missing: Sequence[str] = ()

    def best_possible(self) -> Agent | None:
        """The optimum's own policy, computed anew; None where the reference is a bound or there is none.

        Raises:
            TooLargeError: it cannot be computed.
        """
        if not self.problem.case.has("reference"):
            return None
        found = self.problem.case.reference(self.problem.parameters)
        return found.policy if found.kind == "exact" else None


def write(folder: Path, problem: Problem, scenario: Scenario, players: Iterable[tuple[str, Player]]) -> None:
    """Writes ``agents.json``, whole or not at all.

    Args:
        folder: where the run file is.
        problem: case and parameters.
        scenario: the scenario with the origin of its fields.
        players: role and player of each row.
    """
    listed = [entry for role, player in players for entry in _entries(role, player)]
    about = {"case": problem.case.id, "scenario": scenario.to_dict(), "agents": listed}
    write_whole(folder / MANIFEST, json.dumps(about, indent=1) + "\n")


def _entries(role: str, player: Player) -> Iterable[dict[str, Any]]:
    known = {"name": player.name, "kind": role, "label": player.label, "made": player.made}
    return [{**known, "seed": seed, "run": run} for seed, run in player.runs]


def load(folder: str | os.PathLike[str], today: object = None) -> SavedAgents:
    """Brings back the agents of a board. Needs torch only where a deep learner is among them.

    Args:
        folder: the run folder, as given to ``score(out=...)`` or ``--out``.
        today: today's rule, where it was a function in a Python file: a folder never makes code run that was not
            named now. None for the rule of the board.

    Raises:
        RunFileError: no finished board there, or a damaged one.
    """
    home = Path(folder)
    about = _manifest(home)
    case = registry.case(about["case"])
    scenario = load_scenario(case, about["scenario"])
    problem = problem_of(case, scenario.parameters)
    found: list[SavedAgent] = []
    missing: list[str] = []
    with contextlib.closing(RunFile(home / NAME)) as run_file:
        for entry in about["agents"]:
            try:
                agent = _agent(problem, entry, run_file, today)
            except (ImportError, LookupError, ValueError) as error:
                missing.append(f"{entry['label']}: {error}")
                continue
            found.append(SavedAgent(entry["name"], entry["kind"], entry["seed"], agent, entry["label"]))
    return SavedAgents(problem, scenario, tuple(found), tuple(missing))


def _manifest(home: Path) -> dict[str, Any]:
    path = home / MANIFEST
    if not path.is_file() or not (home / NAME).is_file():
        raise RunFileError(f"{home}: no agents are kept there; make them with: bizgyms score ... --out {home}")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RunFileError(f"{path}: damaged ({error}); score again with --out {home}") from error
    whole = isinstance(about, dict) and {"case", "scenario", "agents"} <= set(about)
    if not isinstance(about, dict) or not whole or not all(set(entry) >= ENTRY for entry in about["agents"]):
        raise RunFileError(
            f"{path}: not a list of agents, of an older version, or damaged; score again with --out {home}"
        )
    return about


def _agent(problem: Problem, entry: Mapping[str, Any], run_file: RunFile, today: object) -> Agent:
    """One agent, made as it was made.

    Raises:
        LookupError: its rung is no longer on the ladder, or nothing was kept of what it learned.
        ValueError: a file of today's rule that was not named, or what was kept cannot be read.
    """
    made = entry["made"]
    if entry["kind"] == Kind.TODAY:
        return _today(problem, made, today)
    return revive(problem, made, None if entry["seed"] is None else run_file.learned(entry["run"]))


def _today(problem: Problem, made: Mapping[str, Any], today: object) -> Agent:
    if "rung" in made and today is None:
        return revive(problem, made, None)
    if today is None:
        raise ValueError(f"today's rule is the function {made['function']!r} of a file: name it with --today")
    found = today_of(problem, [spec for spec in rules(problem) if spec.kind == Kind.RULE], today)
    if found is None or (found.key is not None and dict(found.key) != dict(made)):
        raise ValueError("it is not the rule the board was made with; score again with it")
    return found.agent
