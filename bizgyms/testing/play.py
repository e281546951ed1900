"""Plays whole episodes of a case on either engine and says where two of them part."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from bizgyms.registry import Case
from bizgyms.testing.report import expect
from envs_data.arrays import Array, Floats
from envs_data.parameters import Parameters

Moment = dict[str, Any]
"""One step of one world: field name to plain number, such as ``term_holding`` to -2.5."""
Trajectory = list[Moment]
"""An episode: the moment after reset, then one a step."""

LONGEST = 20_000
"""No episode of a case under test may be longer, in steps."""
SHORT = 40
"""Steps that show what does not depend on the length of an episode."""
LEANINGS = (1.0, 3.0, 12.0)
"""Random decisions of world k are ``low + range * u ** leaning``: some worlds decide high, some mostly low."""
CHUNK = 256


class Decisions:
    """Random decisions of one world in one episode, the same whenever they are asked for.

    Args:
        space: the action space of one world.
        world: number of the world; it chooses the leaning.
        episode: number of the episode.
    """

    def __init__(self, space: spaces.Space[Any], world: int, episode: int = 0) -> None:
        self._space = space
        self._rng = np.random.default_rng([world, episode])
        self._leaning = LEANINGS[world % len(LEANINGS)]
        self._rows: list[Any] = []

    def at(self, step: int) -> Any:
        """The decision of a step."""
        while len(self._rows) <= step:
            self._rows.extend(self._chunk())
        return self._rows[step]

    def _chunk(self) -> Sequence[Any]:
        space = self._space
        if isinstance(space, spaces.Discrete):
            return list(space.start + np.floor(self._uniform(()) * space.n).astype(np.int64))
        if isinstance(space, spaces.MultiDiscrete):
            return list(np.floor(self._uniform(space.shape) * space.nvec).astype(space.dtype))
        if isinstance(space, spaces.MultiBinary):
            return list((self._uniform(space.shape) > 0.5).astype(space.dtype))
        if isinstance(space, spaces.Box) and space.is_bounded():
            spread = space.low + (space.high - space.low) * self._uniform(space.shape)
            return list(np.clip(spread, space.low, space.high).astype(space.dtype))
        space.seed(int(self._rng.integers(2**31)))
        return [space.sample() for _ in range(CHUNK)]

    def _uniform(self, shape: tuple[int, ...]) -> Floats:
        return np.asarray(self._rng.random((CHUNK, *shape)) ** self._leaning)


@dataclasses.dataclass(frozen=True)
class Subject:
    """One scenario of a case under test.

    Attributes:
        case: the case.
        scenario: the scenario's name.
        parameters: its parameters.
        agents: agents from outside, by name: each has ``act``, or makes one from the parameters.
    """

    case: Case
    scenario: str
    parameters: Parameters
    agents: Mapping[str, Any]

    def env(self, **kwargs: Any) -> gymnasium.Env[Any, Any]:
        """The case's environment for one world, without Gymnasium's checker: it has a check of its own."""
        return gymnasium.make(self.case.id, scenario=self.scenario, disable_env_checker=True, **kwargs)

    def twin(self, num_envs: int, autoreset_mode: str = "Disabled", **kwargs: Any) -> gymnasium.vector.VectorEnv:
        """The case's twin."""
        return gymnasium.make_vec(
            self.case.id,
            num_envs=num_envs,
            vectorization_mode="vector_entry_point",
            scenario=self.scenario,
            autoreset_mode=autoreset_mode,
            **kwargs,
        )

    def engines(self) -> dict[str, Callable[..., gymnasium.Env[Any, Any]]]:
        """How one world is made, by the engine's name."""
        found: dict[str, Callable[..., gymnasium.Env[Any, Any]]] = {"simpy": self.env}
        if self.case.has("twin"):
            found["compiled"] = lambda **kwargs: self.env(engine="compiled", **kwargs)
        return found

    def luck(self, worlds: int, seed: int = 0) -> Any:
        """Luck of so many worlds."""
        return self.case.draw(self.parameters, np.random.default_rng(seed), worlds)


def one_row(luck: Any, row: int) -> Any:
    """The luck of one world, with a leading axis of length 1."""
    return type(luck)(*(array[row : row + 1] for array in luck))


def begin(env: gymnasium.Env[Any, Any], seed: int | None = None, luck: Any = None) -> Trajectory:
    """Resets an environment and returns a trajectory of one moment."""
    observation, info = env.reset(seed=seed, options=None if luck is None else {"luck": luck})
    return [moment(env, observation, info)]


def go_on(env: gymnasium.Env[Any, Any], played: Trajectory, decisions: Decisions, until: int = LONGEST) -> Trajectory:
    """Plays on to the end of the episode, or to a step.

    Args:
        env: an environment in mid-episode.
        played: what was played so far.
        decisions: what is decided.
        until: the number of steps after which to stop.

    Returns:
        The whole trajectory; ``played`` stays as it is.
    """
    trajectory = list(played)
    while len(trajectory) <= until and not is_over(trajectory[-1]):
        observation, reward, terminated, truncated, info = env.step(decisions.at(len(trajectory) - 1))
        trajectory.append(moment(env, observation, info, (reward, terminated, truncated)))
    expect(len(trajectory) <= LONGEST, f"an episode is not over after {LONGEST:,} steps")
    return trajectory


