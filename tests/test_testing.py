"""The checker itself: a planted fault is found and named, and a case may lack parts."""

import dataclasses

import gymnasium
import numpy as np
import pytest

import bizgyms
from bizgyms.reference import Reference
from bizgyms.restock.item.env import RestockItem
from bizgyms.restock.item.twin import ItemTwin
from bizgyms.restock.item.view import ItemView
from bizgyms.testing import CaseError, check_case
from bizgyms.testing.checks import CHECKS, REFERENCE
from bizgyms.testing.play import Decisions, Subject
from bizgyms.testing.report import Finding
from envs_data.parameters import quantity
from envs_data.restock.item import ItemParameters, draw
from envs_data.restock.item import luck as item_luck

FAULTY = "tests/Faulty-v0"


@dataclasses.dataclass(frozen=True)
class FaultyParameters(ItemParameters):
    case = FAULTY
    days: int = quantity(30, "days", "length", low=1, high=3660)


class FaultyItem(RestockItem):
    case_id = FAULTY


class FaultyTwin(ItemTwin):
    case_id = FAULTY


SCENARIOS = {
    "short": FaultyParameters(lead_time=2, start_on_hand=20),
    "shorter": FaultyParameters(days=20, demand_law="poisson", order_cost=3.0),
}


@pytest.fixture
def plant():
    """Registers a copy of the item with other parts, and takes it away again."""

    def register(env="tests.test_testing:FaultyItem", twin="tests.test_testing:FaultyTwin", **parts):
        luck = parts.pop("draw", draw)
        bizgyms.add(bizgyms.Case(FAULTY, scenarios=SCENARIOS, env=env, twin=twin, draw=luck, **parts))

    yield register
    bizgyms.registry._cases.pop(FAULTY, None)
    gymnasium.registry.pop(FAULTY, None)


def _problem(title, **agents):
    """What one check finds wrong in the first scenario."""
    check = next(check for check in (*CHECKS, REFERENCE) if check.title == title)
    with pytest.raises(Finding) as caught:
        check.run(Subject(bizgyms.case(FAULTY), "short", SCENARIOS["short"], agents))
    return str(caught.value)


def _twin(**methods):
    return type("PlantedTwin", (FaultyTwin,), methods)


def test_a_sound_case_passes_and_names_what_it_lacks(plant):
    plant()
    report = check_case(FAULTY)
    assert not report.failures
    assert "the twin equals the world" in report.passed
    assert [sentence.split(":")[0] for sentence in report.missing] == [
        "no reference",
        "no fit",
        "no generate",
        "no redraw",
    ]
    assert str(report).startswith(f"{FAULTY}: ")
    assert "0 failed, in 2 scenarios" in str(report)


def test_a_wrong_constant_in_the_twin_is_named_by_step_field_and_difference(plant):
    def allocate(self):
        ItemTwin._allocate(self)
        self._played[2][0] += 0.25

    plant(twin=_twin(_allocate=allocate))
    found = _problem("the twin equals the world")
    assert "world 0, step 1, reward: world " in found or "world 0, step 1, terms.holding: world " in found
    assert "twin" in found
    assert "difference -" in found


def test_a_fault_late_in_the_episode_is_found(plant):
    def advance(self, actions, idle):
        ended = ItemTwin._advance(self, actions, idle)
        self._figures[1] += self._state[0] == self.parameters.days
        return ended

    plant(twin=_twin(_advance=advance))
    found = _problem("the twin equals the world")
    assert "step 30, sold: world" in found
    assert found.endswith("difference +1")


def test_every_scenario_with_the_fault_is_counted(plant):
    def allocate(self):
        ItemTwin._allocate(self)
        self._money[1] *= 1.5

    plant(twin=_twin(_allocate=allocate))
    with pytest.raises(CaseError, match=r"FAILED   the twin equals the world\n    short: .*\n    shorter: "):
        check_case(FAULTY, reference=False)


def test_state_shared_between_episodes_is_found(plant):
    def begin(self, rows):
        left = self._state[1, rows].copy()
        ItemTwin._begin(self, rows)
        if self.over is not None and (self._state[0] == 0).all() and left.any():
            self._state[1, rows] = left

    plant(twin=_twin(_begin=begin))
    assert "engine compiled, reset to the same seed" in _problem("same seed, same trajectory")


def test_luck_of_one_world_that_depends_on_another_is_found(plant):
    def draw_luck(self, rows):
        self._luck = draw(self.parameters, self.np_random, self.num_envs)

    plant(twin=_twin(_draw_luck=draw_luck))
    assert "after world 0 was reset early" in _problem("one world's early end leaves the others' luck alone")


