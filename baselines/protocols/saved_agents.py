"""The agents of a board, saved beside it: they can be loaded and act exactly as they did.

``agents.json`` says which agents a board has and how each is made; what a learner learned is in the run file, written
in one transaction with its result. All of it is settings, JSON and arrays: nothing is unpickled, so a folder of
somebody else's runs no code.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baselines.agents import TORCH, Agent, Kind, Problem, case_of, problem_of
from baselines.judge.anchors import Anchors
from baselines.ladder.current_rule import today_of
from baselines.ladder.specs import revive
from baselines.play.experiment import Experiment
from baselines.protocols.scenario_folder import safe_name
from baselines.rules import rules
from baselines.runs.code import own_code
from baselines.runs.results import Results, Run
from baselines.runs.run_file import NAME, RunFile, RunFileError
from bizgyms.registry import Case
from bizgyms.scenario import load as load_scenario
from envs_data.parameters import ParameterError, Scenario, write_whole

MANIFEST, SB3 = "agents.json", "sb3"
ENTRY = {"name", "kind", "label", "made", "seed", "run"}


class SavedAgent(NamedTuple):
    """An agent as it was scored.

    Attributes:
        name: its name on the board.
        kind: ``today``, ``best rule``, ``rule``, ``predict``, ``planner``, ``bandit``, ``tabular``, ``deep`` or
            ``random``.
        seed: seed of its training; None for agents that do not learn.
        agent: the agent itself.
        label: name with setting.
    """

    name: str
    kind: str
    seed: int | None
    agent: Agent
    label: str


@dataclasses.dataclass(frozen=True)
class SavedAgents:
    """The agents of a run folder.

    Attributes:
        problem: case, parameters and view of the board.
        scenario: the scenario with the origin of its fields.
        agents: one for each training, and one for each agent that does not learn, in the order of the board's rows.
        missing: agents that cannot be loaded, each with the reason.
    """

    problem: Problem
    scenario: Scenario
    agents: Sequence[SavedAgent]
    missing: Sequence[str] = ()

    def best_possible(self) -> Agent | None:
        """The optimum's own policy, computed anew; None where the reference is a bound, or without a reference.

        Raises:
            TooLargeError: it cannot be computed.
        """
        if not self.problem.case.has("reference"):
            return None
        found = self.problem.case.reference(self.problem.parameters)
        return found.policy if found.kind == "exact" else None


def write(folder: Path, scenario: Scenario, anchors: Anchors) -> None:
    """Writes ``agents.json``, whole or not at all.

    Args:
        folder: where the run file is.
        scenario: the scenario with the origin of its fields.
        anchors: the table of results with its fixed points.
    """
    listed = [_entry(anchors.role(player), run) for player in anchors.results.players for run in player.results]
    agents = [entry for entry in listed if entry["made"] is not None]
    case = anchors.problem.case
    about = {"case": case.id, "scenario": scenario.to_dict(), "agents": agents}
    code = own_code(case)
    if code is not None:
        about["code"] = code
    if hasattr(case.env, "gym_id"):
        about["gym_id"] = case.env.gym_id
    write_whole(folder / MANIFEST, json.dumps(about, indent=1) + "\n")


def _entry(role: str, run: Run) -> dict[str, Any]:
    known = {"name": run.agent, "kind": role, "label": run.label, "made": run.made}
    return {**known, "seed": run.seed, "run": run.key}


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What a run folder says of its agents, before any of them is loaded.

    Attributes:
        home: the folder.
        problem: case, parameters and view of the board.
        scenario: the scenario with the origin of its fields.
        entries: for each agent its name, and how it is built.
    """

    home: Path
    problem: Problem
    scenario: Scenario
    entries: Sequence[Mapping[str, Any]]

    def load(self, today: object = None) -> SavedAgents:
        """Loads the agents; see `load`."""
        agents: list[SavedAgent] = []
        missing: list[str] = []
        with contextlib.closing(RunFile(self.home / NAME)) as run_file:
            for entry in self.entries:
                try:
                    agent = _agent(self.problem, entry, run_file, today)
                except (ImportError, LookupError, ValueError) as error:
                    missing.append(f"{entry['label']}: {error}")
                    continue
                agents.append(SavedAgent(entry["name"], entry["kind"], entry["seed"], agent, entry["label"]))
        return SavedAgents(self.problem, self.scenario, tuple(agents), tuple(missing))


def load(folder: str | os.PathLike[str], today: object = None) -> SavedAgents:
    """Loads the agents of a board. Needs torch only where a deep learner is among them.

    Args:
        folder: the run folder, as given to ``score(out=...)`` or ``--out``.
        today: today's rule, where it was a function in a Python file: a folder alone never runs code. None for the
            rule of the board.

    Raises:
        RunFileError: no finished board there, or a damaged one.
    """
    return read(folder).load(today)


def read(folder: str | os.PathLike[str]) -> Manifest:
    """Which agents a board has, without loading them.

    Raises:
        RunFileError: no finished board there, or a damaged one.
    """
    home = Path(folder)
    about = _manifest(home)
    case = _case_of(home, about)
    scenario = load_scenario(case, about["scenario"])
    return Manifest(home, problem_of(case, scenario.parameters), scenario, about["agents"])


def _case_of(home: Path, about: Mapping[str, Any]) -> Case:
    """The case of a board. Code of a user's own is never run from here: it must be there already, and be the same.

    Raises:
        RunFileError: the code of the case is not loaded, or has changed since.
    """
    code = about.get("code")
    given = code if isinstance(code, Mapping) else {}
    path, digest = str(given.get("path", "")), str(given.get("digest", ""))
    with contextlib.suppress(LookupError, ParameterError):
        case = case_of(str(about.get("gym_id", about["case"])))
        now = (own_code(case) or {}).get("digest", "")
        if digest and now != digest and "gym_id" not in about:
            what = f"the code of {case.id} has changed since (it was {digest}, now {now})"
            raise RunFileError(f"{home}: {what}; take it back, or score again into another folder")
        return case
    named = f" in {path} (digest {digest})" if path else ""
    remedy = f"name it again: --code {path or 'FOLDER'}, or import it before in Python"
    raise RunFileError(f"{home}: its case {about['case']} is code of your own{named}; {remedy}")


def export_sb3(folder: Path, experiment: Experiment, results: Results) -> None:
    """Writes each deep learner's model as ``sb3/NAME-SEED.zip``, which stable-baselines3 loads.

    Args:
        folder: the run folder.
        experiment: the board's plays.
        results: the table of results.
    """
    runs = [run for player in results.of_kind(*TORCH) for run in player.results]
    for run, agent in zip(runs, experiment.agents(runs), strict=True):
        if hasattr(agent, "export_sb3"):
            (folder / SB3).mkdir(exist_ok=True)
            agent.export_sb3(folder / SB3 / f"{safe_name(run.agent)}-{run.seed}.zip")


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
    """One agent, built as it was when it was scored.

    Raises:
        LookupError: it is no longer on the ladder, or what it learned was not saved.
        ValueError: a file of today's rule that was not named, or what was saved cannot be read.
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
