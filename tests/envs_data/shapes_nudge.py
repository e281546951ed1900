"""Shapes of logs of messages that people have, remade in small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from envs_data.nudge.budget.parameters import BudgetParameters, PersonType
from envs_data.nudge.budget.table import generate as budget_log
from envs_data.nudge.habit.parameters import HabitParameters, Message
from envs_data.nudge.habit.table import generate as habit_log
from tests.envs_data.shapes import Shape

CLINIC = PersonType(name="everybody", count=120, stays=0.8, returns=0.2, lifts=0.6, wakes=0.4)
PEOPLE = BudgetParameters(steps=20, cap=60, types=(CLINIC,))
READERS = HabitParameters(
    steps=25,
    levels=5,
    patience=3,
    base=0.1,
    messages=(Message("tip", right=0.9, response=0.5), Message("quiz", right=0.7, response=0.6)),
)


def activity_study() -> pd.DataFrame:
    """A study of a phone that suggests a walk: five decisions a day, available or not, steps walked afterwards."""
    rng = np.random.default_rng(1)
    people, decisions = 30, 40
    avail = rng.random(people * decisions) < 0.8
    send = avail & (rng.random(people * decisions) < 0.6)
    steps = np.maximum(np.round(250 + 120 * send + 60 * rng.standard_normal(people * decisions)), 0)
    return pd.DataFrame(
        {
            "user": np.repeat(np.arange(1, people + 1), decisions),
            "decision.index": np.tile(np.arange(decisions), people),
            "avail": avail.astype(int),
            "send": send.astype(int),
            "send.prob": np.where(avail, np.where(send, 0.6, 0.4), 1.0),
            "jbsteps30": steps.astype(int),
        }
    )


def mail_campaign() -> pd.DataFrame:
    """An e-mail campaign: a row a customer, one of two mails or none, visited or not."""
    rng = np.random.default_rng(2)
    segment = rng.choice(["Mens E-Mail", "Womens E-Mail", "No E-Mail"], 3000)
    visit = rng.random(3000) < np.where(segment == "No E-Mail", 0.1, 0.2)
    return pd.DataFrame(
        {
            "recency": rng.integers(1, 13, 3000),
            "history": rng.gamma(2.0, 100.0, 3000).round(2),
            "newbie": rng.integers(0, 2, 3000),
            "segment": segment,
            "visit": visit.astype(int),
            "conversion": (visit & (rng.random(3000) < 0.1)).astype(int),
        }
    )


def mail_experiment() -> pd.DataFrame:
    """The same with the probability of what each customer got."""
    return mail_campaign().assign(propensity=0.3333)


def newsletters() -> pd.DataFrame:
    """Totals of a newsletter, one row an issue."""
    sent = np.random.default_rng(3).integers(4000, 4400, 30)
    days = pd.date_range("2024-01-03", periods=30, freq="7D").strftime("%d %b %Y")
    issue = [f"Issue {k}" for k in range(1, 31)]
    return pd.DataFrame({"Campaign": issue, "Date": days, "Sent": sent, "Opens": sent // 4, "Clicks": sent // 30})


def reminders() -> pd.DataFrame:
    """A clinic's reminders by text message, Y or N, and who took the tablets."""
    log = budget_log(PEOPLE, seed=2)
    return pd.DataFrame(
        {
            "patient_id": log["person"],
            "visit_date": (pd.Timestamp("2024-03-04") + pd.to_timedelta(log["time"], unit="D")).dt.strftime("%d/%m/%Y"),
            "sms_sent": np.where(log["message"] == "none", "N", "Y"),
            "prob": log["propensity"],
            "took_tablets": np.where(log["response"] == 1, "Y", "N"),
        }
    )


def donations() -> pd.DataFrame:
    """A charity's mailings: a row a donor and month, mailed or not, what was given."""
    rng = np.random.default_rng(5)
    donors, months = 120, 20
    mailed = rng.random(donors * months) < 0.5
    gave = rng.random(donors * months) < 0.1 + 0.2 * mailed
    amount = np.where(gave, rng.choice([10.0, 20.0, 50.0], donors * months), 0.0)
    return pd.DataFrame(
        {
            "donor_id": np.repeat(np.arange(1001, 1001 + donors), months),
            "month": np.tile(pd.date_range("2022-01-01", periods=months, freq="MS").strftime("%Y-%m-%d"), donors),
            "mailed": mailed.astype(int),
            "propensity": 0.5,
            "gift": amount,
        }
    )


def habit_app() -> pd.DataFrame:
    """An app for habits: a tip, a quiz or nothing each day, done or not, and who deleted it."""
    log = habit_log(READERS, seed=6, people=120)
    day = pd.Timestamp("2024-09-02") + pd.to_timedelta(log["time"], unit="D")
    names = {"person": "user_id", "response": "responded", "left": "unsubscribed"}
    return log.assign(day=day.dt.strftime("%Y-%m-%d")).drop(columns="time").rename(columns=names)


def everybody_messaged() -> pd.DataFrame:
    """A log in which everybody got the push every day."""
    log = reminders().drop(columns="prob")
    return log.assign(sms_sent="Y")


def shape(table: Callable[[], pd.DataFrame], line: str = "", **more: object) -> Shape:
    """A shape of this trade."""
    return Shape("nudge", table, line, **more)  # type: ignore[arg-type]


NUDGE = {
    "activity study": shape(
        activity_study,
        "--columns time=decision.index available=avail message=send propensity=send.prob response=jbsteps30",
        first=("name yours with --columns message=NAME response=NAME",),
        says=("Column jbsteps30 holds amounts", "people do not seem to get used to messages in this table"),
        fields={"base": 250, "generic": 120},
    ),
    "e-mail campaign": shape(
        mail_campaign,
        "--columns message=segment response=visit",
        first=("no column for person and message and response",),
        refused=("With the probability of what was done (a column propensity, such as 0.5)",),
    ),
    "e-mail experiment": shape(
        mail_experiment,
        "--columns message=segment response=visit",
        first=("no column for person and message and response",),
        refused=("Mens E-Mail +0.102 responses a person (95 %: +0.0702 to +0.134)", "for that, log a row for each"),
    ),
    "newsletters": shape(newsletters, first=("a row holds totals (Sent, Opens, Clicks), not one person's step",)),
    "reminders": shape(
        reminders,
        "--columns person=patient_id date=visit_date message=sms_sent response=took_tablets",
        first=("name yours with --columns person=NAME message=NAME response=NAME",),
        says=("One kind of message in column sms_sent, and nobody leaves: NudgeBudget",),
        fields={"stays": 0.8, "lifts": 0.6, "returns": 0.2, "wakes": 0.4},
        tolerance=0.1,
    ),
    "donations": shape(
        donations,
        "--columns person=donor_id date=month message=mailed response=gift",
        first=("name yours with --columns person=NAME message=NAME response=NAME",),
        says=("Column gift holds amounts",),
        fields={"steps": 20, "step_days": 30.44, "base": 80 / 30, "generic": 160 / 30},
        tolerance=0.1,
    ),
    "habit app": shape(
        habit_app,
        says=("2 kinds of message in column message: quiz, tip: NudgeHabit",),
        fields={"base": 0.1, "right": 0.8, "response": 0.55, "patience": 3},
        tolerance=0.15,
    ),
    "everybody messaged": shape(
        everybody_messaged,
        "--columns person=patient_id date=visit_date message=sms_sent response=took_tablets",
        first=("name yours with --columns person=NAME message=NAME response=NAME",),
        says=("The lift of messages is not identified: everybody who could be reached was sent a message",),
        fields={"lifts": 0.0},
    ),
}
