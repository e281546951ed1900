"""Checks that an environment keeps Gymnasium's conventions and this package's."""

from __future__ import annotations

import importlib.util
import random
import re
import warnings
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from bizgyms.testing.play import (
    LEANINGS,
    SHORT,
    Decisions,
    Subject,
    batch,
    begin,
    episode,
    expect_same,
    go_on,
    moment,
    plain,
)
from bizgyms.testing.report import Finding, expect, refusal
from bizgyms.view import Feature

# Advice on how to scale actions: decisions here are in business units, and learners scale them.
ADVICE = re.compile(r"we recommend (you to )?us(e|ing) a symmetric and normalized", re.IGNORECASE)


def gymnasium_checker(subject: Subject) -> None:
    """Gymnasium's own ``check_env`` finds nothing, warnings included."""
    for engine, make in subject.engines().items():
        _expect_silence(lambda make=make: check_env(make().unwrapped), f"engine {engine}")


def sb3_checker(subject: Subject) -> None:
    """stable-baselines3's ``check_env`` finds nothing, warnings included; skipped where it is not installed."""
    if importlib.util.find_spec("stable_baselines3") is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other packages warn of on import is no finding
        # By name: only who trains needs stable-baselines3, and environments never import it.
        checker = importlib.import_module("stable_baselines3.common.env_checker")
    for engine, make in subject.engines().items():
        _expect_silence(
            lambda make=make: checker.check_env(make().unwrapped, skip_render_check=True), f"engine {engine}"
        )


