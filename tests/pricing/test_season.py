"""A season: luck, world, twin, optimum, and the closed form of Gallego and van Ryzin."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import bizgyms
from bizgyms.pricing import solve
from bizgyms.pricing.season import continuous
from bizgyms.pricing.season.optimum import BELIEFS, belief_values, posterior, price_values, reference
from bizgyms.pricing.season.view import SeasonView
from envs_data.chance import demand_pmf, random_words
from envs_data.parameters import ParameterError
from envs_data.pricing.season import SCENARIOS, SeasonLuck, SeasonParameters, SeasonWorld, draw, layout
from envs_data.pricing.season.luck import Pairs, most_without_seat
from envs_data.pricing.season.world import mixed

GALLEGO = (10, 1.0, 20 * math.e, 0.1)


def luck_of(parameters, keen, others, ranks):
    """Luck of one season; ranks by period, as if nobody found the seats taken."""
    drawn = draw(parameters, np.random.default_rng(0), 1)
    seats, own = layout(parameters).seats, np.zeros_like(drawn.ranks)
    for period, row in enumerate(ranks):
        own[0, period * seats : period * seats + len(row)] = row
    counts = (np.array([row], dtype=drawn.keen.dtype) for row in (keen, others))
    return SeasonLuck(np.zeros(1, dtype=np.int16), np.zeros(1), *counts, own)


def lived(parameters, luck, decisions):
    """A world after some decisions, its luck given."""
    world = SeasonWorld(parameters, luck, record=True)
    world.start()
    for decision in decisions:
        world.play(decision)
    return world


def mean_return(parameters, policy, worlds=4000, seed=11):
    twin = bizgyms.make_vec(parameters, num_envs=worlds, autoreset_mode="Disabled")
    seen, _ = twin.reset(seed=seed)
    returns = np.zeros(worlds)
    for _ in range(parameters.periods):
        seen, rewards, _, _, _ = twin.step(policy.act(seen))
        returns += rewards
    return returns.mean(), returns.std() / np.sqrt(worlds)


def test_customers_buy_while_there_is_stock():
    parameters = SeasonParameters(periods=2, start_stock=2, prices=(10.0, 20.0), customers=5.0)
    both, one = 0, int(layout(parameters).bars[0, 1])  # who pays 20, and who pays 10 only
    luck = luck_of(parameters, [3, 2], [1, 0], [[both, one, both], [one, both]])
    world = lived(parameters, luck, [1, 0])
    # At 20 the first and the third buy; then nothing is left for the two who would pay 10.
    assert world.stock == 0
    assert (world.sold, world.lost, world.came) == (0, 2, 2)
    assert world.sold_at == [0, 2]
    assert world.time_at == [1.0, 1.0]
    assert world.events()["what"].tolist() == ["price", "sale", "sale", "price", "finds nothing", "finds nothing"]


def test_customers_who_pay_no_price_come_among_the_others():
    assert mixed([7, 8], 0) == [7, 8]
    assert mixed([7, 8], 2) == [65536, 7, 65536, 8]
    assert mixed([], 3) == [65536] * 3
    assert sorted(mixed([1, 2, 3], 4)) == [1, 2, 3, *[65536] * 4]


def test_what_is_left_is_salvaged_at_the_end():
    env = bizgyms.make(SeasonParameters(periods=2, start_stock=2, prices=(10.0, 20.0), salvage=3.0, customers=5.0))
    env.reset(options={"luck": luck_of(env.unwrapped.parameters, [1, 0], [0, 0], [[0], []])})
    for wanted in ((10.0, 0.0), (0.0, 3.0)):
        info = env.step(0)[4]
        assert (info["term_revenue"], info["term_salvage"]) == wanted


def pays(parameters, luck, step):
    """[worlds, customers] whether each customer with a column of his own would pay a price."""
    bars = np.floor(layout(parameters).bars[luck.kind, step] + luck.rounding)
    return luck.ranks < bars[:, None]


def test_demand_is_exponential_in_the_price():
    parameters = SCENARIOS["winter-coats"]
    luck = draw(parameters, np.random.default_rng(1), 4000)
    lowest = math.exp(-0.02 * 40)
    assert (luck.keen + luck.others).mean() == pytest.approx(10.0, abs=0.05)
    assert luck.keen.mean() == pytest.approx(10 * lowest, abs=0.03)
    for step, price in enumerate(parameters.prices):
        assert lowest * pays(parameters, luck, step).mean() == pytest.approx(math.exp(-0.02 * price), abs=0.002)


def test_bars_are_rounded_so_that_rare_prices_keep_their_share():
    """A price one customer in 200,000 pays has a third of a rank: a season in three has one for it."""
    parameters = SeasonParameters(periods=1, prices=(1.0, 613.0), sensitivity=0.02)
    share = layout(parameters).bars[0, 1]
    assert share == pytest.approx(65536 * math.exp(-0.02 * 612), rel=1e-12)
    luck = draw(parameters, np.random.default_rng(3), 40_000)
    whole = np.floor(share + luck.rounding)
    assert set(whole) == {0.0, 1.0}
    assert whole.mean() == pytest.approx(share, abs=0.01)


def test_two_numbers_of_one_word_follow_their_laws_and_not_each_other():
    first, second = np.array([0.5, 0.3, 0.1999, 0.0001]), np.array([0.7, 0.2, 0.0999, 0.0001])
    rng = np.random.default_rng(2)
    drawn = Pairs(first, second).read(random_words(rng, 400_000), rng)
    assert drawn.shape == (2, 400_000)
    together = np.bincount(4 * drawn[0].astype(int) + drawn[1], minlength=16)
    expected = 400_000 * np.outer(first, second).ravel()
    assert (abs(together - expected) < 4.5 * np.sqrt(expected) + 3).all()


@pytest.mark.parametrize("fields", [{}, {"profile": (1.0, 2.0)}, {"levels": (0.5, 2.0)}, {"customers": 900.0}])
def test_both_ways_of_drawing_customers_meet_their_means(fields):
    parameters = SeasonParameters(**{"periods": 2, "customers": 4.0, **fields})
    luck = draw(parameters, np.random.default_rng(4), 6000)
    level = np.array([kind.customers for kind in parameters.kinds()])[luck.kind]
    mean = parameters.customers * parameters.factors() * level.mean()
    came = luck.keen + luck.others
    assert (abs(came.mean(axis=0) - mean) < 4 * came.std(axis=0) / math.sqrt(6000)).all()


def test_seats_suffice_but_once_in_ten_to_the_thirteen_seasons():
    """One period: the most without a seat is the tail of a Poisson law; two periods: that of their sum."""
    tail = stats.poisson(3.0)
    assert most_without_seat(np.array([3.0]), 5) == demand_pmf("poisson", 3.0).size - 6
    two = most_without_seat(np.array([3.0, 3.0]), 5)
    pmf = tail.pmf(np.arange(60))
    over = np.append(pmf[:6].sum(), pmf[6:])
    law = np.convolve(over, over)
    assert law[two + 1 :].sum() < 2e-13 < law[two - 1 :].sum() + 2e-13
    assert most_without_seat(np.zeros(3), 0) == 0


@pytest.mark.parametrize("keen", [(30, 2), (250, 250), (0, 90)])
def test_customers_beyond_their_columns_stay_away_in_both_engines(keen):
    parameters = SeasonParameters(periods=2, start_stock=50, prices=(10.0, 20.0))
    drawn = draw(parameters, np.random.default_rng(0), 1)
    luck = drawn._replace(keen=np.array([keen], dtype=drawn.keen.dtype))
    twin = bizgyms.make_vec(parameters, num_envs=1, autoreset_mode="Disabled")
    env = bizgyms.make(parameters)
    twin.reset(options={"luck": luck}), env.reset(options={"luck": luck})
    late = drawn.ranks.shape[1] - 2 * layout(parameters).seats
    came = []
    for _ in range(2):
        info = env.step(1)[4]
        found = twin.step(np.array([1]))[4]
        assert all(found[name][0] == info[name] for name in ("customers", "sold", "lost", "left"))
        came.append(info["customers"])
    most = drawn.others.sum() + 2 * layout(parameters).seats + late
    assert sum(came) <= most
    assert sum(came) == most or sum(keen) < 250


def test_every_hidden_demand_is_met_as_often():
    parameters = SCENARIOS["rule-fails"]
    luck = draw(parameters, np.random.default_rng(1), 8000)
    assert np.bincount(luck.kind) / 8000 == pytest.approx([0.5, 0.5], abs=0.03)
    for kind, (level, sensitivity) in enumerate(parameters.kinds()):
        mine = luck.kind == kind
        assert (luck.keen + luck.others)[mine].mean() == pytest.approx(10 * level, rel=0.02)
        of_keen = math.exp(-0.02 * sensitivity * (33 - 10))
        assert pays(parameters, luck, 3)[mine].mean() == pytest.approx(of_keen, rel=0.03)


def test_wrong_seasons_are_all_told_at_once():
    with pytest.raises(ParameterError) as caught:
        SeasonParameters(prices=(20.0, 10.0), profile=(1.0, 2.0), levels=(1.0, 2.0), sensitivities=(1.0, 2.0, 3.0))
    told = str(caught.value)
    assert "prices must rise" in told
    assert "profile has 2 entries" in told
    assert "same hidden demands" in told


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 20),
    st.floats(0.1, 30.0),
    st.lists(st.floats(1.0, 500.0), min_size=1, max_size=6, unique=True),
    st.sampled_from([(), (0.3, 2.5)]),
    st.integers(0, 2**32 - 1),
)
def test_no_unit_is_sold_twice_and_rewards_add_up(periods, stock, customers, prices, levels, seed):
    parameters = SeasonParameters(
        periods=periods,
        start_stock=stock,
        customers=customers,
        prices=tuple(sorted(prices)),
        levels=levels,
        salvage=2.0,
    )
    for kind in parameters.kinds():
        assert price_values(parameters, kind).min() >= 0
    env = bizgyms.make(parameters)
    env.reset(seed=seed)
    env.action_space.seed(seed)
    left, total = stock, 0.0
    for _ in range(periods):
        _, reward, over, _, info = env.step(env.action_space.sample())
        assert info["left"] == left - info["sold"] >= 0
        assert info["sold"] + info["lost"] <= info["customers"]
        left, total = info["left"], total + reward
    assert over
    assert 2.0 * left - 1e-9 <= total <= stock * max(*parameters.prices, 2.0) + 1e-6


# The optimum.


def test_one_unit_one_price_by_hand():
    """Two prices, one period, one unit: the best is max p P(somebody would pay p)."""
    parameters = SeasonParameters(periods=1, start_stock=1, prices=(10.0, 50.0), customers=3.0, sensitivity=0.02)
    worth = [p * (1 - math.exp(-3 * math.exp(-0.02 * p))) for p in (10.0, 50.0)]
    assert solve(parameters).value == pytest.approx(max(worth), rel=1e-12)


def test_two_periods_by_enumeration():
    """Every plan of two periods with two units, its Poisson demands summed by hand."""
    parameters = SeasonParameters(periods=2, start_stock=2, prices=(20.0, 60.0), customers=2.0, sensitivity=0.02)
    rates = [2 * math.exp(-0.02 * p) for p in parameters.prices]

    def expected(step, left, after):
        total = 0.0
        for demand in range(40):
            chance = math.exp(-rates[step]) * rates[step] ** demand / math.factorial(demand)
            sold = min(demand, left)
            total += chance * (parameters.prices[step] * sold + after[left - sold])
        return total

    best = 0.0
    for second in itertools.product(range(2), repeat=3):
        after = [expected(second[left], left, [0.0] * 3) for left in range(3)]
        best = max(best, *(expected(first, 2, after) for first in range(2)))
    assert solve(parameters).value == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_env_agrees_with_its_own_optimum(engine):
    parameters = SCENARIOS["gallego-van-ryzin-k10"]
    solution = solve(parameters)
    if engine == "compiled":
        mean, error = mean_return(parameters, solution.policy, worlds=20_000)
    else:
        env = bizgyms.make(parameters)
        returns = np.zeros(400)
        for episode in range(400):
            seen, _ = env.reset(seed=episode)
            over = False
            while not over:
                seen, reward, over, _, _ = env.step(solution.policy.act(seen[None])[0])
                returns[episode] += reward
        mean, error = returns.mean(), returns.std() / 20
    assert abs(mean - solution.value) < 4 * error


def test_hidden_demand_has_no_exact_solution():
    with pytest.raises(ValueError, match="bound"):
        solve(SCENARIOS["rule-fails"])


def test_bound_of_hidden_demand_is_below_full_information_and_above_its_policy():
    parameters = SCENARIOS["rule-fails"]
    found = reference(parameters)
    start = parameters.start_stock
    full = np.mean([price_values(parameters, kind)[0, start].max() for kind in parameters.kinds()])
    mean, error = mean_return(parameters, found.policy)
    assert found.kind == "bound"
    assert found.value < full
    assert found.value > mean - 4 * error
    assert mean > 0.98 * found.value


def test_hidden_demand_of_one_period_is_the_best_price_on_average():
    parameters = SCENARIOS["rule-fails"].replace(periods=1)
    on_average = np.mean([price_values(parameters, kind)[0] for kind in parameters.kinds()], axis=0)
    assert reference(parameters).value == pytest.approx(on_average[-1].max(), rel=1e-9)


def test_certain_beliefs_are_worth_what_the_known_demand_is():
    parameters = SCENARIOS["rule-fails"].replace(periods=3, start_stock=12)
    values = belief_values(parameters)
    for belief, kind in zip((0, len(BELIEFS) - 1), parameters.kinds(), strict=True):
        assert values[belief] == pytest.approx(price_values(parameters, kind), rel=1e-9)


def test_belief_values_by_a_sum_over_everything_that_can_be_seen():
    """Two periods: the best second price for each number of sales of the first, demands weighted by Bayes."""
    parameters = SCENARIOS["rule-fails"].replace(periods=2, start_stock=4)
    second = [price_values(parameters.replace(periods=1), kind)[0] for kind in parameters.kinds()]
    rates = [parameters.rates(kind)[0] for kind in parameters.kinds()]
    worth = []
    for step, price in enumerate(parameters.prices):
        total = 0.0
        for demand in range(100):
            sold = min(demand, 4)
            chances = [math.exp(-r[step] + demand * math.log(r[step]) - math.lgamma(demand + 1)) / 2 for r in rates]
            after = max(sum(c * s[4 - sold][k] for c, s in zip(chances, second, strict=True)) for k in range(8))
            total += sum(chances) * price * sold + after
        worth.append(total)
    found = reference(parameters).value
    assert max(worth) <= found + 1e-9
    assert found == pytest.approx(max(worth), rel=1e-3)


def test_sales_tell_the_demand():
    parameters = SCENARIOS["fad-or-flop"]
    view = SeasonView(parameters)
    rows = np.zeros((2, len(view.features)), dtype=np.float32)
    low, high = (kind.customers * 8 * math.exp(-0.02 * 10) for kind in parameters.kinds())
    rows[1, 3], rows[1, 3 + 8] = 4, 1  # 4 sold in a period at the lowest price
    odds = (high / low) ** 4 * math.exp(low - high)
    assert posterior(view, rows)[:, 1] == pytest.approx([0.5, odds / (1 + odds)], rel=1e-6)


# Continuous time.


def test_value_solves_the_equation_of_hamilton_jacobi_bellman():
    """dJ/dt = max_p a exp(-alpha p) (p - (J(n) - J(n-1))), by central differences."""
    stock, time, rate, alpha = GALLEGO
    step = 1e-5
    slope = (continuous.value(stock, time + step, rate, alpha) - continuous.value(stock, time - step, rate, alpha)) / (
        2 * step
    )
    best = continuous.price(stock, time, rate, alpha)
    lost = continuous.value(stock, time, rate, alpha) - continuous.value(stock - 1, time, rate, alpha)
    assert slope == pytest.approx(rate * math.exp(-alpha * best) * (best - lost), rel=1e-6)


def test_bounds_are_in_order():
    stock, time, rate, alpha = GALLEGO
    fixed = continuous.fixed_price_revenue(stock, time, rate, alpha)
    best_fixed = continuous.best_fixed_revenue(stock, time, rate, alpha)
    assert fixed < best_fixed < continuous.value(*GALLEGO) < continuous.fluid_bound(*GALLEGO)
    assert continuous.best_fixed_price(*GALLEGO) == pytest.approx(17.374, abs=0.01)


def test_simulation_in_continuous_time_agrees():
    returns = continuous.simulate(*GALLEGO, seasons=20_000, rng=np.random.default_rng(1))
    error = returns.std() / np.sqrt(20_000)
    assert abs(returns.mean() - continuous.value(*GALLEGO)) < 2 * error


def test_more_prices_a_season_come_nearer_to_continuous_time():
    values = [solve(SCENARIOS[f"gallego-van-ryzin-k{k}"]).value for k in (1, 2, 5, 10, 20, 50)]
    assert values == sorted(values)
    assert values[-1] < continuous.value(*GALLEGO)


@pytest.mark.parametrize("name", ["gallego-van-ryzin-k50", "rule-enough", "winter-coats"])
def test_one_fixed_price_takes_nearly_all_where_demand_is_known(name):
    parameters = SCENARIOS[name]
    best = 0.0
    for price, rate in zip(parameters.prices, parameters.rates(parameters.kinds()[0]).sum(axis=0), strict=True):
        demand = np.arange(400)
        pmf = np.exp(demand * np.log(rate) - rate - np.cumsum(np.log(np.maximum(demand, 1))))
        sold = np.minimum(demand, parameters.start_stock)
        best = max(best, float(pmf @ (price * sold + parameters.salvage * (parameters.start_stock - sold))))
    share = best / solve(parameters).value
    assert 0.955 < share <= 1 + 1e-9


def test_who_stands_at_the_bar_does_not_buy_in_either_engine():
    """A rank is one of 65,536: hardly any is drawn that tells < from <=."""
    p = SCENARIOS["winter-coats"]
    bar = int(layout(p).bars[0][2])
    keen = [2] * p.periods
    for rank, sold in ((bar, 0), (bar - 1, 2)):
        luck = luck_of(p, keen, [0] * p.periods, [[rank] * 2 for _ in keen])
        assert lived(p, luck, [2]).sold == sold
        twin = bizgyms.make_vec(p, num_envs=1, autoreset_mode="Disabled")
        twin.reset(options={"luck": luck})
        assert twin.step(np.array([2]))[-1]["sold"][0] == sold


def test_what_nobody_buys_is_worth_its_salvage():
    p = SCENARIOS["winter-coats"].replace(customers=1e-6, salvage=15.0)
    assert solve(p).value == pytest.approx(15.0 * p.start_stock, rel=1e-3)
