"""Checks of a reference against what agents really earn."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from bizgyms.masks import possible
from bizgyms.reference import Reference
from bizgyms.testing.play import LEANINGS, LONGEST, Decisions, Subject, batch
from bizgyms.testing.report import expect
from envs_data.arrays import Array, Floats, Mask, Rows

WORLDS = 1000
SIMPY_WORLDS = 50
"""Episodes simulated where there is no twin."""
ERRORS = 4.0
"""Standard errors a simulated mean may lie off."""


class _Acts(Protocol):
    def act(self, observations: Rows, mask: Mask = None) -> Array: ...


def reference_holds(subject: Subject) -> None:
    """The reference against the simulated mean of its own policy (exact) and of every agent (nobody beats it)."""
    reference = subject.case.reference(subject.parameters)
    expect(reference.kind in ("exact", "bound"), f"kind is {reference.kind!r}; it must be 'exact' or 'bound'")
    expect(np.isfinite(reference.value), f"the value is {reference.value!r}")
    expect(reference.stderr >= 0, f"the standard error is {reference.stderr!r}")
    expect(reference.method, "the reference does not say by which method it was computed")
    if reference.kind == "exact":
        _expect_exact(subject, reference)
    else:
        expect(
            reference.policy is not None or subject.agents,
            "nothing tests the bound: it has no policy and no agents were given, check_case(id, agents={...})",
        )
        if reference.policy is not None:
            _expect_below(subject, reference, "the policy behind the bound", reference.policy)
    for name, agent in subject.agents.items():
        _expect_below(subject, reference, name, agent if hasattr(agent, "act") else agent(subject.parameters))
    for leaning in range(len(LEANINGS)):
        _expect_below(subject, reference, "random decisions", _Random(subject, leaning))


def _expect_exact(subject: Subject, reference: Reference) -> None:
    assert reference.kind == "exact"
    expect(reference.policy is not None, "an exact reference must bring the optimal policy")
    if reference.policy is not None:
        mean, error = simulated_mean(subject, reference.policy)
        off = abs(mean - reference.value)
        sentence = (
            f"the exact value is {reference.value:.6g}, its own policy earns {mean:.6g} (standard error {error:.2g})"
        )
        expect(off <= ERRORS * np.hypot(error, reference.stderr) + 1e-9 * abs(mean), sentence)


def _expect_below(subject: Subject, reference: Reference, name: str, agent: _Acts) -> None:
    mean, error = simulated_mean(subject, agent)
    allowed = ERRORS * np.hypot(error, reference.stderr) + 1e-9 * abs(mean)
    sentence = f"{name} earns {mean:.6g} (standard error {error:.2g}), above the reference {reference.value:.6g}"
    expect(mean <= reference.value + allowed, sentence)


class _Random:
    """Random decisions of one leaning, as an agent."""

    def __init__(self, subject: Subject, leaning: int) -> None:
        self._space = subject.env().action_space
        self._decisions = Decisions(self._space, leaning)
        self._asked = 0

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        first = self._asked
        self._asked += len(observations)
        return batch(self._space, [self._decisions.at(step) for step in range(first, self._asked)])


def simulated_mean(subject: Subject, agent: _Acts) -> tuple[float, float]:
    """Mean episode return of an agent and its standard error, on the twin where there is one."""
    returns = _on_twin(subject, agent) if subject.case.has("twin") else _on_env(subject, agent)
    return float(returns.mean()), float(returns.std(ddof=1) / np.sqrt(len(returns)))


def _on_twin(subject: Subject, agent: _Acts) -> Floats:
    twin = subject.twin(WORLDS)
    observations, infos = twin.reset(seed=17)
    returns, over = np.zeros(WORLDS), np.zeros(WORLDS, dtype=np.bool_)
    for _ in range(LONGEST):
        if over.all():
            break
        actions = agent.act(observations, possible(infos))
        observations, rewards, terminated, truncated, infos = twin.step(actions)
        returns += np.where(over, 0.0, rewards)
        over |= terminated | truncated
    return returns


def _on_env(subject: Subject, agent: _Acts) -> Floats:
    env = subject.env()
    returns = np.zeros(SIMPY_WORLDS)
    for world in range(SIMPY_WORLDS):
        observation, info = env.reset(seed=world)
        over = False
        while not over:
            mask = possible(info)
            action = agent.act(np.asarray(observation)[np.newaxis], None if mask is None else mask[np.newaxis])[0]
            observation, reward, terminated, truncated, info = env.step(action)
            returns[world] += float(reward)
            over = terminated or truncated
    return returns
