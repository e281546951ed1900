"""CDNOW's customers lived through the case, each to the age at which the table ends for them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from envs_data.recommend.bg_nbd import BgNbd
from envs_data.recommend.lifetime import SCENARIOS, LifetimeWorld, draw
from tests.recommend.play_lifetime import LIFETIME

TABLE = Path(__file__).parents[3] / "shared" / "data" / "cdnow_customers.csv"
FITTED = BgNbd(0.24259294, 4.41353255, 0.79288616, 2.42575287)
COHORTS = 100
# The same law by the day, longer than anybody's age, and a cap that nobody reaches.
PARAMETERS = SCENARIOS["cdnow"].replace(
    days=280, visits=400, r=FITTED.r, alpha=7 * FITTED.alpha, a=FITTED.a, b=FITTED.b
)


@pytest.fixture(scope="module")
def ages():
    """Weeks from each customer's first purchase to the end of the table."""
    if not TABLE.exists():
        pytest.skip("the table of CDNOW customers is not here")
    return pd.read_csv(TABLE)["T"].to_numpy()


def repeats_of_cohorts(ages, cohorts, seed):
    """[cohorts, customers] visits after the first and before each customer's age, on the twin."""
    worlds = cohorts * len(ages)
    twin = LIFETIME.twin(num_envs=worlds, scenario=PARAMETERS, autoreset_mode="Disabled")
    rows, _ = twin.reset(seed=seed)
    slates, days = np.tile([0, 1, 2], (worlds, 1)), 7 * np.tile(ages, cohorts)
    repeats = np.zeros(worlds)
    while not twin.over.all():
        rows, *_, infos = twin.step(slates)
        repeats += ~twin.over & (twin.view.one(rows, "day") < days)
        assert not infos["capped"].any()
    return repeats.reshape(cohorts, -1)


@pytest.fixture(scope="module")
def lived(ages):
    return np.concatenate([repeats_of_cohorts(ages, 10, seed) for seed in range(COHORTS // 10)])


@pytest.mark.slow
def test_a_hundred_cohorts_of_the_twin_come_back_as_expected(ages, lived):
    """Repeat purchases 2493.97 and share without any .597 in closed form, within two standard errors of the means."""
    repeats, nothing = lived.sum(axis=1), (lived == 0).mean(axis=1)
    assert lived.shape == (COHORTS, 2357)
    assert abs(repeats.mean() - 2493.97) < 2 * repeats.std(ddof=1) / np.sqrt(COHORTS)
    assert abs(nothing.mean() - FITTED.nothing(ages).mean()) < 2 * nothing.std(ddof=1) / np.sqrt(COHORTS)
    assert repeats.std(ddof=1) == pytest.approx(117, rel=0.2)


@pytest.mark.slow
def test_cohorts_of_the_world_come_back_as_expected(ages, lived):
    """Three cohorts of SimPy worlds, by the spread of the hundred."""
    counts = np.array([[repeats_of_world(age, row, luck) for row, age in enumerate(ages)] for luck in lucks(ages, 3)])
    repeats, nothing = counts.sum(axis=1), (counts == 0).mean(axis=1)
    spread, of_nothing = lived.sum(axis=1).std(ddof=1), (lived == 0).mean(axis=1).std(ddof=1)
    assert abs(repeats.mean() - 2493.97) < 2 * spread / np.sqrt(3)
    assert abs(nothing.mean() - FITTED.nothing(ages).mean()) < 2 * of_nothing / np.sqrt(3)


def lucks(ages, cohorts):
    return [draw(PARAMETERS, np.random.default_rng(seed), len(ages)) for seed in range(cohorts)]


def repeats_of_world(age, row, luck):
    """Visits after the first and before an age in weeks."""
    world = LifetimeWorld(PARAMETERS, luck, row)
    world.start()
    repeats = 0
    while not world.over:
        world.play((0, 1, 2))
        repeats += not world.over and world.clock.now < 7 * 24 * age
    return repeats
