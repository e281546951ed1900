"""Makes a case of any Gymnasium environment, so that agents can be scored on it."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable
from typing import Any, ClassVar

import gymnasium
import numpy as np
import pandas as pd
from gymnasium import spaces

from bizgyms.env import BusinessEnv
from bizgyms.moments import kept_for_later
from bizgyms.registry import Case, add, cases
from bizgyms.view import Feature, View
from envs_data.arrays import Rows
from envs_data.parameters import ParameterError, Parameters
from envs_data.world import World

# Numbers in an observation from which on it is rather a picture; bounds from which on there are none to speak of.
MOST_NUMBERS = 1_000
UNBOUNDED = 1e6
PARAMETERS_OF = "Parameters of "
Factory = Callable[[], gymnasium.Env[Any, Any]]


def from_gym(id: str | Factory) -> Case:
    """Registers a case over somebody's Gymnasium environment.

    Nothing is known of it but its spaces: no scenarios, no reward terms, no luck that two agents could share, no time
    that an episode takes and no reference. So it is scored by seeds, event by event, and reported per episode.

    Args:
        id: what ``gymnasium.make`` takes, such as ``"CartPole-v1"`` or ``"my_module:My-v0"``; or a function that makes
            an environment, which is registered as ``NAME-v0`` by its name.

    Returns:
        The case, registered as ``plain/CartPole-v1``; the environment's own id stays as it is.

    Raises:
        ParameterError: no such environment, or spaces that no agent here plays, with what would be right.
    """
    if not isinstance(id, str):
        id = _registered(id)
    module, _, name = id.rpartition(":")
    if module:
        __import__(module)
    case_id = f"plain/{name.rsplit('/', maxsplit=1)[-1]}"
    known = next((case for case in cases() if case.id == case_id), None)
    if known is not None:
        return known
    env, parameters = _classes(name)
    case = Case(case_id, scenarios={"as it is": parameters()}, env=f"{__name__}:{name}", parameters=parameters)
    add(case)
    env(scenario=parameters())  # so that a case that cannot be made fails now
    return case


def _registered(factory: Factory) -> str:
    """The id of an environment that a function makes."""
    id = f"{getattr(factory, '__name__', type(factory).__name__).strip('<>_')}-v0"
    known = gymnasium.registry.get(id)
    if known is None:
        gymnasium.register(id, entry_point=factory)  # type: ignore[arg-type]  # it needs no arguments
    elif known.entry_point is not factory:
        raise ParameterError(id, ["there is an environment of that id already; give the function another name"])
    return id


def is_gym_id(id: str) -> bool:
    """Whether Gymnasium knows an environment of that id, or a module is named that may register it."""
    return id in gymnasium.registry or (":" in id and id.rpartition("-v")[2].isdigit())


def __getattr__(name: str) -> Any:
    """Classes made from an id, wherever they are looked up by name: in the registry, and in worker processes."""
    wanted = name.removeprefix(PARAMETERS_OF)
    if wanted not in gymnasium.registry:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _classes(wanted)[wanted != name]


@functools.cache
def _classes(id: str) -> tuple[type[PlainEnv], type[Parameters]]:
    """The environment and the parameters class of an id."""
    try:
        made = gymnasium.make(id, disable_env_checker=True)
    except gymnasium.error.Error as error:
        raise ParameterError(id, [str(error)]) from None
    said = {"gym_id": id, "case_id": f"plain/{id.rsplit('/', maxsplit=1)[-1]}", "__doc__": made.unwrapped.__doc__}
    view = type("PlainView", (PlainView,), {"given": _checked(id, made)})
    home = type(made.unwrapped).__module__
    env = type(id, (PlainEnv,), {**said, "view_type": view, "__module__": home})
    namespace = {"case": said["case_id"], "__module__": __name__}
    parameters = dataclasses.make_dataclass(
        f"{PARAMETERS_OF}{id}", [], bases=(Parameters,), namespace=namespace, frozen=True
    )
    return env, parameters


def _checked(id: str, env: gymnasium.Env[Any, Any]) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
    """The spaces, if agents here can play them."""
    seen, decided = env.observation_space, env.action_space
    problems = []
    if not isinstance(seen, (spaces.Box, spaces.Discrete)) or int(np.prod(seen.shape or (1,))) > MOST_NUMBERS:
        flat = "gymnasium.wrappers.FlattenObservation(env)"
        how = f"wrap it with {flat}" if isinstance(seen, (spaces.Dict, spaces.Tuple)) else "wrap it"
        problems.append(f"it observes {seen}; {how} so that this is a Box of at most {MOST_NUMBERS:,} numbers")
    known = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    if not isinstance(decided, known) and not (isinstance(decided, spaces.Box) and decided.is_bounded()):
        how = "wrap it (gymnasium.wrappers.TransformAction) so"
        problems.append(f"it decides {decided}; {how} that this is Discrete, MultiDiscrete or a bounded Box")
    if problems:
        raise ParameterError(id, problems)
    return seen, decided


class PlainView(View[Parameters]):
    """Every number of an observation as a feature, and one reward term."""

    terms: ClassVar = ("reward",)
    figures: ClassVar = ()
    on_events: ClassVar[bool] = True
    given: ClassVar[tuple[spaces.Space[Any], spaces.Space[Any]]]

    def __init__(self, parameters: Parameters) -> None:
        super().__init__(parameters)
        self.money = "reward"
        self.decision_dtype = self.action_space.dtype.type if self.action_space.dtype is not None else np.float64

    def _features(self) -> tuple[Feature, ...]:
        seen = self.given[0]
        if isinstance(seen, spaces.Discrete):
            return (_feature("state", float(seen.start), float(seen.start + seen.n - 1)),)
        assert isinstance(seen, spaces.Box)
        bounds = zip(seen.low.ravel().tolist(), seen.high.ravel().tolist(), strict=True)
        return tuple(_feature(f"x{k}", low, high) for k, (low, high) in enumerate(bounds))

    def _action_space(self) -> spaces.Space[Any]:
        return self.given[1]


def _feature(name: str, low: float, high: float) -> Feature:
    known = max(abs(low), abs(high)) < UNBOUNDED and low < high
    center, scale = ((low + high) / 2, (high - low) / 2) if known else (0.0, 1.0)
    return Feature(name, "number", "as the environment gives it", low, high, center, scale)


class NoClock(World):
    """A plain environment does not say how long a decision lasts."""

    time_unit: ClassVar[str] = ""


class PlainEnv(BusinessEnv[Parameters, World]):
    """Somebody's environment behind the interface of a case; a time limit ends an episode as anything else does."""

    gym_id: ClassVar[str]
    world_type: ClassVar = NoClock

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Rows, dict[str, Any]]:
        """Starts an episode, whose seed is drawn from this one's."""
        gymnasium.Env.reset(self, seed=seed)
        return self._begin(self.np_random)

    def _begin(self, luck: np.random.Generator) -> tuple[Rows, dict[str, Any]]:
        self._began, self._decided = kept_for_later(luck), []
        if not hasattr(self, "_inner"):
            self._inner: gymnasium.Env[Any, Any] = gymnasium.make(self.gym_id, disable_env_checker=True)
        observation, _ = self._inner.reset(seed=int(luck.integers(2**31)))
        self._row, self._over = _flat(observation), False
        self._history, self._last_info = [self._row], {}
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Rows, float, bool, bool, dict[str, Any]]:
        """Takes one decision."""
        if self._row is None or self._over:
            raise gymnasium.error.ResetNeeded("call reset() before step(): there is no episode under way")
        if not self.view.inside(action):
            raise ValueError(self.view.outside(action))
        observation, reward, terminated, truncated, _ = self._inner.step(action)
        self._row, self._over = _flat(observation), terminated or truncated
        self._decided.append(copy.copy(action))
        self._history.append(self._row)
        self._last_info = {"decision": action, "terms": {"reward": float(reward)}, "elapsed": 1.0}
        return self._seen(), float(reward) * self._weights[0], self._over, False, self._last_info

    def events(self) -> pd.DataFrame:
        """An empty table: a plain environment records no events."""
        return pd.DataFrame(columns=["time", "who", "what", "how_many"])


def _flat(observation: Any) -> Rows:
    return np.asarray(observation, dtype=np.float32).reshape(-1)
