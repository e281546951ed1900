"""Second derivatives of a loss and their inverse, the covariance of what was estimated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from envs_data.arrays import Floats


def hessian(slope: Callable[[Floats], Floats], theta: Floats, step: float) -> Floats:
    """Second derivatives, by central differences of the slope."""
    rows = np.array([(slope(theta + e) - slope(theta - e)) / (2 * step) for e in np.eye(len(theta)) * step])
    return np.asarray((rows + rows.T) / 2)


def inverse(information: Floats, widest: float) -> Floats:
    """Inverse of an information matrix; no direction has a standard error above ``widest``, however flat it is."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors / np.maximum(values, 1 / widest**2)) @ vectors.T)


def scores(likelihoods: Callable[[Floats], Floats], theta: Floats, step: float) -> Floats:
    """[units, coefficients] slope of each unit's log likelihood."""
    steps = np.eye(len(theta)) * step
    slopes = [(likelihoods(theta + e) - likelihoods(theta - e)) / (2 * step) for e in steps]
    return np.asarray(np.stack(slopes, axis=1), dtype=np.float64)


def sandwich(bread: Floats, slopes: Floats, spread: float) -> Floats:
    """Covariance that holds where units differ from each other more than the model says.

    Args:
        bread: inverse of the curvature.
        slopes: [units, coefficients] `scores`.
        spread: of the normal that holds the coefficients together.
    """
    units, count = slopes.shape
    centred = slopes - slopes.mean(axis=0)
    meat = centred.T @ centred * units / max(units - count, 1) + np.eye(count) / spread**2
    return np.asarray(bread @ meat @ bread)
