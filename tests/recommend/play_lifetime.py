"""Whole lifetimes on the twin, for the tests of `RecommendLifetime`."""

import numpy as np

from bizgyms import case

LIFETIME = case("RecommendLifetime")


def play(parameters, agent, worlds=300, seed=1, **kwargs):
    """Sums of rewards and figures, episode by episode."""
    twin = LIFETIME.twin(num_envs=worlds, scenario=parameters, autoreset_mode="Disabled", **kwargs)
    rows, _ = twin.reset(seed=seed)
    sums = {name: np.zeros(worlds) for name in ("reward", *twin.view.figures)}
    while not twin.over.all():
        rows, rewards, *_, infos = twin.step(agent.act(rows))
        sums["reward"] += rewards
        for name in twin.view.figures:
            sums[name] += infos[name]
    return sums


class Fixed:
    def __init__(self, *slate):
        self.slate = np.array(slate)

    def act(self, rows, mask=None):
        return np.tile(self.slate, (len(rows), 1))
