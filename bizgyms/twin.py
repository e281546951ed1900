"""The base of every twin: thousands of worlds at once, played by a compiled kernel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, Literal, TypeVar

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from bizgyms import luck as lucks
from bizgyms import registry, render
from bizgyms.autoreset import mode_of, only_for
from bizgyms.compiled import jit, warn_once_without_numba
from bizgyms.options import check_choice, check_options
from bizgyms.scenario import ScenarioLike, resolve
from bizgyms.view import View
from envs_data.arrays import Flags, Floats, Rows
from envs_data.parameters import ParameterError, Parameters

P = TypeVar("P", bound=Parameters)
L = TypeVar("L")
Outcome = tuple[Rows, Floats, Any, Flags]
"""What every kernel writes: observations, results (reward, terms, figures), decisions, and who has terminated."""


class Twin(gymnasium.vector.VectorEnv[NDArray[np.float32], NDArray[Any], NDArray[Any]], Generic[P, L]):
    """Many worlds as a Gymnasium vector environment.

    A subclass names its case and its view, keeps the worlds' state in arrays made by `_allocate`, and plays them
    with two kernels: `_begin` puts worlds to their first morning, `_advance` plays one step of all that are not idle.
    Both write the worlds' rows of ``_observations``, ``_rewards``, ``_terms``, ``_figures``, ``_decisions`` and
    ``_terminated``.

    Args:
        num_envs: number of worlds.
        max_episode_steps: truncate episodes after so many steps; None for never.
        render_mode: ``ansi``, ``rgb_array`` or None; what is drawn is the first world.
        autoreset_mode: ``NextStep``, ``SameStep`` or ``Disabled``, as string or `AutoresetMode`.
        engine: ``compiled``; for SimPy worlds side by side use ``vectorization_mode="sync"``.
        scenario: a scenario's name, a dict, the path of a scenario file; None for the default.
        normalize: scale observations by the fixed constants of `features`.
        weights: weight of reward terms for training; scores stay unweighted.

    Attributes:
        memory_order: how the arrays that have a row a world lie in memory: ``C``, row by row, or ``F``, column by
            column, for kernels that write one column after the other and so several worlds at once.
        results_order: the same for what a step returns a world, whose arrays have a column a world: ``C`` keeps each
            figure of all worlds together, ``F`` all figures of a world, for kernels that look them up together.
        over: [worlds] whether the world's episode has ended.

    Raises:
        ParameterError: an unknown scenario, field, mode, engine or reward term.
    """

    case_id: ClassVar[str]
    view_type: ClassVar[type[View[Any]]]
    memory_order: ClassVar[Literal["C", "F"]] = "C"
    results_order: ClassVar[Literal["C", "F"]] = "C"
    _played: tuple[Any, ...]

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
    ) -> None:
        warn_once_without_numba()
        if engine != "compiled":
            raise ParameterError(
                "engine", [f"{engine!r} is not possible here; for SimPy worlds use vectorization_mode='sync'"]
            )
        if not isinstance(num_envs, (int, np.integer)) or num_envs < 1:
            raise ParameterError("num_envs", [f"{num_envs!r} is not possible; it must be a whole number from 1 on"])
        check_choice("render_mode", render_mode, (None, "ansi", "rgb_array"))
        case = registry.case(self.case_id)
        self.num_envs = int(num_envs)
        self.autoreset_mode = mode_of(autoreset_mode)
        self.metadata = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4, "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        self.parameters: P = resolve(case, scenario)  # type: ignore[assignment]  # the case's own parameters class
        self.view: View[P] = self.view_type(self.parameters)
        self.features = self.view.features
        self.single_action_space = self.view.action_space
        self.single_observation_space = self.view.observation_space(normalize)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._normalize = normalize
        self._weights = self.view.weights(weights)
        self._draw = lucks.draw_of(case)
        self._limit = max_episode_steps
        self._low, self._high = self.view.action_range()
        self._whole = self._low.dtype.kind == "i"
        self._stream: lucks.LuckStream | None = None
        self._luck: Any = None
        self._drawn: Any = ()
        self._make_arrays()
        self._allocate()

    def _make_arrays(self) -> None:
        worlds = self.num_envs
        self._observations = np.zeros((worlds, len(self.features)), np.float32, self.memory_order)
        self._results_shape = (1 + len(self.view.terms) + len(self.view.figures), worlds)
        self._actions_shape = self.action_space.shape
        self._decisions_shape, self._decision_dtype = (worlds, *self.view.decision_shape), self.view.decision_dtype
        self._terminated = np.zeros(worlds, dtype=np.bool_)
        self._fresh_results(np.zeros)
        self._truncated = np.zeros(worlds, dtype=np.bool_)
        self._steps = np.zeros(worlds, dtype=np.int64)
        self._all = np.ones(worlds, dtype=np.bool_)
        self._nobody = np.zeros(worlds, dtype=np.bool_)
        self._rows = np.arange(worlds)
        self.over = np.ones(worlds, dtype=np.bool_)
        self._anyone_over = True
        # For every entry of infos, Gymnasium wants a mask of the worlds it holds for: mostly all of them.
        self._term_masks: dict[str, Any] = {"_" + name: self._all for name in self.view.terms}
        self._figure_masks: dict[str, Any] = {
            "_" + name: self._all for name in (*self.view.figures, "decision", "terms")
        }

    def _fresh_results(self, make: Callable[..., NDArray[Any]]) -> None:
        """New arrays for what a step returns, so that nothing handed out is ever written again."""
        self._results = make(self._results_shape, np.float64, self.results_order)
        self._decisions = make(self._decisions_shape, self._decision_dtype, self.memory_order)
        self._outcome: Outcome = (self._observations, self._results, self._decisions, self._terminated)

    @property
    def _rewards(self) -> NDArray[np.float64]:
        rewards: NDArray[np.float64] = self._results[0]
        return rewards

    @property
    def _terms(self) -> NDArray[np.float64]:
        return self._results[1 : 1 + len(self.view.terms)]

    @property
    def _figures(self) -> NDArray[np.float64]:
        return self._results[1 + len(self.view.terms) :]

    # What a case says about its kernel.

    def _allocate(self) -> None:
        """Makes the arrays of the worlds' state."""
        raise NotImplementedError

    def _begin(self, rows: NDArray[np.intp]) -> None:
        """Puts some worlds to their first decision and writes their observations."""
        raise NotImplementedError

    def _advance(self, actions: NDArray[Any], idle: NDArray[np.bool_]) -> bool:
        """Plays one step of every world that is not idle.

        Args:
            actions: [worlds, ...] actions.
            idle: [worlds] worlds to leave alone; their rewards, terms and figures are 0 already.

        Returns:
            Whether any world's episode has ended.
        """
        raise NotImplementedError

    # Gymnasium's interface.

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Starts episodes.

        Args:
            seed: seed of the luck of all worlds; None goes on with the current one.
            options: ``luck``: luck with one row a world; ``reset_mask``: [worlds] which worlds to reset, all if absent.

        Returns:
            Observations of all worlds and an info dict.
        """
        options = check_options(options, ("luck", "reset_mask"))
        rows = self._masked_rows(options.get("reset_mask"))
        luck = options.get("luck")
        if seed is not None or (self._stream is None and luck is None):
            super().reset(seed=seed)
            self._stream = None
        if luck is None:
            self._draw_luck(rows)
        else:
            self._inject(luck, rows)
        self._restart(rows)
        reset = np.zeros(self.num_envs, dtype=np.bool_)
        reset[rows] = True
        return self._seen(), self._mask_info(reset)

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Takes one decision in every world.

        Returns:
            Observations, rewards, terminated, truncated and infos with ``decision``, ``terms`` and business figures.

        Raises:
            ValueError: an action outside the space, with the world it was for.
            gymnasium.error.ResetNeeded: the worlds were never reset.
        """
        actions = self._checked(actions)
        idle = self._rest() if self._anyone_over else self._nobody
        self._fresh_results(np.empty if idle is self._nobody else np.zeros)
        ended = self._advance(actions, idle)
        if self._limit is not None:
            ended = self._truncate(idle, self._limit) or ended
        infos = self._infos(idle)
        terminated, truncated = self._terminated.copy(), self._truncated.copy()
        if ended or self._anyone_over:
            self._settle(infos)
        return self._seen(), self._results[0], terminated, truncated, infos

    def action_masks(self) -> NDArray[np.bool_]:
        """[worlds, actions] which actions are possible now, flattened over the dimensions of the action space."""
        return self.view.action_masks(self._observations)

    def render(self) -> tuple[Any, ...] | None:
        """The first world's state, as one entry a render call shows."""
        if self.render_mode is None:
            return None
        if self.render_mode == "ansi":
            return (render.words(self.features, self._observations[0], {}),)
        shown = self.view.pictured_columns()
        return (render.picture([self.features[k] for k in shown], self._observations[:1, shown]),)

    def _checked(self, actions: Any) -> NDArray[Any]:
        """The actions as an array of the action space's type, if all are inside."""
        if self._luck is None:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is under way")
        given, wanted = np.asarray(actions), self._actions_shape
        if given.shape != wanted or (self._whole and given.dtype.kind not in "iu"):
            raise ValueError(
                f"actions are {given.dtype} of shape {given.shape}; "
                f"this space needs {self._low.dtype} of shape {wanted}"
            )
        world = _first_outside(given.reshape(self.num_envs, -1), self._low, self._high)
        if world >= 0:
            raise ValueError(f"world {world}: {self.view.outside(given[world].tolist())}")
        return given

    def _masked_rows(self, mask: Any) -> NDArray[np.intp]:
        if mask is None:
            return self._rows
        given = np.asarray(mask)
        if given.shape != (self.num_envs,) or given.dtype != np.bool_:
            raise ValueError(
                f"reset_mask is {given.dtype} of shape {given.shape}; it must be bool of shape ({self.num_envs},)"
            )
        return np.flatnonzero(given)

    def _new_stream(self) -> lucks.LuckStream:
        return lucks.LuckStream(
            functools.partial(self._draw, self.parameters), self.num_envs, int(self.np_random_seed or 0)
        )

    def _draw_luck(self, rows: NDArray[np.intp]) -> None:
        if self._stream is None:
            self.np_random  # noqa: B018  Gymnasium seeds itself from the system when it is first read
            self._stream = self._new_stream()
        self._keep_luck(self._stream.fill(self._luck, rows))

    def _keep_luck(self, luck: Any) -> None:
        # Kernels get a plain tuple: numba takes longer to look at a named one than some twins take to play a step.
        self._luck, self._drawn = luck, tuple(luck)

    def _inject(self, luck: Any, rows: NDArray[np.intp]) -> None:
        example = self._luck if self._luck is not None else self._draw(self.parameters, np.random.default_rng(0), 1)
        given = lucks.checked(luck, example, self.num_envs)
        if self._luck is None:
            self._keep_luck(lucks.room_for(example, self.num_envs))
        for kept, new in zip(self._luck, given, strict=True):
            kept[rows] = new[rows]

    def _restart(self, rows: NDArray[np.intp]) -> None:
        """Begins episodes whose luck is in place."""
        self._begin(rows)
        where = lucks.span(rows)
        self._terminated[where] = self._truncated[where] = self.over[where] = False
        self._steps[where] = 0
        self._anyone_over = bool(self.over.any())

    def _rest(self) -> NDArray[np.bool_]:
        """Worlds whose episode is over do not play this step; in NextStep mode they begin anew instead."""
        idle = self.over.copy()
        if self.autoreset_mode is AutoresetMode.NEXT_STEP:
            rows = np.flatnonzero(idle)
            self._draw_luck(rows)
            self._restart(rows)
        return idle

    def _truncate(self, idle: NDArray[np.bool_], limit: int) -> bool:
        self._steps[~idle] += 1
        self._truncated |= ~idle & ~self._terminated & (self._steps >= limit)
        return bool(self._truncated.any())

    def _settle(self, infos: dict[str, Any]) -> None:
        """Marks worlds whose episode is over; in SameStep mode begins them anew at once."""
        np.logical_or(self._terminated, self._truncated, out=self.over)
        self._anyone_over = bool(self.over.any())
        if self._anyone_over and self.autoreset_mode is AutoresetMode.SAME_STEP:
            self._reset_in_step(infos)

    def _reset_in_step(self, infos: dict[str, Any]) -> None:
        done = self.over.copy()
        final = np.empty(self.num_envs, dtype=object)
        seen = self._seen()
        for row in np.flatnonzero(done):
            final[row] = seen[row]
        final_info = only_for(infos, done)
        infos.update(only_for(infos, ~done))
        infos.update(final_obs=final, _final_obs=done, final_info=final_info, _final_info=done)
        rows = np.flatnonzero(done)
        self._draw_luck(rows)
        self._restart(rows)
        if self.view.masked:
            infos.update(self._mask_info(self._all))

    def _infos(self, idle: NDArray[np.bool_]) -> dict[str, Any]:
        if idle is self._nobody:
            parts, infos = self._term_masks.copy(), self._figure_masks.copy()
        else:
            parts, infos = dict.fromkeys(self._term_masks, ~idle), dict.fromkeys(self._figure_masks, ~idle)
        rows = iter(self._results[1:])
        for name in self.view.terms:
            parts[name] = next(rows)
        for name in self.view.figures:
            infos[name] = next(rows)
        infos["decision"] = self._decisions
        infos["terms"] = parts
        if self.view.masked:
            infos.update(self._mask_info(self._all))
        return infos

    def _mask_info(self, rows: NDArray[np.bool_]) -> dict[str, Any]:
        return {"action_mask": self.action_masks(), "_action_mask": rows} if self.view.masked else {}

    def _seen(self) -> NDArray[np.float32]:
        return self.view.normalized(self._observations) if self._normalize else self._observations.copy("K")


@jit
def _first_outside(actions: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> int:
    """The first world with an action outside [low, high], or NaN; -1 if there is none."""
    everything_inside = True
    for k in range(actions.shape[1]):
        column, least, most = actions[:, k], low[k], high[k]
        for world in range(len(column)):
            # Written so that NaN, which compares false with everything, is outside.
            everything_inside &= (least <= column[world]) & (column[world] <= most)
    if everything_inside:
        return -1
    world = 0
    while True:
        for k in range(actions.shape[1]):
            if not low[k] <= actions[world, k] <= high[k]:
                return world
        world += 1
