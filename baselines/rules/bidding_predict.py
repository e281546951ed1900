"""Predict, then decide: win and conversion models from a log of impressions, then shading and pacing by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from baselines.agents import Problem
from baselines.rules.regression import linear_models
from baselines.rules.rule_specs import parameters_as, view_as
from bizgyms.bidding.campaign.fluid import Curves, Resolve
from bizgyms.bidding.campaign.view import CampaignView
from envs_data.arrays import Floats
from envs_data.bidding.campaign import CampaignParameters
from envs_data.bidding.campaign.law import paying

HOURS, RATES, BIDS = 24, 48, 61
SHADES = 9
LEAST_CONVERSIONS = 10
MOST_ROWS = 40_000


def predict_then_bid(problem: Problem, seed: int = 0, days: int = 14) -> Resolve:
    """A logistic win model and a calibration, and the bids and shading that are best by them for the budget left.

    It knows the log, budget, target and the winner's price rule, and not the law of prices. Where the log says only
    whether a bid won, the model knows no more.

    Args:
        problem: the campaign.
        seed: seed of the log.
        days: length of the log.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    p, view = parameters_as(CampaignParameters, problem), view_as(CampaignView, problem)
    log = problem.case.generate(p, seed=seed, days=days)
    rates = np.quantile(log["predicted"], (np.arange(RATES) + 0.5) / RATES)
    wins = win_chances(log, rates, p.highest)
    pays = np.stack([paying(p, hour) for hour in wins])
    hours = np.arange(p.ticks) * HOURS // p.ticks
    of_hour = np.bincount(log["time"].dt.hour, minlength=HOURS) / days
    auctions = of_hour[hours] / np.bincount(hours, minlength=HOURS)[hours]
    true = rates * calibrated(log)

    def usual_day(shading: float) -> Curves:
        logs = np.log(p.bid) + np.log(p.bid_span) * np.linspace(-1, 1, BIDS)
        worth = np.exp(logs)[:, None, None] * rates
        offers = worth / np.sqrt(1 + shading * worth / view.usual[:-1][:, None])
        bids = np.minimum(offers, p.highest).astype(np.int64)
        place = (hours[None, :, None], np.arange(RATES)[None, None, :], bids)
        cost, gain = pays[place].mean(axis=2).T, (wins[place] * true).mean(axis=2).T
        return Curves(logs, auctions[:, None] * cost, auctions[:, None] * gain)

    shadings = [0.0] if p.price == "second" else np.linspace(0, p.max_shading / 2, SHADES).tolist()
    best = max(shadings, key=lambda shading: usual_day(shading).value(p.budget))
    return Resolve(view, usual_day(best), best)


def win_chances(log: pd.DataFrame, rates: Floats, highest: int) -> Floats:
    """[hours, rates, highest + 1] chance that each bid wins, by logistic regression on its log.

    Args:
        log: impressions.
        rates: predicted rates to say it for.
        highest: largest bid.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    linear = linear_models("predicting wins")
    rows = log[log["bid"] >= 1].head(MOST_ROWS)
    if rows["won"].nunique() < 2:
        return np.full((HOURS, len(rates), highest + 1), float(rows["won"].mean()) if len(rows) else 0.0)
    hours = np.eye(HOURS)[rows["time"].dt.hour.to_numpy()]
    known = np.column_stack([np.log(rows["bid"] + 0.5), np.log(rows["predicted"]), hours])
    model: Any = linear.LogisticRegression(C=10.0, max_iter=500).fit(known, rows["won"])
    weights = model.coef_[0]
    bids = weights[0] * np.log(np.arange(highest + 1) + 0.5)
    score = weights[2:][:, None, None] + (weights[1] * np.log(rates))[:, None] + bids + model.intercept_[0]
    chances = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    chances[:, :, 0] = 0.0
    return np.asarray(chances)


def calibrated(log: pd.DataFrame) -> float:
    """Conversions of impressions won over those predicted; 1 where there are too few."""
    won = log[log["won"] == 1]
    came, due = int(won["conversion"].notna().sum()), float(won["predicted"].sum())
    return came / due if came >= LEAST_CONVERSIONS else 1.0
