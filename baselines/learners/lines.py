"""The straight line that comes nearest to a rule's decisions."""

from __future__ import annotations

import numpy as np

from envs_data.arrays import Floats

# Shrinkage, and rounds in which targets beyond the range are estimated.
RIDGE, ROUNDS = 1e-6, 200


def one_sided_line(rows: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Least squares where 0 stands for anything below and 1 for anything above.

    Args:
        rows: [steps, features].
        wanted: [steps, dimensions] shares of the range.

    Returns:
        [features + 1, dimensions] weights, the constant last, and [dimensions] root mean squares of the errors.
    """
    rows = np.column_stack([rows, np.ones(len(rows))])
    inverse = np.linalg.solve(rows.T @ rows + RIDGE * len(rows) * np.eye(rows.shape[1]), rows.T)
    target = wanted
    for _ in range(ROUNDS):
        weights = inverse @ target
        line = rows @ weights
        target = np.where(wanted <= 0, np.minimum(line, 0), np.where(wanted >= 1, np.maximum(line, 1), wanted))
    return weights, np.sqrt(np.mean((target - line) ** 2, axis=0))
