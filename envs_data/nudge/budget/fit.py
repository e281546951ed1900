"""From a log of messages shared by many people to types of people, which are shrunk towards their mean."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, public
from envs_data.nudge.back_test import RATES_SPREAD, back_test, held_back, people_differ, spread_of_people
from envs_data.nudge.budget.memory import estimate_half_lives, recalled
from envs_data.nudge.budget.parameters import MOST_PEOPLE, BudgetParameters, PersonType
from envs_data.nudge.budget.people import HALF_LIVES, OF_TYPE, ROWS, Log, TypeModel, logs_of, predicted
from envs_data.nudge.checks import of_log
from envs_data.nudge.estimation import Estimate, Name, estimate
from envs_data.nudge.holdout import why_not_identified
from envs_data.nudge.log_fit import Estimated, LogFit
from envs_data.nudge.reading import NONE
from envs_data.parameters import Origin, ParameterError
from envs_data.tables import Table

Estimates = list[Estimate[BudgetParameters]]
# With at least this many types, each is shrunk towards the mean of all.
LEAST_TYPES, MOST_TYPES = 3, 50
OF_MESSAGES = ("lifts", "wakes", "hurts")


class BudgetFit(LogFit[BudgetParameters]):
    """Fits people who share a few messages to a log.

    A response is being engaged after the step (with ``mechanism="memory"``, a review that went well). How many stay
    and return without a message, what a message adds, and how burden rises and fades are fitted together by maximum
    likelihood; the load is never seen, and summed over. People of a type (column ``group``) are alike; from three
    types on each leans on the mean of all, the more the less its own log tells. Standard errors treat people as the
    independent units. Without propensities, or with messages to everybody, the lift is not identified.

    See `envs_data.nudge.reading.CONTRACT` for the columns, such as ``{"person": "customer"}``. Known are fields of
    `BudgetParameters`, such as ``{"cap": 5, "worth": 1.4, "cost": 0.6}``.
    """

    kind = BudgetParameters
    conclusion = "{p.people} people share at most {p.cap} messages a day: NudgeBudget."
    asked_for = ("worth", "cost", "cap", "levels", "mechanism", "steps")
    typed_case = "NudgeBudget"
    edges: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "stays": ("nobody seems to stay engaged without a message", "nobody seems to lapse"),
        "returns": ("nobody seems to return without a message", "everybody who lapsed seems to return at once"),
        "lifts": ("messages do not seem to keep anybody engaged", "messages seem to keep everybody engaged"),
        "wakes": ("messages do not seem to bring anybody back", "messages seem to bring everybody back"),
        "hurts": ("messages do not seem to drive anybody away", "messages at full load seem to drive everybody away"),
        "recovers": ("the load of messages never seems to fall", "the load seems to fall in every step of rest"),
        "tires": ("messages do not seem to weigh on anybody", "every message seems to weigh on everybody"),
    }

    def log_problems(self, frame: pd.DataFrame) -> Iterator[str]:
        """Several kinds of messages."""
        kinds = sorted({*frame["message"]} - {NONE})
        if len(kinds) > 1:
            several = f"{len(kinds)} kinds of message ({', '.join(kinds)})"
            yield f"{several}; NudgeBudget has one: fit them with --case NudgeHabit"
        types = frame["group"].nunique() if "group" in frame else 1
        if types > MOST_TYPES:
            yield f"{types} types of people in column group; at most {MOST_TYPES} can be fitted, fold them into fewer"

    def estimate(self) -> None:
        """Estimates what is neither known nor open, type by type."""
        self.logs, self.begin = _begin(self.table, self.known)
        self.missing = None if self.begin.mechanism == "memory" else why_not_identified(self.table.frame)
        self.names = _names(self.begin, self.known, self.missing)
        self.alone = _alone(self.begin, self.missing, self.known)
        self.estimated = _fitted(self.alone, self.logs, self.names)

    def fields(self) -> Fields:
        """All types' people, and the origins of what is estimated and assumed."""
        fitted, frame, missing = self.estimated, self.table.frame, self.missing
        errors = tuple(error for one in fitted for error in one.stderrs().values())
        fields = [field for field, _ in fitted[0].names]
        what = f"{', '.join(dict.fromkeys(fields))} of each type, in this order"
        origins = {
            "levels": Origin("assumed", note="So many messages weigh on somebody at most."),
            "mechanism": Origin("assumed", note="What messages do to the load cannot be seen directly."),
            "steps": Origin("assumed", note="As long as the log."),
            "cap": Origin("assumed", note="The most messages of one day of the log."),
            "worth": Origin("assumed", note="worth unknown: results are in engaged steps."),
            "cost": Origin("assumed", note="Messages are assumed to cost nothing."),
            "start": Origin("assumed", note="As most people were at the first step."),
        }
        if "available" in frame:
            rate = float(frame["available"].mean())
            origins["availability"] = Origin("fitted", float(np.sqrt(rate * (1 - rate) / len(frame))))
        if HALF_LIVES in fields:
            origins[HALF_LIVES] = Origin("fitted", errors)
        elif fields:
            note = f"{what}; {', '.join(OF_MESSAGES)} assumed to be zero: {missing}" if missing else what
            origins["types"] = Origin("fitted", errors, note)
        return _together(self.begin, [one.parameters for one in fitted]).to_dict(), origins

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """The types as a whole, or the half-lives."""
        if self.names:
            field, rng = HALF_LIVES if self.begin.mechanism == "memory" else "types", self.rng()
            for types in zip(*(one.draws(DRAWS, rng) for one in self.estimated), strict=True):
                yield {field: _together(self.begin, types).to_dict()[field]}

    def back_test(self) -> BackTest:
        """Responses at the last steps."""
        logs = self.logs
        people, steps = sum(len(log.code) for log in logs), logs[0].code.shape[1]
        shown, since = np.concatenate([log.responses() for log in logs]), held_back(people, steps)
        early = _fitted(self.alone, [log.until(since) for log in logs], self.names) if since else []
        chance = [_predicted(one.parameters, log, since) for one, log in zip(early, logs, strict=False)]
        return back_test(shown, since, np.concatenate(chance) if chance else shown, reasons=self.reasons)

    def checks(self) -> list[str]:
        """Responses by rest, number of messages, person and time."""
        sent = np.concatenate([np.array([row.message for row in ROWS])[log.code] for log in self.logs])
        shown = np.concatenate([log.responses() for log in self.logs])
        both = zip(self.estimated, self.logs, strict=True)
        return of_log(sent, shown, np.concatenate([_predicted(one.parameters, log) for one, log in both]))

    def estimates(self) -> Iterator[list[Estimated]]:
        """What is estimated of each type, its name before the first value."""
        for one in self.estimated:
            whose = "" if one.parameters.mechanism == "memory" else f"{one.parameters.types[0].name}: "
            labels = [field if number is None else f"{field} {number}" for field, number in one.names]
            labels[:1] = [f"{whose}{label}" for label in labels[:1]]
            fields = (field for field, _ in one.names)
            numbers = one.model.values(one.theta).tolist(), one.stderrs().values()
            yield [Estimated(*parts) for parts in zip(labels, fields, *numbers, strict=True)]

    def notes(self) -> Iterator[str]:
        """How types and people differ, and how many people stand for all."""
        yield from super().notes()
        people = sum(len(log.code) for log in self.logs)
        if people > MOST_PEOPLE and "types" not in self.known:
            stand = f"A world holds {MOST_PEOPLE:,} people at most: {self.begin.people:,} stand for {people:,}"
            yield f"{stand}, with as many of each type, and cap messages a day, in proportion."
        if "group" not in self.table.mapping:
            shown = np.concatenate([log.responses() for log in self.logs])
            both = zip(self.estimated, self.logs, strict=True)
            chance = np.concatenate([_predicted(one.parameters, log) for one, log in both])
            advice = "Name a column of types with --columns group=NAME to have each fitted on its own."
            yield from people_differ(RATES_SPREAD, *spread_of_people(shown, chance), advice)
        elif len(self.estimated) >= LEAST_TYPES and self.names:
            yield "Each type leans on the mean of all, the more the less its own rows tell."


