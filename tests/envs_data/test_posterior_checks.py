"""Posterior predictive checks: tables of the fitted world pass, and each misfit is named by its own sentence."""

import numpy as np
import pandas as pd
import pytest

import bizgyms
from envs_data.fits import BackTest
from envs_data.posterior_checks import by_group, fifths, levels_of, merged, problems, spread_of, with_problems
from envs_data.pricing.shelf.memory import below_remembered
from envs_data.recommend.bg_nbd import BgNbd
from envs_data.recommend.customers import generate as purchases
from envs_data.recommend.spend import GammaSpend

RNG = np.random.default_rng(5)
MEAN = np.full(600, 5.0)
GROUP = np.arange(600) % 3
TOLD = "{part} sold {off}, {times} times"


def _drawn(mean=MEAN, count=100):
    return np.random.default_rng(7).poisson(mean, (count, len(mean))).astype(float)


def test_a_group_with_its_share_passes_and_another_is_named():
    checks = by_group(GROUP, ("a", "b", "c"), MEAN, TOLD)
    assert problems(RNG.poisson(MEAN).astype(float), _drawn(), checks) == []
    off = RNG.poisson(np.where(GROUP == 1, 7.5, 5.0)).astype(float)
    (clause,) = problems(off, _drawn(), checks)
    assert clause.startswith("b sold ")
    assert "% more, 1." in clause


def test_a_difference_that_does_not_matter_is_none():
    many = np.full(60_000, 50.0)
    group = np.arange(60_000) % 3
    came = RNG.poisson(np.where(group == 1, 53.0, 50.0)).astype(float)
    assert problems(came, _drawn(many, 20), by_group(group, "abc", many, TOLD)) == []
    assert problems(came, _drawn(many, 20), by_group(group, "abc", many, TOLD, matters=0.01))


def test_blocks_that_move_together_spread_too_much():
    block = np.arange(600) // 6
    checks = spread_of(block, MEAN, TOLD)
    assert problems(RNG.poisson(MEAN).astype(float), _drawn(), checks) == []
    together = RNG.poisson(MEAN * RNG.gamma(4, 1 / 4, 100)[block]).astype(float)
    (clause,) = problems(together, _drawn(), checks)
    assert float(clause.split()[-2]) > 3
    assert spread_of(np.zeros(600), MEAN, TOLD) == []


def test_tables_of_the_world_itself_are_refused_as_seldom_as_said():
    checks = [*by_group(GROUP, "abc", MEAN, TOLD), *by_group(*fifths(np.arange(600)), MEAN, TOLD)]
    refused = sum(bool(problems(RNG.poisson(MEAN).astype(float), _drawn(), checks)) for _ in range(200))
    assert refused <= 5


def test_merged_checks_name_the_worst_of_all():
    first, second = (by_group(GROUP, names, MEAN, TOLD) for names in ("abc", "def"))
    (both,) = merged([*first, *second])
    assert [*both.parts] == [*"abcdef"]
    assert merged([]) == []


def test_levels_and_fifths():
    group, names = levels_of([1.0, 1.0, 2.0, 2.0], 2)
    assert names == ["1", "2"]
    assert group.tolist() == [0, 0, 1, 1]
    assert fifths([3, 1, 2, 5, 4])[0].tolist() == [2, 0, 1, 4, 3]


def test_a_back_test_fails_for_what_is_found():
    found = with_problems(BackTest("a fifth"), ["the curve bends"])
    assert found.verdict == "Do not trust a verdict from this fit: the curve bends."
    assert with_problems(BackTest("a fifth"), []).passed


