"""Checks that an episode can be left in the middle and gone on with: copies, moments, branches, luck drawn anew."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np

from bizgyms.keys import KeyedWords
from bizgyms.testing.play import (
    Decisions,
    Subject,
    Trajectory,
    batch,
    begin,
    episode,
    expect_same,
    go_on,
    moment,
    moment_of,
    one_row,
    play_twin,
)
from bizgyms.testing.report import expect
from envs_data.arrays import Floats

OUTCOME = ("reward", "terminated", "truncated")
RESTORED = ("the original", "the restored one")
WORLDS = 3
SAMPLE = 4000
"""Worlds whose luck is drawn in two ways, to compare its moments."""
ROWS = [2, 0, 0, 1]
"""Worlds that are branched: in another order, one twice, one for each leaning of the random decisions."""


def copies_go_on_alike(subject: Subject) -> None:
    """Pickled and deep-copied in mid-episode, either engine goes on as if nothing had happened."""
    for engine, make in subject.engines().items():
        env = make()
        decisions = Decisions(env.action_space, world=1)
        half = _half(env, decisions)
        copies = {"pickled": pickle.loads(pickle.dumps(env)), "deep-copied": copy.deepcopy(env)}
        ends = go_on(env, half, decisions)
        following = episode(env, decisions)
        for how, other in copies.items():
            names = f"engine {engine}: the original", f"the {how} one"
            expect_same(ends, go_on(other, half, decisions), names)
            expect_same(following, episode(other, decisions), names, "in the episode after, ")


def moments_are_restored(subject: Subject) -> None:
    """``restore(state())`` leads back to the same moment, on the engine itself and on the other one."""
    engines = subject.engines()
    for engine, make in engines.items():
        env = make()
        decisions = Decisions(env.action_space, world=1)
        half = _half(env, decisions)
        state = _unwrapped(env).state()
        ends = go_on(env, half, decisions)
        for other, make_other in engines.items():
            again = make_other()
            again.reset(seed=8)
            observation, info = _unwrapped(again).restore(state)
            where = f"a state of engine {engine} restored by engine {other}: "
            outcome = [half[-1][name] for name in ("reward", "terminated", "truncated")]
            expect_same(
                half[-1:], [moment(again, observation, info, outcome)], ("the original", "the restored one"), where
            )
            expect_same(ends, go_on(again, half, decisions), ("the original", "the restored one"), where)


def _unwrapped(env: Any) -> Any:
    """What is within Gymnasium's wrappers."""
    return env.unwrapped


