"""Checks and notes on worlds that share what they must not, and on stories as people write them."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bizgyms.own.copies import reach_of
from bizgyms.own.view import StoryEnv
from bizgyms.testing.play import Decisions, Subject, begin, difference, episode, go_on, is_over
from bizgyms.testing.report import expect
from envs_data.places import line_of

IN_TURN = 200
"""How many steps two worlds are played in turn."""
SLOW_SHARE = 0.3
"""Share of the time from which on a table that grows is worth a word."""
SWITCHES = 200
KEEP_IT = "keep what changes in objects that the story makes, not in a library or a file"


def worlds_in_turn(subject: Subject) -> None:
    """Two worlds that play step by step in turn each play what they play alone."""
    decisions = [Decisions(subject.env().action_space, world) for world in range(2)]
    alone = [episode(subject.env(), own, seed=21 + world) for world, own in enumerate(decisions)]
    envs = [subject.env() for _ in decisions]
    played = [begin(env, seed=21 + world) for world, env in enumerate(envs)]
    for step in range(1, IN_TURN + 1):
        played = [go_on(env, life, own, step) for env, life, own in zip(envs, played, decisions, strict=True)]
        if all(is_over(life[-1]) for life in played):
            break
    for world, life in enumerate(played):
        found = difference(alone[world][: len(life)], life, ("alone", "in turn"))
        expect(found is None, f"world {world}: {found}; the worlds share something; {KEEP_IT}")


def notes(subject: Subject) -> Iterator[str]:
    """What a user should know of a story that passes, one sentence each."""
    if not issubclass(subject.case.env, StoryEnv):
        return
    world: Any = subject.case.env.world_type
    reach = reach_of(world.story)
    names = list(dict.fromkeys(spot.name for spot, value in reach.spots))
    if names:
        cost = _switch_seconds(subject) * 1e6
        yield f"each world plays on its own copy of {', '.join(names)}: {cost:.1f} us for each change of worlds"
    if reach.fixed:
        yield f"shared by all worlds, too large to copy: {', '.join(reach.fixed)}; the model must not change it"
    if reach.generators:
        used = ", ".join(dict.fromkeys(reach.generators))
        what = "what comes next depends on what was decided, so agents do not meet the same luck; give a draw"
        yield f"{used}: each world has one of its own, seeded by its luck, and the shared state is untouched; {what}"
    yield from _of_an_episode(subject)


def _switch_seconds(subject: Subject) -> float:
    """What a change from one world to another takes."""
    envs: list[Any] = [subject.env().unwrapped for _ in range(2)]
    for env in envs:
        env.reset(seed=0)
    copies = [env._world_now._copies for env in envs]
    began = time.perf_counter()
    for _ in range(SWITCHES // 2):
        for own in copies:
            with own:
                pass
    return (time.perf_counter() - began) / SWITCHES


def _of_an_episode(subject: Subject) -> Iterator[str]:
    """What an episode shows: luck that is always the same, tables that grow, processes that wait at the end."""
    env: Any = subject.env()
    decisions = Decisions(env.action_space, world=1)
    first = episode(env, decisions, seed=31)
    profile = cProfile.Profile()
    second = profile.runcall(episode, env, decisions, seed=32)
    if difference(first, second, ("", "")) is None:
        yield "two seeds play the same episode: nothing is random, or the model seeds itself, as in default_rng(1)"
    yield from _of_tables(profile)
    waiting = sorted({f"{process.name}{line_of(process)}" for process in env.unwrapped._world_now.waits_in_vain()})
    if waiting:
        names = ", ".join(waiting)
        yield f"at the end of an episode nothing could happen any more, and {names} still waited for an event"


def _of_tables(profile: cProfile.Profile) -> Iterator[str]:
    """Whether pandas takes much of the time, and where it is called."""
    found: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # it is there, but in no stub
    inside = {place for place in found if "pandas" in Path(place[0]).parts}
    total = sum(row[2] for row in found.values())
    callers: dict[Any, float] = {}
    for place in inside:
        for caller, row in found[place][4].items():
            if caller not in inside:
                callers[caller] = callers.get(caller, 0.0) + row[3]
    if not callers:
        return
    file, line, name = max(callers, key=lambda caller: callers[caller])
    share = min(1.0, callers[file, line, name] / total)
    if share > SLOW_SHARE:
        where = f"{name} ({Path(file).name}, line {line})"
        yield f"pandas takes {share:.0%} of the time, in {where}: append to a list, and make a table of it at the end"
