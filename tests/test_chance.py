"""Laws of whole numbers and the tables that draw from them."""

import numpy as np
import pytest
from scipy import stats

from envs_data.chance import DEMAND_LAWS, ENTRIES, WORDS, CountTables, OutcomeTables, demand_pmf, random_words

LAWS = {
    "poisson 5": demand_pmf("poisson", 5.0),
    "poisson 300": demand_pmf("poisson", 300.0),
    "poisson 0.02": demand_pmf("poisson", 0.02),
    "negative binomial, heavy tail": demand_pmf("negative_binomial", 3.0, size=0.05),
    "geometric 5": demand_pmf("geometric", 5.0),
    "uniform": demand_pmf("uniform", 7.0),
    "rounded gamma": demand_pmf("rounded_gamma", 20.0, cv=0.8),
}


@pytest.fixture(params=LAWS, ids=lambda name: name.replace(" ", "-"))
def pmf(request):
    return LAWS[request.param]


def _law_drawn(pmf):
    """The law a table draws from, worked out from its entries instead of from draws."""
    tables = CountTables([pmf])
    table, rest = tables._tables[0], tables._rests[0]
    whole = np.bincount(table[table >= 0], minlength=len(pmf)) / WORDS
    left = (table < 0).sum() / WORDS
    return whole + left * np.diff(rest, prepend=0.0)


def test_table_and_rest_are_the_law(pmf):
    assert np.abs(_law_drawn(pmf) - pmf).max() < 1e-12


def test_laws_sum_to_one(pmf):
    assert pmf.sum() == pytest.approx(1.0, abs=1e-12)
    assert (pmf >= 0).all()


@pytest.mark.parametrize(
    ("law", "kwargs", "mean", "variance"),
    [
        ("poisson", {}, 6.5, 6.5),
        ("negative_binomial", {"size": 2.0}, 6.5, 6.5 + 6.5**2 / 2),
        ("geometric", {}, 6.5, 6.5 + 6.5**2),
        ("uniform", {}, 6.5, 14 * 14 / 12 - 1 / 12),
        ("constant", {}, 7.0, 0.0),
    ],
)
def test_moments_of_the_laws(law, kwargs, mean, variance):
    pmf = demand_pmf(law, mean, **kwargs)
    values = np.arange(len(pmf))
    assert pmf @ values == pytest.approx(mean, rel=1e-9)
    assert pmf @ (values - mean) ** 2 == pytest.approx(variance, rel=1e-8, abs=1e-12)


def test_rounded_gamma_is_the_gamma_between_halves():
    pmf = demand_pmf("rounded_gamma", 20.0, cv=0.8)
    gamma = stats.gamma(1 / 0.64, scale=20 * 0.64)
    assert pmf[0] == pytest.approx(gamma.cdf(0.5), rel=1e-9)
    assert pmf[17] == pytest.approx(gamma.cdf(17.5) - gamma.cdf(16.5), rel=1e-9)


def test_an_unknown_law_names_those_there_are():
    with pytest.raises(ValueError, match=r"unknown demand law 'gauss'.*poisson"):
        demand_pmf("gauss", 3.0)


@pytest.mark.parametrize("law", DEMAND_LAWS)
def test_no_demand_without_a_mean(law):
    assert demand_pmf(law, 0.0).tolist() == [1.0]


def test_draws_follow_the_law(pmf):
    draws = CountTables([pmf]).draw(np.random.default_rng(1), 1000, np.zeros(400, dtype=np.intp))
    counts = np.bincount(draws.ravel(), minlength=len(pmf))
    observed, expected = _pooled(counts, pmf * draws.size)
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 1e-4


def _pooled(observed, expected, least=10.0):
    """Neighbouring values together until each group is expected at least ten times."""
    cut = np.flatnonzero(np.diff(np.floor(np.cumsum(expected) / least), prepend=0.0))
    ends = np.append(cut[:-1] + 1, len(expected))
    starts = np.append(0, ends[:-1])
    groups = [slice(a, b) for a, b in zip(starts, ends, strict=True) if b > a]
    return np.array([observed[g].sum() for g in groups]), np.array([expected[g].sum() for g in groups])


