"""Messages about logs of messages to people."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.table import generate as walked
from envs_data.nudge.habit.parameters import MOST_MESSAGES
from tests.envs_data.remedies import (
    Change,
    Example,
    Instead,
    as_printed,
    cell,
    changed,
    column,
    refused,
    renamed,
    without,
)
from tests.envs_data.shapes_nudge import CLINIC, PEOPLE, READERS, budget_log, habit_log, mail_campaign, newsletters

MONDAY = pd.Timestamp("2024-03-04")


@functools.cache
def _clinic() -> pd.DataFrame:
    return budget_log(PEOPLE.replace(types=(CLINIC.replace(count=30),), cap=15, steps=10), seed=2)


def clinic() -> pd.DataFrame:
    """One kind of message to people who stay."""
    return _clinic().copy()


@functools.cache
def _readers() -> pd.DataFrame:
    return habit_log(READERS.replace(steps=12), seed=6, people=30)


def readers() -> pd.DataFrame:
    """Two kinds of message, and who left."""
    return _readers().copy()


@functools.cache
def _walkers() -> pd.DataFrame:
    return walked(ActivityParameters(steps=10), people=30)


def walkers() -> pd.DataFrame:
    """Steps walked, with tailored messages."""
    return _walkers().copy()


def dated(days: float = 1) -> Change:
    """Writes the date of each step."""
    return lambda log: log.assign(date=MONDAY + pd.to_timedelta(log["time"] * days, unit="D")).drop(columns="time")


def kinds(count: int) -> Change:
    """Messages of so many kinds."""
    return lambda log: log.assign(
        message=log["message"].where(log["message"] == "none", [f"kind {k % count}" for k in range(len(log))])
    )


def lengthened(log: pd.DataFrame) -> pd.DataFrame:
    """One person's last row years later."""
    return log.assign(time=log["time"].mask(np.arange(len(log)) == len(log) - 1, 2500))


def with_days(log: pd.DataFrame) -> pd.DataFrame:
    """The same with the day of each visit beside its number."""
    return log.assign(**{"visit day": MONDAY + pd.to_timedelta(log["time"], unit="D")})


@functools.cache
def _wards() -> pd.DataFrame:
    keen, tired = CLINIC.replace(name="keen", count=15, stays=0.95), CLINIC.replace(name="tired", count=15, stays=0.2)
    return budget_log(PEOPLE.replace(types=(keen, tired), cap=15, steps=10), seed=2).rename(columns={"group": "ward"})


def wards() -> pd.DataFrame:
    """People of two wards that are not alike."""
    return _wards().copy()


