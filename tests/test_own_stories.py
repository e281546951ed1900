"""SimPy models as people write them: what they keep where, and how an episode begins and ends."""

import random
from typing import Literal

import gymnasium as gym
import numpy as np
import pandas as pd
import pytest
import simpy

import baselines
import bizgyms
from bizgyms.own import Staff, resize
from bizgyms.testing import CaseError, check_case
from envs_data.parameters import ParameterError, quantity
from envs_data.world import WorldError
from tests.own_models import ID, SEEN, forgotten, made, played  # noqa: F401  a fixture for every test

# What a model keeps outside of its processes.

NOW: dict = {}
SERVED = 0


class Customer:
    count = 0
    seen: list = []  # noqa: RUF012  scripts do so


def remembers(x, log=[]):  # noqa: B006  scripts do so
    log.append(x)
    return len(log)


def stall():
    global SERVED  # noqa: PLW0603  scripts do so
    while True:
        loaves = yield NOW["world"].decide(x=NOW["world"].clock.now % 7)
        Customer.count += 1
        Customer.seen.append(loaves)
        SERVED += 1
        NOW["world"].count("m", 3.0 * min(loaves, NOW["rng"].poisson(5)) - loaves)
        NOW["world"].count("m", Customer.count + len(Customer.seen) + SERVED + remembers(loaves))
        yield NOW["world"].clock.timeout(1)


def in_globals(world, rng):
    """How many loaves."""
    NOW.update(world=world, rng=rng)
    world.clock.process(stall())


def test_each_world_has_its_own_globals_class_attributes_and_defaults():
    case = made(in_globals, 10)
    report = check_case(ID)
    copied = next(note for note in report.notes if note.startswith("each world plays on its own copy of "))
    assert all(name in copied for name in ("Customer.count", "Customer.seen", "NOW", "SERVED", "of remembers()"))
    together = baselines.evaluate(ID, lambda row: 5, episodes=4, seed=1).returns
    # Four decisions a day count 1 to 24 each: 1,200 beside what is sold.
    assert (together > 1_200).all()
    assert len(set(together)) > 1
    env = gym.make(case.id).unwrapped
    env.reset(seed=3)
    alone, other = [], gym.make(case.id).unwrapped
    other.reset(seed=4)
    for step in range(24):
        alone.append(env.step(5)[1])
        if step < 12:
            other.step(5)
    assert sum(alone) == played(5, seed=3)[0]


def draws(world, rng):
    while True:
        yield world.decide(x=1)
        world.count("m", random.random() + np.random.normal() + random.gauss(0, 1))
        yield world.clock.timeout(1)


def test_shared_generators_stay_untouched_and_episodes_repeat():
    made(draws)
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), repr(np.random.get_state())
    assert played(seed=1)[0] == played(seed=1)[0] != played(seed=2)[0]
    assert (random.getstate(), repr(np.random.get_state())) == before
    assert any(note.startswith("numpy.random, random: each world has one of its own") for note in check_case(ID).notes)


# How a story is told.


def warm(world, rng):
    world.count("m", 6.0)
    yield world.clock.timeout(10)
    world.count("m", float((yield world.decide(x=1))))


def test_what_is_paid_before_the_first_decision_counts_unless_the_model_warms_up():
    made(warm)
    assert played()[:2] == (7.0, 1)
    made(warm, warm_up=5)
    assert played()[:2] == (1.0, 1)


def test_a_story_may_be_a_process_make_its_own_environment_and_run_it():
    def script(world, rng):
        env = simpy.Environment()

        def works():
            while True:
                world.count("m", float((yield world.decide(x=1))))
                yield env.timeout(1)

        env.process(works())
        env.run(until=10)
        raise AssertionError("what follows run() is never played")

    made(script, until=float("inf"))
    assert played()[:2] == (10.0, 10)


def test_a_story_that_runs_out_of_events_is_over():
    def short(world, rng):
        for _ in range(3):
            world.count("m", float((yield world.decide(x=1))))
            yield world.clock.timeout(1)

    made(short, until=float("inf"))
    assert played()[:2] == (3.0, 3)


def test_single_precision_is_added_up_exactly():
    def exact(world, rng):
        while True:
            yield world.decide(x=1)
            for _ in range(10):
                world.count("m", np.float32(16_777_217) + np.float32(0.1))
            world.count("m", 0.5)
            yield world.clock.timeout(24)

    made(exact)
    assert played()[0] == 10 * float(np.float32(16_777_216)) + 0.5


