"""From a log of clicks to a shop with its customers: fitted, known and unidentified fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fit_lines import type_line
from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, Fitting, public
from envs_data.parameters import Origin
from envs_data.recommend.bg_nbd import Cohort, Purchases, returns_of
from envs_data.recommend.clicks import read_clicks
from envs_data.recommend.estimation import estimate_visits, visits_notes, visits_origins, visits_text
from envs_data.recommend.lifetime import Item, LifetimeParameters, Segment, checks
from envs_data.recommend.lifetime.click_back_test import back_test
from envs_data.recommend.lifetime.click_model import estimate, log_of
from envs_data.tables import Table, TableError

LEAST_VISITS, LEAST_CUSTOMERS = 100, 30
# The share of an item is shrunk towards that of all items with the weight of this many cases.
SHRUNK = 10.0
# Appeals that a shop can hold.
APPEALS = (-20.0, 20.0)
UNSEEN = "Clicks alone do not tell what satisfaction does."


class ClickFit(Fitting[LifetimeParameters]):
    """Fits a shop to a log of what was shown and clicked.

    Appeal of every item, the effect of the place and the tastes of hidden segments come from one multinomial logit by
    maximum likelihood; standard errors treat customers as the independent units. Visits follow the BG/NBD law. Shares
    of clicks that become purchases, and of purchases sent back, are those of the log, shrunk slightly towards the mean
    of all items.

    See `envs_data.recommend.clicks.CONTRACT` for the columns, such as ``{"customer": "visitor"}``. Known are fields of
    `LifetimeParameters`, such as ``{"hold": 1.0}``.
    """

    kind = LifetimeParameters
    fitted_to = "clicks"

    def check_values(self) -> None:
        """Values are checked together with those of the log."""

    def read_table(self) -> Table:
        """The log and its visits, and what columns tell of each item."""
        table = read_clicks(self.source, **self.asked)
        frame = table.frame[table.frame["item"].notna() & (table.frame["item"] != "")]
        by_item = frame.groupby("item", sort=True)
        self.names = [str(name) for name in by_item.groups]
        labels = by_item["topic"].first().fillna("") if "topic" in frame else pd.Series("", index=self.names)
        self.log, self.about = log_of(frame, self.names, pd.factorize(labels, sort=True)[0].astype(np.int64))
        visits, self.customers = len(self.log.items), self.about["customer"].nunique()
        if visits < LEAST_VISITS or self.customers < LEAST_CUSTOMERS:
            need = f"at least {LEAST_VISITS} and {LEAST_CUSTOMERS} are needed"
            raise TableError(table.where, [f"{visits} visits of {self.customers} customers; {need}"])
        self.shares = _shares(frame)
        return table

    def estimate(self) -> None:
        """Estimates what makes customers click, and when they come back."""
        self.clicks, self.visits = estimate(self.log), estimate_visits(_cohort(self.about))

    def fields(self) -> Fields:
        """What clicks and visits tell; the rest is assumed."""
        clicks, count = self.clicks, len(self.names)
        span = int((self.about["date"].max() - self.about["date"].min()).days) + 1
        values: dict[str, Any] = {
            "days": max(span, 1),
            "slate": min(self.log.items.shape[1], count),
            "topics": int(self.log.topic.max()) + 1,
            "hold": 0.0,
            "pull": 0.0,
            "money": "money" if "margin" in self.shares else "purchases",
            **self.shop(),
            **dataclasses.asdict(self.visits.law),
        }
        how = f"appeal of each; from the log: {', '.join(['appeal', *self.shares])}"
        unseen = ("hold", "pull", "boredom", "rises", "falls", "neglect")
        return values, {
            "items": Origin("fitted", tuple(clicks.errors[:count].tolist()), how),
            "position": Origin("fitted", float(clicks.errors[count] * np.exp(clicks.place))),
            "segments": Origin("fitted", note="As many as the Bayesian information criterion likes."),
            **visits_origins(self.visits),
            **dict.fromkeys(unseen, Origin("assumed", note=UNSEEN)),
            "days": Origin("assumed", note="As long as the log."),
        }

    def shop(self) -> dict[str, Any]:
        """The fields that clicks tell."""
        plain: dict[str, Any] = {"margin": 1.0, "buys": 0.1, "quality": 0.5, "returns": 0.0}
        known: list[dict[str, Any]] = [
            {field: float(self.shares[field][k]) if field in self.shares else usual for field, usual in plain.items()}
            for k in range(len(self.names))
        ]
        items = [
            Item(name, int(self.log.topic[k]), float(self.clicks.appeal[k]), **known[k]).to_dict()
            for k, name in enumerate(self.names)
        ]
        several = len(self.clicks.shares) > 1
        segments = [
            Segment(f"segment_{g}", float(share), tuple(self.clicks.tastes[g].tolist()) if several else ()).to_dict()
            for g, share in enumerate(self.clicks.shares)
        ]
        return {"items": items, "segments": segments, "position": float(np.exp(self.clicks.place))}

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """Appeal, the effect of the place, and the law of visits."""
        rng, count = self.rng(), len(self.names)
        vectors = rng.multivariate_normal(self.clicks.vector, self.clicks.covariance, size=DRAWS, method="eigh")
        for vector, law in zip(vectors, self.visits.draws(DRAWS, rng), strict=True):
            appeals = zip(self.parameters.items, np.clip(vector[:count], *APPEALS), strict=True)
            items = [{**item.to_dict(), "appeal": float(appeal)} for item, appeal in appeals]
            yield {"items": items, "position": float(np.exp(min(vector[count], 0.0))), **law}

    def back_test(self) -> BackTest:
        """Clicks at the last visits."""
        return back_test(self.log, self.about["date"])

    def checks(self) -> Iterator[str]:
        """Clicks by place, history and time, and when customers return; not what known values make different."""
        yield from checks.of_clicks(self.clicks, self.log, self.about, bored="boredom" in self.known)
        if not {"hold", "pull"} & {*self.known}:
            yield from checks.of_visits(self.visits.law, _cohort(self.about), _returns(self.about))

    def describe_table(self) -> tuple[str, ...]:
        """How many visits of how many customers."""
        read = f"{len(self.log.items):,} visits of {self.customers:,} customers"
        return read, "What to show them: RecommendLifetime."

    def describe_estimates(self) -> Iterator[str]:
        """Places, items and segments, and the law of visits."""
        clicks, count = self.clicks, len(self.names)
        place, error = np.exp(clicks.place), clicks.errors[count] * np.exp(clicks.place)
        parts = [
            f"a place further down counts {place:.2f} (+- {error:.2g})",
            f"appeal of {count} items (+- {np.median(clicks.errors[:count]):.2g} in the median)",
            f"{len(clicks.shares)} segment{'s' if len(clicks.shares) > 1 else ''} of customers",
        ]
        yield ", ".join(parts)
        yield visits_text(self.visits)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """What satisfaction does is always asked for."""
        missing = [name for name in ("margin", "bought", "rating") if name not in self.table.mapping]
        without = f"; no column for {', '.join(missing)}" if missing else ""
        yield "assumed", f"satisfaction and boredom do nothing{without}"
        yield type_line("recommend", self.table, self.asked, {"hold": 1.0, **self.given})

    def notes(self) -> Iterator[str]:
        """What no log of clicks tells."""
        yield "What bores, and what satisfaction does, are assumed to have no effect unless known."
        yield from visits_notes(self.visits)

    def would_help(self) -> Iterator[str]:
        """Columns that would replace a guess by knowledge."""
        helps = {
            "margin": "a column for the margin of each item",
            "bought": "a column that says which clicks became purchases",
            "rating": "a column for the rating of each item, which tells what disappoints",
            "propensity": "a column for the probability with which each item was shown",
        }
        return (sentence for name, sentence in helps.items() if name not in self.table.mapping)


def _shares(frame: pd.DataFrame) -> dict[str, Floats]:
    """[items] purchases a click, returns a purchase, margin and rating, as far as the log has the columns."""
    shares = {}
    for meaning, of, field in (("bought", "clicked", "buys"), ("returned", "bought", "returns")):
        if meaning in frame and of in frame:
            base = frame[of].fillna(0).groupby(frame["item"], sort=True).sum().to_numpy()
            hits = frame[meaning].fillna(0).groupby(frame["item"], sort=True).sum().to_numpy()
            usual = hits.sum() / max(base.sum(), 1.0)
            shares[field] = (hits + SHRUNK * usual) / (base + SHRUNK)
    for meaning, field in (("margin", "margin"), ("rating", "quality")):
        if meaning in frame and frame[meaning].notna().any():
            mean = frame[meaning].groupby(frame["item"], sort=True).mean()
            shares[field] = mean.fillna(mean.mean()).to_numpy()
    return shares


def _cohort(about: pd.DataFrame) -> Cohort:
    """Visits of each customer, in days since the first."""
    dates = about.groupby("customer")["date"].agg(["count", "min", "max"])
    recency = (dates["max"] - dates["min"]).dt.days.to_numpy().astype(np.float64)
    age = (about["date"].max() - dates["min"]).dt.days.to_numpy().astype(np.float64)
    return Cohort(dates["count"].to_numpy() - 1, recency, np.maximum(age, 1.0))


def _returns(about: pd.DataFrame) -> Purchases:
    """Visits after each customer's first, in days since it; several of one day are one."""
    customer = pd.factorize(about["customer"])[0].astype(np.int64)
    return returns_of(customer, (about["date"] - about["date"].min()).dt.days.to_numpy())


fit = public(ClickFit.fit)
