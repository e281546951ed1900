"""A decision problem as data: an id, and each part as an object or as the place to import it from."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from bizgyms.reference import Reference, Solution
from envs_data.parameters import Parameters

Given = str | Any
"""A part of a case as it was given: the object itself, or ``"module:name"`` to import it on first use."""
T = TypeVar("T")


class Part(Generic[T]):
    """A field of `Case` that keeps what it was given and imports it when it is read.

    Args:
        otherwise: computes the part of a case that does not give one; an error where there is no such function.
        required: whether every case must give the part.
    """

    def __init__(self, otherwise: Callable[[Case], T] | None = None, *, required: bool = False) -> None:
        self._otherwise, self._required = otherwise, required

    def __set_name__(self, owner: type[Case], name: str) -> None:
        self._name = name

    def __set__(self, case: Case, given: Given) -> None:
        # A data descriptor comes before the instance's dict, so the part as given can lie there under the same name.
        vars(case)[self._name] = given

    def __get__(self, case: Case | None, owner: type[Case]) -> T:
        if case is None:  # dataclasses ask for a default; an AttributeError tells them there is none
            if self._required:
                raise AttributeError(self._name)
            return None  # type: ignore[return-value]  # the default is "not given"
        given = vars(case)[self._name]
        if given is None and self._otherwise is not None:
            return self._otherwise(case)
        if given is None:
            raise LookupError(f"{case.id} has no {self._name}")
        if not isinstance(given, str):
            return given  # type: ignore[no-any-return]  # whoever gave the part vouches for its type
        module, attribute = given.split(":")
        return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]  # the same


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Case:
    """A decision problem with all its parts.

    Only ``id``, ``scenarios`` and ``env`` are required; each further part switches on the features that need it. Parts
    may be given as ``"module:name"`` strings, which are imported on first use; ``env`` and ``twin`` must be strings for
    ``spec.to_json`` to work.

    Attributes:
        id: Gymnasium id, such as ``"bizgyms/RestockItem-v0"``.
        scenarios: dict of scenario name to parameters; the first is the default.
        env: the environment class over the SimPy world.
        parameters: the parameters class; the first scenario's if None.
        twin: the vector environment over the compiled kernel.
        draw: ``draw(parameters, rng, worlds) -> luck``.
        redraw: ``redraw(parameters, luck, step, rng) -> luck``: the luck with everything after ``step`` decisions drawn
            anew, given everything before; what is hidden for a whole episode stays.
        draw_steps: ``draw_steps(parameters, words) -> luck`` of the steps that `envs_data.random_bits.StepWords` has
            words for: a twin then draws luck as it is needed, which keeps short episodes cheap.
        reference: ``reference(parameters) -> Reference``.
        quick_reference: a reference computed within about a second, perhaps a looser one; ``reference`` if None.
        solve: ``solve(parameters) -> Solution``: the exact optimum of a scenario that is small enough.
        fit: ``fit(table, columns=..., known=...) -> Fit``.
        generate: ``generate(parameters, policy, seed) -> DataFrame``.
        rules: the rules a practitioner would know, as `baselines` understands them.
        former: ids of former versions, by which the case can still be made.
    """

    id: str
    _: dataclasses.KW_ONLY
    scenarios: Part[Mapping[str, Parameters]] = Part(required=True)
    env: Part[type[Any]] = Part(required=True)
    parameters: Part[type[Parameters]] = Part(lambda case: type(next(iter(case.scenarios.values()))))
    twin: Part[type[Any]] = Part()
    draw: Part[Callable[..., Any]] = Part()
    redraw: Part[Callable[..., Any]] = Part()
    draw_steps: Part[Callable[..., Any]] = Part()
    reference: Part[Callable[[Any], Reference]] = Part()
    quick_reference: Part[Callable[[Any], Reference]] = Part(lambda case: case.reference)
    solve: Part[Callable[..., Solution]] = Part()
    fit: Part[Callable[..., Any]] = Part()
    generate: Part[Callable[..., Any]] = Part()
    rules: Part[Any] = Part()
    former: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Case({self.id!r})"

    def has(self, part: str) -> bool:
        """Whether the case gives a part, without importing it."""
        return self.entry_point(part) is not None

    def entry_point(self, part: str) -> Given:
        """The part as it was given, for Gymnasium's registry."""
        return vars(self)[part]

    def is_called(self, id: str) -> bool:
        """Whether an id, present or former, or a name is this case's."""
        return id in (self.id, self.name, *self.former)

    @property
    def name(self) -> str:
        """The id without namespace and version: ``RestockItem``."""
        return self.id.split("/")[-1].rsplit("-v", 1)[0]

    @property
    def family(self) -> str:
        """The package of the case's parameters within `envs_data`, such as ``restock``; elsewhere, the top package."""
        home, *packages = self.parameters.__module__.split(".")
        return packages[0] if packages and home == "envs_data" else home
