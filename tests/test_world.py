"""The base of every SimPy world."""

import gc

import pytest

from envs_data import watchdog
from envs_data import world as worlds
from envs_data.world import World, WorldError


class Counter(World):
    """Asks three times and adds up what it is told."""

    def __init__(self, record=False, asks=3):
        super().__init__(record)
        self.total = 0
        self._asks = asks
        self.clock.process(self.story())

    def story(self):
        for _ in range(self._asks):
            yield self.clock.timeout(24)
            number = yield self.decide()
            self.total += number
            self.note("counter", "added", number)
        yield self.clock.timeout(1)
        self.finish()


class Silent(World):
    """Stops without asking or finishing."""

    def __init__(self):
        super().__init__()
        self.clock.timeout(5)


def test_a_world_stands_still_until_it_is_told():
    world = Counter()
    world.start()
    assert world.clock.now == 24
    assert world.total == 0
    world.play(5)
    assert (world.clock.now, world.total) == (48, 5)
    assert not world.over


def test_a_world_is_over_when_its_story_is_told():
    world = Counter()
    world.start()
    for number in (1, 2, 3):
        assert not world.over
        world.play(number)
    assert world.over
    assert world.total == 6


def test_a_world_that_asked_nothing_takes_no_decision():
    world = Counter(asks=1)
    with pytest.raises(RuntimeError, match="Counter was not waiting for a decision"):
        world.play(1)
    world.start()
    world.play(1)
    with pytest.raises(RuntimeError, match="not waiting"):
        world.play(1)


def test_a_world_that_falls_silent_says_what_is_missing():
    with pytest.raises(RuntimeError, match=r"Silent: nothing more happens after hour 5.*finish\(\)"):
        Silent().start()


def test_events_are_recorded_when_asked_for():
    world = Counter(record=True)
    world.start()
    world.play(4)
    events = world.events()
    assert list(events.columns) == ["time", "who", "what", "how_many"]
    assert events.iloc[0].tolist() == [24.0, "counter", "added", 4]


def test_events_not_recorded_name_the_remedy():
    world = Counter()
    world.start()
    with pytest.raises(RuntimeError, match="'record': True"):
        world.events()


class Story(World):
    """A world of one process, given as a function of the world."""

    def __init__(self, *stories, until=float("inf")):
        super().__init__(until=until)
        for story in stories:
            self.clock.process(story(self))


def baker(world):
    for day in range(3):
        loaves = yield world.decide(day=day, stock=2)
        yield world.clock.timeout(24)
        world.count("loaves", loaves)
    world.finish(day=3, stock=0)


def test_a_question_says_what_may_be_seen_and_the_world_counts_between_two():
    world = Story(baker)
    world.start()
    assert world.seen == {"day": 0, "stock": 2}
    world.play(7)
    assert (world.counted("loaves"), world.counted("rolls"), world.elapsed) == (7, 0, 24)
    world.play(1)
    assert world.counted("loaves") == 1
    world.play(5)
    assert world.seen == {"day": 3, "stock": 0}


def clerk(name):
    def story(world):
        while True:
            told = yield world.decide(name)
            world.count(name, told)
            yield world.clock.timeout(1)

    return story


def test_who_asks_at_the_same_time_is_served_in_order_and_acts_before_the_next_is_asked():
    world = Story(clerk("Ann"), clerk("Ben"), until=2)
    world.start()
    askers = []
    while not world.over:
        askers.append((world.asker, world.clock.now))
        world.play(1)
        assert world.counted(askers[-1][0]) == 1
    assert askers == [("Ann", 0), ("Ben", 0), ("Ann", 1), ("Ben", 1)]


def test_a_horizon_in_time_ends_the_episode():
    world = Story(baker, until=30)
    world.start()
    world.play(1)
    world.play(1)
    assert world.over
    assert world.clock.now == 30


def divides(world):
    yield world.clock.timeout(30)
    yield world.decide(share=1 / (world.clock.now - 30))


def forgets_yield(world):
    order = world.decide()
    yield world.clock.timeout(1)
    yield order