def _expect_silence(call: Any, where: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:
            raise Finding(f"{where}: {type(error).__name__}: {error}") from error
    found = [str(warning.message) for warning in said if not ADVICE.search(str(warning.message))]
    expect(not found, f"{where} warns: " + "; ".join(found))


def observations_inside(subject: Subject) -> None:
    """Observations are one-dimensional float32 inside a space with finite bounds, in natural units and normalised."""
    for engine, make in subject.engines().items():
        for normalize in (False, True):
            env = make(normalize=normalize)
            space: Any = env.observation_space
            where = f"engine {engine}, normalize={normalize}"
            right = isinstance(space, spaces.Box) and space.dtype == np.float32 and len(space.shape) == 1
            expect(right and space.is_bounded(), f"{where}: {space} is not a bounded one-dimensional float32 Box")
            for world in (1,) if normalize else range(len(LEANINGS)):
                _expect_inside(env, Decisions(env.action_space, world), f"{where}, world {world}")


def _expect_inside(env: Any, decisions: Decisions, where: str) -> None:
    observation, _ = env.reset(seed=13)
    features = _features(env)
    expect(len(features) == len(observation), f"{where}: {len(features)} features for {len(observation)} entries")
    over, step, space = False, 0, env.observation_space
    while not over:
        for k in np.flatnonzero(~((observation >= space.low) & (observation <= space.high))):
            bounds = f"{space.low[k]:g} to {space.high[k]:g}"
            raise Finding(f"{where}, step {step}: {features[k].name} is {observation[k]:g}, outside {bounds}")
        expect(space.contains(observation), f"{where}, step {step}: observation is {observation.dtype}, not in {space}")
        observation, _, terminated, truncated, _ = env.step(decisions.at(step))
        over, step = terminated or truncated, step + 1


def normalised_is_scaled(subject: Subject) -> None:
    """A normalised observation is the natural one, scaled by each feature's centre and scale and nothing else."""
    for engine, make in subject.engines().items():
        natural, scaled = make(), make(normalize=True)
        decisions = Decisions(natural.action_space, world=1)
        features = _features(natural)
        one, other = (go_on(env, begin(env, seed=2), decisions, until=SHORT) for env in (natural, scaled))
        for step, (now, then) in enumerate(zip(one, other, strict=True)):
            for f in features:
                wanted = (now[f"observation.{f.name}"] - f.center) / f.scale
                given = then[f"observation.{f.name}"]
                close = bool(np.isclose(given, wanted, rtol=1e-5, atol=1e-5))
                expect(close, f"engine {engine}, step {step}: normalised {f.name} is {given:g}, not {wanted:g}")


def features_are_named(subject: Subject) -> None:
    """Every entry of an observation has a name of its own, a unit, a meaning and a scale."""
    features = _features(subject.env())
    names = [feature.name for feature in features]
    expect(len(set(names)) == len(names), f"features share a name: {', '.join(names)}")
    for f in features:
        expect(f.unit and f.meaning, f"feature {f.name} lacks a unit or a meaning")
        expect(f.scale > 0, f"feature {f.name} has scale {f.scale}; it must be above zero")
        expect(f.low < f.high, f"feature {f.name} has bounds {f.low:g} to {f.high:g}; they must leave some values")


def _features(env: Any) -> tuple[Feature, ...]:
    return tuple(env.unwrapped.features)


def wrong_actions(space: spaces.Space[Any]) -> list[Any]:
    """Actions that a space refuses: just outside, NaN, of another length. Outside of a box they are clipped."""
    if isinstance(space, spaces.Discrete):
        return [int(space.start + space.n), int(space.start) - 1, 0.5, float("nan"), "1"]
    inside = np.asarray(space.sample())
    too_long = np.concatenate([inside.ravel(), inside.ravel()])
    if isinstance(space, spaces.MultiDiscrete):
        high, low = space.nvec.astype(np.int64), np.full(space.shape, -1)
    elif isinstance(space, spaces.Box):
        return [np.full(space.shape, np.nan), too_long]
    elif isinstance(space, spaces.MultiBinary):
        high, low = np.full(space.shape, 2, dtype=np.int8), np.full(space.shape, -1, dtype=np.int8)
    else:
        return [too_long]
    return [high, low, np.full(space.shape, np.nan), too_long]


def outside_is_refused(subject: Subject) -> None:
    """An action outside the space, or NaN, raises a ValueError that names it, and leaves the episode as it was."""
    for engine, make in subject.engines().items():
        env = make()
        decisions = Decisions(env.action_space, world=0)
        usual = go_on(env, begin(env, seed=4), decisions, until=1)
        env.reset(seed=4)
        for action in wrong_actions(env.action_space):
            _expect_named(lambda env=env, action=action: env.unwrapped.step(action), action, f"engine {engine}")
        observation, reward, *_ = env.step(decisions.at(0))
        seen = dict(zip(usual[1], [*np.ravel(observation).tolist(), reward], strict=False))
        expected = {field: usual[1][field] for field in seen}
        expect_same([expected], [seen], ("usual", "after a refused action"), f"engine {engine}, first ")


def outside_of_a_box_is_clipped(subject: Subject) -> None:
    """Real numbers outside the space are played as the nearest inside, and ``info`` keeps and counts what was given."""
    for engine, make in subject.engines().items():
        env, again = make(), make()
        space = env.action_space
        if not isinstance(space, spaces.Box):
            return
        far = [space.high + 1, space.low - 1, np.where(np.arange(space.high.size) == 0, np.inf, space.low)]
        for action in np.array(far, dtype=space.dtype).reshape(-1, *space.shape):
            inside = action.clip(space.low, space.high)
            one, other = begin(env, seed=4), begin(again, seed=4)
            seen, *outcome, info = env.step(action)
            one.append(moment(env, seen, info, outcome[:3]))
            seen, *outcome, usual = again.step(inside)
            usual |= {"proposed": plain(action), "clipped": int((action != inside).sum())}
            other.append(moment(again, seen, usual, outcome[:3]))
            expect_same(other, one, ("the nearest inside", "outside"), f"engine {engine}, action {action}: ")


def outside_is_refused_by_twin(subject: Subject) -> None:
    """The twin refuses actions outside the space, NaN, and the wrong number of them, and names the world."""
    twin = subject.twin(2)
    twin.reset(seed=0)
    space = twin.single_action_space
    good = Decisions(space, world=0).at(0)
    for action in wrong_actions(space):
        if np.shape(action) == np.shape(good) and not isinstance(action, str):
            both = np.array([good, action])
            # Fractions for whole numbers are refused together, by the name of the type.
            fitting = both.dtype.kind == np.dtype(space.dtype).kind
            names = ("world 1",) if fitting else (str(both.dtype),)
            named = action if fitting else None
            _expect_named(lambda both=both: twin.step(both), named, "twin", *names)
    three = batch(space, [good] * 3)
    _expect_named(lambda: twin.step(three), None, "twin, three actions for two worlds")


def _expect_named(step: Any, action: Any, where: str, *names: str) -> None:
    shown = "" if action is None else f" action {action!r}"
    error = refusal(step, f"{where}:{shown}", "was played without a word")
    unnamed = [name for name in (*_name_of(action), *names) if name not in str(error)]
    expect(not unnamed, f"{where}:{shown} was refused without naming {' and '.join(unnamed)}: {error}")


def _name_of(action: Any) -> list[str]:
    """What a message must say of an action: its first number."""
    return [] if action is None else [str(np.ravel(action).tolist()[0])]


def no_global_randomness(subject: Subject) -> None:
    """Making, resetting and playing leave the random state of Python and NumPy untouched."""
    before = _global_state()
    if subject.case.has("draw"):
        subject.luck(2)
    for make in subject.engines().values():
        env = make()
        episode(env, Decisions(env.action_space, world=0), seed=1)
        env.reset()
    if subject.case.has("twin"):
        subject.twin(2).reset()
    for name, old, new in zip(("random", "numpy.random"), before, _global_state(), strict=True):
        expect(old == new, f"the global state of {name} changed; use the generator that is passed in")


def _global_state() -> tuple[str, str]:
    return repr(random.getstate()), repr([np.asarray(part).tolist() for part in np.random.get_state()])


def pictures(subject: Subject) -> None:
    """``ansi`` gives text, ``rgb_array`` a picture, on both engines."""
    for engine, make in subject.engines().items():
        for mode, kind in (("ansi", str), ("rgb_array", np.ndarray)):
            env = make(render_mode=mode)
            env.reset(seed=0)
            env.step(Decisions(env.action_space, world=0).at(0))
            shown: Any = env.render()
            expect(isinstance(shown, kind), f"engine {engine}: render_mode={mode!r} gives {type(shown).__name__}")
            if isinstance(shown, np.ndarray):
                right = shown.dtype == np.uint8 and shown.ndim == 3 and shown.shape[2] == 3
                expect(
                    right, f"engine {engine}: rgb_array is {shown.dtype} {shown.shape}; not uint8 [height, width, 3]"
                )


def masks(subject: Subject) -> None:
    """``action_masks()`` has one entry an action, allows some of them, and is what ``info["action_mask"]`` says."""
    for engine, make in subject.engines().items():
        env: Any = make()
        _, info = env.reset(seed=0)
        mask, count = env.unwrapped.action_masks(), env.unwrapped.view.action_count()
        where = f"engine {engine}: action_masks()"
        right = mask.dtype == np.bool_ and mask.shape == (count,)
        expect(right, f"{where} is {mask.dtype} of shape {mask.shape}; it must be bool of shape ({count},)")
        expect(mask.any() or not count, f"{where} forbids every action")
        if "action_mask" in info:
            told = info["action_mask"]
            expect(np.array_equal(told, mask), f"{where} is not what info['action_mask'] says")
            expect(told.dtype == np.int8, f"engine {engine}: info['action_mask'] is {told.dtype}; it must be int8")


def infos_are_alike(subject: Subject) -> None:
    """``reset`` and ``step`` tell the same entries, of the same kind, and the reward is a float."""
    for engine, make in subject.engines().items():
        env = make()
        _, before = env.reset(seed=0)
        _, reward, _, _, after = env.step(Decisions(env.action_space, world=0).at(0))
        expect(type(reward) is float, f"engine {engine}: a reward is {type(reward).__name__}; it must be float")
        for name in before.keys() ^ after.keys():
            where = "reset() alone" if name in before else "step() alone"
            raise Finding(f"engine {engine}: {where} tells info[{name!r}]; infos kept in arrays need it from both")
        for name, value in after.items():
            shapes = np.shape(before[name]), np.shape(value)
            grows = f"engine {engine}: info[{name!r}] has shape {shapes[0]} at reset, then {shapes[1]}"
            expect(shapes[0] == shapes[1], grows)
