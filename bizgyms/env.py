"""The base of every environment: one world, played event by event (SimPy) or by the compiled kernel."""

from __future__ import annotations

import copy
import dataclasses
import math
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar, get_args

import gymnasium
import numpy as np
import pandas as pd
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from bizgyms import luck as lucks
from bizgyms import registry, render
from bizgyms.autoreset import MASK, plain, unbatched
from bizgyms.moments import kept_for_later
from bizgyms.options import Checks, check_choice, check_options, load_changed
from bizgyms.scenario import ScenarioLike
from bizgyms.seeds import plain_seed
from bizgyms.view import Feature, View
from bizgyms.world_reader import WorldReader
from envs_data.arrays import Flags, Rows
from envs_data.parameters import Parameters
from envs_data.world import World, WorldError

Engine = Literal["simpy", "compiled"]
P = TypeVar("P", bound=Parameters)
W = TypeVar("W", bound=World)
LONG_TRAINING = 200_000


class SlowEngineHint(UserWarning):
    """Shown once, when training runs for long on the event-by-event engine."""


class BusinessEnv(WorldReader[P, W]):
    """One world as a Gymnasium environment.

    A subclass names its case, its view and its world. Where the world does not say itself what may be seen
    (``decide(stock=3)``) and what is paid (``count("sales", 12.5)``), or decisions must be cut to what is possible, the
    subclass says so in `_observe`, `_terms`, `_figures` and `_decision`. Everything else is the same for every case.

    Args:
        scenario: a scenario's name, a dict, the path of a scenario file; None for the default.
        changes: fields of the case that differ from the scenario, such as ``lead_time=3``.
        engine: ``simpy`` plays event by event; ``compiled`` plays the kernel, fast, picklable and deep-copyable.
        normalize: scale observations by the fixed constants of `features`.
        weights: weight of reward terms for training, such as ``{"waste": 2.0}``; scores stay unweighted.
        render_mode: ``ansi``, ``rgb_array`` or None.

    Attributes:
        parameters: the scenario's parameters.
        view: spaces, features and names.
        features: name, unit and meaning of each entry of an observation.

    Raises:
        ParameterError: an unknown scenario, field, engine, reward term or render mode.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # noqa: RUF012  Gymnasium declares it so
    case_id: ClassVar[str]
    _spec: EnvSpec | None = None
    view_type: ClassVar[type[View[Any]]]

    def __init__(
        self,
        scenario: ScenarioLike = None,
        engine: Engine = "simpy",
        normalize: bool = False,
        weights: Mapping[str, float] | None = None,
        render_mode: str | None = None,
        **changes: Any,
    ) -> None:
        case = registry.case(self.case_id)
        checks = Checks(case.id)
        with checks.one():
            check_choice("engine", engine, get_args(Engine))
        with checks.one():
            check_choice("render_mode", render_mode, (None, *self.metadata["render_modes"]))
        with checks.one():
            check_choice("normalize", normalize, (False, True))
        with checks.one():
            self._weights: list[float] = self.view_type.weights(weights).tolist()
        with checks.one():
            self.parameters: P = load_changed(case, type(self), scenario, changes).parameters  # type: ignore[assignment]  # the case's own parameters class
        checks.done()
        self.view: View[P] = self.view_type(self.parameters)
        self.features: tuple[Feature, ...] = self.view.features
        self.action_space = self.view.action_space
        self.observation_space: spaces.Space[Any] = self.view.observation_space(normalize)
        self.render_mode = render_mode
        self.engine = engine
        self._normalize = normalize
        self._draw = case.draw if case.has("draw") else None
        self._steps = 0
        self._world_now: W | None = None
        self._row: Rows | None = None
        self._history: list[Rows] = []
        self._last_info: dict[str, Any] = {}
        self._twin = (
            case.twin(num_envs=1, scenario=self.parameters, weights=weights, autoreset_mode="Disabled")
            if engine == "compiled"
            else None
        )

    # Gymnasium's interface.

    @property
    def spec(self) -> EnvSpec | None:
        """What Gymnasium made the environment from, with the most steps of an episode where a clock counts them."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        if spec is not None and spec.max_episode_steps is None:
            spec = dataclasses.replace(spec, max_episode_steps=self.view.horizon)
        self._spec = spec

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Rows, dict[str, Any]]:
        """Starts an episode.

        Args:
            seed: seed of the luck; None goes on with the current one.
            options: ``luck``: one row of luck to play instead of drawing; ``record``: keep a log for `events`.

        Returns:
            The first observation and an info dict.
        """
        super().reset(seed=plain_seed(seed))
        options = check_options(options, ("luck", "record"))
        self._recording = bool(options.get("record"))
        return self._begin(self._luck(options.get("luck")))

    def _begin(self, luck: Any) -> tuple[Rows, dict[str, Any]]:
        self._began, self._decided = kept_for_later(luck), []
        if self._twin is not None:
            rows, infos = self._twin.reset(options={"luck": luck})
            self._row, info = rows[0], unbatched(infos)
        else:
            self._world_now = self._world(luck, self._recording)
            self._world_now.start()
            self._row = self._observed(self._world_now)
            info = self.view.nothing_done() | self._mask()
        self._history = [self._row]
        self._last_info = info
        return self._seen(), info

    def step(self, action: Any) -> tuple[Rows, float, bool, bool, dict[str, Any]]:
        """Takes one decision and lives until the next.

        Returns:
            Observation, reward, terminated, truncated and info with ``decision``, ``term_...`` and business figures;
            where actions are clipped also what was ``proposed`` and how many numbers of it were ``clipped``.

        Raises:
            ValueError: an action outside the space, or NaN where actions are clipped.
            gymnasium.error.ResetNeeded: the episode is over or was never begun.
        """
        inside, clipped = self.view.clipped(action)
        reward, over, info = self._play_compiled(inside) if self._twin is not None else self._play_world(inside)
        if self.view.clips:
            info.update(proposed=plain(np.asarray(action, dtype=self.action_space.dtype)), clipped=clipped)
        self._decided.append(copy.copy(action))
        if self.render_mode == "rgb_array" and self._row is not None:
            self._history.append(self._row)
        self._last_info = info
        return self._seen(), reward, over, False, info

    def _play_world(self, action: Any) -> tuple[float, bool, dict[str, Any]]:
        world = self._world_now
        if world is None or world.over:
            raise gymnasium.error.ResetNeeded("call reset() before step(): there is no episode under way")
        self._steps += 1
        if self._steps == LONG_TRAINING:
            self._hint()
        view, decision = self.view, self._decision(action)
        world.play(decision)
        self._check_counts(world)
        terms = self._terms(world)
        parts: dict[str, float] = {}
        reward = 0.0
        for name, weight, term in zip(view.entries, self._weights, terms, strict=True):
            parts[name] = float(term)
            reward += weight * parts[name]
        if not math.isfinite(reward):
            raise WorldError(f"{world.moment}: reward terms {parts}; they must be finite numbers")
        self._row = self._observed(world)
        info = dict(zip(view.figures, self._figures(world), strict=True), decision=decision, **parts)
        if view.on_events:
            info["elapsed"] = world.elapsed
        if view.masked:
            info.update(self._mask())
        return reward, world.over, info

    def _play_compiled(self, action: Any) -> tuple[float, bool, dict[str, Any]]:
        assert self._twin is not None
        if self._row is None or self._twin.over[0]:
            raise gymnasium.error.ResetNeeded("call reset() before step(): there is no episode under way")
        rows, rewards, terminated, _, infos = self._twin.step(
            np.asarray(action, dtype=self.action_space.dtype)[np.newaxis]
        )
        self._row = rows[0]
        return float(rewards[0]), bool(terminated[0]), unbatched(infos)

    def action_masks(self) -> Flags:
        """Which actions are possible now, flattened over the dimensions of the action space."""
        masks = self.view.action_masks(self._natural()[np.newaxis])
        return np.asarray(masks[0], dtype=np.bool_)

    def events(self) -> pd.DataFrame:
        """The events of this episode: time (hours), who, what, how_many.

        Raises:
            RuntimeError: the compiled engine plays, or the episode was not reset with ``options={"record": True}``.
        """
        if self._world_now is None:
            raise RuntimeError(
                "events are recorded by the SimPy engine: make the environment with engine='simpy' and reset it"
            )
        return self._world_now.events()

    def render(self) -> Any:
        """The state in words (``ansi``), or a picture of the episode so far [height, width, 3] (``rgb_array``)."""
        if self.render_mode is None or self._row is None:
            return None
        if self.render_mode == "ansi":
            return render.words(self.features, self._row, self._last_info if self._decided else {})
        shown = self.view.pictured_columns()
        return render.picture([self.features[k] for k in shown], np.array(self._history)[:, shown])

    def _luck(self, given: Any) -> Any:
        if self._draw is None:  # such a world draws as it goes
            if given is not None:
                raise ValueError(f"{self.case_id} has no draw: without it luck cannot be injected")
            return self.np_random
        drawn = self._draw(self.parameters, self.np_random, 1)
        return drawn if given is None else lucks.checked(given, drawn, 1)

    def _mask(self) -> dict[str, Any]:
        return {MASK: self.action_masks().astype(np.int8)} if self.view.masked else {}

    def _natural(self) -> Rows:
        if self._row is None:
            raise gymnasium.error.ResetNeeded("call reset() first")
        return self._row

    def _seen(self) -> Rows:
        row = self._natural()
        return self.view.normalized(row) if self._normalize else row

    def _hint(self) -> None:
        warnings.warn(
            f"{self._steps:,} steps on the event-by-event engine. For training, gym.make_vec(id, num_envs=1024) "
            "and gym.make(id, engine='compiled') play the same world many times faster.",
            SlowEngineHint,
            stacklevel=3,
        )
