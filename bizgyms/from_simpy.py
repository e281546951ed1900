"""Makes an environment of a SimPy model: its story as it is, and one line where somebody decides."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gymnasium import spaces

from bizgyms.own.actions import Deciders, actions_of
from bizgyms.own.fields import features_of, parameters_of, seen_by
from bizgyms.own.rule import Given, rules_of
from bizgyms.own.view import Mask, StoryEnv, StoryView
from bizgyms.own.world import StoryWorld
from bizgyms.registry import Case, add
from envs_data.parameters import ParameterError, Parameters, unknown_name
from envs_data.world import HOURS

Story = Callable[..., Any]
# How people write the units of time.
SHORT = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "wk": "week"}
PARTS = ("twin", "draw", "redraw", "reference", "quick_reference", "solve", "fit", "generate")


def from_simpy(
    id: str,
    story: Story,
    actions: int | Sequence[Any] | spaces.Space[Any] | Mapping[str, Any],
    *,
    seen: Mapping[str, Any],
    paid: Sequence[str],
    figures: Sequence[str] = (),
    until: float = math.inf,
    warm_up: float = 0.0,
    unit: str = "",
    episodes_per_year: float = 0.0,
    money: str = "",
    units: Mapping[str, str] | None = None,
    scenarios: Mapping[str, Mapping[str, Any]] | None = None,
    rules: Given = (),
    mask: Mask | None = None,
    **parts: Any,
) -> Case:
    """Registers a case over a SimPy model.

    ``story(world, rng)`` starts the model's processes on ``world.clock``, which is a ``simpy.Environment``, and draws
    from ``rng``; it may be a process itself. Wherever somebody decides, a process says
    ``decision = yield world.decide(queue=3)``; what is earned or spent is counted with ``world.count("paid", 12.0)``.
    Further arguments of the story with a number as default, or a ``quantity`` with unit and range, or a word out of a
    ``Literal``, become parameters of the case, which scenarios and scenario files may change.

    An episode ends at ``until``, when the story calls ``world.finish()``, where its own ``env.run(until=)`` would have
    ended, or when nothing more can happen. An environment that it makes with ``simpy.Environment()`` is the world's
    clock. Each world plays on its own copy of the globals and class attributes that the story can reach, and with its
    own generators in place of ``random`` and ``numpy.random``.

    Args:
        id: Gymnasium id, such as ``"examples/Wash-v0"``.
        story: starts the model.
        actions: number of choices, 0 to ``actions - 1``; words or numbers to choose from; or a space, ``Dict`` and
            ``Tuple`` included, which agents see flattened and the process gets whole. A dict of them by name where
            several decide, each with ``world.decide(name, ...)``.
        seen: what ``decide`` says may be observed: name to least and largest value, and perhaps unit and meaning; or to
            the words it may be. A dict of such dicts by name where several decide and each sees something else.
        paid: names that are counted as parts of the reward.
        figures: names of further figures that the model counts.
        until: time at which an episode ends, in the model's own unit.
        warm_up: time before which nothing is counted; what is counted before the first decision belongs to its step.
        unit: what a 1 on the model's clock is: ``second``, ``minute``, ``hour``, ``day``, ``week``, ``month`` or
            ``year``. With it gains are reported per year, without it per episode.
        episodes_per_year: episodes in a year of a business that rests in between, such as 250 working days.
        money: the unit of what is paid, such as ``EUR``.
        units: units of the story's arguments by name.
        scenarios: named scenarios beside the default one, each with the arguments that differ.
        rules: functions ``rule(seen)`` from a dict of what is seen to a decision; or a dict of such functions to the
            values worth trying of their further arguments: ``{wash_short: {"limit": range(1, 7)}}``. The first, with
            its defaults, stands for today's rule.
        mask: ``mask(seen)`` says which choices are possible now, as a list of them or of true and false. One that is
            not is taken as the nearest that is.
        **parts: further parts of a `Case`: ``draw``, ``redraw``, ``twin``, ``reference``, ``fit``, ``generate``. With
            ``draw`` the story gets one world's luck in place of ``rng``.

    Returns:
        The case, registered: ``gymnasium.make(id)`` works.

    Raises:
        ParameterError: everything that is wrong with the arguments, with what would be right.
    """
    name = id.rsplit("/", maxsplit=1)[-1].rsplit("-v", 1)[0]
    home = story.__module__
    problems = [unknown_name("part", part, PARTS) for part in parts if part not in PARTS]
    problems += _problems(paid, figures, until, warm_up)
    if problems:
        raise ParameterError(id, problems)
    deciders = Deciders({who: actions_of(id, own) for who, own in _by_name(actions).items()})
    parameters = parameters_of(name, id, home, story, units or {})
    told: dict[str, Any] = {
        "told": features_of(id, seen, deciders.names),
        "terms": tuple(paid),
        "figures": tuple(figures),
    }
    told |= {"deciders": deciders, "mask": None if mask is None else staticmethod(mask), "rests": episodes_per_year}
    told |= {"currency": money}
    view = type(f"{name}View", (StoryView,), {"__module__": home, **told})
    played = {"story": staticmethod(story), "until": until, "warm_up": warm_up, "time_unit": unit_of_time(id, unit)}
    world = type(f"{name}World", (StoryWorld,), {"__module__": home, "deciders": deciders, **played})
    said = {"__module__": home, "__doc__": inspect.getdoc(story), "case_id": id, "sees": seen_by(seen)}
    env = type(f"{name}Env", (StoryEnv,), {**said, "view_type": view, "world_type": world})
    for made in (parameters, view, world, env):
        setattr(sys.modules[home], made.__name__, made)
    own_rules = rules_of(id, rules)
    case = Case(
        id,
        scenarios=_scenarios(parameters, scenarios or {}),
        env=f"{home}:{env.__name__}" if home != "__main__" else env,
        rules=own_rules or None,
        **parts,
    )
    add(case)
    return case


def _by_name(actions: Any) -> Mapping[str, Any]:
    several = isinstance(actions, Mapping) and not isinstance(actions, spaces.Space)
    return actions if several else {"": actions}


def _scenarios(kind: type[Parameters], named: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameters]:
    return {"default": kind(), **{name: kind().replace(**changes) for name, changes in named.items()}}


def _problems(paid: Sequence[str], figures: Sequence[str], until: float, warm_up: float) -> list[str]:
    problems = []
    if isinstance(paid, str) or isinstance(figures, str) or not paid:
        problems.append(f"paid is {paid!r} and figures {figures!r}; both must be lists of names: paid=['sales']")
    if not until > 0:
        problems.append(f"until is {until!r}; it must be above 0")
    if not 0 <= warm_up < until:
        problems.append(f"warm_up is {warm_up!r}; it must be from 0 to below until")
    return problems


def unit_of_time(id: str, unit: str) -> str:
    """A unit of time as `envs_data.world.HOURS` has it.

    Args:
        id: the case, for messages.
        unit: as people write it: ``days``, ``Min``; empty where it is not told.

    Raises:
        ParameterError: no unit of time.
    """
    word = unit.strip().lower()
    word = SHORT.get(word, word)
    for known in ("", *HOURS):
        if word in (known, f"{known}s"):
            return known
    raise ParameterError(id, [f"unit: {unknown_name('unit of time', unit, HOURS)}"])
