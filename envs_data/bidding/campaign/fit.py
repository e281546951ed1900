"""From a log of impressions to a campaign's day: fitted, known and unidentified fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from envs_data.bidding.campaign import checks, outcomes
from envs_data.bidding.campaign.back_test import back_test, held_back
from envs_data.bidding.campaign.observed_prices import seen
from envs_data.bidding.campaign.outcomes import Estimated
from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.bidding.campaign.prices import Prices, estimate
from envs_data.bidding.limits import HIGHEST
from envs_data.bidding.reading import read_table
from envs_data.fit_lines import short
from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, Fitting, public
from envs_data.parameters import Origin
from envs_data.tables import Table, TableError

LEAST_ROWS = 500
# If bids vary less than this around one multiple of the predicted rate (log units), slope and spread are confounded.
VARIED = 0.1
SINGLE = "bids are always the same multiple of the predicted rate, so that losses cannot tell how prices follow it"


class CampaignFit(Fitting[CampaignParameters]):
    """Fits a campaign's day to a log of impressions.

    The law of the best competing bid is fitted by censored maximum likelihood, with floors where prices are seen to
    heap; traffic by hour, predicted rates, calibration and delays each by their own likelihood or moments.

    See `envs_data.bidding.reading.CONTRACT` for the columns, such as ``{"time": "ts"}``. Known are fields of
    `CampaignParameters`, such as ``{"budget": 50000, "price": "first"}``.
    """

    kind = CampaignParameters
    fitted_to = "a log of impressions"

    def read_table(self) -> Table:
        """The log, long enough."""
        table = read_table(self.source, self.known.get("price") == "first", **self.asked)
        if len(table.frame) < LEAST_ROWS:
            raise TableError(table.where, [f"{len(table.frame)} rows; at least {LEAST_ROWS} are needed"])
        return table

    def estimate(self) -> None:
        """Estimates the law of prices, and the rest field by field."""
        frame, known = self.table.frame, self.known
        self.second_price = known.get("price", "second" if _paid_less(frame) else "first") == "second"
        self.bidding = frame[frame["bid"] >= 1]
        self.open = "" if "competition_slope" in known or self.told_apart() else SINGLE
        self.prices = self.law_of_prices(frame)
        rate, rate_sd = outcomes.rates(frame["predicted"])
        auctions, self.traffic, spread, self.short_days = outcomes.traffic(frame["time"])
        self.estimates = {"auctions": auctions, "traffic_sd": spread, "rate": rate, "rate_sd": rate_sd}
        self.estimates |= self.competition(rate.value)
        if "conversion" in frame and frame["conversion"].notna().any():
            delay = outcomes.delay(frame)
            mean_delay = float(known.get("delay", delay.value))
            bias, bias_sd = outcomes.calibration(frame, mean_delay)
            self.estimates |= {"delay": delay, "bias": bias, "bias_sd": bias_sd}

    def told_apart(self) -> bool:
        """Whether the log tells how prices follow the predicted rate from how they spread."""
        bidding, large = self.bidding, self.bidding[self.bidding["bid"] >= self.bidding["bid"].median()]
        exact = "minimum_bid" in bidding and bidding["minimum_bid"].notna().mean() > 0.5
        multiple = np.log((large["bid"] + 0.5) / large["predicted"])
        return self.second_price or exact or float(np.diff(np.quantile(multiple, [0.1, 0.9]))[0]) > VARIED

    def law_of_prices(self, rows: pd.DataFrame) -> Prices:
        """The law in some rows of the log, its slope as known, or flat where it is not identified."""
        slope = self.known.get("competition_slope", 0.0 if self.open else None)
        return estimate(seen(rows, self.second_price), None if slope is None else float(slope))

    def competition(self, rate: float) -> dict[str, Estimated]:
        """The law of prices as fields, its level that at a predicted rate."""
        prices = self.prices
        middle = float(np.log(self.bidding["predicted"]).mean())
        level = float(prices.levels.mean()) + prices.slope * (np.log(rate) - middle)
        fields = {"competition": Estimated(float(np.exp(level)), float(np.exp(level)) * prices.errors["level"][0])}
        for field, name in (("competition_slope", "slope"), ("competition_sd", "sd"), ("day_sd", "day_sd")):
            if not (self.open and name == "slope"):
                fields[field] = Estimated(getattr(prices, name), prices.errors[name][0])
        return fields

    def fields(self) -> Fields:
        """Values first, then where they come from."""
        return self.field_values(), self.field_origins()

    def field_values(self) -> dict[str, Any]:
        """The value of each field."""
        frame, prices = self.table.frame, self.prices
        won = frame[frame["won"] == 1]
        paid = won["price"] if "price" in won else won["bid"]
        middle = float((frame["bid"] / frame["predicted"])[frame["bid"] >= 1].median())
        highest = prices.cut or int(min(HIGHEST, max(1000, 2 * frame["bid"].max(), *prices.floors)))
        shown = "minimum_bid" in frame and frame.loc[frame["won"] == 0, "minimum_bid"].notna().any()
        values: dict[str, Any] = {
            **{name: one.value for name, one in self.estimates.items()},
            "traffic": self.traffic,
            "price": "second" if self.second_price else "first",
            "budget": int(np.ceil(paid.groupby(won["time"].dt.normalize()).sum().max())),
            "competition_hours": [round(float(x), 4) for x in np.exp(prices.levels - prices.levels.mean())],
            "hour_sd": prices.hour_sd,
            "tick_sd": prices.tick_sd,
            "floors": list(prices.floors),
            "floor_chances": list(prices.chances),
            "reserve": prices.reserve,
            "highest": highest,
            "feedback": "minimum_bid" if shown else "win_only",
            "bid": round(middle, 6),
        }
        if "click" in frame and "delay" in self.estimates:
            values["clicks"] = outcomes.clicks(frame, float(values["bias"]))
        return values

    def field_origins(self) -> dict[str, Origin]:
        """Where each field comes from."""
        prices = self.prices
        origins = {name: Origin("fitted", one.stderr) for name, one in self.estimates.items()}
        for name in ("traffic", "hour_sd", "tick_sd", "price", "feedback"):
            origins[name] = Origin("fitted")
        origins["competition_hours"] = Origin("fitted", prices.errors["levels"], "of their logs")
        if prices.floors:
            origins["floors"] = Origin("fitted", note="Prices that are seen far more often than their neighbours.")
            origins["floor_chances"] = Origin("fitted", prices.errors["chances"])
        if self.open:
            origins["competition_slope"] = Origin("assumed", note=f"Not identified: {self.open}.")
        for name, cell in (("highest", prices.cut), ("reserve", prices.reserve)):
            note = "Many prices are just this." if cell else "Not identified: no price is seen to be cut to it."
            origins[name] = Origin("fitted" if cell else "assumed", note=note)
        if "delay" not in self.estimates:
            for name in ("delay", "bias", "bias_sd", "clicks"):
                origins[name] = Origin("assumed", note="No conversion is in the log.")
        else:
            origins["clicks"] = Origin("fitted" if "click" in self.table.frame else "assumed")
        origins["budget"] = Origin("assumed", note="The most that was spent on a day.")
        origins["target"] = Origin("assumed", note="No target for the cost of a conversion.")
        origins["bid"] = Origin("fitted", note="The median bid over predicted rate, the middle of the action range.")
        for name in ("ticks", "bid_span", "max_shading", "bounds"):
            origins[name] = Origin("assumed")
        return origins

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """The fitted numbers, drawn from their standard errors and kept in range."""
        rng, p = self.rng(), self.parameters
        errors = {name: o.stderr for name, o in self.origins.items() if o.kind == "fitted"}
        for _ in range(DRAWS):
            change: dict[str, Any] = {}
            for name, error in errors.items():
                if isinstance(error, float) and np.isfinite(error):
                    quantity, value = p.quantities()[name], getattr(p, name)
                    drawn = value + error * rng.standard_normal()
                    change[name] = float(np.clip(drawn, max(quantity.low, value * 0.1), quantity.high))
            yield change

    def back_test(self) -> BackTest:
        """Wins of the last days."""
        frame, first = self.table.frame, held_back(self.table.frame)
        early = None if first is None else self.law_of_prices(frame[frame["time"] < first])
        return back_test(early, frame, self.second_price, (self.open,) if self.open else ())

    def checks(self) -> Iterator[str]:
        """Wins by bid, rate and time; payments, conversions and traffic."""
        frame, p = self.table.frame, self.parameters
        yield from checks.of_wins(self.prices, self.bidding, self.second_price)
        yield from checks.of_days(self.prices.days)
        yield from checks.traffic(frame["time"], self.estimates["auctions"].value, self.estimates["traffic_sd"].value)
        if "delay" in self.estimates:
            yield from checks.conversions(outcomes.with_due(frame, p.delay), p.bias, p.bias_sd)

    def describe_table(self) -> tuple[str, ...]:
        """How many impressions of how many days."""
        frame = self.table.frame
        days, won = frame["time"].dt.normalize().nunique(), frame["won"].mean()
        read = f"{len(frame):,} impressions of {days} days ({won:.0%} won, {self.parameters.price} price)"
        return read, "One campaign: BiddingCampaign."

    def describe_estimates(self) -> Iterator[str]:
        """What has a standard error, and the floors of prices."""
        p = self.parameters
        texts = [
            f"{name} {getattr(p, name):.3g} (+- {self.origins[name].stderr:.2g})"
            for name in self.estimates
            if name not in self.known and isinstance(self.origins[name].stderr, float)
        ]
        if p.floors:
            texts.append(f"{sum(p.floor_chances):.0%} of prices at {', '.join(map(str, p.floors))}")
        yield ", ".join(texts)

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """The slope where it is not identified, and what is assumed of the campaign."""
        if self.open:
            yield "open", f"competition_slope is not identified: {self.open}. Vary the multiple, or tell it."
        names = self.assumed(("budget", "target", "highest", "reserve"))
        if names:
            typed = {name: getattr(self.parameters, name) for name in names}
            texts = (f"{name} {short(value)}. {self.origins[name].note}" for name, value in typed.items())
            yield "assumed", "; ".join(texts)
            yield self.type_line(typed)

    def notes(self) -> Iterator[str]:
        """What else the log says, or does not."""
        frame, bias = self.table.frame, self.estimates.get("bias")
        free = int(((frame["won"] == 1) & (frame["price"] == 0)).sum()) if "price" in frame else 0
        if free and self.second_price:
            yield f"{free} auctions were won for nothing: the best competing bid was at most the smallest price seen."
        elif free:
            yield f"{free} auctions were won for nothing, though bids are paid: they only say that the bid won."
        if bias and abs(bias.value - 1) > 3 * bias.stderr:
            yield f"Conversions came {bias.value:.2g} times as often as predicted (+- {bias.stderr:.2g})."
        if self.short_days:
            yield f"{self.short_days} days have less than half the usual traffic; they do not count for traffic."
        if not self.second_price and "minimum_bid" not in frame:
            yield "Smallest winning bids are not told: floors, reserve and cut of prices are not identified."


def _paid_less(frame: pd.DataFrame) -> bool:
    """Whether some winner paid less than he bid."""
    won = frame[frame["won"] == 1]
    return "price" in frame and bool(((won["price"] > 0) & (won["price"] < np.floor(won["bid"]))).any())


fit = public(CampaignFit.fit)
