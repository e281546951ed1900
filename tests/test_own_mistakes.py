"""Mistakes as people make them in SimPy models: each is one message that names process, time, line and remedy."""

import gymnasium as gym
import pytest
import simpy

import bizgyms
from bizgyms.from_simpy import from_simpy
from bizgyms.testing import CaseError, check_case
from envs_data import watchdog
from envs_data import world as worlds

ID = "tests/Mistake-v0"
LINE = r"\(test_own_mistakes\.py, line \d+\)"


@pytest.fixture(autouse=True)
def forgotten():
    yield
    bizgyms.registry._cases.pop(ID, None)
    gym.registry.pop(ID, None)


def every_hour(do):
    """A story that asks every hour and then makes a mistake."""

    def story(world, rng):
        def shop():
            while True:
                decision = yield world.decide(x=1)
                yield world.clock.timeout(1)
                yield from do(world, decision) or ()

        world.clock.process(shop())

    return story


def forgets_yield_at_decide(world, rng):
    def shop():
        while True:
            world.decide(x=1)
            yield world.clock.timeout(1)

    world.clock.process(shop())


def reckons_with_the_question(world, rng):
    def shop():
        yield world.clock.timeout(world.decide(x=1))

    world.clock.process(shop())


def forgets_yield_at_timeout(world, decision):
    world.clock.timeout(5)
    yield world.clock.timeout(1)


def yields_a_number(world, decision):
    yield 5


def waits_for_nan(world, decision):
    yield world.clock.timeout(float("nan"))


def waits_backwards(world, decision):
    yield world.clock.timeout(-3)


def counts_nan(world, decision):
    world.count("m", float("inf") - float("inf"))


def counts_nothing(world, decision):
    world.count("m", None)


def counts_another_name(world, decision):
    world.count("n", 1)


def says_another_name(world, decision):
    yield world.decide(y=1)


def says_a_list(world, decision):
    yield world.decide(x=[1, 2])


def says_nan(world, decision):
    yield world.decide(x=float("nan"))


def asks_by_a_stranger(world, decision):
    yield world.decide("nurse", x=1)


def waits_for_an_event(world, rng):
    def shop():
        yield world.decide(x=1)
        yield world.clock.event()

    world.clock.process(shop())


def fails_beside(world, decision):
    def beside():
        yield world.clock.timeout(2)
        raise RuntimeError("the oven is broken")

    world.clock.process(beside())


def process_not_called(world, rng):
    def shop():
        yield world.decide(x=1)

    world.clock.process(shop)


def process_without_yield(world, rng):
    def shop():
        world.count("m", 1)

    world.clock.process(shop())


def no_capacity(world, rng):
    simpy.Resource(world.clock, capacity=0)


def computes_for_ever(world, decision):
    while decision >= 0:
        pass
    yield


def goes_round(world, decision):
    while True:
        yield world.clock.timeout(0)


def nobody_asks(world, rng):
    yield world.clock.timeout(5)
    yield world.clock.timeout(500)


def decision_out_of_range(world, decision):
    (10, 20)[decision + 2]
    yield world.clock.timeout(1)


def resource_never_released(world, rng):
    desk = simpy.Resource(world.clock)

    def customer():
        yield desk.request()
        yield world.decide(x=1)

    def customers():
        for _ in range(3):
            yield world.clock.process(customer())

    world.clock.process(customers())


def runs_twice(world, rng):
    env = simpy.Environment()
    env.run(until=5)
    env.run(until=10)


OURS = every_hour


def shares(world, rng):
    while True:
        simpy.__dict__["mistakes"] = simpy.__dict__.get("mistakes", 0) + 1
        yield world.decide(x=1)
        world.count("m", simpy.__dict__["mistakes"])
        yield world.clock.timeout(1)


MISTAKES = [
    (forgets_yield_at_decide, rf"process shop, hour 0 .*did not wait; is a `yield` missing.*{LINE}"),
    (reckons_with_the_question, rf"process shop, hour 0 .*did not wait; is a `yield` missing before .*{LINE}"),
    (OURS(forgets_yield_at_timeout), rf"hour 1.*made a timeout and nobody waits for it; is a `yield` missing .*{LINE}"),
    (
        OURS(yields_a_number),
        r"process shop, hour 1 .*what it yields is no event; yield .*test_own_mistakes.py, line \d+",
    ),
    (OURS(waits_for_nan), rf"process shop, hour 1 .*it waits for nan; a delay must be .*{LINE}"),
    (OURS(waits_backwards), rf"process shop, hour 1 .*it waits for -3; a delay must be .*{LINE}"),
    (OURS(counts_nan), rf"process shop, hour 1 .*it counted nan under 'm'; it must be a finite number {LINE}"),
    (OURS(counts_nothing), rf"process shop, hour 1 .*it counted None under 'm'; it must be a finite number {LINE}"),
    (OURS(counts_another_name), rf"process shop, hour 1 .*{LINE}: unknown count 'n'; known: m"),
    (OURS(says_another_name), rf"process shop, hour 1 .*{LINE}: .*feature 'x', but the world said only y; write "),
    (OURS(says_a_list), rf"process shop, hour 1 .*{LINE}: x is \[1, 2\]; it must be one number"),
    (OURS(says_nan), rf"process shop, hour 1 .*{LINE}: the observation is .*finite"),
    (OURS(asks_by_a_stranger), rf"process shop, hour 1 .*'nurse' asks, but nobody is named in actions; write .*{LINE}"),
    (waits_for_an_event, rf"nothing more happens after hour 0.*shop still waits .*{LINE}; fire it with"),
    (OURS(fails_beside), rf"process beside, hour 3 .*RuntimeError: the oven is broken {LINE}"),
    (process_not_called, rf"story, hour 0.*shop is no process: call a function that has a `yield` .*{LINE}"),
    (process_without_yield, rf"story, hour 0.*is no process: call a function that has a `yield` .*{LINE}"),
    (no_capacity, rf"story, hour 0.*capacity.*{LINE}; give it at least 1"),
    (OURS(computes_for_ever), rf"process shop, hour 1 .*computes without end.*yield.*{LINE}"),
    (OURS(goes_round), rf"hour 1.*events at one and the same time; wait in the loop.*process shop {LINE}"),
    (nobody_asks, rf"hour 50.*nobody asked for a decision before the end; write .*process nobody_asks {LINE}"),
    (OURS(decision_out_of_range), rf"process shop, hour 1 .*IndexError.*{LINE}"),
    (resource_never_released, rf"nothing more happens after hour 0.*customer still waits .*{LINE}.*"),
    (runs_twice, r"story, hour 0.*run\(\) is called 2 times; leave it out, and say until= and warm_up=.*line \d+"),
    (shares, r"two worlds in turn.*step 1.*the worlds share something; keep what changes in objects that the story"),
]
FOREVER = (waits_for_an_event, resource_never_released)


@pytest.mark.parametrize(("story", "words"), MISTAKES)
def test_a_mistake_is_one_message(story, words, monkeypatch):
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(worlds, "AT_ONE_TIME", 2_000)
    until = float("inf") if story in FOREVER else 50
    from_simpy(ID, story, 2, seen={"x": (0, 9)}, paid=["m"], until=until, unit="hour")
    with pytest.raises(CaseError, match=f"(?s){words}") as told:
        check_case(ID)
    assert len(told.value.report.failures) == 1
