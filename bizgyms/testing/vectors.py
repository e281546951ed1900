"""Checks of the twin as a vector environment: autoreset, early ends, arrays that stay."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from bizgyms.testing.play import (
    LONGEST,
    Decisions,
    Moment,
    Subject,
    Trajectory,
    batch,
    expect_same,
    is_over,
    moment,
    moment_of,
    play_twin,
    world_info,
)
from bizgyms.testing.report import expect

WORLDS = 2
EPISODES = 2


class Diary:
    """The episodes of one world of a twin, whichever way it resets itself.

    Args:
        twin: the twin.
        world: number of the world.

    Attributes:
        episodes: a trajectory an episode.
    """

    def __init__(self, twin: Any, world: int) -> None:
        self.twin = twin
        self.world = world
        self.episodes: list[Trajectory] = []
        self._decisions = Decisions(twin.single_action_space, world)

    @property
    def full(self) -> bool:
        """Whether all episodes wanted have ended."""
        return len(self.episodes) >= EPISODES and self.resting

    @property
    def resting(self) -> bool:
        """Whether the last episode has ended and no new one has begun."""
        return is_over(self.episodes[-1][-1])

    def begin(self, observations: Any, infos: Any) -> None:
        """Opens an episode."""
        self.episodes.append([moment_of(self.twin, self.world, observations, infos)])
        self._decisions = Decisions(self.twin.single_action_space, self.world, len(self.episodes) - 1)

    def decide(self) -> Any:
        """The world's next decision."""
        return self._decisions.at(len(self.episodes[-1]) - 1)

    def note(self, observations: Any, outcome: Any, infos: Any) -> None:
        """Writes down a step."""
        now = (outcome[0][self.world], outcome[1][self.world], outcome[2][self.world])
        ended = bool(now[1] or now[2])
        mode = self.twin.metadata["autoreset_mode"]
        if mode is AutoresetMode.NEXT_STEP and self.resting:
            self._expect_nothing_paid(now)
            self.begin(observations, infos)
        elif mode is AutoresetMode.SAME_STEP and ended:
            self.episodes[-1].append(self._final(infos, now))
            self.begin(observations, infos)
        elif not self.resting:
            self.episodes[-1].append(moment_of(self.twin, self.world, observations, infos, *outcome))

    def _expect_nothing_paid(self, now: tuple[Any, Any, Any]) -> None:
        sentence = "NextStep: the step that resets a world returned reward {}, terminated {}, truncated {}"
        expect(not any(now), sentence.format(*now) + "; it must be 0, False, False")

    def _final(self, infos: Any, now: tuple[Any, Any, Any]) -> Moment:
        for name in ("final_obs", "final_info"):
            expect(name in infos, f"SameStep: infos has no {name} when an episode ends")
            expect(infos[f"_{name}"][self.world], f"SameStep: infos['_{name}'] is not True for a world that ended")
        return moment(self.twin, infos["final_obs"][self.world], world_info(infos["final_info"], self.world), now)


def play_episodes(twin: Any, early: int = 0) -> list[list[Trajectory]]:
    """Plays some episodes of every world of a twin.

    Args:
        twin: the twin.
        early: reset world 0 after so many steps, in the midst of its first episode; 0 for not.

    Returns:
        [worlds][episodes] trajectories.
    """
    observations, infos = twin.reset(seed=21)
    diaries = [Diary(twin, world) for world in range(twin.num_envs)]
    for diary in diaries:
        diary.begin(observations, infos)
    for step in range(1, LONGEST):
        actions = batch(twin.single_action_space, [diary.decide() for diary in diaries])
        observations, *outcome, infos = twin.step(actions)
        for diary in diaries:
            diary.note(observations, outcome, infos)
        if all(diary.full or len(diary.episodes) > EPISODES for diary in diaries):
            return [diary.episodes[:EPISODES] for diary in diaries]
        if twin.metadata["autoreset_mode"] is AutoresetMode.DISABLED:
            _reset_by_hand(twin, diaries, early=step == early)
    expect(False, f"{EPISODES} episodes of every world are not over after {LONGEST:,} steps")
    return []


def _reset_by_hand(twin: Any, diaries: list[Diary], early: bool) -> None:
    mask = np.array([diary.resting and not diary.full for diary in diaries])
    mask[0] |= early
    if mask.any():
        observations, infos = twin.reset(options={"reset_mask": mask})
        for diary in np.array(diaries, dtype=object)[mask]:
            diary.begin(observations, infos)


