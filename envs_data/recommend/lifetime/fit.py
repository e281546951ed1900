"""Either kind of table: purchases of customers, or a log of what they were shown and clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envs_data.fitting import Fitting, public
from envs_data.reading.source import Source, open_table
from envs_data.recommend.clicks import is_clicks
from envs_data.recommend.lifetime.click_fit import ClickFit
from envs_data.recommend.lifetime.parameters import LifetimeParameters
from envs_data.recommend.lifetime.purchase_fit import PurchaseFit


class LifetimeFit(Fitting[LifetimeParameters]):
    """Fits a shop to a table: `envs_data.recommend.lifetime.click_fit.fit` where it has items and clicks.

    Other tables are purchases, for `envs_data.recommend.lifetime.purchase_fit.fit`; both say what may be known.
    """

    @classmethod
    def class_for(cls, source: Source, columns: Mapping[str, str] | None) -> type[Fitting[Any]]:
        """The fit to clicks, or the one to purchases."""
        return ClickFit if is_clicks(open_table(source).frame, columns) else PurchaseFit


fit = public(LifetimeFit.fit)
