"""The rule in use today, as a user names it: a rule with its setting, or a function in a file."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from baselines.agents import Agent, AgentError, AgentSpec, Problem, Setting
from baselines.ladder.adapters import as_agent
from baselines.rules.named import NamedAgent
from baselines.rules.occasions import is_occasion, names_of
from envs_data.parameters import Scenario, unknown_name

DEFAULT = "base-stock"


@dataclasses.dataclass(frozen=True)
class Today:
    """The rule in use now.

    Attributes:
        label: what the board calls it.
        agent: who decides.
        key: everything that determines its decisions, for the run file; None for an object from Python.
        knows: what it knows.
        assumed: why it stands for today's rule, where none was named.
    """

    label: str
    agent: Agent
    key: Mapping[str, Any] | None
    knows: str
    assumed: str = ""


def today_of(problem: Problem, rules: Sequence[AgentSpec], today: object) -> Today | None:
    """Finds today's rule.

    Args:
        problem: the case with its parameters.
        rules: the rules of its ladder.
        today: ``"base_stock:S=16"``, a rule with its setting; ``"rule.py:my_rule"``, a function of one observation (a
            dict of feature name to number) in a Python file; anything `evaluate` takes; None for the untuned
            base-stock rule, or the first rule there is.

    Returns:
        Today's rule; None where none is named and the case has no rules.

    Raises:
        AgentError: unknown rule or setting, no such file or function; the message names the remedy.
    """
    if today is None:
        return _default(problem, rules)
    if not isinstance(today, str):
        return Today("yours", as_agent(problem, today, "today"), None, "observations")
    name, _, rest = today.partition(":")
    if name.endswith(".py"):
        return _from_file(problem, Path(name), rest)
    return _named(problem, rules, name, rest)


def plain_name(name: str) -> str:
    """An agent's name as it is typed: ``base_stock`` for ``base-stock``, ``s_S`` for ``(s,S)``."""
    return name.replace("(", "").replace(")", "").replace("-", "_").replace(" ", "_").replace(",", "_")


def label(name: str, setting: Setting) -> str:
    """A rule with its setting: ``base-stock S=16``."""
    return " ".join([name, ", ".join(f"{key}={_short(value)}" for key, value in setting.items())]).strip()


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def assumed(problem: Problem, rules: Sequence[AgentSpec], scenario: Scenario) -> Today | None:
    """Today's rule where none was named: imitated from the table the scenario was fitted to, else the default.

    Raises:
        AgentError: the scenario file names a rule that does not exist.
    """
    imitated = scenario.notes.get("today")
    if not imitated:
        return _default(problem, rules)
    if not isinstance(imitated, Mapping) or not isinstance(imitated.get("setting", {}), Mapping):
        raise AgentError(f"today: {imitated!r} in the scenario file is no rule with its setting; remove it")
    setting = ",".join(f"{name}={value}" for name, value in imitated.get("setting", {}).items())
    rule = _named(problem, rules, str(imitated.get("rule", "")), setting)
    return dataclasses.replace(rule, assumed=str(imitated.get("sentence", "imitated from the table")))


def _default(problem: Problem, rules: Sequence[AgentSpec]) -> Today | None:
    if not rules:
        return None
    spec = next((spec for spec in rules if spec.name == DEFAULT), rules[0])
    rule = _with_setting(problem, spec, next(iter(spec.settings(problem))))
    why = f"nobody named a rule, so {rule.label} stands for it, untuned; name yours with --today"
    return dataclasses.replace(rule, assumed=why)


def _named(problem: Problem, rules: Sequence[AgentSpec], name: str, text: str) -> Today:
    spec = next((spec for spec in rules if name in (spec.name, plain_name(spec.name))), None)
    if spec is None:
        known = [plain_name(spec.name) for spec in rules]
        hint = f"it may also be a function in a file: --today rule.py:my_rule (rules here: {', '.join(known)})"
        raise AgentError(f"today: {unknown_name('rule', name, known)} Or {hint}.")
    default = dict(next(iter(spec.settings(problem))))
    setting = _setting(spec, default, text) if text else default
    try:
        return _with_setting(problem, spec, setting)
    except (TypeError, ValueError) as error:
        raise AgentError(f"today: {label(spec.name, setting)} is not possible: {error}") from None


def _with_setting(problem: Problem, spec: AgentSpec, setting: Setting) -> Today:
    key = {"rung": spec.name, "setting": dict(setting)}
    return Today(label(spec.name, setting), spec.build(problem, **setting), key, spec.knows)


def _setting(spec: AgentSpec, default: Setting, text: str) -> dict[str, Any]:
    """Reads ``S=16,largest=9``; the names are those of the rule's keyword arguments."""
    known = names_of(spec)
    example = label(plain_name(spec.name), default).replace(" ", ":", 1).replace(", ", ",")
    setting: dict[str, Any] = {}
    for pair in text.split(","):
        name, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or name not in known:
            own = [name for name in known if not is_occasion(name)]
            settings = f"its settings are {', '.join(own)}, as in {example}" if own else "it has no settings of its own"
            raise AgentError(f"today: {pair!r} is no setting of {spec.name}; {settings}")
        setting[name] = _number(value, f"today: {name} of {spec.name}")
    return setting


def _number(text: str, where: str) -> int | float:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise AgentError(f"{where} is {text!r}; it must be a number")
    return value


def _from_file(problem: Problem, path: Path, function: str) -> Today:
    if not path.is_file():
        raise AgentError(f"today: {path}: no such file; write --today rule.py:my_rule with a Python file of yours")
    module = _load(path)
    rule: Callable[[dict[str, float]], Any] | None = getattr(module, function, None) if function else None
    if not callable(rule):
        functions = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        there = f"it has {', '.join(functions)}" if functions else "it has no function"
        raise AgentError(f"today: {path}: no function {function!r}; {there}. Write --today {path}:NAME")
    name = f"{path.name}:{function}"
    key = {"file": hashlib.sha256(path.read_bytes()).hexdigest(), "function": function}
    return Today(name, NamedAgent(problem, rule, name), key, "observations")


def _load(path: Path) -> Any:
    """Runs the user's file, as the command line asked for."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = getattr(error, "lineno", None) or _last_line(error)
        raise AgentError(f"today: {path}, line {line}: {type(error).__name__}: {error}") from None
    return module


def _last_line(error: Exception) -> int:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_lineno if trace is not None else 0