def autoreset(subject: Subject) -> None:
    """The three autoreset modes tell the same episodes."""
    told = {mode.value: play_episodes(subject.twin(WORLDS, mode.value)) for mode in AutoresetMode}
    reference = AutoresetMode.DISABLED.value
    for mode in (AutoresetMode.NEXT_STEP.value, AutoresetMode.SAME_STEP.value):
        _expect_same_episodes(told[reference], told[mode], (reference, mode))


def _expect_same_episodes(
    first: Sequence[Sequence[Trajectory]],
    second: Sequence[Sequence[Trajectory]],
    names: tuple[str, str],
    left_out: Collection[tuple[int, int]] = (),
) -> None:
    """Compares [worlds][episodes] trajectories, but for some (world, episode)."""
    for world, k in itertools.product(range(WORLDS), range(EPISODES)):
        if (world, k) not in left_out:
            expect_same(first[world][k], second[world][k], names, f"world {world}, episode {k}, ")


def early_end(subject: Subject) -> None:
    """One world's early end changes nobody's luck, its own in later episodes included."""
    usual = play_episodes(subject.twin(WORLDS))
    length = len(usual[0][0]) - 1
    cut = play_episodes(subject.twin(WORLDS), early=max(length // 2, 1))
    _expect_same_episodes(usual, cut, ("undisturbed", "after world 0 was reset early"), [(0, 0)])


def masked_luck(subject: Subject) -> None:
    """With ``reset_mask`` only the masked worlds read the luck that is injected; the others play on."""
    luck, other = subject.luck(2, seed=1), subject.luck(2, seed=2)
    twin = subject.twin(2)
    decisions = [Decisions(twin.single_action_space, world) for world in range(2)]
    whole = play_twin(twin, decisions, luck=luck)
    fresh = play_twin(twin, decisions, luck=other)
    twin.reset(options={"luck": luck})
    actions = batch(twin.single_action_space, [decided.at(0) for decided in decisions])
    twin.step(actions)
    observations, infos = twin.reset(options={"luck": other, "reset_mask": np.array([True, False])})
    begun = moment_of(twin, 0, observations, infos)
    expect_same([fresh[0][0]], [begun], ("a full reset", "a masked reset"), "world 0, ")
    if is_over(whole[1][1]):
        return
    actions = batch(twin.single_action_space, [decisions[0].at(0), decisions[1].at(1)])
    observations, *outcome, infos = twin.step(actions)
    for world, expected in ((0, fresh[0][1]), (1, whole[1][2])):
        now = moment_of(twin, world, observations, infos, *outcome)
        expect_same([expected], [now], ("alone", "after a masked reset"), f"world {world}, ")


def arrays_stay(subject: Subject) -> None:
    """What a step returned is not overwritten by the next one."""
    twin = subject.twin(WORLDS)
    twin.reset(seed=0)
    decisions = [Decisions(twin.single_action_space, world) for world in range(WORLDS)]
    first = twin.step(batch(twin.single_action_space, [decided.at(0) for decided in decisions]))
    kept = [np.array(array) for array in first[:4]]
    infos = {name: np.array(value) for name, value in first[4].items() if isinstance(value, np.ndarray)}
    if not first[2].all():
        twin.step(batch(twin.single_action_space, [decided.at(1) for decided in decisions]))
    for name, given, old in zip(("observations", "rewards", "terminated", "truncated"), first, kept, strict=False):
        expect(np.array_equal(given, old), f"{name} of one step were overwritten by the next")
    for name, old in infos.items():
        expect(np.array_equal(first[4][name], old), f"infos[{name!r}] of one step was overwritten by the next")


def twin_spaces(subject: Subject) -> None:
    """The twin has the spaces of the environment, one row a world, and says how it resets."""
    env = subject.env()
    for mode in AutoresetMode:
        twin = subject.twin(2, mode.value)
        stated = twin.metadata.get("autoreset_mode")
        expect(stated is mode, f"made with autoreset_mode={mode.value!r}, metadata says {stated!r}")
        for name in ("action_space", "observation_space"):
            one, mine = getattr(env, name), getattr(twin, f"single_{name}")
            expect(one == mine, f"single_{name} of the twin is {mine}; the environment has {one}")
        observations, _ = twin.reset(seed=0)
        expect(twin.observation_space.contains(observations), "observations of reset() are not in observation_space")
