"""What is decided, seen and paid in a season."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.view import Feature, View
from envs_data.arrays import Floats, Places, Rows
from envs_data.pricing.season import SeasonParameters

Count = float | np.signedinteger[Any]


@jit
def reward_terms(sold: Count, price: float, left: Count, salvage: float) -> tuple[float, float]:
    """The parts of a period's reward, in the order of `SeasonView.terms`; ``salvage`` is 0 but in the last."""
    return price * sold, salvage * left


class SeasonView(View[SeasonParameters]):
    """Spaces, features and names of `PricingSeason`.

    Attributes:
        hidden_columns: number of the first feature that tells what was learnt about a hidden demand.
        factors: [periods + 1] factor on customers of each period, 0 after the last.
    """

    clock: ClassVar = "periods_left"
    terms: ClassVar = ("revenue", "salvage")
    figures: ClassVar = ("customers", "sold", "lost", "left")
    ratios: ClassVar = {"conversion": ("sold", "customers")}

    def __init__(self, parameters: SeasonParameters) -> None:
        self.factors = np.append(parameters.factors(), 0.0)
        self.hidden_columns = 3 + bool(parameters.profile)
        super().__init__(parameters)
        self.hidden = parameters.hidden
        self.steps_per_year = 365.0 / parameters.period_days

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        stock = float(p.start_stock)
        features = [
            Feature.count("stock", "units", "units left", stock),
            Feature.count("periods_left", "periods", "periods left, this one included", p.periods),
            Feature("sold", "units", "units sold in the last period", 0, stock, 0.0, stock / 4),
        ]
        if p.profile:
            most, mean = float(self.factors.max()), float(p.factors().mean())
            meaning = "customers expected in this period, beside the average"
            features.append(Feature("factor", "times the average", meaning, 0, most, mean, most))
        return (*features, *(self._learnt() if p.hidden else ()))

    def _learnt(self) -> list[Feature]:
        p = self.parameters
        stock, most = float(p.start_stock), float(p.factors().sum())
        sold = [
            Feature(f"sold_at_{k}", "units", f"units sold so far at {price:g}", 0, stock, 0.0, stock / 2)
            for k, price in enumerate(p.prices)
        ]
        meaning = "periods at {:g} so far, each weighted with its factor on customers"
        time = [
            Feature(f"time_at_{k}", "periods", meaning.format(price), 0, most, 0.0, most / 2)
            for k, price in enumerate(p.prices)
        ]
        return [*sold, *time]

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(len(self.parameters.prices))

    def period(self, rows: Rows) -> Places:
        """[worlds] periods completed, from observations."""
        periods = self.parameters.periods
        return np.clip(periods - rows[:, 1].astype(np.intp), 0, periods - 1)

    def stock(self, rows: Rows) -> Places:
        """[worlds] units left, from observations."""
        return np.clip(rows[:, 0].astype(np.intp), 0, self.parameters.start_stock)

    def learnt(self, rows: Rows) -> tuple[Floats, Floats]:
        """[worlds, prices] units sold at each price and weighted periods at it; where demand is hidden."""
        first, count = self.hidden_columns, len(self.parameters.prices)
        seen = rows[:, first : first + 2 * count].astype(np.float64)
        return seen[:, :count], seen[:, count:]
