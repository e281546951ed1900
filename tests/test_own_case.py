"""A user's first case: parameters, a world and an environment; no luck, twin or reference."""

import dataclasses

import gymnasium
import numpy as np
import pytest

import bizgyms
from bizgyms.env import BusinessEnv
from bizgyms.testing import CaseError, check_case
from bizgyms.view import Feature, View
from envs_data.parameters import Parameters, quantity
from envs_data.world import World


@dataclasses.dataclass(frozen=True)
class CallParameters(Parameters):
    case = "tests/Calls-v0"
    hours: int = quantity(8, "hours", "length of a shift", low=1, high=24)
    calls: float = quantity(6.0, "calls an hour", "mean calls", low=0.1, high=100)


class CallWorld(World):
    """Every hour: how many people answer?"""

    def __init__(self, parameters, rng, record):
        super().__init__(record)
        self.hour = self.answered = self.staff = self.missed = 0
        self.parameters, self._rng = parameters, rng
        self.clock.process(self.shift())

    def shift(self):
        for _ in range(self.parameters.hours):
            self.staff = yield self.decide()
            yield self.clock.timeout(1)
            calls = int(self._rng.poisson(self.parameters.calls))
            self.answered = min(calls, 3 * self.staff)
            self.missed = calls - self.answered
            self.hour += 1
        self.finish()


class CallView(View):
    terms = ("wages", "missed")
    figures = ("answered",)

    def _features(self):
        return (Feature("hours_left", "hours", "hours of the shift left", 0, self.parameters.hours),)

    def _action_space(self):
        return gymnasium.spaces.Discrete(5)


class CallCentre(BusinessEnv):
    case_id = "tests/Calls-v0"
    view_type = CallView

    def _world(self, luck, record):
        return CallWorld(self.parameters, luck, record)

    def _decision(self, action):
        return int(action)

    def _observe(self, world):
        return [float(self.parameters.hours - world.hour)]

    def _terms(self, world):
        return (-20.0 * world.staff, -15.0 * world.missed)

    def _figures(self, world):
        return (world.answered,)


@pytest.fixture
def calls():
    bizgyms.add(
        bizgyms.Case(
            "tests/Calls-v0",
            scenarios={"day": CallParameters(), "night": CallParameters(calls=1.0)},
            env="tests.test_own_case:CallCentre",
        )
    )
    yield "tests/Calls-v0"
    bizgyms.registry._cases.pop("tests/Calls-v0")
    gymnasium.registry.pop("tests/Calls-v0")


def test_a_case_of_name_scenarios_and_env_passes(calls):
    report = check_case(calls)
    assert not report.failures
    assert [sentence.split(":")[0] for sentence in report.missing] == [
        "no twin",
        "no draw",
        "no reference",
        "no fit",
        "no generate",
    ]


def test_without_draw_injected_luck_is_refused(calls):
    with pytest.raises(ValueError, match="no draw"):
        gymnasium.make(calls).reset(options={"luck": 1})


class PlainEnv(gymnasium.Env):
    """An environment of the user's own making: a scenario goes in, and that is all."""

    observation_space = gymnasium.spaces.Box(0.0, 24.0, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, scenario="day", render_mode=None):
        self.render_mode = render_mode
        self.parameters = PLAIN.get(scenario) if isinstance(scenario, str) else CallParameters.from_dict(scenario)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = self.parameters.hours
        return np.array([self.left], dtype=np.float32), {}

    def step(self, action):
        self.left -= 1
        reward = float(self.np_random.poisson(self.parameters.calls)) * float(action)
        return np.array([self.left], dtype=np.float32), reward, self.left == 0, False, {}


PLAIN = {"day": CallParameters(), "night": CallParameters(calls=1.0)}


def test_a_plain_gymnasium_environment_passes_and_is_told_what_it_loses():
    bizgyms.add(bizgyms.Case("tests/Calls-v0", scenarios=PLAIN, env="tests.test_own_case:PlainEnv"))
    try:
        report = check_case("tests/Calls-v0")
    finally:
        bizgyms.registry._cases.pop("tests/Calls-v0")
        gymnasium.registry.pop("tests/Calls-v0")
    assert "same seed, same trajectory" in report.passed
    assert "no named features, reward terms" in str(report)


class BrokenWorld(CallWorld):
    """Its shift waits for an event that nobody fires."""

    def shift(self):
        self.staff = yield self.decide()
        yield self.clock.event()


class MisspeltWorld(CallWorld):
    """It counts what nobody reads."""

    def shift(self):
        for _ in range(self.parameters.hours):
            staff = yield self.decide(hours_left=1)
            self.count("wage", -20.0 * staff)
            yield self.clock.timeout(1)
        self.finish()


class ListWorld(CallWorld):
    """It says a list where a number is wanted."""

    def shift(self):
        yield self.clock.timeout(3)
        yield self.decide(hours_left=[1, 2])


class NaNWorld(CallWorld):
    """It says what is no number."""

    def shift(self):
        yield self.clock.timeout(3)
        yield self.decide(hours_left=float("nan"))


class Said(BusinessEnv):
    """What is seen and paid is what the world says."""

    case_id, view_type = "tests/Calls-v0", CallView


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (BrokenWorld, r"nothing more happens after hour 0.*shift still waits"),
        (MisspeltWorld, r"process shift, hour 1 .*unknown count 'wage'; did you mean 'wages'"),
        (ListWorld, r"process shift, hour 3 .*hours_left is \[1, 2\]; it must be one number"),
        (NaNWorld, r"process shift, hour 3 .*the observation is 1 numbers \[nan\]"),
    ],
)
def test_a_broken_world_is_one_message(calls, world, words, monkeypatch):
    for env in (CallCentre, Said):
        monkeypatch.setattr(env, "_world", lambda self, luck, record: world(self.parameters, luck, record))
    env = CallCentre if world is BrokenWorld else Said
    scenarios = {"day": CallParameters(), "night": CallParameters(calls=1.0)}
    bizgyms.add(bizgyms.Case(calls, scenarios=scenarios, env=f"tests.test_own_case:{env.__name__}"))
    with pytest.raises(CaseError, match=words) as told:
        check_case(calls)
    assert len(told.value.report.failures) == 1
    assert told.value.report.passed == ()