def test_a_reset_that_forgets_final_observations_is_found(plant):
    def reset_in_step(self, infos):
        ItemTwin._reset_in_step(self, infos)
        infos["final_obs"] = [self._observations[row] for row in range(self.num_envs)]

    plant(twin=_twin(_reset_in_step=reset_in_step))
    found = _problem("the three autoreset modes agree")
    assert "SameStep" in found
    assert "observation" in found


def test_shared_arrays_are_found(plant):
    plant(twin=_twin(_seen=lambda self: self._observations))
    assert "overwritten" in _problem("arrays of one step are not overwritten by the next")


def test_global_randomness_is_found(plant):
    def random_draw(parameters, rng, worlds):
        luck = draw(parameters, rng, worlds)
        return item_luck.ItemLuck(luck.demand + np.random.randint(2, size=luck.demand.shape))

    plant(draw=random_draw)
    assert "numpy.random changed" in _problem("no global randomness")
    assert "engine simpy, two environments of one seed" in _problem("same seed, same trajectory")


class WrongReward(FaultyItem):
    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward - 1e-9, terminated, truncated, info


def test_a_reward_that_is_not_its_terms_is_found(plant):
    plant(env="tests.test_testing:WrongReward")
    assert "its terms add up to" in _problem("the reward is the sum of its terms")


class Lenient(FaultyItem):
    def step(self, action):
        return super().step(np.int64(min(max(float(action), 0), 3)) if action == action else np.int64(0))  # noqa: PLR0124  NaN is not itself


def test_actions_taken_without_a_word_are_found(plant):
    plant(env="tests.test_testing:Lenient")
    found = _problem("actions outside the space are refused")
    assert "41 was played without a word" in found


class TightView(ItemView):
    def _features(self):
        first, *others = super()._features()
        return (dataclasses.replace(first, high=25.0), *others)


class Tight(FaultyItem):
    view_type = TightView


def test_an_observation_outside_its_bounds_is_found_by_name(plant):
    plant(env="tests.test_testing:Tight", twin=None)
    found = _problem("observations are in their space")
    assert "on_hand is" in found
    assert "outside 0 to 25" in found


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (Reference(-1.0, "exact", 0.0, "a guess", None), "must bring the optimal policy"),
        (Reference(float("nan"), "bound", 0.0, "a guess"), "the value is nan"),
        (Reference(-1.0, "bound", 0.0, "a guess"), "nothing tests the bound"),
    ],
)
def test_a_reference_that_cannot_be_is_found(plant, reference, message):
    plant(reference=lambda parameters: reference)
    assert message in _problem("nobody beats the reference")


class Steady:
    """Orders about the mean demand."""

    def act(self, observations, mask=None):
        return np.full(len(observations), 11)


def test_a_bound_that_an_agent_beats_is_found(plant):
    plant(reference=lambda parameters: Reference(-1e5, "bound", 0.0, "a guess"))
    assert "steady earns" in _problem("nobody beats the reference", steady=Steady())


def test_an_exact_value_its_own_policy_does_not_earn_is_found(plant):
    plant(reference=lambda parameters: Reference(-1e2, "exact", 0.0, "a guess", Steady()))
    assert "its own policy earns" in _problem("nobody beats the reference")


def test_agents_may_be_factories_and_a_valid_bound_holds(plant):
    plant(reference=lambda parameters: Reference(0.0, "bound", 0.0, "costs are never below zero"))
    assert "nobody beats the reference" in check_case(FAULTY, agents={"steady": lambda p: Steady()}).passed


def test_whatever_a_case_raises_is_a_finding(plant):
    def broken(self, rows):
        raise KeyError("shelf")

    plant(twin=_twin(_begin=broken))
    with pytest.raises(CaseError) as caught:
        check_case(FAULTY, scenarios=["short"], reference=False)
    assert "KeyError: 'shelf' (test_testing.py, line" in str(caught.value)


def test_an_unknown_scenario_or_case_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'corner-shop'"):
        check_case("RestockItem", scenarios=["corner-shp"])
    with pytest.raises(LookupError, match="unknown case"):
        check_case("nothing")


def test_decisions_are_the_same_whenever_they_are_asked_for():
    space = gymnasium.spaces.MultiDiscrete([3, 9])
    one, other = Decisions(space, world=1), Decisions(space, world=1)
    other.at(300)
    assert all((one.at(step) == other.at(step)).all() for step in range(300))
    assert all(space.contains(one.at(step)) for step in range(300))
