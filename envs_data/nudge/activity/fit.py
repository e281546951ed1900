"""From a log of messages and amounts to people who habituate, disengage and leave."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize

from envs_data.arrays import Floats
from envs_data.fit_lines import Lines
from envs_data.fits import DRAWS, DRAWS_SEED, BackTest, Fit, check_request, with_known
from envs_data.nudge.activity import likelihood
from envs_data.nudge.activity.leaving import Leaving, estimate_leaving
from envs_data.nudge.activity.likelihood import AMOUNTS, SHARES, Log, Walk, Walked
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.world import GENERIC
from envs_data.nudge.back_test import ALIKE, back_test, held_back, people_differ, spread_of_people
from envs_data.nudge.holdout import why_not_identified
from envs_data.nudge.reading import WALKED, read_table, step_days
from envs_data.nudge.summary_lines import NOT_IDENTIFIED, assumed_lines, estimate_lines, read_line
from envs_data.parameters import Origin
from envs_data.tables import Source, Table, TableError

LEAST_ROWS, LEAST_LEAVING = 100, 10
LEAVING = ("forgives", "annoys")
# Rounding and a little noise alone look like dispersion up to this.
NO_DISPERSION = 0.02


def fit(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
    since: str | None = None,
    until: str | None = None,
    case: str | None = None,
) -> Fit:
    """Fits a model of people who are nudged to walk to a log of messages and amounts.

    What is walked without a message, what a generic one and a right tailored one add, how habituation rises and
    fades, and the noise of the context are fitted together by maximum likelihood, over whether tailored messages were
    right; then the times of leaving give how disengagement rises and fades. Standard errors treat people as the
    independent units. Without propensities, or with messages to everybody, the lift is not identified.

    Args:
        source: path of a CSV file, or a DataFrame: see `envs_data.nudge.reading.WALKED` for the columns. Messages whose
            names end in 0 or 1 are tailored to that context.
        columns: meaning to the table's own name, such as ``{"response": "steps"}``.
        known: fields of `ActivityParameters` the user knows, such as ``{"sigma": 0.4}``.
        since: first day to use, as YYYY-MM-DD.
        until: last day to use.
        case: the case to fit; only NudgeActivity.

    Returns:
        The fitted person, with origins, draws, back-test and the lines to print.

    Raises:
        TableError: a table that cannot be read, or is too short.
        ParameterError: unknown or impossible known fields, or an unknown case.
    """
    known = dict(known or {})
    check_request(ActivityParameters, known, case, "a log of messages")
    ActivityParameters.from_dict(known)
    table = read_table(source, columns, since, until, WALKED)
    log = _checked_log(table)
    missing = None if {"generic", "tailored"} <= {*known} else why_not_identified(table.frame)
    reasons = _unknown(table, log, known, missing)
    begin = _begin(table, log, known, missing)
    walked = likelihood.estimate(Walk(begin, log, tuple(name for name in (*AMOUNTS, *SHARES) if name not in reasons)))
    leaving = None if "annoys" in reasons else _leaving(walked, log)
    dispersion, error = (begin.dispersion, 0.0) if "dispersion" in reasons else dispersion_of(walked, log)
    parameters = dataclasses.replace(_together(walked.parameters, leaving), dispersion=dispersion)
    origins = _origins(table, walked, leaving, error, known, reasons)
    return Fit(
        parameters=parameters,
        origins=origins,
        draws=_draws(walked, leaving),
        back_test=_checked(walked, log, (NOT_IDENTIFIED,) if missing else ()),
        mapping=table.mapping,
        lines=_lines(table, parameters, walked, origins, known, missing),
        notes=(*table.notes, *_notes(parameters, walked, log, reasons)),
    )


def _checked_log(table: Table) -> Log:
    frame, problems = table.frame, []
    generic = [name for name, kind in likelihood.kinds_of(frame).items() if kind == GENERIC]
    if len(generic) > 1:
        told = ", ".join(generic)
        problems.append(f"{told}: at most one message is generic; names of those tailored to a context end in 0 or 1")
    if len(frame) < LEAST_ROWS or not frame["response"].any():
        problems.append(f"{len(frame)} rows; at least {LEAST_ROWS} are needed, and some responses among them")
    if problems:
        raise TableError(table.where, problems)
    return likelihood.log_of(frame)


def _unknown(table: Table, log: Log, known: Mapping[str, Any], missing: str | None) -> dict[str, str]:
    """Fields that are not estimated, and why."""
    reasons = dict.fromkeys(known, "known")
    if missing:
        for name in ("generic", "tailored", "fades", "rises", *LEAVING, "dispersion"):
            reasons.setdefault(name, missing)
    if "context" not in table.frame:
        reasons.setdefault("sigma", "no column says what was seen of the context")
    elif bool(np.isin(log.signal[np.isfinite(log.signal)], (0.0, 1.0)).all()):
        reasons.setdefault("sigma", "the context was seen as it is")
    for name, there in (("generic", log.kind == GENERIC), ("tailored", log.kind > GENERIC)):
        if not there.any():
            reasons.setdefault(name, f"no message was {name}")
    if log.left.sum() < LEAST_LEAVING:
        for name in LEAVING:
            reasons.setdefault(name, f"{int(log.left.sum())} people left")
    return reasons


def _begin(table: Table, log: Log, known: Mapping[str, Any], missing: str | None) -> ActivityParameters:
    """Known and unidentified fields; typical values for the others."""
    values: dict[str, Any] = {"steps": log.kind.shape[1], "step_days": step_days(table.frame), "money": "amount"}
    seen = log.signal[np.isfinite(log.signal)]
    values["sigma"] = 0.0 if len(seen) and np.isin(seen, (0.0, 1.0)).all() else 2.0
    if missing:
        values |= {"generic": 0.0, "tailored": 0.0}
    return ActivityParameters.from_dict(values | dict(known))


def _leaving(walked: Walked, log: Log) -> Leaving:
    p = walked.parameters
    return estimate_leaving(p, log, likelihood.right_after(p, walked.noise, log))


def _together(p: ActivityParameters, leaving: Leaving | None) -> ActivityParameters:
    if leaving is None:
        return p
    forgives, annoys = leaving.mean.tolist()
    return dataclasses.replace(p, forgives=forgives, annoys=annoys)


def dispersion_of(walked: Walked, log: Log) -> tuple[float, float]:
    """The dispersion at which a simulated walk is off its mean as much as the log's, and its standard error.

    Args:
        walked: the people.
        log: the log; what counts are its generic messages.
    """
    p = walked.parameters
    mine = log.there & np.isfinite(log.response) & (log.kind == GENERIC)
    mean = np.maximum(p.base + likelihood.gains(p, log), 1e-9)
    wobble = 2.0 * np.random.default_rng(DRAWS_SEED).random((3, *log.kind.shape)) - 1.0
    off = np.where(mine, (log.response / mean - 1.0) ** 2, 0.0)
    observed = float(off.sum() / max(mine.sum(), 1))

    def excess(dispersion: float) -> float:
        made = _walk(p, log, dispersion, wobble)
        return float(((made / mean - 1.0)[mine] ** 2).mean()) - observed

    if not mine.any() or excess(NO_DISPERSION) > 0:
        return 0.0, 0.0
    if excess(1.0) < 0:
        return 1.0, 0.0
    best = float(optimize.brentq(excess, NO_DISPERSION, 1.0, xtol=1e-4))
    slope = (excess(min(best + 0.02, 1.0)) - excess(best - 0.02)) / (min(best + 0.02, 1.0) - best + 0.02)
    by_person = (off - observed * mine).sum(axis=1)
    return best, float(np.sqrt((by_person**2).sum())) / max(float(mine.sum()) * slope, 1e-9)


def _walk(p: ActivityParameters, log: Log, dispersion: float, wobble: Floats) -> Floats:
    """[people, steps] steps walked with a generic message or none, rounded at random."""
    now, made = np.full(len(log.kind), p.start_habituation), np.empty(log.kind.shape)
    for step, sent in enumerate(log.kind.T > 0):
        mean = np.where(sent, np.minimum(1.0, now + p.rises), p.fades * now)
        now = mean + dispersion * wobble[0, :, step] * np.minimum(mean, 1.0 - mean)
        made[:, step] = (p.base + p.generic * sent * (1.0 - now)) * (1.0 + dispersion * wobble[1, :, step])
    return np.asarray(np.floor(made + 0.5 * (1.0 + wobble[2])))


def expected(p: ActivityParameters, noise: Floats, log: Log) -> tuple[Floats, Floats]:
    """[people, steps] mean and variance of the steps walked, given the message sent and the signal seen before it."""
    chance, gain = likelihood.right_before(p, log), likelihood.gains(p, log)
    right, wrong = likelihood.variances(p, noise, log)
    return p.base + chance * gain, chance * right + (1 - chance) * wrong + chance * (1 - chance) * gain**2


def _checked(walked: Walked, log: Log, reasons: tuple[str, ...]) -> BackTest:
    since = held_back(*log.kind.shape)
    response = np.where(log.there, log.response, np.nan)
    if not since:
        return back_test(response, 0, response, reasons=reasons)
    walk = dataclasses.replace(walked.walk, log=log.until(since), spread=None)
    early = likelihood.estimate(walk, np.append(walked.theta, np.log(walked.noise)))
    mean, variance = expected(early.parameters, early.noise, log)
    return back_test(response, since, mean[:, since:], variance[:, since:], reasons)


def _draws(walked: Walked, leaving: Leaving | None) -> tuple[dict[str, Any], ...]:
    """Values of the fitted fields, drawn from their uncertainty."""
    rng = np.random.default_rng(DRAWS_SEED)
    drawn = rng.multivariate_normal(walked.theta, walked.covariance, size=DRAWS, method="eigh")
    people = [walked.walk.parameters(theta) for theta in drawn]
    draws = [{name: getattr(p, name) for name in walked.walk.names} for p in people]
    if leaving is not None:
        pairs = leaving.draws(DRAWS, rng).tolist()
        draws = [one | dict(zip(LEAVING, pair, strict=True)) for one, pair in zip(draws, pairs, strict=True)]
    return tuple(draws)


def _origins(
    table: Table,
    walked: Walked,
    leaving: Leaving | None,
    dispersion_error: float,
    known: Mapping[str, Any],
    reasons: Mapping[str, str],
) -> dict[str, Origin]:
    origins = {name: Origin("assumed", note=f"Not identified: {reasons[name]}.") for name in reasons}
    origins |= {name: Origin("fitted", error) for name, error in walked.stderrs().items()}
    if leaving is not None:
        origins |= {name: Origin("fitted", error) for name, error in zip(LEAVING, leaving.stderr.tolist(), strict=True)}
    if "dispersion" not in reasons:
        origins["dispersion"] = Origin("fitted", dispersion_error)
    if "context" in table.frame and "sigma" in reasons:
        origins["sigma"] = Origin("fitted", 0.0, reasons["sigma"])
    origins["start_habituation"] = Origin("assumed", note="People begin hardly used to messages.")
    origins["start_disengagement"] = Origin("assumed", note="People begin far from leaving.")
    origins["leaves"] = Origin("assumed", note="The scale of disengagement: it ends here.")
    origins["steps"] = Origin("assumed", note="As long as the log.")
    return with_known(origins, known)


def _lines(
    table: Table,
    p: ActivityParameters,
    walked: Walked,
    origins: Mapping[str, Origin],
    known: Mapping[str, Any],
    missing: str | None,
) -> Lines:
    """What was read, fitted, known, not identified and assumed, and the line to type."""
    fields = [*walked.walk.names, *LEAVING, "dispersion"]
    fitted = [name for name in fields if origins[name].kind == "fitted"]
    values = [(name, float(getattr(p, name)), float(np.max(origins[name].stderr or 0.0))) for name in fitted]
    return (
        read_line(table, "Amounts, messages and a context: NudgeActivity."),
        *estimate_lines(values, known, missing),
        *assumed_lines(
            table, p, origins, ("sigma", *LEAVING, "start_habituation", "start_disengagement", "steps"), "NudgeActivity"
        ),
    )


def _notes(p: ActivityParameters, walked: Walked, log: Log, reasons: Mapping[str, str]) -> list[str]:
    mean, variance = expected(walked.parameters, walked.noise, log)
    differ = spread_of_people(np.where(log.there, log.response, np.nan), mean, variance)
    notes = people_differ("what they walk spreads", *differ, ALIKE)
    if p.dispersion > 0:
        notes.append(
            "Days differ by chance: forgives and annoys are those of a mean day, and may be off by more than their "
            "errors say."
        )
    if "annoys" in reasons and reasons["annoys"] != "known":
        notes.append(f"What drives people away is not identified: {reasons['annoys']}.")
    if float(likelihood.habituation(p, log.kind)[log.there].max()) < 0.3:
        notes.append("Nobody was sent many messages in a row: habituation far beyond that is a guess.")
    return notes