def _begin(table: Table, known: Mapping[str, Any]) -> tuple[list[Log], BudgetParameters]:
    """The logs by type, and where the estimation begins: known values and rough figures of the log."""
    frame, logs = table.frame, logs_of(table.frame)
    a_day = int(known.get("decisions_a_day", 1))
    sent = (frame["message"] != NONE).groupby(frame["time"] // a_day).sum()
    first = frame.loc[frame["time"] == 0, "response"].mean()
    available = frame["available"] if "available" in frame else pd.Series(1.0, index=frame.index)
    slot = available.groupby(frame["time"] % a_day).mean()
    counts = {log.name: len(log.code) for log in logs}
    share = _share_held(counts)
    values = {
        "steps": len(logs[0].code[0]),
        "cap": math.ceil(share * int(sent.max())),
        "availability": float(slot[slot > 0].mean()) if (slot > 0).any() else 1.0,
        "quiet": [int(k) for k in slot.index[slot == 0]],
        "start": "engaged" if first >= 0.5 else "lapsed",
        "money": "engaged steps" if "worth" not in known else "money",
        **known,
        "types": known.get("types")
        or [PersonType(name=name, count=max(1, int(share * count))).to_dict() for name, count in counts.items()],
    }
    p = BudgetParameters.from_dict(BudgetParameters.kept_in_range(values)[0])
    if "types" in known and p.mechanism != "memory":
        logs = _in_order(logs, [kind.name for kind in p.types])
    if p.mechanism == "memory":  # half-lives are everybody's
        logs = [Log("everything", np.concatenate([log.code for log in logs]))]
    return logs, p


def _share_held(counts: Mapping[str, int]) -> float:
    """The share of a log's people, by type, that a world holds; 1 where it holds all."""
    people = sum(counts.values())
    return 1.0 if people <= MOST_PEOPLE else (MOST_PEOPLE - len(counts)) / people


def _in_order(logs: list[Log], types: Sequence[str]) -> list[Log]:
    """The logs in the order of known types; one log is that of one type, whatever it is called."""
    named = {log.name: log for log in logs}
    if len(logs) == len(types) == 1:
        return logs
    if sorted(named) != sorted(types):
        says = f"types are {', '.join(types)}, and those of the table {', '.join(named)}"
        raise ParameterError("known", [f"{says}; name them alike"])
    return [named[name] for name in types]


def _names(p: BudgetParameters, known: Mapping[str, Any], missing: str | None) -> tuple[Name, ...]:
    """What is estimated of each type of people."""
    if "types" in known:
        return ()
    if p.mechanism == "memory":
        return () if HALF_LIVES in known else tuple((HALF_LIVES, k) for k in range(len(p.half_lives)))
    hopeless = (*OF_MESSAGES, "recovers", "tires") if missing else ()
    return tuple((field, None) for field in OF_TYPE[p.mechanism] if field not in hopeless)


def _alone(p: BudgetParameters, missing: str | None, known: Mapping[str, Any]) -> list[BudgetParameters]:
    """Each type on its own; messages do nothing where their lift is not identified."""
    if p.mechanism == "memory":
        return [p]
    nothing = dict.fromkeys(OF_MESSAGES, 0.0) if missing and "types" not in known else {}
    return [dataclasses.replace(p, types=(kind.replace(**nothing),)) for kind in p.types]


def _fitted(alone: Sequence[BudgetParameters], logs: Sequence[Log], names: tuple[Name, ...]) -> Estimates:
    """Every type's estimate."""
    how = estimate_half_lives if alone[0].mechanism == "memory" else estimate
    estimates = [how(TypeModel(p, log, names)) for p, log in zip(alone, logs, strict=True)]
    return _pooled(estimates) if len(estimates) >= LEAST_TYPES and names else estimates


def _pooled(estimates: Estimates) -> Estimates:
    """Types shrunk towards their mean, the more the less their own log says (DerSimonian and Laird 1986)."""
    theta = np.stack([one.theta for one in estimates])
    variance = np.stack([np.diag(one.covariance) for one in estimates])
    weight = 1 / variance
    mean = (weight * theta).sum(axis=0) / weight.sum(axis=0)
    excess = (weight * (theta - mean) ** 2).sum(axis=0) - (len(estimates) - 1)
    between = np.maximum(excess / (weight.sum(axis=0) - (weight**2).sum(axis=0) / weight.sum(axis=0)), 1e-6)
    share = between / (between + variance)
    of_mean = 1 / (1 / (between + variance)).sum(axis=0)
    mean = (theta / (between + variance)).sum(axis=0) * of_mean
    spread = np.sqrt(share + (1 - share) ** 2 * of_mean / variance)
    return [
        dataclasses.replace(one, theta=s * one.theta + (1 - s) * mean, covariance=one.covariance * np.outer(r, r))
        for one, s, r in zip(estimates, share, spread, strict=True)
    ]


def _predicted(p: BudgetParameters, log: Log, since: int = 0) -> Floats:
    return recalled(p, log, since) if p.mechanism == "memory" else predicted(p, log, since)


def _together(p: BudgetParameters, types: Sequence[BudgetParameters]) -> BudgetParameters:
    """All types' people in one world."""
    if p.mechanism == "memory":
        return types[0]
    return dataclasses.replace(p, types=tuple(one.types[0] for one in types))


fit = public(BudgetFit.fit)
