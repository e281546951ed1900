"""What drives people away: how fast disengagement rises after wrong messages, and fades after right ones.

Disengagement follows from the messages, and a person leaves when it passes a threshold. Chance hardly matters, so the
likelihood is a plateau with steep edges. It is not maximised but averaged over, on a grid that is refined around it.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from scipy import special

from envs_data.arrays import Floats
from envs_data.nudge.activity.likelihood import Log
from envs_data.nudge.activity.parameters import ActivityParameters

POINTS, ROUNDS = 21, 6
# How blurred the threshold is, from nearly sharp to hardly visible.
BLURS = (0.001, 0.004, 0.016, 0.06, 0.2)
WIDE = 5.0


class Leaving(NamedTuple):
    """What the log says about leaving.

    Attributes:
        mean: [2] ``forgives`` and ``annoys``.
        stderr: [2] their standard errors.
        points: [points, 2] values on the last grid.
        chance: [points] how likely they are.
    """

    mean: Floats
    stderr: Floats
    points: Floats
    chance: Floats

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """[count, 2] values drawn from their uncertainty."""
        chosen = self.points[rng.choice(len(self.points), size=count, p=self.chance)]
        apart = np.array([np.diff(np.unique(column)).min() for column in self.points.T])
        return np.asarray(np.clip(chosen + apart * (rng.random((count, 2)) - 0.5), 0.0, 1.0))


def estimate_leaving(p: ActivityParameters, log: Log, right: Floats) -> Leaving:
    """Averages over ``forgives`` and ``annoys`` weighted by the likelihood of the observed times of leaving.

    Args:
        p: the people: ``leaves`` and ``start_disengagement``.
        log: the log.
        right: [people, steps] probability that a message helped.
    """
    low, high = np.zeros(2), np.ones(2)
    for _ in range(ROUNDS):
        axes = [np.linspace(a, b, POINTS) for a, b in zip(low, high, strict=True)]
        points = np.array(list(itertools.product(*axes)))
        chance = special.softmax(_likelihoods(p, log, right, points))
        mean = chance @ points
        stderr = np.sqrt(chance @ (points - mean) ** 2)
        apart = (high - low) / (POINTS - 1)
        if (stderr > 1.5 * apart).all():
            break
        half = np.maximum(WIDE * stderr, 2.0 * apart)
        low, high = np.maximum(mean - half, 0.0), np.minimum(mean + half, 1.0)
    return Leaving(mean, np.maximum(stderr, apart / 2), points, chance)


def _likelihoods(p: ActivityParameters, log: Log, right: Floats, points: Floats) -> Floats:
    """[points] log likelihood of the times of leaving, averaged over the blur of the threshold."""
    forgives, annoys = points.T[:, :, None]
    now = np.full((len(points), len(log.kind)), p.start_disengagement)
    total = np.zeros((len(BLURS), len(points)))
    for step, (kind, there, left) in enumerate(zip(log.kind.T, log.there.T, log.left.T, strict=True)):
        sent, helped = kind > 0, right[:, step]
        moved = helped * forgives * now + (1 - helped) * np.minimum(1.0, now + annoys)
        now = np.where(sent, moved, now)
        who = there & sent
        beyond = np.where(left[who], p.leaves - now[:, who], now[:, who] - p.leaves)
        for k, blur in enumerate(BLURS):
            total[k] -= np.logaddexp(0.0, beyond / blur).sum(axis=1)
    return np.asarray(special.logsumexp(total, axis=0))
