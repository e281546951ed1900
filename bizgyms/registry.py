"""The registry: every case once, for gym.make, the scorer, the command line, the documentation and the tests."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import gymnasium
from gymnasium.envs.registration import EnvSpec, VectorizeMode

from envs_data.parameters import unknown_name

if TYPE_CHECKING:
    from bizgyms.env import BusinessEnv
    from bizgyms.reference import Reference
    from bizgyms.twin import Twin
    from envs_data.parameters import Parameters

Part = str | Any
"""A part of a case: the object itself, or ``"module:name"`` to import it on first use."""


class Case:
    """A decision problem with all its parts.

    Only ``id``, ``scenarios`` and ``env`` are required; each further part switches on what needs it. Parts may be
    given as ``"module:name"`` strings, which are imported on first use; ``env`` and ``twin`` must be strings where
    ``spec.to_json`` shall work.

    Args:
        id: Gymnasium id, such as ``"bizgyms/RestockItem-v0"``.
        scenarios: dict of scenario name to parameters; the first is the default.
        env: the environment class over the SimPy world.
        parameters: the parameters class; the first scenario's if None.
        twin: the vector environment over the compiled kernel.
        draw: ``draw(parameters, rng, worlds) -> luck``.
        reference: ``reference(parameters) -> Reference``.
        quick_reference: the same within about a second, where it can be looser; ``reference`` if None.
        fit: ``fit(table, columns=..., known=...) -> Fit``.
        generate: ``generate(parameters, policy, seed) -> DataFrame``.
        rules: the rules a practitioner would know, as `baselines` understands them.
    """

    def __init__(
        self,
        id: str,
        *,
        scenarios: Part,
        env: Part,
        parameters: Part = None,
        twin: Part = None,
        draw: Part = None,
        reference: Part = None,
        quick_reference: Part = None,
        fit: Part = None,
        generate: Part = None,
        rules: Part = None,
    ) -> None:
        self.id = id
        self._parts: dict[str, Part] = {
            "parameters": parameters,
            "scenarios": scenarios,
            "env": env,
            "twin": twin,
            "draw": draw,
            "reference": reference,
            "quick_reference": quick_reference or reference,
            "fit": fit,
            "generate": generate,
            "rules": rules,
        }

    def __repr__(self) -> str:
        return f"Case({self.id!r})"

    def has(self, part: str) -> bool:
        """Whether the case has a part, without importing it."""
        return self._parts[part] is not None

    def entry_point(self, part: str) -> Part:
        """The part as it was given, for Gymnasium's registry."""
        return self._parts[part]

    def _part(self, name: str) -> Any:
        part = self._parts[name]
        if part is None:
            raise LookupError(f"{self.id} has no {name}")
        if not isinstance(part, str):
            return part
        module, attribute = part.split(":")
        return getattr(importlib.import_module(module), attribute)

    @property
    def name(self) -> str:
        """The id without namespace and version: ``RestockItem``."""
        return self.id.split("/")[-1].rsplit("-v", 1)[0]

    @property
    def family(self) -> str:
        """The package of the case's parameters within `envs_data`: ``restock``; of a case of one's own, its package."""
        home, *packages = self.parameters.__module__.split(".")
        return packages[0] if packages and home == "envs_data" else home

    @property
    def parameters(self) -> type[Parameters]:
        """The parameters class."""
        if not self.has("parameters"):
            return type(next(iter(self.scenarios.values())))
        return cast("type[Parameters]", self._part("parameters"))

    @property
    def scenarios(self) -> Mapping[str, Parameters]:
        """Scenario name to parameters; the first is the default."""
        return cast("Mapping[str, Parameters]", self._part("scenarios"))

    @property
    def env(self) -> type[BusinessEnv[Any, Any]]:
        """The environment class."""
        return cast("type[BusinessEnv[Any, Any]]", self._part("env"))

    @property
    def twin(self) -> type[Twin[Any, Any]]:
        """The vector environment class."""
        return cast("type[Twin[Any, Any]]", self._part("twin"))

    @property
    def draw(self) -> Callable[..., Any]:
        """``draw(parameters, rng, worlds) -> luck``."""
        return cast("Callable[..., Any]", self._part("draw"))

    @property
    def reference(self) -> Callable[[Any], Reference]:
        """``reference(parameters) -> Reference``."""
        return cast("Callable[[Any], Reference]", self._part("reference"))

    @property
    def quick_reference(self) -> Callable[[Any], Reference]:
        """``quick_reference(parameters) -> Reference``: a bound that is quickly there, or the reference itself."""
        return cast("Callable[[Any], Reference]", self._part("quick_reference"))

    @property
    def fit(self) -> Callable[..., Any]:
        """``fit(table, columns=..., known=...) -> Fit``."""
        return cast("Callable[..., Any]", self._part("fit"))

    @property
    def generate(self) -> Callable[..., Any]:
        """``generate(parameters, policy, seed) -> DataFrame``."""
        return cast("Callable[..., Any]", self._part("generate"))

    @property
    def rules(self) -> Any:
        """The case's own rules, as `baselines` understands them."""
        return self._part("rules")


_cases: dict[str, Case] = {}


def add(case: Case) -> None:
    """Registers a case here and with Gymnasium. Adding the same id again replaces the case."""
    _cases[case.id] = case
    gymnasium.envs.registration.registry[case.id] = EnvSpec(
        id=case.id,
        entry_point=case.entry_point("env"),
        vector_entry_point=case.entry_point("twin"),
        nondeterministic=False,
    )


def ensure(case: Case) -> None:
    """Registers a case unless one of its id is known: another process has only those that come with the package."""
    if case.id not in _cases:
        add(case)


def cases() -> list[Case]:
    """All registered cases, in the order of their registration."""
    return list(_cases.values())


def case(id: str) -> Case:
    """The case of an id; ``RestockItem`` stands for ``bizgyms/RestockItem-v0``.

    Raises:
        LookupError: no such case, with the nearest name.
    """
    for known in _cases.values():
        if id in (known.id, known.name):
            return known
    raise LookupError(unknown_name("case", id, [known.id for known in _cases.values()]))


def make(id: str | Parameters, scenario: Any = None, **kwargs: Any) -> gymnasium.Env[Any, Any]:
    """`gymnasium.make` that also takes parameters, as ``scenario`` or alone.

    Args:
        id: the case's id or name, or parameters.
        scenario: a name, path, dict or parameters.
        **kwargs: as `gymnasium.make` takes them.
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
        **kwargs: as `gymnasium.make_vec` takes them.
    """
    found, arguments = _arguments(id, scenario, kwargs)
    arguments.setdefault("vectorization_mode", VectorizeMode.VECTOR_ENTRY_POINT)
    return gymnasium.make_vec(found, num_envs=num_envs, **arguments)


def _arguments(id: str | Parameters, scenario: Any, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if not isinstance(id, str):
        id, scenario = id.case, id
    if hasattr(scenario, "to_dict"):
        scenario = scenario.to_dict()
    arguments = dict(kwargs)
    if scenario is not None:
        arguments["scenario"] = scenario
    return case(id).id, arguments