def episode(
    env: gymnasium.Env[Any, Any], decisions: Decisions, seed: int | None = None, luck: Any = None
) -> Trajectory:
    """Plays one whole episode."""
    return go_on(env, begin(env, seed, luck), decisions)


def is_over(now: Moment) -> bool:
    """Whether the episode ends with this moment."""
    return bool(now.get("terminated") or now.get("truncated"))


def moment(env: Any, observation: Any, info: Mapping[str, Any], outcome: Sequence[Any] = ()) -> Moment:
    """One world's step as a flat dict of plain numbers.

    Args:
        env: the environment, for the names of its features.
        observation: what is seen.
        info: the info dict of one world.
        outcome: reward, terminated and truncated; empty after a reset.
    """
    found = dict(zip(observation_fields(env, np.size(observation)), np.ravel(observation).tolist(), strict=True))
    found.update(zip(("reward", "terminated", "truncated"), map(plain, outcome), strict=False))
    return found | {name: plain(value) for name, value in info.items()}


def moment_of(twin: Any, world: int, observations: Any, infos: Mapping[str, Any], *outcome: Any) -> Moment:
    """One world's `moment` out of what a twin returns; ``outcome`` has an array each."""
    own = world_info(infos, world)
    return moment(twin, observations[world], own, [array[world] for array in outcome])


def observation_fields(env: Any, count: int) -> list[str]:
    """A name for every entry of an observation: the feature's, or its number where features have no names."""
    features = getattr(env.unwrapped, "features", None)
    names = range(count) if features is None else [feature.name for feature in features]
    return [f"observation.{name}" for name in names]


def plain(value: Any) -> Any:
    """A number, or a flat tuple of numbers, as Python has them."""
    if isinstance(value, (np.ndarray, list, tuple)):
        return tuple(np.ravel(value).tolist())
    return value.item() if isinstance(value, np.generic) else value


def world_info(infos: Mapping[str, Any], world: int) -> dict[str, Any]:
    """One world's info out of a vector environment's: what its ``_name`` masks say it has."""
    found = {}
    for name, value in infos.items():
        has_it = np.asarray(infos.get(f"_{name}", True))
        if name.startswith(("_", "final_")) or not (has_it[world] if has_it.ndim else has_it):
            continue
        found[name] = value[world]
    return found


def batch(space: spaces.Space[Any], decisions: Sequence[Any]) -> Array:
    """One decision a world as an array for a vector environment's ``step``."""
    return np.asarray(decisions, dtype=space.dtype)


def play_twin(twin: Any, worlds: Sequence[Decisions], seed: int | None = None, luck: Any = None) -> list[Trajectory]:
    """Plays one whole episode of every world of a twin that does not reset itself."""
    observations, infos = twin.reset(seed=seed, options=None if luck is None else {"luck": luck})
    played = [[moment_of(twin, world, observations, infos)] for world in range(len(worlds))]
    for step in range(LONGEST):
        if all(is_over(trajectory[-1]) for trajectory in played):
            return played
        actions = batch(twin.single_action_space, [decisions.at(step) for decisions in worlds])
        observations, *outcome, infos = twin.step(actions)
        for world, trajectory in enumerate(played):
            if not is_over(trajectory[-1]):
                trajectory.append(moment_of(twin, world, observations, infos, *outcome))
    expect(False, f"an episode of the twin is not over after {LONGEST:,} steps")
    return played


def difference(first: Trajectory, second: Trajectory, names: tuple[str, str]) -> str | None:
    """Says where two trajectories part: step, field and by how much; None where they are equal.

    Args:
        first: a trajectory.
        second: another.
        names: what to call them.
    """
    for step, (one, other) in enumerate(zip(first, second, strict=False)):
        for field in {**one, **other}:
            if field not in one or field not in other:
                return f"step {step}, {field}: only {names[field not in one]} has it"
            if one[field] != other[field]:
                values = f"{names[0]} {one[field]!r}, {names[1]} {other[field]!r}"
                return f"step {step}, {field}: {values}{_by_how_much(one[field], other[field])}"
    if len(first) != len(second):
        return f"{names[0]} plays {len(first) - 1} steps, {names[1]} {len(second) - 1}"
    return None


def _by_how_much(one: Any, other: Any) -> str:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)) and not isinstance(one, bool):
        return f", difference {other - one:+.6g}"
    return ""


def expect_same(first: Trajectory, second: Trajectory, names: tuple[str, str], where: str = "") -> None:
    """Raises `Finding` where two trajectories differ, with step, field and difference."""
    found = difference(first, second, names)
    expect(found is None, f"{where}{found}")
