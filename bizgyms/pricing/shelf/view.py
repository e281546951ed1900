"""What is decided, seen and paid at a shelf."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bizgyms.view import Feature, View
from envs_data.arrays import Flags, Floats, Places, Rows
from envs_data.chance import demand_pmf
from envs_data.pricing.shelf import ShelfParameters, tables

NO_LIMIT = 1 << 62


def project(steps: NDArray[np.integer[Any]], last: NDArray[np.integer[Any]], left: int, decision: Any) -> int:
    """Ignores further price changes, product by product, once none are left.

    Args:
        steps: [products] price steps wanted.
        last: [products] price steps so far.
        left: changes left.
        decision: [products] receives the price steps that will be.

    Returns:
        How many prices change.
    """
    changes = 0
    for k in range(len(decision)):
        changing = steps[k] != last[k] and changes < left
        changes += changing
        decision[k] = steps[k] if changing else last[k]
    return changes


def product_terms(sold: int, price: float, cost: float) -> tuple[float, float]:
    """What a product adds to the first two of `ShelfView.terms`."""
    return price * sold, -cost * sold


class ShelfView(View[ShelfParameters]):
    """Spaces, features and names of `PricingShelf`.

    Attributes:
        columns: number of the first feature of each group: stock, price, sold, reference, and the rest by name.
        factors: [periods + 1] factor on customers of each period, 0 after the last.
    """

    clock: ClassVar = "periods_left"
    terms: ClassVar = ("revenue", "cost", "changes")
    figures: ClassVar = ("customers", "sold", "left", "price_changes", "sold_out")
    ratios: ClassVar = {"conversion": ("sold", "customers")}

    def __init__(self, parameters: ShelfParameters) -> None:
        self.factors = np.append(parameters.factors(), 0.0)
        self.tables = tables(parameters)
        self.masked = parameters.max_changes > 0
        super().__init__(parameters)
        self.hidden = parameters.hidden
        self.steps_per_year = 365.0 / parameters.period_days

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        groups = {
            "stock": self._stocks(),
            "price": self._prices("price", "the price of the last period"),
            "sold": self._sold(),
        }
        if p.remembers:
            groups["reference"] = self._prices("reference", "what customers compare the price with")
        groups |= {feature.name: [feature] for feature in self._rest()}
        return self._grouped(groups)

    def _stocks(self) -> list[Feature]:
        found = []
        for product in self.parameters.products:
            most = float(product.start_stock + product.delivery)
            scale = max(most / 2, 1.0)
            found.append(Feature(f"{product.name}_stock", "units", "units left", 0, most, scale, scale))
        return found

    def _prices(self, name: str, meaning: str) -> list[Feature]:
        found = []
        for product in self.parameters.products:
            low, high = product.prices[0], product.prices[-1]
            scale = (high - low) / 2 or 1.0
            unit = f"{self.parameters.money} a unit"
            found.append(Feature(f"{product.name}_{name}", unit, meaning, low, high, (low + high) / 2, scale))
        return found

    def _sold(self) -> list[Feature]:
        most = self._most_customers()
        mean = self.parameters.customers / len(self.parameters.products)
        return [
            Feature(f"{product.name}_sold", "units", "units sold in the last period", 0, most, 0.0, mean)
            for product in self.parameters.products
        ]

    def _most_customers(self) -> float:
        p = self.parameters
        return float(len(demand_pmf("poisson", p.customers * float(p.factors().sum()) * max(p.kinds()))))

    def _rest(self) -> list[Feature]:
        p = self.parameters
        found = []
        if p.profile:
            most, mean = float(self.factors.max()), float(p.factors().mean())
            meaning = "customers expected in this period, beside the average"
            found.append(Feature("factor", "times the average", meaning, 0, most, mean, most))
        if p.max_changes:
            found.append(Feature.count("changes_left", "changes", "price changes left", p.max_changes))
        if p.hidden:
            most, mean = self._most_customers(), float(p.means().sum())
            found.append(Feature("sold_so_far", "units", "units of all products sold so far", 0, most, 0.0, mean / 2))
            meaning = "units that were expected to be sold so far at level 1"
            found.append(Feature("expected_so_far", "units", meaning, 0, mean, 0.0, mean / 2))
        return [*found, Feature.count("periods_left", "periods", "periods left, this one included", p.periods)]

    def _action_space(self) -> spaces.MultiDiscrete:
        return spaces.MultiDiscrete([len(product.prices) for product in self.parameters.products])

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, actions] every price step, or where no change is left only the last."""
        masks = super().action_masks(observations)
        if not self.masked:
            return masks
        done = observations[:, self.columns["changes_left"]] < 1
        last, first = self.steps(observations), 0
        for k, product in enumerate(self.parameters.products):
            others = np.arange(len(product.prices)) != last[:, [k]]
            masks[:, first : first + len(product.prices)] = ~(done[:, None] & others)
            first += len(product.prices)
        return masks

    def believed(self, observations: Rows) -> Rows:
        """Without a remembered price where these customers have none; the last price for one where others have none."""
        count = len(self.parameters.products)
        if observations.shape[1] == len(self.features):
            return observations
        before, after = np.split(observations, [3 * count], axis=1)
        if not self.parameters.remembers:
            return np.hstack([before, after[:, count:]])
        return np.hstack([before, before[:, count : 2 * count], after])

    # What a policy reads in observations.

    def period(self, rows: Rows) -> Places:
        """[worlds] periods completed."""
        periods = self.parameters.periods
        return np.clip(periods - rows[:, -1].astype(np.intp), 0, periods - 1)

    def stock(self, rows: Rows) -> Places:
        """[worlds, products] units left."""
        return np.rint(rows[:, : len(self.parameters.products)]).astype(np.intp)

    def steps(self, rows: Rows) -> Places:
        """[worlds, products] price steps of the last period."""
        prices = self.group(rows, "price", len(self.parameters.products))
        found = [np.abs(prices[:, [k]] - ladder).argmin(axis=1) for k, ladder in enumerate(self.tables.prices)]
        return np.stack(found, axis=1)

    def references(self, rows: Rows) -> Floats:
        """[worlds, products] reference prices; those of the start where nobody remembers."""
        count = len(self.parameters.products)
        if not self.parameters.remembers:
            return np.broadcast_to(self.tables.start, (len(rows), count))
        return self.group(rows, "reference", count).astype(np.float64)

    def changes_left(self, rows: Rows) -> Places:
        """[worlds] price changes left, `NO_LIMIT` without one."""
        if not self.parameters.max_changes:
            return np.full(len(rows), NO_LIMIT, dtype=np.intp)
        return rows[:, self.columns["changes_left"]].astype(np.intp)
