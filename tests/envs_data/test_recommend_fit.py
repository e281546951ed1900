"""From tables of customers to a shop: CDNOW's published estimates, the round trip, what a table cannot tell."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from envs_data.parameters import ParameterError
from envs_data.recommend.bg_nbd import BgNbd, Cohort
from envs_data.recommend.customers import START, customers_of, generate, is_summary, read_customers
from envs_data.recommend.estimation import estimate_spend, estimate_visits
from envs_data.recommend.lifetime.purchase_back_test import back_test
from envs_data.recommend.lifetime.purchase_fit import fit
from envs_data.recommend.spend import GammaSpend
from envs_data.tables import TableError

CDNOW = Path(__file__).parents[3] / "shared" / "data" / "cdnow_customers.csv"
SAMPLES = Path(__file__).parents[2] / "envs_data" / "tables"
LAW, SPEND = BgNbd(0.5, 30.0, 0.8, 2.4), GammaSpend(6.0, 4.0, 15.0)


@pytest.fixture(scope="module")
def bought():
    return generate(LAW, SPEND, customers=1200, seed=2)


@pytest.fixture(scope="module")
def fitted(bought):
    return fit(bought)


def problems_of(frame, **options):
    with pytest.raises(TableError) as caught:
        read_customers(frame, **options)
    return caught.value.problems


@pytest.mark.skipif(not CDNOW.exists(), reason="the table of CDNOW customers is not here")
def test_cdnow_estimates_to_three_decimals():
    _, customers = read_customers(CDNOW, unit=1.0)
    found = estimate_visits(customers.cohort)
    assert np.round(found.values(), 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert found.values() == pytest.approx([0.2426, 4.4135, 0.7929, 2.4258], abs=5e-5)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.005)


@pytest.mark.skipif(not CDNOW.exists(), reason="the table of CDNOW customers is not here")
def test_cdnow_is_read_in_weeks_and_fitted_in_days():
    found = fit(CDNOW)
    assert found.parameters.alpha == pytest.approx(7 * 4.4135, abs=1e-3)
    assert found.parameters.r == pytest.approx(0.2426, abs=5e-5)
    assert found.back_test.passed
    assert any("weeks" in note for note in found.notes)
    assert {found.origins[name].kind for name in ("r", "alpha", "a", "b")} == {"fitted"}
    assert 0 < found.origins["r"].stderr < 0.05


def test_the_round_trip_recovers_the_laws_within_their_intervals(bought, fitted):
    for name in ("r", "alpha", "a", "b"):
        assert abs(np.log(getattr(fitted.parameters, name) / getattr(LAW, name))) < (
            3.3 * fitted.origins[name].stderr / getattr(fitted.parameters, name)
        )
    customers = read_customers(bought)[1]
    usable = customers.cohort.frequency > 0
    spend = estimate_spend(customers.amount[usable], customers.cohort.frequency[usable])
    true = np.log(np.array([SPEND.p, SPEND.q, SPEND.scale]) / spend.values())
    assert (np.abs(true) < 3.3 * np.sqrt(np.diag(spend.covariance))).all()
    assert spend.law.mean == pytest.approx(SPEND.mean, rel=0.1)


def test_the_fit_is_checked_and_carries_its_doubt(fitted):
    assert fitted.back_test.passed
    assert fitted.back_test.rival["own_error"] < fitted.back_test.rival["error"]
    assert len(fitted.draws) == 50
    spread = np.std([np.log(draw["alpha"]) for draw in fitted.draws])
    assert spread == pytest.approx(fitted.origins["alpha"].stderr / fitted.parameters.alpha, rel=0.4)
    assert fitted.parameters.replace(**fitted.draws[0]).r == fitted.draws[0]["r"]
    text = " ".join(fitted.summary().split())
    assert "bizgyms fit recommend table.csv --known margin_share=0.3 -o mine.json" in text
    assert "A purchase counts as a visit" in text
    assert "is not identified: purchases do not say what that was" in text
    assert (fitted.parameters.pull, fitted.parameters.hold) == (0, 0)


def test_margins_are_the_share_of_what_is_spent(bought):
    mean = {share: np.mean([item.margin for item in fit(bought, known={"margin_share": share}).parameters.items])
            for share in (0.2, 0.4)}  # fmt: skip
    assert mean[0.4] == pytest.approx(2 * mean[0.2])
    assert mean[0.2] == pytest.approx(0.2 * SPEND.mean, rel=0.1)


def test_known_fields_win(bought):
    found = fit(bought, known={"slate": 2, "r": 0.6})
    assert (found.parameters.slate, found.parameters.r) == (2, 0.6)
    assert found.origins["r"].kind == "known"
    assert "r" not in found.draws[0]


@pytest.mark.slow
def test_intervals_cover_what_they_say():
    inside = []
    for seed in range(40):
        cohort = LAW.draw_cohort(np.random.default_rng(seed), np.full(1000, 300.0))
        found = estimate_visits(cohort)
        true = np.log([LAW.r, LAW.alpha, LAW.a, LAW.b])
        inside.append(np.abs(np.log(found.values()) - true) < 1.96 * np.sqrt(np.diag(found.covariance)))
    assert 0.89 < np.mean(inside) < 0.99


def test_customers_who_never_stop_leave_the_drop_out_open():
    rng = np.random.default_rng(1)
    cohort = BgNbd(3.0, 30.0, 1e-3, 100.0).draw_cohort(rng, np.full(400, 200.0))
    assert {"a", "b"} & set(estimate_visits(cohort).unknown())


def regular(customers=60, gap=30, last=300, drop=0):
    """Purchases of customers who come every ``gap`` days or so; ``drop`` of every three buy once only."""
    rng = np.random.default_rng(4)
    rows = [
        {"customer": f"c{k}", "date": START + int(day)}
        for k in range(customers)
        for day in np.cumsum(rng.uniform(0.7, 1.3, 1 if k % 3 < drop else last // gap) * gap)
    ]
    return pd.DataFrame(rows)


def test_customers_who_never_leave_are_told_in_words_and_kept_at_the_bound():
    found = fit(pd.concat([regular(), pd.DataFrame({"customer": ["new"], "date": [START + 330]})]))
    text = " ".join(found.summary().split())
    assert "Nobody seems to leave in this table: a and b are kept at the bound." in found.notes
    assert "nobody seems to leave in this table" in text
    assert "have stopped for good" not in text
    assert {found.origins[name].kind for name in "ab"} == {"assumed"}
    assert found.parameters.a == pytest.approx(1e-3, rel=0.02)
    assert "()" not in text
    for draw in found.draws:
        found.parameters.replace(**draw)


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (BgNbd(900.0, 27_000.0, 1.0, 5.0), "all customers seem to come at the same rate, once in "),
        (BgNbd(1.0, 30.0, 1000.0, 9000.0), "all customers seem to leave with the same probability, 0.1"),
        (BgNbd(1.0, 30.0, 1000.0, 0.01), "who came back once seems to leave"),
    ],
)
def test_every_parameter_at_its_bound_is_told_in_words(law, words):
    found = estimate_visits(law.draw_cohort(np.random.default_rng(0), np.full(600, 300.0)))
    assert [told for told in found.at_bounds() if told.startswith(words)]


def test_a_table_without_one_time_buyers_is_told_so_and_fitted_given_that(bought, fitted):
    rows = bought.groupby("customer")["date"].transform("nunique")
    missing, kept = int((rows == 1).sum()), bought[rows > 1]
    found = fit(kept)
    assert "Nobody in it bought once only" in found.lines[0][1]
    assert "Do not trust" in found.back_test.verdict
    for name in ("r", "alpha"):
        off = np.log(getattr(found.parameters, name) / getattr(LAW, name))
        assert abs(off) < 3.3 * found.origins[name].stderr / getattr(found.parameters, name)
    taken_at_its_word = fit(kept, known={"one_time": 0})
    assert taken_at_its_word.parameters.r > 2 * found.parameters.r
    whole = fit(kept, known={"one_time": missing})
    assert whole.parameters.r == pytest.approx(fitted.parameters.r, rel=0.1)
    assert whole.back_test.passed
    with pytest.raises(TableError, match="one_time is known, but the table has customers who bought once"):
        fit(bought, known={"one_time": 5})
    with pytest.raises(ParameterError, match="one_time is -1"):
        fit(bought, known={"one_time": -1})


def test_customers_who_came_very_often_long_ago_have_left():
    law, cohort = (
        BgNbd(1.0, 30.0, 1.0, 5.0),
        Cohort(np.array([900_000, 0]), np.array([10.0, 0.0]), np.array([9e5, 9e5])),
    )
    assert law.alive(cohort).tolist() == [0.0, 1.0]


def test_totals_are_recognised(bought):
    days = bought.groupby("date", as_index=False)["amount"].sum()
    with pytest.raises(TableError, match="totals, such as a row a day or a campaign, cannot tell who comes back"):
        fit(days)
    with pytest.raises(TableError, match="column 'id': totals, such as a row a day"):
        fit(days.assign(id=[f"campaign {k}" for k in range(len(days))]))
    with pytest.raises(TableError, match="column 'id': totals, such as a row a day"):
        fit(days.assign(id="shop"))


def test_returns_are_subtracted_from_the_last_purchase():
    frame = pd.DataFrame({
        "customer": ["17.0", "17.0", "17", "18", "18", "18"],
        "date": ["2025-01-01", "2025-01-05", "2025-01-09", "2025-01-02", "2025-01-02", "2025-01-08"],
        "amount": [5, 8, -2, -1, 4, 0],
    })  # fmt: skip
    table, customers = read_customers(frame)
    assert customers.cohort.frequency.tolist() == [1, 1]
    assert customers.amount.tolist() == [6, 0]
    assert "2 rows with an amount below 0: returns, subtracted from the customer's last purchase." in table.notes
    assert "1 row with an amount of 0: purchases all the same." in table.notes
    lost, _ = read_customers(frame[frame["amount"] != 4])
    assert "subtracted from the customer's last purchase (1 without one)." in " ".join(lost.notes)
    assert problems_of(frame.assign(amount=-1)) == (
        "all amounts are below 0, as returns are; the purchases are missing",
    )


def test_a_line_spends_its_price_times_its_quantity_and_returns_are_no_purchases():
    frame = pd.DataFrame({
        "Customer ID": [17, 17, 17, 18, 18],
        "InvoiceDate": ["2025-01-01", "2025-01-05", "2025-01-09", "2025-01-02", "2025-01-08"],
        "Price": [5.0, 8.0, 8.0, 3.0, 2.0],
        "Quantity": [1, 3, -1, 2, 4],
    })  # fmt: skip
    _, customers = read_customers(frame)
    assert customers.cohort.frequency.tolist() == [1, 1]
    assert customers.amount.tolist() == [16, 8]
    assert read_customers(frame.drop(columns="Quantity").head(2))[1].amount.tolist() == [8]
    table, customers = read_customers(frame.drop(columns="Price"))
    assert customers.cohort.frequency.tolist() == [1, 1]
    assert "1 row with a quantity below 0: returns, left out." in table.notes
    total, _ = read_customers(frame.assign(total=[1, 2, 3, 4, 5]))
    assert total.frame["amount"].tolist() == [1, 2, 3, 4, 5]


def test_order_lines_of_a_day_are_said_to_be_one_purchase(bought, fitted):
    once = bought.drop_duplicates(["customer", "date"])
    found = fit(pd.concat([once, once.head(100)]))
    assert "100 rows of a customer and day that has one already: together they are one purchase." in found.notes
    assert found.parameters.r == fitted.parameters.r


@pytest.mark.parametrize("money", [1e-3, 1e6])
def test_amounts_in_any_money_are_the_same_fit(bought, fitted, money):
    found = fit(bought.assign(amount=bought["amount"] * money))
    ours, theirs = found.parameters.items[0].margin, fitted.parameters.items[0].margin
    assert ours == pytest.approx(theirs * money, rel=1e-6)


@pytest.mark.parametrize("cell", ["1e300", "-1e300", "1e-300", "1700-01-03", "9999-12-31", "0"])
@pytest.mark.parametrize("column", ["date", "amount"])
def test_no_cell_of_any_size_leads_to_more_than_a_sentence(bought, column, cell):
    frame = bought.head(300).astype(str).reset_index(drop=True)
    frame.loc[7, column] = cell
    assert makes_sense(*read_or_refused(frame.to_dict("records")))


def test_a_shop_that_changes_fails_the_back_test(bought):
    dates = pd.to_datetime(bought["date"])
    late = dates >= dates.max() - pd.Timedelta(days=70)
    gone = bought[~(late & (np.arange(len(bought)) % 3 > 0))]
    judged = back_test(read_customers(gone)[1])
    assert any("purchases a week fell" in problem for problem in judged.problems)
    assert judged.verdict.startswith("Do not trust")
    few = back_test(read_customers(bought.head(20))[1])
    assert "too few" in few.problems[0]


def test_amounts_have_a_density_that_adds_up_to_one():
    def density(mean, count):
        return np.exp(SPEND.log_likelihood(np.array([mean]), np.array([count]))[0])

    for count in (1, 3):
        assert integrate.quad(density, 0, np.inf, (count,))[0] == pytest.approx(1, abs=1e-6)
        expected = integrate.quad(lambda mean, count: mean * density(mean, count), 0, np.inf, (count,))[0]
        assert expected == pytest.approx(SPEND.mean, rel=1e-4)
    far = SPEND.expected(np.array([50.0]), np.array([10_000]))
    assert far[0] == pytest.approx(50.0, rel=1e-2)
    assert GammaSpend(1.0, 0.9, 1.0).mean == np.inf


def test_a_summary_and_purchases_say_the_same(bought):
    _, customers = read_customers(bought)
    cohort = customers.cohort
    table = pd.DataFrame({"x": cohort.frequency, "t_x": cohort.recency, "T": cohort.age, "monetary": customers.amount})
    assert is_summary(table)
    assert not is_summary(bought)
    _, again = read_customers(table)
    assert estimate_visits(again.cohort).log_likelihood == estimate_visits(cohort).log_likelihood
    assert fit(table).parameters.alpha == fit(bought).parameters.alpha


def test_a_day_with_several_purchases_is_one():
    frame = pd.DataFrame({
        "customer": ["a", "a", "a", "b", "b"],
        "date": ["2025-01-01", "2025-01-01", "2025-01-05", "2025-01-02", "2025-01-11"],
        "amount": [1, 2, 5, 7, 9],
    })  # fmt: skip
    customers = read_customers(frame)[1]
    assert customers.cohort.frequency.tolist() == [1, 1]
    assert customers.cohort.recency.tolist() == [4, 9]
    assert customers.cohort.age.tolist() == [10, 9]
    assert customers.amount.tolist() == [5, 9]
    earlier = read_customers(frame, until="2025-01-04")[1].cohort
    assert (earlier.frequency.tolist(), earlier.age.tolist()) == ([0, 0], [1, 0])


def test_everything_wrong_with_purchases_is_one_message_with_rows():
    frame = pd.DataFrame({
        "customer": ["a", "b", "", "d"],
        "date": ["2025-01-01", "2999-01-01", "2025-01-03", "2025-01-04"],
        "amount": [-3, 1, 2, 3],
        "first_purchase": ["2025-01-01", "2025-01-01", "2025-01-01", "2025-02-01"],
    })  # fmt: skip
    found = problems_of(frame)
    assert "row 4, column 'customer': the cell is empty; leave the row out if nothing is known of it" in found
    assert "row 3, column 'date': 2999-01-01 is in the future" in found
    assert "row 5, column 'date': 2025-01-04 is before the customer's first purchase" in found


def test_everything_wrong_with_a_summary_is_one_message_with_rows():
    frame = pd.DataFrame({"ID": [1, 2, 2, 4], "frequency": [0, 2, 1.5, 1], "recency": [3, 9, 4, 0], "T": [5, 8, 7, -1]})
    found = problems_of(frame)
    assert "row 4, column 'frequency': 1.5 is not a whole number" in found
    assert "row 5, column 'T': -1 is less than 0" in found
    assert any(said.startswith("row 3, column 'recency': 9 is after the customer was last observed") for said in found)
    assert any(said.startswith("row 2, column 'recency': 3 is of a customer who never came back") for said in found)
    assert any(said.startswith("row 4, column 'ID': '2' has a row already") for said in found)
    assert "need a column of dates" in problems_of(frame, since="2025-01-01")[0]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"margin_shar": 0.3}, "did you mean 'margin_share'"),
        ({"margin_share": 3}, "above 0 and at most 1"),
        ({"unit_days": 0}, "unit_days is 0"),
        ({"r": -1}, "r is -1"),
    ],
)
def test_impossible_requests_are_refused(bought, known, said):
    with pytest.raises(ParameterError, match=said):
        fit(bought, known=known)


def test_tables_without_anybody_who_comes_back_are_refused(bought):
    with pytest.raises(ParameterError, match="RecommendLifetime can"):
        fit(bought, case="RecommendVisit")
    with pytest.raises(TableError, match="some of them must come back"):
        fit(bought.drop_duplicates("customer"))


def test_same_seed_same_table_and_the_sample_is_what_its_card_says(bought):
    assert generate(LAW, SPEND, customers=1200, seed=2).equals(bought)
    assert (pd.to_datetime(bought["date"]) >= START).all()
    made = generate(LAW, SPEND, customers=150, seed=6).to_csv(index=False, lineterminator="\n")
    assert (SAMPLES / "record_shop.csv").read_text(encoding="utf-8") == made
    assert "`generate(BgNbd(0.5, 30.0, 0.8, 2.4), GammaSpend(6.0, 4.0, 15.0), 150, seed=6)`" in (
        SAMPLES / "README.md"
    ).read_text(encoding="utf-8")


cells = st.one_of(st.none(), st.integers(-2, 30), st.floats(-1, 40), st.sampled_from(["x", "", "2025-01-06", "1.2.25"]))


@given(st.lists(st.fixed_dictionaries({"customer": cells, "date": cells, "amount": cells}), min_size=1, max_size=6))
@settings(deadline=None)
def test_any_table_of_purchases_is_read_or_refused(rows):
    assert makes_sense(*read_or_refused(rows))


@given(st.lists(st.fixed_dictionaries({"x": cells, "t_x": cells, "T": cells, "amount": cells}), min_size=1, max_size=6))
@settings(deadline=None)
def test_any_summary_is_read_or_refused(rows):
    assert makes_sense(*read_or_refused(rows))


def read_or_refused(rows):
    """The customers of a table, or what is said against it."""
    try:
        return read_customers(pd.DataFrame(rows, dtype=object))[1].cohort, []
    except TableError as error:
        return None, error.problems


def makes_sense(cohort, problems):
    """Either there are customers who bought no later than they are old, or every problem has words."""
    if cohort is None:
        return bool(problems) and all(problem.strip() for problem in problems)
    fine = (cohort.frequency >= 0) & (cohort.recency >= 0) & (cohort.recency <= cohort.age + 1e-6)
    return len(fine) > 0 and bool(fine.all())


def test_customers_can_be_read_from_a_frame_of_dates():
    frame = pd.DataFrame({"customer": ["a", "a"], "date": pd.to_datetime(["2025-01-01", "2025-01-03"])})
    assert np.isnan(customers_of(frame).amount).all()
