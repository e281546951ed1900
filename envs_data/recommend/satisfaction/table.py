"""The log of items a site keeps: what was shown to whom, and how long it held them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from envs_data.recommend.satisfaction.luck import draw
from envs_data.recommend.satisfaction.parameters import SatisfactionParameters, minutes, satisfaction
from envs_data.recommend.satisfaction.world import SatisfactionWorld

USERS = 200


def generate(parameters: SatisfactionParameters, seed: int = 0, users: int = USERS) -> pd.DataFrame:
    """The log a site that shows candidates at random would keep, lived item by item in the SimPy world.

    Args:
        parameters: what users are like.
        seed: same seed, same table.
        users: how many of them.

    Returns:
        A row an item: user, step (from 0), satisfaction (the user came with), clickbait (of the item shown),
        propensity, minutes.
    """
    p = parameters
    for_luck, for_policy = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    luck = draw(p, for_luck, users)
    rows = []
    for number in range(users):
        world = SatisfactionWorld(p, luck, number)
        world.start()
        while not world.over:
            world.play(int(for_policy.integers(p.candidates)))
            satisfied = float(satisfaction(world.came, p.sensitivity))
            held = float(minutes(satisfied, world.item, p.kale, p.clickbait, world.hold))
            rows.append((f"u{number:04d}", world.step - 1, satisfied, world.item, 1 / p.candidates, held))
    return pd.DataFrame(rows, columns=["user", "step", "satisfaction", "clickbait", "propensity", "minutes"])
