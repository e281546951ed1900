"""All randomness of one person who is nudged to walk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs_data.arrays import Floats, Ints
from envs_data.branching import each, spliced
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.random_bits import StepWords, normals, uniforms

WOBBLES = 3


class ActivityLuck(NamedTuple):
    """Everything chance decides in an episode.

    Attributes:
        context: [worlds, steps + 1] 0 or 1; the last is seen, and never used.
        seen: [worlds, steps + 1] what is observed of it: the probability of context 1, or the raw signal.
        wobble: [worlds, steps, 3] where habituation, disengagement and reward come out around their means, between
            -1 and 1; no columns where nothing is dispersed.
    """

    context: NDArray[np.int8]
    seen: Floats
    wobble: Floats


def draw(parameters: ActivityParameters, rng: np.random.Generator, worlds: int) -> ActivityLuck:
    """Draws the luck of whole episodes, laid out in memory with the worlds side by side.

    Args:
        parameters: the person.
        rng: the only source of randomness.
        worlds: number of episodes.
    """
    p = parameters
    context = rng.integers(0, 2, size=(p.steps + 1, worlds), dtype=np.int8)
    noise = rng.standard_normal(context.shape) if p.sigma else np.zeros(context.shape)
    return _luck(p, context, noise, rng.random((p.steps, WOBBLES if p.dispersion else 0, worlds)))


def draw_steps(parameters: ActivityParameters, words: StepWords) -> ActivityLuck:
    """Draws the luck of some steps: the same law as `draw`, from words.

    Args:
        parameters: the person.
        words: the only source of randomness.
    """
    p = parameters
    first, *others = words.of_step(1 + WOBBLES if p.dispersion else 1)
    context = first.astype(np.int8) & np.int8(1)
    noise = normals(first) if p.sigma else np.zeros(context.shape)
    wobbles = [uniforms(word) for word in others]
    shape = len(first), len(others), first.shape[1]
    return _luck(p, context, noise, np.stack(wobbles, axis=1) if wobbles else np.empty(shape))


def _luck(p: ActivityParameters, context: NDArray[np.int8], noise: Floats, uniform: Floats) -> ActivityLuck:
    """The luck of steps in these contexts, [steps, worlds], whose uniform numbers are [steps, wobbles, worlds]."""
    noise *= p.sigma
    noise += context
    seen = noise if p.observed == "signal" else belief_of(noise, p.sigma)
    return ActivityLuck(context.T, seen.T, (2.0 * uniform - 1.0).transpose(2, 0, 1))


def redraw(
    parameters: ActivityParameters, luck: ActivityLuck, step: int | Ints, rng: np.random.Generator
) -> ActivityLuck:
    """Draws the steps anew that have not come yet, and the present context as likely as what is seen of it says.

    Args:
        parameters: the person.
        luck: luck of episodes, a row each.
        step: decisions taken so far, in all or in each.
        rng: the only source of randomness.
    """
    worlds = len(luck.context)
    now, rows, fresh = each(step, worlds), np.arange(worlds), draw(parameters, rng, worlds)
    sign = luck.seen[rows, now]
    likely = belief_of(sign, parameters.sigma) if parameters.observed == "signal" else sign
    fresh.context[rows, now] = rng.random(worlds) < likely
    return spliced(luck, fresh, {"context": now, "seen": now + 1, "wobble": now})


def belief_of(signal: Floats, sigma: float) -> Floats:
    """Probability of context 1 given the signal: 1 / (1 + exp((1 - 2 signal) / (2 sigma^2)))."""
    if sigma == 0:
        return np.asarray(signal, dtype=np.float64)
    # Beyond a log odds of 700 the probability is 0 or 1 to double precision. One array is worked on in place.
    odds = np.subtract(0.5, signal, dtype=np.float64)
    odds /= max(sigma**2, 1e-290)  # far below any noise that matters, and no quotient is beyond all numbers
    np.clip(odds, -700.0, 700.0, out=odds)
    np.exp(odds, out=odds)
    odds += 1.0
    return np.asarray(np.divide(1.0, odds, out=odds))
