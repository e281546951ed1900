"""What is decided, seen and paid when one item is restocked."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from bizgyms.compiled import jit
from bizgyms.restock import calendar_features
from bizgyms.view import Feature, View
from envs_data.arrays import Rows
from envs_data.restock.item import ItemParameters

Count = float | np.signedinteger[Any]


@jit
def reward_terms(
    left: Count, lost: Count, ordered: Count, holding: float, shortage: float, order_cost: float
) -> tuple[float, float, float]:
    """The parts of a day's reward, in the order of `ItemView.terms`."""
    return -holding * left, -shortage * lost, -order_cost if ordered > 0 else 0.0


class ItemView(View[ItemParameters]):
    """Spaces, features and names of `RestockItem`.

    Attributes:
        forecast: [days + 1] expected demand from each day through the day before today's order could be followed by
            another delivery (lead time + 1 days); what a planner orders against.
        calendar_columns: [days + 1, columns] the features that only the calendar decides, as the kernel copies them.
        calendar_rows: the same as plain Python numbers, for one world.
    """

    clock: ClassVar = "days_left"
    terms: ClassVar = ("holding", "shortage", "ordering")
    figures: ClassVar = ("demand", "sold", "lost", "left")
    telling: ClassVar = ("on_hand",)
    ratios: ClassVar = {"service level": ("sold", "demand")}

    def __init__(self, parameters: ItemParameters) -> None:
        days, span = parameters.days, parameters.lead_time + 1
        longer = parameters.replace(days=min(days + span, 3660))
        self.forecast = calendar_features.forecast(longer.mean * longer.factors(), days, parameters.lead_time)
        super().__init__(parameters)
        self.decides = "units to order" if parameters.pack == 1 else f"packs of {parameters.pack} units to order"
        self.calendar_columns = self._calendar_columns()
        self.calendar_rows: list[list[float]] = self.calendar_columns.tolist()

    def _features(self) -> tuple[Feature, ...]:
        p = self.parameters
        stock = p.mean * (p.lead_time + 1) + 1
        most = float(p.start_on_hand + p.days * p.max_packs * p.pack)
        least = -float(p.days * (max(len(pmf) for pmf in p.laws()[0]) - 1)) if p.unmet == "backordered" else 0.0
        on_hand = "stock after this morning's delivery" + ("; below zero, customers waiting" if least else "")
        features = [Feature("on_hand", "units", on_hand, least, most, stock / 2, stock)]
        features += calendar_features.arriving_features("on_order", p.lead_time, float(p.max_packs * p.pack), p.mean)
        features += calendar_features.date_features(p)
        if len(p.weekday) + len(p.season) > 0:
            features.append(calendar_features.forecast_feature("forecast", self.forecast, p.lead_time))
        features.append(Feature.count("days_left", "days", "days left, today included", p.days))
        return tuple(features)

    def believed(self, observations: Rows) -> Rows:
        """With these parameters' forecast on each day, and deliveries under way as their lead time has them.

        What another lead time has on order for later than the last day of this one is shown with that day's.
        """
        rows = calendar_features.with_calendar(observations, self.calendar_columns)
        own, seen = max(self.parameters.lead_time, 1), rows.shape[1] - self.calendar_columns.shape[1]
        stock = np.zeros((len(rows), own), dtype=rows.dtype)
        stock[:, : min(own, seen)] = rows[:, : min(own, seen)]
        stock[:, -1] += rows[:, own:seen].sum(axis=1)
        return np.hstack([stock, rows[:, seen:]])

    def _action_space(self) -> spaces.Discrete:
        return spaces.Discrete(self.parameters.max_packs + 1)

    def _calendar_columns(self) -> Rows:
        p = self.parameters
        columns = calendar_features.date_columns(p)
        if columns:
            columns.append(self.forecast)
        columns.append(p.days - np.arange(p.days + 1))
        return np.stack(columns, axis=1).astype(np.float32)
