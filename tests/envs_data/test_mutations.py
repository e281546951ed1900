"""Any table is read, fitted or refused in sentences: no traceback, no warning, nothing half written."""

import pytest

import bizgyms
from envs_data.choice import choose_case
from envs_data.parameters import ParameterError
from envs_data.tables import TableError
from tests.envs_data.mutations import FAMILIES, mutated


def fitting(family, path):
    """The fit that the command line would choose, before it has read anything."""
    name, _ = choose_case(family, path)
    kind = bizgyms.case(name).fit.__wrapped__.__self__
    return kind.class_for(path, None)(path, {}, {})


def refused(problems):
    """Checks that a refusal is made of sentences for people."""
    assert problems
    for problem in problems:
        assert problem.strip() == problem
        assert "()" not in problem
        assert "Error" not in problem
        assert "np." not in problem


def tried(sample, seeds, folder, do):
    for seed in seeds:
        path = folder / "table.csv"
        path.write_bytes(mutated(sample, seed))
        try:
            do(FAMILIES[sample], path)
        except (TableError, ParameterError) as error:
            refused(error.problems)
        except Exception as error:
            pytest.fail(f"{sample}, seed {seed}: {type(error).__name__}: {error}")


@pytest.mark.parametrize("sample", FAMILIES)
def test_any_table_is_read_or_refused(sample, tmp_path):
    tried(sample, range(2_000 // len(FAMILIES) + 1), tmp_path, lambda *given: fitting(*given).read_table())


@pytest.mark.parametrize("sample", FAMILIES)
def test_any_table_is_fitted_or_refused(sample, tmp_path):
    tried(sample, range(100 // len(FAMILIES) + 1), tmp_path, lambda *given: fitting(*given).result(None).summary())


@pytest.mark.slow
@pytest.mark.parametrize("sample", FAMILIES)
def test_twenty_thousand_tables_are_read_or_refused(sample, tmp_path):
    tried(sample, range(20_000 // len(FAMILIES) + 1), tmp_path, lambda *given: fitting(*given).read_table())


@pytest.mark.parametrize("units", [-1e308, 1e308])
def test_numbers_near_the_end_of_all_floats_are_refused_in_sentences(units, tmp_path):
    path = tmp_path / "table.csv"
    days = [f"2024-01-{day:02},{units if day % 2 else 3}" for day in range(1, 29)]
    path.write_text("\n".join(["date,units", *days]))
    with pytest.raises(TableError) as caught:
        fitting("restock", path).result(None)
    refused(caught.value.problems)
