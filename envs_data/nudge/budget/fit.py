"""From a log of messages shared by many people to types of people, which are shrunk towards their mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from envs_data.arrays import Floats
from envs_data.fit_lines import Lines
from envs_data.fits import DRAWS, DRAWS_SEED, BackTest, Fit, check_request, with_known
from envs_data.nudge.back_test import RATES_SPREAD, back_test, held_back, people_differ, spread_of_people
from envs_data.nudge.budget.memory import estimate_half_lives, recalled
from envs_data.nudge.budget.parameters import BudgetParameters, PersonType
from envs_data.nudge.budget.people import HALF_LIVES, OF_TYPE, Log, TypeModel, logs_of, predicted
from envs_data.nudge.estimation import Estimate, Name, estimate
from envs_data.nudge.holdout import why_not_identified
from envs_data.nudge.reading import NONE, read_table
from envs_data.nudge.summary_lines import NOT_IDENTIFIED, assumed_lines, estimate_lines, read_line
from envs_data.parameters import Origin
from envs_data.tables import Source, Table, TableError

Estimates = list[Estimate[BudgetParameters]]
LEAST_ROWS = 100
# With at least this many types, each is shrunk towards the mean of all.
LEAST_TYPES = 3
OF_MESSAGES = ("lifts", "wakes", "hurts")


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits people who share a few messages to a log.

    A response is being engaged after the step (with ``mechanism="memory"``, a review that went well). How many stay
    and return without a message, what a message adds, and how burden rises and fades are fitted together by maximum
    likelihood; the load is never seen, and summed over. People of a type (column ``group``) are alike; from three
    types on each leans on the mean of all, the more the less its own log tells. Standard errors treat people as the
    independent units. Without propensities, or with messages to everybody, the lift is not identified.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.nudge.reading.CONTRACT` for the columns.
        columns: meaning to the table's own name, such as ``{"person": "customer"}``.
        known: fields of `BudgetParameters` the user knows, such as ``{"cap": 5, "worth": 1.4, "cost": 0.6}``.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only NudgeBudget.

    Returns:
        The fitted people, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or is too short.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    known = dict(known or {})
    check_request(BudgetParameters, known, case, "a log of messages")
    BudgetParameters.from_dict(known)
    table = read_table(source, columns, since, until)
    _check_table(table)
    logs, begin = _begin(table, known)
    missing = None if begin.mechanism == "memory" else why_not_identified(table.frame)
    names = _names(begin, known, missing)
    alone = _alone(begin, missing, known)
    fitted = _fitted(alone, logs, names)
    parameters = _together(begin, [one.parameters for one in fitted])
    origins = _origins(table, fitted, known, missing)
    return Fit(
        parameters=parameters,
        origins=origins,
        draws=_draws(begin, fitted),
        back_test=_checked(alone, logs, names, (NOT_IDENTIFIED,) if missing else ()),
        mapping=table.mapping,
        lines=_lines(table, parameters, fitted, known, missing, origins),
        notes=(*table.notes, *_notes(table, fitted, logs)),
    )


def _check_table(table: Table) -> None:
    frame, problems = table.frame, []
    kinds = sorted({*frame["message"]} - {NONE})
    if len(kinds) > 1:
        kinds_told = ", ".join(kinds)
        problems.append(f"{len(kinds)} kinds of message ({kinds_told}); NudgeBudget has one (--case NudgeHabit)")
    if len(frame) < LEAST_ROWS or not frame["response"].any():
        problems.append(f"{len(frame)} rows; at least {LEAST_ROWS} are needed, and some responses among them")
    if problems:
        raise TableError(table.where, problems)


def _begin(table: Table, known: Mapping[str, Any]) -> tuple[list[Log], BudgetParameters]:
    """The logs by type, and where the estimation begins: known values and rough figures of the log."""
    frame, logs = table.frame, logs_of(table.frame)
    a_day = int(known.get("decisions_a_day", 1))
    sent = (frame["message"] != NONE).groupby(frame["time"] // a_day).sum()
    first = frame.loc[frame["time"] == 0, "response"].mean()
    available = frame["available"] if "available" in frame else pd.Series(1.0, index=frame.index)
    slot = available.groupby(frame["time"] % a_day).mean()
    values = {
        "steps": len(logs[0].code[0]),
        "cap": int(sent.max()),
        "availability": float(slot[slot > 0].mean()) if (slot > 0).any() else 1.0,
        "quiet": [int(k) for k in slot.index[slot == 0]],
        "start": "engaged" if first >= 0.5 else "lapsed",
        "money": "engaged steps" if "worth" not in known else "money",
        **known,
        "types": known.get("types") or [PersonType(name=log.name, count=len(log.code)).to_dict() for log in logs],
    }
    p = BudgetParameters.from_dict(values)
    if p.mechanism == "memory":  # half-lives are everybody's
        logs = [Log("everything", np.concatenate([log.code for log in logs]))]
    return logs, p


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


def _draws(begin: BudgetParameters, fitted: Estimates) -> tuple[dict[str, Any], ...]:
    """Values of the fitted fields, drawn from their uncertainty."""
    if not fitted[0].names:
        return ()
    rng = np.random.default_rng(DRAWS_SEED)
    field = HALF_LIVES if begin.mechanism == "memory" else "types"
    drawn = zip(*(one.draws(DRAWS, rng) for one in fitted), strict=True)
    return tuple({field: _together(begin, types).to_dict()[field]} for types in drawn)


def _checked(
    alone: Sequence[BudgetParameters], logs: Sequence[Log], names: tuple[Name, ...], reasons: tuple[str, ...]
) -> BackTest:
    people, steps = sum(len(log.code) for log in logs), logs[0].code.shape[1]
    shown, since = np.concatenate([log.responses() for log in logs]), held_back(people, steps)
    early = _fitted(alone, [log.until(since) for log in logs], names) if since else []
    chance = [_predicted(one.parameters, log, since) for one, log in zip(early, logs, strict=False)]
    return back_test(shown, since, np.concatenate(chance) if chance else shown, reasons=reasons)


def _origins(table: Table, fitted: Estimates, known: Mapping[str, Any], missing: str | None) -> dict[str, Origin]:
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
    if "available" in table.frame:
        rate = float(table.frame["available"].mean())
        origins["availability"] = Origin("fitted", float(np.sqrt(rate * (1 - rate) / len(table.frame))))
    if HALF_LIVES in fields:
        origins[HALF_LIVES] = Origin("fitted", errors)
    elif fields:
        note = f"{what}; {', '.join(OF_MESSAGES)} assumed to be zero: {missing}" if missing else what
        origins["types"] = Origin("fitted", errors, note)
    return with_known(origins, known)


def _lines(
    table: Table,
    p: BudgetParameters,
    fitted: Estimates,
    known: Mapping[str, Any],
    missing: str | None,
    origins: Mapping[str, Origin],
) -> Lines:
    """What was read, fitted, known, not identified and assumed, and the line to type."""
    return (
        read_line(table, f"{p.people} people share at most {p.cap} messages a day: NudgeBudget."),
        *(line for one in fitted if one.names for line in estimate_lines(_values(one), {}, None)),
        *estimate_lines((), known, missing),
        *assumed_lines(table, p, origins, ("worth", "cost", "cap", "levels", "mechanism", "steps"), "NudgeBudget"),
    )


def _values(one: Estimate[BudgetParameters]) -> list[tuple[str, float, float]]:
    """What was estimated of a type: its name with the first value, value and standard error."""
    values, errors = one.model.values(one.theta).tolist(), one.stderrs().values()
    names = [field if number is None else f"{field} {number}" for field, number in one.names]
    if one.parameters.mechanism != "memory":
        names[0] = f"{one.parameters.types[0].name}: {names[0]}"
    return list(zip(names, values, errors, strict=True))


def _notes(table: Table, fitted: Estimates, logs: Sequence[Log]) -> list[str]:
    notes = []
    if "group" not in table.mapping:
        shown = np.concatenate([log.responses() for log in logs])
        chance = np.concatenate([_predicted(one.parameters, log) for one, log in zip(fitted, logs, strict=True)])
        advice = "Name a column of types with --columns group=NAME to have each fitted on its own."
        notes += people_differ(RATES_SPREAD, *spread_of_people(shown, chance), advice)
    elif len(fitted) >= LEAST_TYPES and fitted[0].names:
        notes.append("Each type leans on the mean of all, the more the less its own rows tell.")
    return notes
