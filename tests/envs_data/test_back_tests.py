import numpy as np

from envs_data.back_tests import SALES, Bands, coverage_problem, level_problem, share_error


def test_a_level_is_a_problem_only_beyond_chance_and_beyond_tolerance():
    assert level_problem("sales", 130.0, 100.0, 5.0, SALES) == ["sales rose by 30% against what the fit expected"]
    assert level_problem("sales", 70.0, 100.0, 5.0, SALES) == ["sales fell by 30% against what the fit expected"]
    assert level_problem("sales", 130.0, 100.0, 20.0, SALES) == []
    assert level_problem("sales", 110.0, 100.0, 1.0, SALES) == []


def test_coverage_is_a_problem_only_beyond_chance_and_beyond_tolerance():
    assert coverage_problem(0.5, 0.8, 0.05, SALES) == ["80 % bands covered 50%, expected 80%"]
    assert coverage_problem(0.5, 0.8, 0.15, SALES) == []
    assert coverage_problem(0.75, 0.8, 0.0, SALES) == []


def test_the_error_of_a_share_is_that_of_independent_events():
    assert np.isclose(share_error(np.full(100, 0.8)), np.sqrt(0.8 * 0.2 / 100))


def test_bands_hold_as_often_as_they_say():
    rng = np.random.default_rng(1)
    mean = np.full(20_000, 50.0)
    bands = Bands.normal(np.rint(rng.normal(50.0, 7.0, len(mean))), mean, np.full(len(mean), 7.0))
    assert abs(bands.covered() - bands.coverage()) < 0.01
    simulated = Bands.simulated(rng.normal(size=2_000), rng.normal(size=(500, 2_000)))
    assert abs(simulated.covered() - simulated.coverage()) < 0.03
