"""The base of every twin: thousands of worlds at once behind Gymnasium's vector interface."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from bizgyms import luck as lucks
from bizgyms import registry
from bizgyms.actions import first_outside
from bizgyms.autoreset import MASK, cleared, only_for
from bizgyms.batch import Batch, L, Outcome, P
from bizgyms.keys import StepStream
from bizgyms.options import check_options
from bizgyms.seeds import SeedOfEach, plain_seed, seed_of_each
from envs_data.arrays import Array, Flags, Floats, Places, Rows

__all__ = ["Outcome", "Twin"]


class Twin(Batch[P, L]):
    """Many worlds as a Gymnasium vector environment.

    A subclass names its case and its view, keeps the worlds' state in arrays made by `_allocate`, and plays them
    with two kernels: `_begin` puts worlds to their first morning, `_advance` plays one step of all that are not idle.
    Both write the worlds' rows of ``_observations``, ``_rewards``, ``_terms``, ``_figures``, ``_decisions`` and
    ``_terminated``.

    Args:
        num_envs: number of worlds.
        max_episode_steps: truncate episodes after so many steps; None for never.
        render_mode: ``ansi``, ``rgb_array`` or None; every world is drawn.
        autoreset_mode: ``NextStep``, ``SameStep`` or ``Disabled``, as string or `AutoresetMode`.
        engine: ``compiled``; for SimPy worlds use ``vectorization_mode="sync"``.
        scenario: a scenario's name, a dict, the path of a scenario file; None for the default.
        changes: fields of the case that differ from the scenario, such as ``lead_time=3``.
        normalize: scale observations by the fixed constants of `features`.
        weights: weight of reward terms for training; scores stay unweighted.

    Attributes:
        memory_order: how the arrays that have a row a world lie in memory: ``C``, row by row, or ``F``, column by
            column, for kernels that write one column after the other and so several worlds at once.
        results_order: the same for what a step returns a world, whose arrays have a column a world: ``C`` keeps each
            figure of all worlds together, ``F`` all figures of a world, for kernels that look them up together.
        stream_type: what draws the luck of one episode after the other.
        over: [worlds] whether the world's episode has ended.
        branches: whether the twin says what it remembers, by `_memory` and `_taken`, so that `branch` works.

    Raises:
        ParameterError: an unknown scenario, field, mode, engine or reward term.
    """

    # Gymnasium's interface.

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Rows, dict[str, Any]]:
        """Starts episodes.

        Args:
            seed: seed of the luck of all worlds; a list of one a world, each of which then meets the luck of an
                environment of its own that is reset with that seed; None goes on with the current one.
            options: ``luck``: luck with one row a world; ``reset_mask``: [worlds] which worlds to reset, all if absent.

        Returns:
            Observations of all worlds and an info dict.
        """
        options = check_options(options, ("luck", "reset_mask"))
        rows = self._masked_rows(options.get("reset_mask"))
        luck = options.get("luck")
        if seed is not None or (self._stream is None and luck is None):
            self._seed(seed, rows)
        if luck is None:
            self._draw_luck(rows)
        else:
            self._inject(luck, rows)
        self._restart(rows)
        reset = np.zeros(self.num_envs, dtype=np.bool_)
        reset[rows] = True
        self._fresh_results(np.zeros)
        for array in (self._results, self._decisions):  # some twins make them empty, since each step fills them
            array[...] = 0
        return self._seen(), self._infos(reset)

    def step(self, actions: Array) -> tuple[Rows, Floats, Flags, Flags, dict[str, Any]]:
        """Takes one decision in every world.

        Returns:
            Observations, rewards, terminated, truncated and infos with ``decision``, ``term_...`` and business figures,
            and where actions are clipped what was ``proposed`` and how many numbers of it were ``clipped``.

        Raises:
            ValueError: an action outside the space, or NaN where actions are clipped, with the world it was for.
            gymnasium.error.ResetNeeded: the worlds were never reset.
        """
        actions = self._checked(actions)
        idle = self._rest() if self._anyone_over else self._nobody
        if self._stream is not None:
            self._stream.keep_ahead(self._luck, self._taken)
        self._fresh_results(np.empty if idle is self._nobody else np.zeros)
        if self.view.clips:
            awake = ~idle
            self._proposed[awake], self._clipped[awake] = (part[awake] for part in self._asked)
        ended = self._advance(actions, idle)
        if self._limit is not None:
            ended = self._truncate(idle, self._limit) or ended
        # A world that began anew in this step tells what a reset tells; one that is left alone tells nothing.
        begun = idle is self._nobody or self.autoreset_mode is AutoresetMode.NEXT_STEP
        infos = self._infos(self._all if begun else ~idle)
        terminated, truncated = self._terminated.copy(), self._truncated.copy()
        if ended or self._anyone_over:
            self._settle(infos)
        return self._seen(), self._results[0], terminated, truncated, infos

    def branch(self, rows: Any, rng: np.random.Generator | int | None = None) -> Self:
        """A new twin whose worlds are copies of some worlds of this one, in mid-episode.

        Args:
            rows: [branches] numbers of the worlds to copy; any of them any number of times.
            rng: draws the luck from now on, by the case's ``redraw``; None keeps the luck of the copied worlds. What is
                hidden for a whole episode stays in either case: whoever decides by branches must not look at it.

        Returns:
            The copies, which play to the end of their episodes (``autoreset_mode="Disabled"``); what is seen of them
            is `observations`.

        Raises:
            IndexError: no such world.
            LookupError: the case has no ``redraw``.
            NotImplementedError: the twin does not say what it remembers.
            gymnasium.error.ResetNeeded: the worlds were never reset.
        """
        self._check_begun("branch")
        chosen = np.atleast_1d(self._rows[rows])
        twin = self._sibling(len(chosen))
        if rng is None and self._stream is not None:
            self._stream.complete(self._luck, chosen)
        luck = self._luck_of(chosen)
        if rng is not None:
            redraw = registry.case(self.case_id).redraw
            luck = redraw(self.parameters, luck, self._taken()[chosen], np.random.default_rng(rng))
        twin._inject(luck, twin._rows)
        for copy, original in zip(twin.kept(), self.kept(), strict=True):
            copy[...] = original[..., chosen]
        twin._anyone_over = bool(twin.over.any())
        return twin

    def kept(self) -> tuple[Array, ...]:
        """All that is remembered of the worlds but their luck, each array with the worlds along its last axis."""
        return *self._memory(), self._observations.T, self._terminated, self._truncated, self._steps, self.over

    def observations(self) -> Rows:
        """[worlds, features] what is seen of all worlds now."""
        self._check_begun("observations")
        return self._seen()

    def _luck_of(self, rows: Places) -> Any:
        luck = self._luck
        return type(luck)(*(array[rows] for array in luck))

    def _sibling(self, num_envs: int) -> Self:
        """A twin of the same scenario with other worlds."""
        return type(self)(
            num_envs,
            max_episode_steps=self._limit,
            autoreset_mode=AutoresetMode.DISABLED,
            scenario=self.parameters,
            normalize=self._normalize,
            weights=dict(zip(self.view.terms, self._weights.tolist(), strict=True)),
        )

    def _check_begun(self, what: str) -> None:
        if self._luck is None:
            raise gymnasium.error.ResetNeeded(f"call reset() before {what}(): no episode is under way")

    def _checked(self, actions: Any) -> Array:
        """The actions as an array of the action space's type, clipped where that is how the case takes them."""
        if not self._drawn:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is under way")
        given, wanted = np.asarray(actions), self._actions_shape
        if given.shape != wanted or (self._whole and given.dtype.kind not in "iu"):
            raise ValueError(
                f"actions are {given.dtype} of shape {given.shape}; "
                f"this space needs {self._low.dtype} of shape {wanted}"
            )
        world = first_outside(given.reshape(self.num_envs, -1), self._low, self._high)
        self._asked = given, self._unclipped
        if world < 0:
            return given
        if not self.view.clips:
            raise ValueError(f"world {world}: {self.view.outside(given[world].tolist())}")
        return self._clip(given)

    def _clip(self, given: Array) -> Array:
        flat = given.reshape(self.num_envs, -1)
        unknown = np.isnan(flat).any(axis=1)
        if unknown.any():
            world = int(unknown.argmax())
            raise ValueError(f"world {world}: {self.view.outside(given[world].tolist())}")
        inside = np.clip(flat, self._low, self._high).astype(self._low.dtype)
        self._asked = given, (inside != flat.astype(inside.dtype)).sum(axis=1)
        return inside.reshape(given.shape)

    def _masked_rows(self, mask: Any) -> Places:
        if mask is None:
            return self._rows
        given = np.asarray(mask)
        if given.shape != (self.num_envs,) or given.dtype != np.bool_:
            raise ValueError(
                f"reset_mask is {given.dtype} of shape {given.shape}; it must be bool of shape ({self.num_envs},)"
            )
        return np.flatnonzero(given)

    def _new_stream(self) -> lucks.LuckStream:
        case, seed = registry.case(self.case_id), int(self.np_random_seed or 0)
        draw = functools.partial(self._draw, self.parameters)
        if self.branches and case.has("draw_steps"):
            return StepStream(draw, functools.partial(case.draw_steps, self.parameters), self.num_envs, seed)
        return self.stream_type(draw, self.num_envs, seed)

    def _drop_stream(self, rows: Places) -> None:
        """Gives up the stream before worlds begin anew; others keep its luck to the end of their episodes."""
        if self._stream is not None and len(rows) < self.num_envs:
            self._stream.complete(self._luck, np.setdiff1d(self._rows, rows))
        self._stream = None

    def _seed(self, seed: int | Sequence[int | None] | None, rows: Places) -> None:
        self._drop_stream(rows)
        if isinstance(seed, (Sequence, np.ndarray)) and not isinstance(seed, str):
            draw = functools.partial(self._draw, self.parameters)
            self._stream = SeedOfEach(draw, seed_of_each(seed, self.num_envs))
        else:
            super().reset(seed=plain_seed(seed))

    def _draw_luck(self, rows: Places) -> None:
        if self._stream is None:
            self.np_random  # noqa: B018  Gymnasium seeds itself from the system when it is first read
            self._stream = self._new_stream()
        self._luck = self._stream.fill(self._luck, rows)

    def _inject(self, luck: Any, rows: Places) -> None:
        example = self._luck if self._luck is not None else self._draw(self.parameters, np.random.default_rng(0), 1)
        given = lucks.conforming(luck, example, self.num_envs)
        room = lucks.room_for(example, self.num_envs) if self._luck is None else self._luck
        given, self._luck = lucks.equally_wide(given, room)
        where = lucks.span(rows)
        for kept, new in zip(self._luck, given, strict=True):
            kept[where] = new[where]
        if self._stream is not None:
            self._stream.leave(rows)

    def _restart(self, rows: Places) -> None:
        """Begins episodes whose luck is in place."""
        self._begin(rows)
        where = lucks.span(rows)
        self._terminated[where] = self._truncated[where] = self.over[where] = False
        self._steps[where] = 0
        self._anyone_over = bool(self.over.any())

    def _rest(self) -> Flags:
        """Worlds whose episode is over do not play this step; in NextStep mode they begin anew instead."""
        idle = self.over.copy()
        if self.autoreset_mode is AutoresetMode.NEXT_STEP:
            rows = np.flatnonzero(idle)
            self._draw_luck(rows)
            self._restart(rows)
        return idle

    def _truncate(self, idle: Flags, limit: int) -> bool:
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
        rows = np.flatnonzero(done)
        self._draw_luck(rows)
        self._restart(rows)
        infos.update(cleared(infos, done, self._all))
        if self.view.masked:
            infos[MASK] = self.action_masks().astype(np.int8)
        infos.update(final_obs=final, _final_obs=done, final_info=final_info, _final_info=done)