def _half(env: Any, decisions: Decisions) -> Trajectory:
    """The first half of an episode, at least a step of it."""
    length = len(episode(env, decisions, seed=3)) - 1
    return go_on(env, begin(env, seed=3), decisions, until=max(1, length // 2))


def branches_go_on_alike(subject: Subject) -> None:
    """Branches on the same luck go on as the worlds that they are copies of, to the last digit."""
    twin = subject.twin(WORLDS)
    decisions = [Decisions(twin.single_action_space, world) for world in range(WORLDS)]
    whole = play_twin(twin, decisions, luck=subject.luck(WORLDS))
    for until in {1, min(len(trajectory) for trajectory in whole) // 2}:
        _played(twin, decisions, subject.luck(WORLDS), until)
        branches = _unwrapped(twin).branch(ROWS)
        ends = _on(branches, [decisions[row] for row in ROWS], until, max(map(len, whole)))
        for branch, row in enumerate(ROWS):
            names = "the world", "its branch"
            expect_same(
                whole[row][until + 1 :], ends[branch][: len(whole[row]) - until - 1], names, f"after step {until}, "
            )


def _played(twin: Any, decisions: list[Decisions], luck: Any, until: int) -> None:
    twin.reset(options={"luck": luck})
    for step in range(until):
        twin.step(batch(twin.single_action_space, [own.at(step) for own in decisions]))


def _on(twin: Any, decisions: list[Decisions], first: int, until: int) -> list[Trajectory]:
    """What is played from a step on; worlds whose episode is over rest."""
    played: list[Trajectory] = [[] for _ in decisions]
    for step in range(first, until):
        actions = batch(twin.single_action_space, [own.at(step) for own in decisions])
        observations, *outcome, infos = twin.step(actions)
        for world, trajectory in enumerate(played):
            if not (trajectory and trajectory[-1]["terminated"]):
                trajectory.append(moment_of(twin, world, observations, infos, *outcome))
    return played


def the_past_stays(subject: Subject) -> None:
    """Luck drawn anew after some steps leads through the same steps, on both engines, and then elsewhere."""
    luck, rng = subject.luck(WORLDS), np.random.default_rng(5)
    env = subject.env()
    decisions = [Decisions(env.action_space, world) for world in range(WORLDS)]
    lives = [episode(env, own, luck=one_row(luck, world)) for world, own in enumerate(decisions)]
    steps = np.array([(len(life) - 1) // 2 for life in lives])
    anew = subject.case.redraw(subject.parameters, luck, steps, rng)
    twice = subject.case.redraw(subject.parameters, anew, steps + 1, rng)
    for redrawn, kept in ((anew, steps), (twice, steps)):
        lived = [episode(env, own, luck=one_row(redrawn, world)) for world, own in enumerate(decisions)]
        for world, (life, other) in enumerate(zip(lives, lived, strict=True)):
            until = int(kept[world]) + 1
            expect_same(life[:until], other[:until], ("the first luck", "luck drawn anew"), f"world {world}, ")
        if subject.case.has("twin"):
            for world, played in enumerate(play_twin(subject.twin(WORLDS), decisions, luck=redrawn)):
                expect_same(lived[world], played, ("world", "twin"), f"on luck drawn anew, world {world}, ")
    expect(len(luck) == len(anew), "redraw gives luck of another form")


def steps_are_drawn_alike(subject: Subject) -> None:
    """Luck drawn step by step is the same in whatever pieces, and has the form and the moments of ``draw``."""
    keys = np.random.default_rng(3).integers(2**64 - 1, size=SAMPLE, dtype=np.uint64)
    start = np.zeros(SAMPLE, dtype=np.int64)
    drawn = subject.luck(SAMPLE)
    longest = max(array.shape[1] for array in drawn)
    whole = _steps(subject, KeyedWords(keys, start, longest))
    later = _steps(subject, KeyedWords(keys[:WORLDS], start[:WORLDS] + np.arange(WORLDS), longest - WORLDS))
    for name, steps, wanted, piece in zip(drawn._fields, whole, drawn, later, strict=True):
        said = f"draw_steps gives luck.{name}"
        form = steps.dtype, steps.ndim, steps.shape[2:]
        expect(form == (wanted.dtype, wanted.ndim, wanted.shape[2:]), f"{said} another type or shape than draw does")
        width = wanted.shape[1]
        for world in range(WORLDS if width else 0):
            alike = np.array_equal(steps[world, world : world + piece.shape[1]], piece[world])
            expect(alike, f"{said} other values when it is drawn from step {world} on")
        if wanted[:, :width].size:
            _expect_same_moments(steps[:, :width].astype(np.float64), wanted.astype(np.float64), said)


def _steps(subject: Subject, words: KeyedWords) -> Any:
    return subject.case.draw_steps(subject.parameters, words)


def _expect_same_moments(ours: Floats, theirs: Floats, said: str) -> None:
    """Compares mean and mean square, step by step; six standard errors, for there are many steps."""
    for power, what in ((1, "mean"), (2, "mean square")):
        means = [(sample**power).mean(axis=0) for sample in (ours, theirs)]
        errors = [(sample**power).std(axis=0) / SAMPLE**0.5 for sample in (ours, theirs)]
        allowed = 6 * np.hypot(*errors) + 1e-9 * np.abs(means[1])
        expect((np.abs(means[0] - means[1]) <= allowed).all(), f"{said} another {what} than draw does")
