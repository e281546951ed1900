"""The example of docs/verdict.md, on the table of an online record shop."""

import re
from pathlib import Path

import pytest

import baselines
from envs_data.restock.fit import fit

ROOT = Path(__file__).parents[2]
TABLE = ROOT.parent / "shared" / "data" / "cdnow_daily_sales.csv"
KNOWN = {"margin": 4, "holding": 0.02, "lead_time": 2}


@pytest.fixture(scope="module", autouse=True)
def _there():
    if not TABLE.exists():
        pytest.skip("the table of CDNOW's sales is not here")


def replayed(**options):
    return baselines.replay(fit(TABLE, known=KNOWN, **options), ["rules"], TABLE, today="base_stock:S=500")


def test_the_page_shows_what_is_printed():
    page = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- cdnow -->\n```text\n(.*?)```", page, re.DOTALL).group(1)
    printed = " ".join(str(replayed()).split())
    assert len(shown.splitlines()) == 6
    for line in shown.splitlines():
        assert " ".join(line.split()) in printed


def test_without_the_months_in_which_customers_came_the_witnesses_agree():
    page = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
    found = replayed(since="1997-04-01")
    best = next(row for row in found.rows if row.role == "best rule")
    told = [found.money(best.value), f"last {found.days} days", f"{best.share * 100:.0f} % of what hindsight"]
    for words in (*told, f"the {found.money(best.expected)} promised"):
        assert words in page.replace("\n", " ")


def test_the_fit_says_what_is_wrong():
    back_test = fit(TABLE, known=KNOWN).back_test
    assert "80 % bands covered 49%, expected 80%" in back_test.problems
    assert back_test.predicted["mean"] == pytest.approx(133, abs=1)
    assert back_test.observed["mean"] == pytest.approx(176, abs=1)


def test_what_stays_open_of_the_later_months_is_in_the_draws():
    found = fit(TABLE, known=KNOWN, since="1997-04-01")
    assert found.back_test.passed
    assert found.parameters.mean == pytest.approx(227, abs=1)
    assert min(draw["mean"] for draw in found.draws) < 182
    assert "The table leaves another form of demand open: a trend" in found.summary()
