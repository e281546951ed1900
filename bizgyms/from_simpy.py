"""Makes an environment of a SimPy model: its story as it is, and one line where somebody decides."""

from __future__ import annotations

import dataclasses
import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.env import BusinessEnv
from bizgyms.registry import Case, add
from bizgyms.view import Feature, View
from envs_data.parameters import ParameterError, Parameters, quantity
from envs_data.world import World

Story = Callable[..., None]


def from_simpy(
    id: str,
    story: Story,
    actions: int | spaces.Space[Any],
    *,
    seen: Mapping[str, tuple[float, float]],
    paid: Sequence[str],
    figures: Sequence[str] = (),
    until: float = math.inf,
    unit: str = "",
) -> Case:
    """Registers a case over a SimPy model.

    ``story(world, rng)`` starts the model's processes on ``world.clock``, which is a ``simpy.Environment``, and draws
    from ``rng``. Wherever somebody decides, a process says ``decision = yield world.decide(queue=3)``; what is earned
    or spent is counted with ``world.count("paid", 12.0)``. Further arguments of the story with a number as default
    become parameters of the case, which scenarios and scenario files may change.

    Args:
        id: Gymnasium id, such as ``"examples/Wash-v0"``.
        story: starts the model.
        actions: number of decisions, 0 to ``actions - 1``; or a space.
        seen: what ``decide`` says may be observed: name to least and largest value.
        paid: names that are counted as parts of the reward.
        figures: names of further figures that the model counts.
        until: time at which an episode ends, in the model's own unit; needed unless the story calls ``world.finish``.
        unit: what a 1 on the model's clock is: ``second``, ``minute``, ``hour``, ``day`` or ``week``. With it gains are
            reported per year, without it per episode.

    Returns:
        The case, registered: ``gymnasium.make(id)`` works.

    Raises:
        ParameterError: an argument of the story that has no number as default.
    """
    name = id.rsplit("/", maxsplit=1)[-1].rsplit("-v", 1)[0]
    home = story.__module__
    parameters = _parameters(name, id, home, story)
    told = {"told": (dict(seen), actions), "terms": tuple(paid), "figures": tuple(figures)}
    view = type(f"{name}View", (_StoryView,), {"__module__": home, **told})
    played = {"story": staticmethod(story), "until": until, "time_unit": unit}
    world = type(f"{name}World", (_StoryWorld,), {"__module__": home, **played})
    said = {"__module__": home, "__doc__": inspect.getdoc(story), "case_id": id}
    env = type(f"{name}Env", (BusinessEnv,), {**said, "view_type": view, "world_type": world})
    for made in (parameters, view, world, env):
        setattr(sys.modules[home], made.__name__, made)
    importable = home != "__main__"
    case = Case(id, scenarios={"default": parameters()}, env=f"{home}:{env.__name__}" if importable else env)
    add(case)
    return case


class _StoryWorld(World):
    """A world that runs somebody's story."""

    story: ClassVar[Story]
    until: ClassVar[float]

    def __init__(self, parameters: Parameters, rng: np.random.Generator, record: bool) -> None:
        super().__init__(record, type(self).until)
        self.story(self, rng, **parameters.to_dict())


class _StoryView(View[Parameters]):
    """Observes what the story passes to ``decide``, and decides within the given action space."""

    told: ClassVar[tuple[Mapping[str, tuple[float, float]], int | spaces.Space[Any]]]
    on_events: ClassVar[bool] = True

    def _features(self) -> tuple[Feature, ...]:
        return tuple(_feature(name, low, high) for name, (low, high) in self.told[0].items())

    def _action_space(self) -> spaces.Space[Any]:
        actions = self.told[1]
        return spaces.Discrete(actions) if isinstance(actions, int) else actions


def _feature(name: str, low: float, high: float) -> Feature:
    return Feature(name, "number", "as the model counts it", low, high, low, max(high - low, 1e-9))


def _parameters(name: str, id: str, home: str, story: Story) -> type[Parameters]:
    """A parameters class out of a story's further arguments."""
    arguments = list(inspect.signature(story).parameters.values())[2:]
    wrong = [argument.name for argument in arguments if not isinstance(argument.default, (int, float))]
    if wrong:
        where = f"story {story.__name__}"
        raise ParameterError(where, [f"argument {name!r} needs a number as default: {name}=1.0" for name in wrong])
    fields = [
        (argument.name, type(argument.default), quantity(argument.default, "number", "as the model counts it"))
        for argument in arguments
    ]
    made = dataclasses.make_dataclass(
        f"{name}Parameters", fields, bases=(Parameters,), namespace={"case": id, "__module__": home}, frozen=True
    )
    made.__doc__ = f"The numbers of {name}."
    return made
