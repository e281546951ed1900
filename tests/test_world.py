"""The base of every SimPy world."""

import pytest

from envs_data.world import World


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
