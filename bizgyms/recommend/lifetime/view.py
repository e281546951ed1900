"""What is decided, seen and paid at each visit of a customer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bizgyms.view import Feature, View
from envs_data.arrays import Flags, Floats, Ints, Rows
from envs_data.parameters import ParameterError
from envs_data.recommend.lifetime import LifetimeParameters, tables
from envs_data.recommend.lifetime.laws import KEPT

Objective = Literal["margin", "clicks", "time", "purchases"]
# The business figure that stands for each objective but margin.
FIGURE_OF = {"clicks": "clicks", "time": "minutes", "purchases": "purchases"}
NOTHING = -1
# Natures of customers, of each of the two laws, over which usual visits are averaged.
NATURES = 64
# Blocks of one entry an item at the beginning of an observation.
BLOCKS = ("available", "popularity", "rating", "margin", "topic")


def project(asked: Any, there: Any, shown: Any) -> int:
    """Leaves a place empty if its item is out of stock or already shown at a place above.

    Args:
        asked: [slate] items.
        there: [items, ...] 1 where an item is in stock.
        shown: [slate] receives the items that are shown, `NOTHING` for an empty place.

    Returns:
        How many places stay empty.
    """
    empty = 0
    for place in range(len(shown)):
        item = asked[place]
        fine = there[item] > 0
        for above in range(place):
            if shown[above] == item:
                fine = False
        if not fine:
            item = NOTHING
            empty += 1
        shown[place] = item
    return empty


def check_objective(objective: object, weights: object) -> None:
    """Raises a `ParameterError` if an objective is unknown, or combined with weights that it would ignore."""
    known = get_args(Objective)
    problems = []
    if objective not in known:
        problems.append(f"{objective!r} is not possible; it must be one of {', '.join(known)}")
    elif objective != "margin" and weights:
        problems.append(f"{objective!r} cannot be combined with weights: they weigh the parts of the margin")
    if problems:
        raise ParameterError("objective", problems)


class LifetimeView(View[LifetimeParameters]):
    """Spaces, features and names of `RecommendLifetime`.

    Attributes:
        columns: number of the first feature of each group, by name.
        laws: the tables both engines play by.
        topic_of: [items] topic of each item.
        popularity: [items] weight of each item beside 1 for no click, averaged over the segments.
        unknown: popularity shown of an item that is too new: the mean of those there from the beginning.
    """

    terms: ClassVar = ("sales", "refunds")
    figures: ClassVar = ("visits", "clicks", "purchases", "minutes", "days", "empty", "churned", "capped")
    ratios: ClassVar = {
        "clicks a visit": ("clicks", "visits"),
        "purchases a click": ("purchases", "clicks"),
        "days to return": ("days", "visits"),
    }
    telling: ClassVar = ("visits", "earned")
    on_events: ClassVar = True

    def __init__(self, parameters: LifetimeParameters) -> None:
        p = parameters
        self.laws = tables(p)
        self.topic_of = p.topic_of()
        self.popularity = np.asarray(p.shares() @ self.laws.weights[0])
        old = np.array([item.arrives == 0 for item in p.items])
        self.unknown = float(self.popularity[old].mean()) if old.any() else 1.0
        self.masked = p.changes
        self.decision_shape = (p.slate,)
        super().__init__(parameters)
        self.money = f"{p.money} a customer"
        # An episode is a customer's ``days``; decided is at visits, so many at middle satisfaction.
        self.episodes_per_year = 365.0 / p.days
        self.steps_per_year = self.episodes_per_year * self._usual_visits()

    def _usual_visits(self) -> float:
        """Visits of a customer in the mean, were satisfaction always in the middle."""
        p, often = self.parameters, len(self.laws.rates) // NATURES
        rates, leaves = (law[often // 2 :: often] for law in (self.laws.rates, self.laws.dropouts))
        leaves = np.maximum(leaves, 1e-12)
        repeats = -np.expm1(-np.outer(rates, leaves) * p.days) / leaves
        return float(np.minimum(1.0 + repeats, p.visits).mean())

    def _features(self) -> tuple[Feature, ...]:
        groups = {**self._catalogue(), **self._customer(), **self._last_visit()}
        if self.parameters.revealed:
            groups |= self._hidden()
        return self._grouped(groups)

    def _catalogue(self) -> dict[str, list[Feature]]:
        p = self.parameters
        count = len(p.items)
        rows = (
            ("available", "yes or no", "1 where the item is in stock", np.ones(count), 0.5),
            ("popularity", "weight", "how often it is clicked beside 1 for no click", self.popularity, self.unknown),
            ("rating", "share", "its quality", np.array([item.quality for item in p.items]), 1.0),
            ("margin", p.money, "earned by a purchase", np.array([item.margin for item in p.items]), 1.0),
            ("topic", "topic", "topic it belongs to", self.topic_of.astype(float), 1.0),
        )
        found = {}
        for name, unit, meaning, values, scale in rows:
            high = max(float(values.max()), self.unknown if name == "popularity" else 0.0, 1.0)
            # What never changes is 0 where it is normalised: the network sees what does.
            center = [0.5] * count if name == "available" else values.tolist()
            found[name] = [
                Feature(f"{item.name}_{name}", unit, meaning, 0.0, high, middle, scale)
                for item, middle in zip(p.items, center, strict=True)
            ]
        return found

    def _customer(self) -> dict[str, list[Feature]]:
        p = self.parameters
        visits, days = float(p.visits), float(p.days)
        usual = min(visits, max(days * p.r / p.alpha, 1.0))
        earned = visits * max(*(item.margin for item in p.items), 1.0)
        lost = visits * (max(item.margin for item in p.items) + p.handling) + 1.0
        scale = max(usual * float(np.mean([item.margin for item in p.items])) / 10, 1e-3)
        money = Feature("earned", p.money, "margin so far, returns taken off", -lost, earned, 0.0, scale)
        most = 1 / (1 - KEPT) + 1
        shown = "places at which items of the topic were shown, each visit before counting 4/5 of the one after it"
        return {
            "day": [Feature.count("day", "days", "days since the first visit", days)],
            "since": [Feature("since", "days", "days since the last visit", 0, days, 0.0, days / 10)],
            "visits": [Feature("visits", "visits", "visits before this one", 0, visits, usual / 2, usual / 2)],
            "clicks": [Feature("clicks", "clicks", "clicks so far", 0, visits, usual / 4, usual / 4)],
            "purchases": [Feature("purchases", "purchases", "purchases so far", 0, visits, 0.0, usual / 10)],
            "sent_back": [Feature("sent_back", "purchases", "of these sent back so far", 0, visits, 0.0, usual / 20)],
            "earned": [money],
            "recent": [
                Feature(f"recent_{k}", "clicks", f"recent clicks on topic {k}, each visit before counting 4/5", 0, most)
                for k in range(p.topics)
            ],
            "shown": [
                Feature(f"shown_{k}", "places", f"topic {k}: {shown}", 0, most * p.slate, 0.0, p.slate)
                for k in range(p.topics)
            ],
        }

    def _last_visit(self) -> dict[str, list[Feature]]:
        p = self.parameters
        last = max(len(p.items) - 1, 1)
        meaning = "item shown there at the last visit, -1 none"
        return {
            "last": [
                Feature(f"last_{place}", "item", meaning, NOTHING, last, last / 2, last / 2) for place in range(p.slate)
            ],
            "clicked": [
                Feature("clicked", "place", "place clicked at the last visit, 1 the first, 0 none", 0, p.slate)
            ],
            "bought": [Feature("bought", "yes or no", "1 if the last visit brought a purchase", 0, 1)],
        }

    def _hidden(self) -> dict[str, list[Feature]]:
        p = self.parameters
        last, tired = max(len(p.segments) - 1, 1), max(len(p.boredom) - 1, 1)
        return {
            "satisfaction": [Feature.count("satisfaction", "level", "level of satisfaction", p.levels)],
            "segment": [Feature.count("segment", "segment", "the customer's segment", last)],
            "bored": [Feature.count(f"bored_{k}", "level", f"boredom of topic {k}", tired) for k in range(p.topics)],
            "rate": [
                Feature(
                    "rate", "visits a day", "at middle satisfaction", 0, (2 * p.r + 100) / p.alpha, 0.0, p.r / p.alpha
                )
            ],
            "leaves": [Feature("leaves", "probability", "drop-out after a visit, at middle satisfaction", 0, 1)],
        }

    def _action_space(self) -> spaces.MultiDiscrete:
        return spaces.MultiDiscrete([len(self.parameters.items)] * self.parameters.slate)

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, slate * items] what is in stock, once a place; all where nothing is."""
        if not self.masked:
            return super().action_masks(observations)
        there = self.available(observations)
        there[~there.any(axis=1)] = True
        return np.tile(there, (1, self.parameters.slate))

    # What a policy reads in observations.

    def available(self, rows: Rows) -> Flags:
        """[worlds, items] what is in stock."""
        return np.asarray(self.group(rows, "available", len(self.parameters.items)) > 0.5)

    def popular(self, rows: Rows) -> Rows:
        """[worlds, items] popularity as far as it is known."""
        return self.group(rows, "popularity", len(self.parameters.items))

    def recent(self, rows: Rows) -> Rows:
        """[worlds, topics] recent clicks."""
        return self.group(rows, "recent", self.parameters.topics)

    def shown(self, rows: Rows) -> Rows:
        """[worlds, topics] places at which each topic was shown of late."""
        return self.group(rows, "shown", self.parameters.topics)

    def freshness(self, rows: Rows) -> Floats:
        """[worlds, topics] the factor of boredom that recent clicks stand for."""
        factors = np.array(self.parameters.boredom)
        level = np.minimum(np.rint(self.recent(rows) * self.parameters.bores), len(factors) - 1)
        return np.asarray(factors[level.astype(np.int64)])

    def last(self, rows: Rows) -> Ints:
        """[worlds, slate] the last slate."""
        return np.rint(self.group(rows, "last", self.parameters.slate)).astype(np.int64)

    def one(self, rows: Rows, name: str) -> Rows:
        """[worlds] a feature of its own, such as ``visits``."""
        return rows[:, self.columns[name]]

    def top(self, scores: NDArray[np.floating[Any]], rows: Rows) -> Ints:
        """[worlds, slate] the items in stock with the highest scores, the highest first.

        Args:
            scores: [worlds, items]; equal ones in the order of the catalogue.
            rows: [worlds, features] observations.
        """
        usable = np.where(self.available(rows), scores, -np.inf)
        return np.argsort(-usable, axis=1, kind="stable")[:, : self.parameters.slate]