def reckons_with_the_question(world):
    yield world.clock.timeout(2)
    left = 5 - world.decide()
    yield world.clock.timeout(left)


def asks_without_end(world):
    while True:
        world.decide()
        if world is None:
            yield


def forgets_to_wait(world):
    while True:
        world.clock.timeout(24)
        if world is None:
            yield


def forgets_to_wait_once(world):
    made = yield world.decide()
    world.clock.timeout(12)
    world.count("made", made)
    yield world.clock.timeout(12)
    world.finish()


def yields_a_number(world):
    yield world.clock.timeout(5)
    yield 12


def counts_what_is_no_number(world):
    yield world.clock.timeout(5)
    world.count("sales", float("nan"))


def computes_for_ever(world):
    made = yield world.decide()
    while made >= 0:
        pass


def waits_for_nothing(world):
    yield world.clock.timeout(8)
    yield world.clock.event()


def goes_round(world):
    while True:
        yield world.clock.timeout(0)


@pytest.fixture
def uncollected():
    """No garbage is collected: an interruption inside a collector's callback is dropped, until the next one comes."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    ("story", "words"),
    [
        (divides, r"process divides, hour 30 \(day 1\): ZeroDivisionError.*test_world.py, line \d+"),
        (forgets_yield, r"process forgets_yield, hour 0 .*did not wait; is a `yield` missing before self.decide"),
        (reckons_with_the_question, r"process reckons_with_the_question, hour 2 .*is a `yield` missing"),
        (asks_without_end, r"process asks_without_end, hour 0 .*it asked and did not wait; is a `yield`"),
        (
            forgets_to_wait,
            r"hour 0: process forgets_to_wait made a timeout and nobody waits for it; is a `yield`",
        ),
        (waits_for_nothing, r"nothing more happens after hour 8.*waits_for_nothing still waits for an event"),
        (yields_a_number, r"process yields_a_number, hour 5 .*what it yields is no event.*test_world.py, line \d+"),
        (counts_what_is_no_number, r"process counts_what_is_no_number, hour 5 .*it counted nan under 'sales'"),
        (goes_round, r"hour 0: 200,000 events at one .* wait in the loop: .*process goes_round \(.*line \d+\)"),
    ],
)
def test_a_mistake_in_a_world_names_process_and_time(story, words, monkeypatch):
    monkeypatch.setattr(worlds, "PATIENCE", 1_000)
    monkeypatch.setattr(watchdog, "MOST_WAITING", 1_000)
    with pytest.raises(WorldError, match=words):
        Story(story).start()


def test_a_function_is_no_process():
    with pytest.raises(WorldError, match="no process: call a function that has a `yield`"):
        Story().clock.process(baker)


def first_play(story):
    world = Story(story)
    world.start()
    world.play(3)
    return world


def test_a_timeout_that_nobody_waits_for_is_said():
    with pytest.raises(WorldError, match="process forgets_to_wait_once made a timeout and nobody waits for it"):
        first_play(forgets_to_wait_once)


def test_a_timeout_that_is_waited_for_later_or_beside_another_event_is_fine():
    def patient(world):
        later = world.clock.timeout(2)
        yield world.clock.timeout(1) | world.clock.timeout(9)
        yield later
        world.clock.timeout(1).callbacks.append(lambda _: world.finish())
        yield world.decide()
        yield world.clock.event()

    assert first_play(patient).over


@pytest.mark.usefixtures("uncollected")
def test_a_loop_that_never_comes_back_is_ended(monkeypatch):
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(WorldError, match=r"process computes_for_ever, hour 0 .*computes without end.*line \d+"):
        first_play(computes_for_ever)


@pytest.mark.usefixtures("uncollected")
def test_a_loop_that_floods_the_queue_is_ended_before_memory_is(monkeypatch):
    def floods(world):
        while True:
            made = yield world.decide()
            while made > 3:
                world.clock.timeout(1)

    monkeypatch.setattr(watchdog, "MOST_WAITING", 1_000)
    world = Story(floods)
    world.start()
    world.play(3)
    with pytest.raises(WorldError, match=r"process floods, hour 0 .*computes without end"):
        world.play(4)
