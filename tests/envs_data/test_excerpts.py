import pandas as pd
import pytest

from envs_data.excerpts import excerpts
from envs_data.restock.item.fit import fit
from envs_data.restock.reading import read_table
from envs_data.tables import TableError

DAYS = [f"2025-01-{day:02d}" for day in range(1, 31)]


def table(tmp_path, *rows):
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(["date,sku,qty", *rows]) + "\n")
    return path


def test_rows_keep_their_number_in_the_file(tmp_path):
    path = table(tmp_path, "2025-01-01,b,3", "2025-01-01, a ,4", "2025-01-02,b,x")
    found = excerpts(path, "sku")
    assert list(found) == ["b", "a"]
    assert found["b"].frame.index.tolist() == [2, 4]
    with pytest.raises(TableError, match=r"sales.csv: row 4, column 'qty': 'x' is not a number"):
        read_table(found["b"])
    assert read_table(found["a"]).frame["units"].tolist() == [4.0, 0.0], "b was sold on a day without a"


def test_an_excerpt_is_fitted_as_a_table_of_its_own(tmp_path):
    rows = [f"{day},{item},{(k * 7) % 5 + more}" for k, day in enumerate(DAYS) for item, more in (("a", 0), ("b", 3))]
    path = table(tmp_path, *rows)
    alone = pd.read_csv(path).query("sku == 'b'")
    assert fit(excerpts(path, "sku")["b"]).parameters == fit(alone).parameters


@pytest.mark.parametrize(
    ("each", "columns", "message"),
    [
        ("skuu", {}, "--each: unknown column 'skuu'; did you mean 'sku'"),
        ("item", {"item": "product"}, "--each: unknown column 'item'"),
        ("sku", {}, "row 3, column 'sku': the cell is empty"),
    ],
)
def test_columns_that_cannot_be(tmp_path, each, columns, message):
    with pytest.raises(TableError, match=message):
        excerpts(table(tmp_path, "2025-01-01,b,3", "2025-01-01,,4"), each, columns)


def test_a_meaning_stands_for_its_column(tmp_path):
    assert list(excerpts(table(tmp_path, "2025-01-01,b,3"), "item", {"item": "sku"})) == ["b"]
