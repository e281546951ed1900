"""The arrays of many worlds that a kernel plays together, and the infos made of them for Gymnasium."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, Literal, TypeVar

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from bizgyms import luck as lucks
from bizgyms import registry, render
from bizgyms.autoreset import MASK, mode_of
from bizgyms.compiled import warn_once_without_numba
from bizgyms.options import Checks, check_choice, check_steps, load_changed
from bizgyms.scenario import ScenarioLike
from bizgyms.view import View
from envs_data.arrays import Array, Flags, Floats, Ints, Places, Rows
from envs_data.parameters import ParameterError, Parameters

P = TypeVar("P", bound=Parameters)
L = TypeVar("L")
Outcome = tuple[Rows, Floats, Any, Flags]
"""What every kernel writes: observations, results (reward, terms, figures), decisions, and who has terminated."""


class Batch(gymnasium.vector.VectorEnv[Rows, Array, Array], Generic[P, L]):
    """Many worlds of one case, their arrays and infos. `bizgyms.twin.Twin` plays them, and documents the arguments."""

    case_id: ClassVar[str]
    view_type: ClassVar[type[View[Any]]]
    memory_order: ClassVar[Literal["C", "F"]] = "C"
    results_order: ClassVar[Literal["C", "F"]] = "C"
    stream_type: ClassVar[type[lucks.LuckStream]] = lucks.LuckStream
    branches: ClassVar[bool] = False
    _played: tuple[Any, ...]
    _drawn: Any
    _asked: tuple[Array, Ints]

    def __init__(
        self,
        num_envs: int = 1,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        engine: str = "compiled",
        scenario: ScenarioLike = None,
        normalize: bool = False,
        weights: Mapping[str, float] | None = None,
        **changes: Any,
    ) -> None:
        warn_once_without_numba()
        case = registry.case(self.case_id)
        checks = Checks(case.id)
        with checks.one():
            _check_engine(engine)
        with checks.one():
            self.num_envs = _checked_worlds(num_envs)
        with checks.one():
            self._limit = check_steps(max_episode_steps)
        with checks.one():
            check_choice("render_mode", render_mode, (None, "ansi", "rgb_array"))
        with checks.one():
            check_choice("normalize", normalize, (False, True))
        with checks.one():
            self.autoreset_mode = mode_of(autoreset_mode)
        with checks.one():
            self._weights = self.view_type.weights(weights)
        with checks.one():
            self.parameters: P = load_changed(case, type(self), scenario, changes).parameters  # type: ignore[assignment]  # the case's own parameters class
        checks.done()
        self.metadata = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4, "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        self.view: View[P] = self.view_type(self.parameters)
        self.features = self.view.features
        self.single_action_space = self.view.action_space
        self.single_observation_space = self.view.observation_space(normalize)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._normalize = normalize
        self._draw = lucks.draw_of(case)
        self._low, self._high = self.view.action_range()
        self._whole = self._low.dtype.kind == "i"
        self._stream: lucks.LuckStream | None = None
        self._luck = None
        self._make_arrays()
        self._allocate()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Some libraries look for VectorEnv among the direct bases of what they are given, and nowhere else.
        if gymnasium.vector.VectorEnv not in cls.__bases__:
            cls.__bases__ = (*cls.__bases__, gymnasium.vector.VectorEnv)
        cls.branches = cls._memory is not Batch._memory and cls._taken is not Batch._taken

    def _make_arrays(self) -> None:
        worlds = self.num_envs
        self._observations = np.zeros((worlds, len(self.features)), np.float32, self.memory_order)
        self._names = (*self.view.entries, *self.view.figures)
        self._results_shape = (1 + len(self.view.terms) + len(self.view.figures), worlds)
        self._actions_shape = self.action_space.shape
        self._decisions_shape, self._decision_dtype = (worlds, *self.view.decision_shape), self.view.decision_dtype
        self._terminated = np.zeros(worlds, dtype=np.bool_)
        self._fresh_results(np.zeros)
        self._truncated = np.zeros(worlds, dtype=np.bool_)
        self._steps = np.zeros(worlds, dtype=np.int64)
        self._all = np.ones(worlds, dtype=np.bool_)
        self._nobody = np.zeros(worlds, dtype=np.bool_)
        self._unclipped = np.zeros(worlds, dtype=np.int64)
        self._rows = np.arange(worlds)
        self.over = np.ones(worlds, dtype=np.bool_)
        self._anyone_over = True

    def _fresh_results(self, make: Callable[..., Array]) -> None:
        """New arrays for what a step returns, so that nothing handed out is ever written again."""
        self._results = make(self._results_shape, np.float64, self.results_order)
        self._decisions = make(self._decisions_shape, self._decision_dtype, self.memory_order)
        self._outcome: Outcome = (self._observations, self._results, self._decisions, self._terminated)
        if self.view.clips:
            self._proposed = np.zeros(self._actions_shape or (), self._low.dtype)
            self._clipped = np.zeros(self.num_envs, dtype=np.int64)

    @property
    def _luck(self) -> Any:
        """The luck of all worlds; None before the first reset."""
        return self._named_luck

    @_luck.setter
    def _luck(self, luck: Any) -> None:
        # Kernels get a plain tuple: numba takes longer to look at a named one than some twins take to play a step.
        self._named_luck, self._drawn = luck, () if luck is None else tuple(luck)

    @property
    def _rewards(self) -> Floats:
        rewards: Floats = self._results[0]
        return rewards

    @property
    def _terms(self) -> Floats:
        return self._results[1 : 1 + len(self.view.terms)]

    @property
    def _figures(self) -> Floats:
        return self._results[1 + len(self.view.terms) :]

    # What a case defines about its kernel.

    def _allocate(self) -> None:
        """Makes the arrays of the worlds' state."""
        raise NotImplementedError

    def _begin(self, rows: Places) -> None:
        """Puts some worlds to their first decision and writes their observations."""
        raise NotImplementedError

    def _memory(self) -> tuple[Array, ...]:
        """All that is remembered of the worlds from step to step, each array with the worlds along its last axis."""
        raise NotImplementedError

    def _taken(self) -> Ints:
        """[worlds] decisions taken so far in the episodes."""
        raise NotImplementedError

    def _advance(self, actions: Array, idle: Flags) -> bool:
        """Plays one step of every world that is not idle.

        Args:
            actions: [worlds, ...] actions.
            idle: [worlds] worlds to leave alone; their rewards, terms and figures are 0 already.

        Returns:
            Whether any world's episode has ended.
        """
        raise NotImplementedError

    def action_masks(self) -> Flags:
        """[worlds, actions] which actions are possible now, flattened over the dimensions of the action space."""
        return self.view.action_masks(self._observations)

    def render(self) -> tuple[Any, ...] | None:
        """Each world's state, in words or as a picture."""
        if self.render_mode is None:
            return None
        if self.render_mode == "ansi":
            return tuple(render.words(self.features, row, {}) for row in self._observations)
        shown = self.view.pictured_columns()
        features = [self.features[k] for k in shown]
        return tuple(render.picture(features, row[np.newaxis, shown]) for row in self._observations)

    def _entries(self) -> dict[str, Array]:
        """What infos tell of the last step, by name, each with a row a world."""
        infos = dict(zip(self._names, self._results[1:], strict=True), decision=self._decisions)
        if self.view.clips:
            infos.update(proposed=self._proposed, clipped=self._clipped)
        return infos

    def _infos(self, rows: Flags) -> dict[str, Any]:
        """Infos that hold for some of the worlds: Gymnasium wants a mask of them beside every entry."""
        infos: dict[str, Any] = self._entries()
        if self.view.masked:
            infos[MASK] = self.action_masks().astype(np.int8)
        return infos | {f"_{name}": rows for name in infos}

    def _seen(self) -> Rows:
        return self.view.normalized(self._observations) if self._normalize else self._observations.copy("K")


def _check_engine(engine: str) -> None:
    if engine != "compiled":
        raise ParameterError(
            "engine", [f"{engine!r} is not possible here; for SimPy worlds use vectorization_mode='sync'"]
        )


def _checked_worlds(num_envs: object) -> int:
    if isinstance(num_envs, bool) or not isinstance(num_envs, (int, np.integer)) or num_envs < 1:
        raise ParameterError("num_envs", [f"{num_envs!r} is not possible; it must be a whole number from 1 on"])
    return int(num_envs)
