"""Plays a SimPy script as it is: from its first line to its ``env.run()``, on a world's clock."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import numpy as np
import simpy

from bizgyms.own.copies import Generators, one_clock, reach_of
from bizgyms.own.staff import Staff, staffed
from bizgyms.own.world import ToldError
from envs_data.clock import WorldError


class Script(NamedTuple):
    """A script that has been told up to its ``env.run()``.

    Attributes:
        names: its global names.
        resources: the resources it has made, in this order.
    """

    names: Mapping[str, Any]
    resources: list[Staff]


def play_script(world: Any, path: str | os.PathLike[str]) -> Script:
    """Starts the model of a script in a story. The script runs anew for every episode, with globals of its own.

    What follows its ``env.run()`` is never played; an episode ends where that would have ended.

    Args:
        world: the story's world.
        path: the script.

    Raises:
        WorldError: the script fails, or makes no environment and runs none.
    """
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    with _resources() as made:
        try:
            exec(_compiled(str(path)), names)
        except ToldError as end:
            world.ends(end)
            return Script(names, [staffed(resource) for resource in made])
    raise WorldError(f"{Path(path).name} comes to its end without env.run(); call it at the end of the script")


@functools.cache
def _compiled(path: str) -> CodeType:
    return compile(Path(path).read_text("utf-8"), path, "exec")


@contextmanager
def _resources() -> Iterator[list[simpy.Resource]]:
    """The resources that are made meanwhile."""
    made: list[simpy.Resource] = []
    usual = simpy.Resource.__init__

    def begin(self: simpy.Resource, *arguments: Any, **named: Any) -> None:
        usual(self, *arguments, **named)
        made.append(self)

    simpy.Resource.__init__ = begin  # type: ignore[method-assign]  # for a while
    try:
        yield made
    finally:
        simpy.Resource.__init__ = usual  # type: ignore[method-assign]  # as it was


class Look(NamedTuple):
    """What one run of a script shows.

    Attributes:
        slots: slots of its first resource.
        served: how many that served.
        slot_time: slots times time.
        until: when the run ended.
    """

    slots: int
    served: int
    slot_time: float
    until: float


class _Onlooker:
    """Stands for a world while a script is looked at."""

    until: float = math.inf

    def ends(self, end: ToldError) -> None:
        """Remembers when the script's run would end."""
        self.until = math.inf if end.until is None or isinstance(end.until, simpy.Event) else float(end.until)


def look_at(path: str | os.PathLike[str]) -> Look:
    """Runs a script once, with luck of its own, and says what its first resource did.

    Raises:
        WorldError: the script fails, or makes no resource before its ``env.run()``.
    """
    clock, world, luck = simpy.Environment(), _Onlooker(), Generators(np.random.default_rng(0))

    def told(until: Any = None) -> None:
        raise ToldError(until)

    run = clock.run
    clock.run = told  # type: ignore[method-assign]  # until the script is told
    luck.install()
    try:
        with one_clock(reach_of(play_script), clock):
            script = play_script(world, path)
        if not script.resources:
            raise WorldError(f"{Path(path).name} makes no simpy.Resource before env.run(): what could be decided?")
        desk = script.resources[0]
        slots = int(desk.capacity)
        run(None if world.until == math.inf else world.until)
        return Look(slots, desk.served, desk.slot_time(), float(clock.now))
    finally:
        luck.remove()
