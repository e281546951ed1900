"""Numbers of the instance of five states, for comparison with known ones. All are exact."""

from __future__ import annotations

import numpy as np

from bizgyms.recommend.visit.optimum import model, solve, value_of
from envs_data.recommend.visit import VisitParameters


def share_of_always(p: VisitParameters, kind: int) -> float:
    """What showing one kind at every visit earns, in percent of the optimum."""
    return 100 * constant_value(p, kind) / solve(p).value


def constant_value(p: VisitParameters, kind: int) -> float:
    """Expected margin of showing one kind at every visit."""
    found = model(p)
    return float(value_of(found, np.full(found.margin.shape[1], kind))[found.start])