def test_moments_of_draws(pmf):
    values = np.arange(len(pmf))
    draws = CountTables([pmf]).draw(np.random.default_rng(2), 1000, np.zeros(400, dtype=np.intp)).astype(float)
    mean = pmf @ values
    variance = pmf @ (values - mean) ** 2
    fourth = pmf @ (values - mean) ** 4
    assert abs(draws.mean() - mean) < 4.5 * np.sqrt(variance / draws.size)
    assert abs(draws.var() - variance) < 4.5 * np.sqrt((fourth - variance**2) / draws.size)


def test_rare_values_occur_as_often_as_they_should():
    pmf = demand_pmf("poisson", 5.0)
    rare = np.flatnonzero(pmf < 1 / WORDS)
    chance = pmf[rare].sum()
    assert chance > 0
    tables, rng = CountTables([pmf]), np.random.default_rng(3)
    days = np.zeros(4000, dtype=np.intp)
    draws, seen = 0, 0
    for _ in range(8):
        block = tables.draw(rng, 1000, days)
        draws += block.size
        seen += np.isin(block, rare).sum()
    low, high = stats.poisson(chance * draws).ppf([1e-4, 1 - 1e-4])
    assert low > 0
    assert low <= seen <= high


def test_each_column_follows_its_own_law():
    pmfs = [demand_pmf("poisson", 2.0), demand_pmf("poisson", 40.0)]
    law_of = np.array([0, 1, 1, 0, 1], dtype=np.intp)
    means = CountTables(pmfs).draw(np.random.default_rng(4), 20_000, law_of).mean(axis=0)
    wanted = np.array([2.0, 40.0])[law_of]
    assert (np.abs(means - wanted) < 4.5 * np.sqrt(wanted / 20_000)).all()


def test_draws_are_independent_across_columns_and_rows():
    draws = CountTables([demand_pmf("poisson", 5.0)]).draw(np.random.default_rng(5), 4000, np.zeros(6, dtype=np.intp))
    standard = (draws - 5) / np.sqrt(5)
    between = np.corrcoef(standard.T) - np.eye(6)
    assert np.abs(between).max() < 4.5 / np.sqrt(4000)
    after = (standard[1:] * standard[:-1]).mean()
    assert abs(after) < 4.5 / np.sqrt(standard.size)


def test_words_are_uniform_sixteen_bits():
    words = random_words(np.random.default_rng(6), 1_000_003)
    assert words.dtype == np.uint16
    assert len(words) == 1_000_003
    assert stats.chisquare(np.bincount(words >> 6, minlength=1024)).pvalue > 1e-4
    assert stats.chisquare(np.bincount(words & 1023, minlength=1024)).pvalue > 1e-4


def test_large_values_fit_their_type():
    pmf = demand_pmf("poisson", 40_000.0)
    draws = CountTables([pmf]).draw(np.random.default_rng(7), 10, np.zeros(10, dtype=np.intp))
    assert draws.dtype == np.int32
    assert 39_000 < draws.mean() < 41_000


def test_a_constant_is_always_itself():
    draws = CountTables([demand_pmf("constant", 9.0)]).draw(np.random.default_rng(8), 5, np.zeros(7, dtype=np.intp))
    assert (draws == 9).all()


FEW = np.array([[0.2, 0.3, 0.5, 0.0], [0.00005, 0.1, 0.6, 0.29995], [0.25, 0.25, 0.25, 0.25]])


def test_tables_of_few_outcomes_and_their_rests_are_the_laws():
    tables = OutcomeTables(FEW, np.arange(4, dtype=np.int8))
    for law, pmf in enumerate(FEW):
        table = tables._table[law * ENTRIES : (law + 1) * ENTRIES]
        whole = np.bincount(table[table >= 0], minlength=4) / ENTRIES
        rest = np.diff(tables._rests.reshape(FEW.shape)[law] - law, prepend=0.0)
        assert np.abs(whole + (table < 0).sum() / ENTRIES * rest - pmf).max() < 1e-12


def test_few_outcomes_are_drawn_law_by_law_rare_ones_too():
    rng, each = np.random.default_rng(0), 400_000
    tables = OutcomeTables(FEW, np.array([7, 8, 9, 10], dtype=np.int16))
    drawn = tables.draw(rng, random_words(rng, 3 * each)).reshape(3, each)
    assert drawn.dtype == np.int16
    for law, pmf in zip(drawn, FEW, strict=True):
        seen = np.bincount(law, minlength=11)[7:]
        assert (np.abs(seen - each * pmf) < 5 * np.sqrt(each * pmf) + 1e-9).all()
    assert len(tables.draw(rng, random_words(rng, 0))) == 0
