"""Checks of what is written down: scenario files and Gymnasium specs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import gymnasium
from gymnasium.envs.registration import EnvSpec

from bizgyms.options import arguments_of
from bizgyms.scenario import resolve
from bizgyms.testing.play import SHORT, Decisions, Subject, begin, expect_same, go_on
from bizgyms.testing.report import Finding, expect
from envs_data.parameters import ParameterError, Scenario


def scenario_round_trip(subject: Subject) -> None:
    """A scenario survives ``to_dict``, JSON and a file, and the file says which case it is of."""
    p, case = subject.parameters, subject.case
    expect(p.case == case.id, f"parameters name the case {p.case!r}; it must be {case.id!r}")
    as_json = json.loads(json.dumps(p.to_dict()))
    expect(type(p).from_dict(as_json) == p, "from_dict(to_dict()) through JSON gives other parameters")
    expect(resolve(case, as_json) == p, "given as a dict, the scenario gives other parameters")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.json"
        Scenario(p).save(path)
        expect(resolve(case, str(path)) == p, "read from a scenario file, the parameters are others")
        path.write_text(json.dumps({**Scenario(p).to_dict(), "case": "nobody/Elses-v0"}), encoding="utf-8")
        try:
            resolve(case, path)
        except ParameterError:
            return
    raise Finding("another case's scenario file was taken without a word")


def fields_have_units(subject: Subject) -> None:
    """Every field of the parameters says what it measures."""
    bare = [name for name in subject.parameters.to_dict() if name not in type(subject.parameters).quantities()]
    expect(not bare, f"fields without a quantity(default, unit, meaning): {', '.join(bare)}")


def fields_are_no_arguments(subject: Subject) -> None:
    """No field is called like an argument, so that each can be changed by ``gymnasium.make(id, field=...)``."""
    taken = {
        name for part in ("env", "twin") if subject.case.has(part) for name in arguments_of(getattr(subject.case, part))
    }
    both = [name for name in subject.parameters.to_dict() if name in taken]
    expect(not both, f"fields called like an argument of the environment or of its twin: {', '.join(both)}")


def spec_round_trip(subject: Subject) -> None:
    """``env.spec`` goes through JSON and makes the same environment, with a scenario's name or its dict."""
    for form in (subject.scenario, json.loads(json.dumps(subject.parameters.to_dict()))):
        env = gymnasium.make(subject.case.id, scenario=form)
        expect(env.spec is not None, "the environment has no spec")
        written = env.spec.to_json() if env.spec else ""
        again = gymnasium.make(EnvSpec.from_json(written))
        expect(again.spec == env.spec, f"the spec read back from JSON is {again.spec}; it was {env.spec}")
        decisions = Decisions(env.action_space, world=0)
        names = ("the environment", "the one made from its spec")
        first, second = (go_on(made, begin(made, seed=9), decisions, until=SHORT) for made in (env, again))
        # A spec that tells the horizon comes back with Gymnasium's TimeLimit, which marks the last step once more.
        for last in (trajectory[-1] for trajectory in (first, second) if trajectory[-1]["terminated"]):
            last["truncated"] = False
        expect_same(first, second, names)
