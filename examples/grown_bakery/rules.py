"""Step 5: the rule in use today, and what it may be tuned over."""

import numpy as np

from baselines.agents import AgentSpec


class FillUp:
    """Bakes up to a level, lower when it rains."""

    def __init__(self, problem, dry=30, wet=12):
        self.dry, self.wet, self.most = dry, wet, problem.parameters.oven

    def act(self, observations, mask=None):
        """[worlds] loaves."""
        level = np.where(observations[:, 1] > 0, self.wet, self.dry)
        return np.clip(level - observations[:, 0], 0, self.most).astype(np.int64)


def levels(problem):
    """Settings around the mean number of customers; the first is today's."""
    return [{"dry": dry, "wet": wet} for dry in range(30, 41, 2) for wet in range(12, 21, 2)]


RULES = [AgentSpec("fill up", "rule", "observations", FillUp, settings=levels)]
