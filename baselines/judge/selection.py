"""Which agents a board holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from baselines.agents import TRAINED, Problem, Rung
from baselines.judge.adapt import AgentError
from baselines.judge.today import plain_name
from envs_data.parameters import unknown_name

KINDS = {"rules": "rule", "bandits": "bandit"}


@dataclasses.dataclass(frozen=True)
class Selection:
    """The agents of a board.

    Attributes:
        random: the zero of the scale.
        rules: rules to tune, of which there is always at least one where the case has any.
        all_rules: all rules of the case, by which today's may be named.
        predict: predict-then-decide agents.
        learners: what is trained.
        yours: agents given as objects, by name.
    """

    random: Rung | None
    rules: Sequence[Rung]
    all_rules: Sequence[Rung]
    predict: Sequence[Rung]
    learners: Sequence[Rung]
    yours: Mapping[str, object]


def select(problem: Problem, agents: Iterable[str] | Mapping[str, object] | None, preview: bool = False) -> Selection:
    """Chooses from a case's ladder.

    Args:
        problem: the case with its parameters.
        agents: names of rungs (``ppo``, ``base_stock``) or of kinds (``rules``, ``bandits``, ``deep``), and files of
            hyperparameters (``best.yml``, as `bizgyms tune` writes them); or a mapping of name to agent, added to the
            whole ladder; None for the whole ladder. Rules are always there: a board without a best rule would say
            nothing.
        preview: whether the whole ladder means those rungs that a quick board holds.

    Raises:
        AgentError: unknown names and unusable files, all at once.
    """
    from baselines.ladder import rungs

    ladder = [rung for rung in rungs(problem.case, problem.parameters) if rung.fits(problem)]
    names: set[str] | None = None
    yours: Mapping[str, object] = {}
    of_files: list[Rung] = []
    if isinstance(agents, Mapping):
        yours = _yours(agents, ladder)
    elif agents is not None:
        names, of_files = _asked(problem, [agents] if isinstance(agents, str) else agents, ladder)
    of_kind = {kind: [rung for rung in ladder if rung.kind == kind] for kind in ("random", "rule", "predict", *TRAINED)}
    chosen = {kind: [r for r in found if _is_chosen(r, names, preview)] for kind, found in of_kind.items()}
    return Selection(
        random=next(iter(of_kind["random"]), None),
        rules=chosen["rule"] or of_kind["rule"],
        all_rules=of_kind["rule"],
        predict=chosen["predict"],
        learners=[*(rung for kind in TRAINED for rung in chosen[kind]), *of_files],
        yours=yours,
    )


def _is_chosen(rung: Rung, names: set[str] | None, preview: bool) -> bool:
    if names is None:
        return rung.preview or not preview
    return plain_name(rung.name).lower() in names or rung.kind in names


def _asked(problem: Problem, agents: Iterable[str], ladder: Sequence[Rung]) -> tuple[set[str], list[Rung]]:
    """The plain names and kinds asked for, and the rows of files of hyperparameters."""
    from baselines.ladder import is_file, of_file

    plain = {plain_name(rung.name).lower() for rung in ladder} | {rung.kind for rung in ladder}
    known = sorted(plain | set(KINDS) | set(KINDS.values()))
    names, found, problems = set(), {}, []
    for name in agents:
        key = KINDS.get(name.lower(), plain_name(name).lower())
        if is_file(name):
            try:
                found[name] = of_file(name, problem)
            except OSError as error:
                problems.append(f"{name} cannot be read: {error.strerror}")
            except ValueError as error:
                problems.append(str(error))
        elif key in known:
            names.add(key)
        else:
            problems.append(unknown_name("agent", name, known))
    if problems:
        raise AgentError("\n".join(f"agents: {told}" for told in problems))
    return names, list(found.values())


def _yours(agents: Mapping[str, object], ladder: Sequence[Rung]) -> Mapping[str, object]:
    taken = {rung.name for rung in ladder} | {"today"}
    problems = [f"agents: the name {name!r} is taken; choose another" for name in agents if name in taken]
    if problems:
        raise AgentError("\n".join(problems))
    return agents