def test_time_has_units_as_people_write_them():
    made(warm, unit="days")
    assert gym.make(ID).unwrapped.world_type.time_unit == "day"
    with pytest.raises(ParameterError, match=r"unknown unit of time 'fortnight'; known: second, minute, hour"):
        made(warm, unit="fortnight")


def test_arguments_have_units_ranges_words_and_scenarios():
    every = quantity(9.0, "minutes", "between two cars", low=1, high=60)

    def told(world, rng, every=every, order: Literal["fifo", "lifo"] = "fifo", fee=2.0):
        world.count("m", fee * (yield world.decide(x=every / 10)) + (order == "lifo"))

    case = made(told, units={"fee": "EUR"}, scenarios={"last first": {"order": "lifo"}}, money="EUR")
    assert case.scenarios["last first"].order == "lifo"
    assert case.parameters.quantities()["fee"].unit == "EUR"
    env = bizgyms.make(ID, scenario="last first").unwrapped
    env.reset(seed=0)
    assert (env.step(1)[1], env.view.money) == (3.0, "EUR")
    with pytest.raises(ParameterError, match=r"every is 99\.0; it must be between 1 and 60"):
        bizgyms.make(ID, scenario=case.scenarios["default"].to_dict() | {"every": 99.0})


def test_rules_are_functions_whose_arguments_are_tuned():
    def asks(world, rng):
        while True:
            x = rng.integers(10)
            world.count("m", 1.0 * ((yield world.decide(x=x)) == int(x >= 7)))
            yield world.clock.timeout(1)

    def from_on(seen, limit=3):
        return int(seen["x"] >= limit)

    made(asks, rules={from_on: {"limit": range(10)}})
    board = baselines.score(ID, agents=["rules"], episodes=20, quiet=True, say=lambda line: None)
    assert "best rule: from on limit=7" in str(board)
    assert "today: from on limit=3" in str(board)
    assert "the same seeds for everyone" in str(board)


def test_slots_come_and_go():
    env = simpy.Environment()
    desk = Staff(env, 0)

    def customer():
        with desk.request() as turn:
            yield turn
            yield env.timeout(2)

    for _ in range(3):
        env.process(customer())
    env.run(until=1)
    assert (desk.waiting, desk.busy, desk.slot_time()) == (3, 0, 0.0)
    desk.set(2)
    env.run(until=2)
    desk.set(0)
    env.run(until=10)
    # Two slots for one unit of time, and both serve to the end for another.
    assert (desk.waiting, desk.busy, desk.served, desk.slot_time()) == (1, 0, 2, 4.0)
    other = simpy.PriorityResource(env, 1)
    resize(other, 3)
    assert other.capacity == 3
    with pytest.raises(ValueError, match="-1 slots are not possible"):
        resize(other, -1)


def test_a_table_that_grows_is_told():
    def monitored(world, rng):
        table = pd.DataFrame({"t": []})
        while True:
            yield world.decide(x=1)
            table.loc[len(table)] = [world.clock.now]
            yield world.clock.timeout(1)

    made(monitored)
    assert any("of the time, in monitored (test_own_stories.py, line " in note for note in check_case(ID).notes)


def test_what_all_worlds_share_is_found_by_playing_two_in_turn():
    def shares(world, rng):
        while True:
            simpy.__dict__["tests_total"] = simpy.__dict__.get("tests_total", 0) + 1
            yield world.decide(x=1)
            world.count("m", simpy.tests_total)
            yield world.clock.timeout(1)

    made(shares)
    with pytest.raises(CaseError, match=r"0 checks passed, 1 failed.*") as told:
        check_case(ID)
    assert "the worlds share something; keep what changes in objects that the story makes" in str(told.value)
    del simpy.tests_total


def test_nothing_started_outside_of_the_story_is_played_twice():
    env = simpy.Environment()
    env.process(iter_of(env))

    def outside(world, rng):
        yield env.timeout(1)

    made(outside)
    with pytest.raises(WorldError, match="process iter_of is started outside of the story"):
        gym.make(ID).reset(seed=0)


def iter_of(env):
    yield env.timeout(1)
