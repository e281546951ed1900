"""Either kind of table: purchases of customers, or a log of what they were shown and clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envs_data.fits import Fit
from envs_data.recommend.clicks import is_clicks
from envs_data.recommend.lifetime import click_fit
from envs_data.recommend.lifetime import purchase_fit as purchases
from envs_data.table_reading import read_text
from envs_data.tables import Source


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a shop to a table: `envs_data.recommend.lifetime.click_fit.fit` where it has items and clicks.

    Other tables are purchases, for `envs_data.recommend.lifetime.purchase_fit.fit`; both say what the arguments mean.
    """
    frame, _ = read_text(source)
    chosen = click_fit.fit if is_clicks(frame, columns) else purchases.fit
    return chosen(source, columns, known, since, until, case)
