"""Which agents a board holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from baselines.agents import TRAINED, AgentError, AgentSpec, Kind, Problem
from baselines.ladder import specs as ladders
from baselines.ladder.current_rule import plain_name
from envs_data.parameters import unknown_name

KINDS = {"rules": Kind.RULE, "planners": Kind.PLANNER, "bandits": Kind.BANDIT}
# Kinds that play before anything is trained, beside the rules.
UNTRAINED = (Kind.PREDICT, Kind.PLANNER)


@dataclasses.dataclass(frozen=True)
class Selection:
    """The agents of a board.

    Attributes:
        random: the zero of the scale.
        rules: rules to tune, of which there is always at least one where the case has any.
        all_rules: all rules of the case, by which today's may be named.
        others: predict-then-decide agents, and planners.
        learners: what is trained.
        yours: agents given as objects, by name.
    """

    random: AgentSpec | None
    rules: Sequence[AgentSpec]
    all_rules: Sequence[AgentSpec]
    others: Sequence[AgentSpec]
    learners: Sequence[AgentSpec]
    yours: Mapping[str, object]


def select(problem: Problem, agents: Iterable[str] | Mapping[str, object] | None, preview: bool = False) -> Selection:
    """Chooses from a case's ladder.

    Args:
        problem: the case with its parameters.
        agents: names of agents (``ppo``, ``base_stock``) or of kinds (``rules``, ``planners``, ``bandits``), and files
            of hyperparameters (``best.yml``, as `bizgyms tune` writes them); or a mapping of name to agent, added to
            the whole ladder; None for the whole ladder, but for the cloned optimum, which is only played where it is
            asked for. Rules are always there: a board without a best rule would say nothing.
        preview: whether the whole ladder means the agents of a quick board alone.

    Raises:
        AgentError: unknown names and unusable files, all at once.
    """
    ladder = [spec for spec in ladders.ladder_of(problem.case, problem.parameters) if spec.fits(problem)]
    names: set[str] | None = None
    yours: Mapping[str, object] = {}
    of_files: list[AgentSpec] = []
    if isinstance(agents, Mapping):
        yours = _yours(agents, ladder)
    elif agents is not None:
        names, of_files = _asked(problem, [agents] if isinstance(agents, str) else agents, ladder)
    of_kind = {
        kind: [spec for spec in ladder if spec.kind == kind] for kind in (Kind.RANDOM, Kind.RULE, *UNTRAINED, *TRAINED)
    }
    chosen = {kind: [spec for spec in specs if _is_chosen(spec, names, preview)] for kind, specs in of_kind.items()}
    return Selection(
        random=next(iter(of_kind[Kind.RANDOM]), None),
        rules=chosen[Kind.RULE] or of_kind[Kind.RULE],
        all_rules=of_kind[Kind.RULE],
        others=[spec for kind in UNTRAINED for spec in chosen[kind]],
        learners=[*(spec for kind in TRAINED for spec in chosen[kind]), *of_files],
        yours=yours,
    )


def _is_chosen(spec: AgentSpec, names: set[str] | None, preview: bool) -> bool:
    if names is None:
        return spec.kind != Kind.CLONED and (spec.preview or not preview)
    return plain_name(spec.name).lower() in names or spec.kind in names


def _asked(problem: Problem, agents: Iterable[str], ladder: Sequence[AgentSpec]) -> tuple[set[str], list[AgentSpec]]:
    """The plain names and kinds asked for, and the rows of files of hyperparameters."""
    plain = {plain_name(spec.name).lower() for spec in ladder} | {spec.kind for spec in ladder}
    known = sorted(map(str, plain | set(KINDS) | set(KINDS.values())))
    names, specs, problems = set(), {}, []
    for name in agents:
        key = KINDS.get(name.lower(), plain_name(name).lower())
        if ladders.is_file(name):
            try:
                specs[name] = ladders.of_file(name, problem)
            except OSError as error:
                problems.append(f"{name} cannot be read: {error.strerror}")
            except ValueError as error:
                problems.append(str(error))
        elif key in known:
            names.add(key)
        else:
            problems.append(unknown_name("agent", name, known))
    if problems:
        raise AgentError("\n".join(f"agents: {problem_text}" for problem_text in problems))
    return names, list(specs.values())


def _yours(agents: Mapping[str, object], ladder: Sequence[AgentSpec]) -> Mapping[str, object]:
    taken = {spec.name for spec in ladder} | {"today"}
    problems = [f"agents: the name {name!r} is taken; choose another" for name in agents if name in taken]
    if problems:
        raise AgentError("\n".join(problems))
    return agents