LOG = "log a row for each person and step: person, date, message (or none), propensity, response"
NUDGE = {
    "no time": Example(
        "nudge",
        changed(clinic, with_days, renamed(time="decision.number")),
        "no column for time",
        {"--columns time=NAME": "--columns time=decision.number", "date=NAME": "--columns 'date=visit day'"},
    ),
    "a step twice": Example(
        "nudge",
        changed(clinic, lambda log: pd.concat([log, log.tail(1)])),
        "has a row for this time already",
        {"keep one": without(-1)},
    ),
    "rows after leaving": Example(
        "nudge",
        changed(readers, lambda log: pd.concat([log, log[log["left"] == 1].assign(time=500, left=0)])),
        "is of somebody who left before",
        {"rows end with the one that says left": lambda log: log[log["time"] < 500]},
    ),
    "a log too long": Example(
        "nudge",
        changed(clinic, with_days, lengthened),
        "is 2000 steps or more after this person's first row",
        {"--columns date=NAME": "--columns 'date=visit day'"},
    ),
    "a log of days too long": Example(
        "nudge",
        changed(clinic, lengthened, dated()),
        "is 2000 steps or more after this person's first row",
        {"choose days with --since and --until": "--since 2024-03-01 --until 2024-04-30"},
    ),
    "too many people": Example(
        "nudge",
        clinic,
        "more than the fit can hold",
        {"take at most 25 people, drawn at random": lambda log: log[log["person"].isin(log["person"].unique()[:25])]},
        limits={"envs_data.nudge.reading.MOST_CELLS": 250},
    ),
    "too few rows": Example(
        "nudge",
        changed(clinic, lambda log: log.head(60)),
        "60 rows; at least 100 are needed",
        {"and some responses among them": lambda log: clinic()},
    ),
    "totals": Example(
        "nudge",
        newsletters,
        "a row holds totals (Sent, Opens, Clicks), not one person's step",
        {LOG: lambda _: clinic()},
    ),
    "a row a person": Example(
        "nudge",
        mail_campaign,
        "a row is a person, with one message or none, and one outcome",
        {LOG: lambda _: clinic().rename(columns={"message": "segment", "response": "visit"})},
        line="--columns message=segment response=visit",
    ),
    "several kinds for a budget": Example(
        "nudge",
        readers,
        "2 kinds of message (quiz, tip)",
        as_printed("--case NudgeHabit"),
        line="--case NudgeBudget",
    ),
    "too many types": Example(
        "nudge",
        changed(clinic, column("group", lambda log: log["person"])),
        "30 types of people in column group",
        {"fold them into fewer": column("group", lambda log: log["person"].str[-1].isin([*"01234"]).map(str))},
        limits={"envs_data.nudge.budget.fit.MOST_TYPES": 20},
    ),
    "other types": Example(
        "nudge",
        changed(
            clinic, column("group", lambda log: log["person"].str[-1].isin([*"01234"]).map({True: "a", False: "b"}))
        ),
        "types are c, d, and those of the table",
        {"name them alike": Instead("""--known 'types=[{"name":"a","count":15},{"name":"b","count":15}]'""")},
        line="""--known 'types=[{"name":"c","count":15},{"name":"d","count":15}]'""",
    ),
    "too many kinds": Example(
        "nudge",
        changed(readers, kinds(MOST_MESSAGES + 1)),
        f"{MOST_MESSAGES + 1} kinds of message",
        {f"fold them into at most {MOST_MESSAGES}": kinds(2)},
    ),
    "several generic messages": Example(
        "nudge",
        changed(walkers, lambda log: kinds(2)(log).rename(columns={"context": "weather"})),
        "at most one message is generic",
        {
            "give them one name": column("message", lambda log: log["message"].where(log["message"] == "none", "walk")),
            "--columns context=NAME": "--columns context=weather",
        },
    ),
    "people who differ": Example(
        "nudge",
        wards,
        "to have each fitted on its own",
        {"--columns group=NAME": "--columns group=ward"},
    ),
    "no propensities": Example(
        "nudge",
        changed(clinic, lambda log: log.drop(columns="propensity")),
        "no column gives the probability with which each message was sent",
        {"draw each message at random and keep its probability": lambda _: clinic()},
    ),
    "everybody messaged": Example(
        "nudge",
        changed(clinic, column("message", "generic"), column("propensity", 1.0)),
        "everybody who could be reached was sent a message at every step",
        {
            "send nothing to": lambda _: clinic(),
            "draw each message at random and keep its probability": lambda _: clinic(),
        },
    ),
    "everybody drawn": Example(
        "nudge",
        changed(clinic, column("propensity", 1.0)),
        "what was sent to whom was never left to chance",
        {
            "send nothing to": lambda _: clinic(),
            "draw each message at random and keep its probability": lambda _: clinic(),
        },
    ),
    "several generic messages beside tailored ones": Example(
        "nudge",
        changed(walkers, lambda log: log.assign(message=log["message"].replace("tailored-0", "tip"))),
        "at most one message is generic",
        {"names of those tailored to a context end in 0 or 1": lambda _: walkers()},
        line="--case NudgeActivity",
    ),
    **refused(
        "nudge",
        clinic,
        sent_to_somebody_unavailable=(
            "was sent to somebody who was unavailable",
            lambda log: log.assign(available=(log["message"] == "none").astype(int)),
        ),
        no_message=("no message was ever sent", column("message", "none")),
        steps_too_far_apart=("a step can be a year at most", dated(400)),
        a_propensity_of_0=("is the probability of what was done, so it cannot be 0", cell("propensity", 4, 0)),
    ),
}
