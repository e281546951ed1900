"""The sample in an ugly export's notation: it is what its card says, and is fitted like the table behind it."""

import bizgyms
from envs_data.restock.item import SCENARIOS
from envs_data.restock.item.table import generate
from tests.envs_data.test_restock_table import SAMPLES

SAMPLE = SAMPLES / "shop_export.csv"


def exported(frame):
    """A German shop's export: a title, semicolons, decimal commas, euro signs, a stamp at closing, Windows-1252."""
    lines = ["Tagesabschluss Filiale Süd", "", "Sales Date;Units Sold;Closing Stock;Order Qty;Received;Unit Price"]
    for row in frame.itertuples():
        day = f"{row.date:%d.%m.%Y}"
        price = f"{row.price:.2f} €".replace(".", ",")
        lines.append(f"{day} 20:15;{row.units};{row.on_hand};{row.ordered};{row.delivered};{price}")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def test_the_sample_is_the_table_of_its_card_in_another_notation():
    table = generate(SCENARIOS["corner-shop"], seed=1, days=365)
    assert SAMPLE.read_bytes() == exported(table)
    assert '`generate(SCENARIOS["corner-shop"], seed=1, days=365)`' in (SAMPLES / "README.md").read_text("utf-8")
    fit = bizgyms.case("RestockItem").fit
    found = fit(SAMPLE)
    assert found.parameters == fit(table.drop(columns="propensity")).parameters
    assert found.notes[0] == (
        "Read with Windows-1252 text, a semicolon between cells, 2 lines before the header left out, a decimal comma, "
        "06.01.2025 20:15 as day-month-year."
    )
