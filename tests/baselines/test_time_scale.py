"""What money is told for where decisions come with events and not by the clock."""

import gymnasium
import pytest

import baselines
import bizgyms
from bizgyms.from_simpy import from_simpy

ID = "tests/Machine-v0"


def machine(world, rng):
    """Whether to oil the machine: asked every six hours, and paid ten a time."""

    def shift():
        while True:
            oiled = yield world.decide(hour=world.clock.now % 24)
            world.count("earned", 10.0 * oiled)
            yield world.clock.timeout(6)

    world.clock.process(shift())


@pytest.fixture
def board():
    def scored(unit, episodes_per_year=0.0):
        case = from_simpy(ID, machine, 2, seen={"hour": (0, 24)}, paid=["earned"], until=60, unit=unit)
        view = case.env.view_type
        made = view.__init__

        def begin(self, parameters):
            made(self, parameters)
            self.episodes_per_year = episodes_per_year

        view.__init__ = begin
        said = {"agents": ["random"], "today": lambda rows: 1, "episodes": 4, "quiet": True}
        return baselines.score(case, say=lambda line: None, **said)

    yield scored
    bizgyms.registry._cases.pop(ID, None)
    gymnasium.registry.pop(ID, None)


def today(board):
    return next(row for row in board.rows if row.role == "today").value


def test_a_year_is_as_many_episodes_as_its_hours_hold(board):
    found = board("hour")
    assert today(found) == pytest.approx(100 * 8760 / 60)
    assert found.steps_per_year == pytest.approx(8760 / 6)
    assert "money/year" in str(found)
    assert "A year is taken as 146 episodes of 60 hours" in str(found)


def test_minutes_are_sixty_times_as_many(board):
    assert today(board("minute")) == pytest.approx(100 * 8760)


def test_a_business_that_rests_in_between_says_how_many_episodes_it_has(board):
    found = board("hour", 365.0)
    assert today(found) == pytest.approx(36_500)
    assert "A year is taken as" not in str(found)


def test_without_a_unit_of_time_it_is_told_an_episode(board):
    found = board("")
    assert today(found) == pytest.approx(100.0)
    assert "money/episode" in str(found)
    assert "an episode" in found.to_html()
    assert "year" not in str(found)


def test_experience_is_in_the_same_words(board):
    from baselines.judge.time_scale import TimeScale

    assert TimeScale(146.0, 1_460.0).experience(146_000) == "100 simulated years"
    assert TimeScale(146.0, 1_460.0).experience(1_460) == "365 simulated days"
    assert TimeScale(1.0, 10.0, "episode").experience(12_345) == "1,200 simulated episodes"