def _season(change):
    case = bizgyms.case("bizgyms/PricingSeason-v0")
    frame = case.generate(case.scenarios["rule-enough"], seed=3)
    return case.fit(frame.assign(**change(frame))).back_test.problems


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (lambda f: {}, ""),
        (lambda f: {"units": np.where(f["price"] > 60, f["units"] // 2, f["units"])}, "than the fitted curve says"),
        (
            lambda f: {name: np.where(f["season"] > 20, f[name] // 3, f[name]) for name in ("units", "visitors")},
            "drifts",
        ),
    ],
)
def test_a_season_says_what_it_cannot_reproduce(change, clause):
    found = "; ".join(_season(change))
    assert clause in found
    assert bool(found) == bool(clause)


def _remembered(loss, seed):
    case = bizgyms.case("bizgyms/PricingShelf-v1")
    p = case.scenarios["rule-enough"].replace(loss=loss, gain=loss)
    return case.fit(case.generate(p, seed=seed, days=3 * 364))


def test_prices_that_are_remembered_are_fitted():
    found = _remembered(2.0, 1)
    p, origin = found.parameters, found.origins["loss"]
    assert p.loss == p.gain == pytest.approx(2.0, abs=3 * origin.stderr)
    assert origin.kind == "fitted"
    assert p.products[0].sensitivity == pytest.approx(1.9, abs=3 * found.origins["sensitivity.own"].stderr)
    assert "Customers remember prices" in found.summary()
    assert not any("customers remember them" in one for one in found.back_test.problems)
    drawn = np.array([[draw["loss"], draw["gain"]] for draw in found.draws])
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert drawn.mean() == pytest.approx(p.loss, abs=origin.stderr)
    assert drawn.std() == pytest.approx(origin.stderr, rel=0.4)


def test_what_a_table_leaves_open_of_a_memory_is_in_its_draws():
    shares = [np.mean([draw.get("loss", 0.0) > 0 for draw in _remembered(0.0, seed).draws]) for seed in (1, 2, 3)]
    assert max(shares) < 0.5
    case = bizgyms.case("bizgyms/PricingShelf-v1")
    table = case.generate(case.scenarios["rule-enough"], seed=1, days=364)
    assert not any("loss" in draw for draw in case.fit(table, known={"loss": 0.0}).draws)


def test_what_customers_remember_moves_as_in_the_world():
    prices, offered = np.array([[2.0], [3.0], [9.0], [2.0]]), np.array([[True], [True], [False], [True]])
    # They remember 2, then .7 x 2 + .3 x 3 = 2.3, which a period without the product leaves as it is.
    assert below_remembered(prices, offered, 0.7)[:, 0] == pytest.approx([0.0, -1.0, 0.0, 0.3])


def test_rivals_that_drift_are_named():
    case = bizgyms.case("bizgyms/BiddingCampaign-v0")
    log = case.generate(case.scenarios["small-second-price"], seed=2, days=28)
    assert case.fit(log).back_test.passed
    late = log["time"] > log["time"].quantile(0.6)
    lost = log["won"].where(~late | (log["won"] == 0), (np.arange(len(log)) % 3 == 0).astype(int))
    log = log.assign(won=lost, price=log["price"].where(lost == 1), click=log["click"] * lost)
    log["conversion"] = log["conversion"].where(lost == 1)
    found = case.fit(log.drop(columns="minimum_bid")).back_test.problems
    assert any("of the log" in one or "wins fell" in one for one in found)


def test_people_of_two_kinds_differ_too_much():
    case = bizgyms.case("bizgyms/NudgeHabit-v0")
    p = case.scenarios["rule-enough"].replace(steps=30)
    keen, cool = p.replace(base=0.6), p.replace(base=0.05)
    logs = [case.generate(one, seed=k, people=60) for k, one in enumerate((keen, cool))]
    both = pd.concat([log.assign(person=log["person"] + f"-{k}") for k, log in enumerate(logs)])
    assert any("people differ" in one for one in case.fit(both).back_test.problems)


def test_customers_who_tire_are_named():
    case = bizgyms.case("bizgyms/RecommendLifetime-v0")
    p = case.scenarios["tiny-boredom"].replace(slate=2, days=200)
    found = case.fit(case.generate(p, seed=1, customers=150)).back_test.problems
    assert any("customers tire of topics" in one for one in found)


def test_customers_who_come_by_the_clock_are_named():
    frame = purchases(BgNbd(2.0, 30.0, 1.0, 9.0), GammaSpend(6.0, 4.0, 15.0), customers=300, seed=1)
    fit = bizgyms.case("bizgyms/RecommendLifetime-v0").fit
    assert fit(frame).back_test.passed
    start = frame.groupby("customer")["date"].transform("min")
    monthly = pd.to_datetime(start) + pd.to_timedelta(28 * frame.groupby("customer").cumcount(), unit="D")
    last = pd.to_datetime(frame["date"]).max()
    monthly = frame.assign(date=monthly)[monthly <= last]
    assert any("gaps between visits" in one for one in fit(monthly).back_test.problems)
