"""Checks that both engines tell the same story, again and again."""

from __future__ import annotations

import copy
from typing import Any

import gymnasium
import numpy as np

from bizgyms.autoreset import TERM
from bizgyms.testing.play import (
    Decisions,
    Subject,
    begin,
    episode,
    expect_same,
    is_over,
    one_row,
    play_twin,
)
from bizgyms.testing.report import expect, refusal
from envs_data.world import WorldError

TAKEN = "was taken without a word"
WORLDS = 3
"""Worlds a scenario is compared in: one for each leaning of the random decisions."""


def an_episode_can_be_played(subject: Subject) -> None:
    """The world of an episode goes on from decision to decision, to its end; whatever else is wrong has its own check.

    Raises:
        WorldError: it cannot, with process, time and remedy.
    """
    try:
        env = subject.env()
        episode(env, Decisions(env.action_space, world=0), seed=7)
    except WorldError:
        raise
    except Exception:  # not of the world: the check it belongs to meets it again, and says it
        return


def determinism(subject: Subject) -> None:
    """Same seed, same trajectory: on a second environment, and on the same one again."""
    for engine, make in subject.engines().items():
        env, again = make(), make()
        decisions = Decisions(env.action_space, world=0)
        first = episode(env, decisions, seed=7)
        names = ("first", "second")
        expect_same(first, episode(again, decisions, seed=7), names, f"engine {engine}, two environments of one seed: ")
        expect_same(first, episode(env, decisions, seed=7), names, f"engine {engine}, reset to the same seed: ")


def one_seed_two_engines(subject: Subject) -> None:
    """One seed means one episode, whichever engine plays it."""
    simpy, compiled = subject.env(), subject.env(engine="compiled")
    decisions = Decisions(simpy.action_space, world=1)
    world, kernel = episode(simpy, decisions, seed=11), episode(compiled, decisions, seed=11)
    expect_same(world, kernel, ("world", "compiled engine"), "first episode, ")
    expect_same(episode(simpy, decisions), episode(compiled, decisions), ("world", "compiled engine"), "second, ")


def twin_equals_world(subject: Subject) -> None:
    """The twin equals the world, and so does the compiled engine of one world, on the same luck and decisions."""
    luck = subject.luck(WORLDS)
    twin, simpy, compiled = subject.twin(WORLDS), subject.env(), subject.env(engine="compiled")
    decisions = [Decisions(simpy.action_space, world) for world in range(WORLDS)]
    played = play_twin(twin, decisions, luck=luck)
    for world, decided in enumerate(decisions):
        mine = one_row(luck, world)
        told = episode(simpy, decided, luck=mine)
        expect_same(told, played[world], ("world", "twin"), f"world {world}, ")
        expect_same(told, episode(compiled, decided, luck=mine), ("world", "compiled engine"), f"world {world}, ")


def luck_is_respected(subject: Subject) -> None:
    """Injected luck decides the episode, whatever the seed, and stays as it was given."""
    luck = subject.luck(1)
    kept = copy.deepcopy(luck)
    for engine, make in subject.engines().items():
        env = make()
        decisions = Decisions(env.action_space, world=2)
        first, second = (episode(env, decisions, seed=seed, luck=luck) for seed in (1, 2))
        expect_same(first, second, ("seed 1", "seed 2"), f"engine {engine}, the same luck injected twice: ")
        same = all(np.array_equal(given, old) for given, old in zip(luck, kept, strict=True))
        expect(same, f"engine {engine} changed the luck it was given")


def wrong_luck_is_refused(subject: Subject) -> None:
    """Luck of the wrong type or with the wrong number of worlds raises a ValueError."""
    luck = subject.luck(2)
    wrong: dict[str, Any] = {
        "a dict": {"luck": 1},
        "two rows for one world": luck,
        "fields of another shape": type(luck)(*(array[:1, ..., np.newaxis] for array in luck)),
    }
    for engine, make in subject.engines().items():
        for what, given in wrong.items():
            where = f"engine {engine}: {what} as luck"
            refusal(lambda make=make, given=given: begin(make(), luck=given), where, TAKEN)
    if subject.case.has("twin"):
        twin = subject.twin(WORLDS)
        refusal(lambda: twin.reset(options={"luck": luck}), f"twin: two rows for {WORLDS} worlds as luck", TAKEN)


def reward_is_its_terms(subject: Subject) -> None:
    """The reward is the sum of its terms, added left to right, and ``weights`` re-weights it and nothing else."""
    for engine, make in subject.engines().items():
        env = make()
        decisions = Decisions(env.action_space, world=1)
        natural = episode(env, decisions, seed=5)
        terms = [field for field in natural[1] if field.startswith(TERM)]
        expect(terms, f"engine {engine}: info has no terms, so that a reward cannot be explained")
        weights = {field.removeprefix(TERM): 0.5 + 0.3 * k for k, field in enumerate(terms)}
        weighted = episode(make(weights=weights), decisions, seed=5)
        for trajectory, factors in ((natural, [1.0] * len(terms)), (weighted, list(weights.values()))):
            _expect_sums(trajectory, terms, factors, engine)
        unpaid = [[{**now, "reward": 0.0} for now in trajectory] for trajectory in (natural, weighted)]
        expect_same(unpaid[0], unpaid[1], ("without weights", "with weights"), f"engine {engine}, ")


def _expect_sums(trajectory: list[dict[str, Any]], terms: list[str], factors: list[float], engine: str) -> None:
    for step, now in enumerate(trajectory[1:], start=1):
        total = 0.0
        for factor, term in zip(factors, terms, strict=True):
            total += factor * now[term]
        sentence = f"engine {engine}, step {step}: reward is {now['reward']!r}, its terms add up to {total!r}"
        expect(now["reward"] == total, sentence)


def an_ended_episode_stays_ended(subject: Subject) -> None:
    """A step before the first reset or after the end is refused."""
    for engine, make in subject.engines().items():
        env = make().unwrapped
        decision = Decisions(env.action_space, world=0).at(0)
        _expect_reset_needed(env, decision, f"engine {engine}, before the first reset")
        trajectory = episode(env, Decisions(env.action_space, world=0), seed=0)
        expect(is_over(trajectory[-1]), f"engine {engine}: the episode does not end")
        _expect_reset_needed(env, decision, f"engine {engine}, after the end")


def _expect_reset_needed(env: Any, decision: Any, when: str) -> None:
    needed = gymnasium.error.ResetNeeded
    refusal(lambda: env.step(decision), f"{when}, step()", "was played", needed, "gymnasium.error.ResetNeeded")
