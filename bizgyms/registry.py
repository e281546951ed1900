"""The registry: every case once, for gym.make, the scorer, the command line, the documentation and the tests."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

import gymnasium
from gymnasium.envs.registration import EnvSpec, VectorizeMode

from bizgyms.case import Case
from bizgyms.scenario import as_json
from envs_data.parameters import Parameters, native, unknown_name

__all__ = ["Case", "add", "case", "cases", "ensure", "make", "make_vec"]

HINT = f"{__name__}:without_namespace"
_cases: dict[str, Case] = {}


class FormerIdWarning(UserWarning):
    """An id of a former version is asked for, and the present one is played."""


def add(case: Case) -> None:
    """Registers a case here and with Gymnasium. Adding the same id again replaces the case."""
    _cases[case.id] = case
    for id in (case.id, *case.former):
        gymnasium.envs.registration.registry[id] = EnvSpec(
            id=id,
            entry_point=case.entry_point("env"),
            vector_entry_point=case.entry_point("twin"),
            nondeterministic=False,
        )
        _hint_at(id)


def _hint_at(id: str) -> None:
    namespace, _, bare = id.partition("/")
    if namespace == "bizgyms":
        hint = EnvSpec(id=bare, entry_point=HINT, vector_entry_point=HINT, kwargs={"meant": id})
        gymnasium.envs.registration.registry.setdefault(bare, hint)


def ensure(case: Case) -> None:
    """Registers a case unless one of its id is known: another process has only those that come with the package."""
    if case.id not in _cases:
        add(case)


def cases() -> list[Case]:
    """All registered cases, in the order of their registration."""
    return list(_cases.values())


def case(id: str) -> Case:
    """The case of an id; ``RestockItem`` stands for ``bizgyms/RestockItem-v0``, a former version for the present one.

    Raises:
        LookupError: no such case, with the nearest name.
    """
    for known in _cases.values():
        if id in known.former:
            what = f"{id} is played as {known.id}; its model card says what changed"
            warnings.warn(what, FormerIdWarning, stacklevel=2)
        if known.is_called(id):
            return known
    raise LookupError(unknown_name("case", id, [known.id for known in _cases.values()]))


def make(id: str | Parameters, scenario: Any = None, **kwargs: Any) -> gymnasium.Env[Any, Any]:
    """`gymnasium.make` that also takes parameters, as ``scenario`` or alone.

    Args:
        id: the case's id or name, or parameters.
        scenario: a name, path, dict or parameters.
        **kwargs: as `gymnasium.make` takes them; fields of the case that differ from the scenario, ``lead_time=3``.
    """
    found, arguments = _arguments(id, scenario, kwargs)
    return gymnasium.make(found, **arguments)


def make_vec(
    id: str | Parameters, num_envs: int = 1, scenario: Any = None, **kwargs: Any
) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    """`gymnasium.make_vec` that also takes parameters, as ``scenario`` or alone.

    Args:
        id: the case's id or name, or parameters.
        num_envs: number of worlds.
        scenario: a name, path, dict or parameters.
        **kwargs: as `gymnasium.make_vec` takes them; fields that differ from the scenario.
    """
    found, arguments = _arguments(id, scenario, kwargs)
    arguments.setdefault("vectorization_mode", VectorizeMode.VECTOR_ENTRY_POINT)
    return gymnasium.make_vec(found, num_envs=num_envs, **arguments)


def _arguments(id: str | Parameters, scenario: Any, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if not isinstance(id, str):
        id, scenario = id.case, id
    arguments = {name: native(value) for name, value in kwargs.items()}
    if scenario is not None:
        arguments["scenario"] = as_json(scenario)
    return case(id).id, arguments


def without_namespace(meant: str, **kwargs: Any) -> NoReturn:
    """Stands in Gymnasium's registry for ids without ``bizgyms/``; Gymnasium's own error has no hint for them."""
    raise gymnasium.error.NameNotFound(f"There is no {meant.partition('/')[2]}; did you mean {meant!r}?")
