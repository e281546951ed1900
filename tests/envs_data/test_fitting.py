"""What all fits share: the signature users call, its help, and the precedence of known values."""

import inspect
from pathlib import Path

import pytest

from bizgyms.registry import cases
from envs_data.fits import Fit

ROOT = Path(__file__).parents[2]
FITS = [case for case in cases() if case.has("fit")]
SHARED = ["source", "columns", "known", "since", "until", "case"]


@pytest.mark.parametrize("case", FITS, ids=lambda case: case.id)
def test_every_fit_has_one_signature_and_help_of_its_own(case):
    fit = case.fit
    assert [*inspect.signature(fit).parameters][:6] == SHARED
    help_text = inspect.getdoc(fit)
    assert help_text.startswith("Fits ")
    assert "Args:" in help_text
    assert "Raises:" in help_text
    assert fit.__module__.startswith("envs_data.")


def test_only_one_item_asks_for_more():
    more = {case.id: [*inspect.signature(case.fit).parameters][6:] for case in FITS}
    assert {id: names for id, names in more.items() if names} == {"bizgyms/RestockItem-v0": ["item"]}


def test_known_values_take_precedence_and_are_not_drawn():
    fit = next(case for case in FITS if "PricingSeason" in case.id).fit
    result = fit(ROOT / "envs_data" / "tables" / "winter_coats.csv", known={"sensitivity": 0.02})
    assert isinstance(result, Fit)
    assert result.parameters.sensitivity == 0.02
    assert result.origins["sensitivity"].kind == "known"
    assert all("sensitivity" not in draw for draw in result.draws)
