"""scikit-learn's linear models, for agents that learn from a table: loaded when one is fitted."""

from __future__ import annotations

from typing import Any

from baselines.agents import imported
from envs_data.arrays import Array, Floats


def linear_models(purpose: str) -> Any:
    """The module ``sklearn.linear_model``.

    Args:
        purpose: what needs it, for the message.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    return imported("sklearn.linear_model", purpose, "scikit-learn")


def poisson_regression(
    purpose: str, rows: Floats, counts: Array, ridge: float, weights: Floats | None = None, rounds: int = 1_000
) -> Any:
    """A log-linear regression of counts, fitted.

    Args:
        purpose: what needs it, for the message.
        rows: [rows, regressors], best of about one.
        counts: [rows] such as units sold.
        ridge: how strongly coefficients are held at zero.
        weights: [rows] how much each counts.
        rounds: iterations at most.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    model = linear_models(purpose).PoissonRegressor(alpha=ridge, max_iter=rounds)
    return model.fit(rows, counts, sample_weight=weights)
