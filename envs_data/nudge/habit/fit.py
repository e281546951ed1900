"""From a log of messages to people who habituate: fitted, known and unidentified fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, public
from envs_data.nudge.back_test import ALIKE, RATES_SPREAD, back_test, held_back, spread_of_people
from envs_data.nudge.back_test import people_differ as note_on_people
from envs_data.nudge.checks import of_log, weekdays_of
from envs_data.nudge.estimation import Name, estimate
from envs_data.nudge.habit.likelihood import HabitModel, Log, filtered, log_of
from envs_data.nudge.habit.parameters import MOST_MESSAGES, HabitParameters, Message
from envs_data.nudge.holdout import why_not_identified
from envs_data.nudge.log_fit import Estimated, LogFit
from envs_data.nudge.reading import NONE, step_days
from envs_data.parameters import Origin
from envs_data.tables import Table, TableError

LONGEST_PATIENCE = 10
SHARED = ("base", "fades", "forgives")
OF_KIND = ("response", "right")


class HabitFit(LogFit[HabitParameters]):
    """Fits people who habituate to a log of messages.

    Baseline, lift of each kind of message, the rates at which habituation fades and disengagement is forgiven, and
    the chance that a message is wrong (and so the hazard of leaving) are fitted together by maximum likelihood;
    habituation and disengagement are never seen, and summed over. Standard errors treat people as the independent
    units. Without propensities, or with messages to everybody, the lift is not identified.

    See `envs_data.nudge.reading.CONTRACT` for the columns, such as ``{"person": "customer"}``. Known are fields of
    `HabitParameters`, such as ``{"worth": 18, "patience": 3}``; ``worth`` holds for responses to every kind of message
    too.
    """

    kind = HabitParameters
    conclusion = "One person's messages: NudgeHabit."
    asked_for = ("worth", "levels", "patience", "steps")
    edges: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base": ("nobody seems to respond without a message", "everybody seems to respond without a message"),
        "fades": ("habituation never seems to fade", "habituation seems to fade in every step without a message"),
        "forgives": (
            "no wrong message seems to be forgiven",
            "a right message always seems to make up for a wrong one",
        ),
        "response": ("nobody seems to respond to it", "everybody seems to respond to it where it is right"),
        "right": ("it seems to be wrong for everybody", "it seems to be right for everybody"),
    }

    def estimate(self) -> None:
        """Estimates what is neither known nor open."""
        frame = self.table.frame
        begin, self.log = _begin(self.table, self.known)
        self.missing = None if "messages" in self.known else why_not_identified(frame)
        self.fixed = _fixed(frame, self.known, self.missing)
        begin = _assumed(begin, self.fixed, self.known)
        self.estimated = estimate(HabitModel(begin, self.log, _names(begin, self.fixed)))

    def fields(self) -> Fields:
        """One person, and the origins of what is estimated, open and assumed."""
        fitted, fixed = self.estimated, self.fixed
        errors = fitted.stderrs()
        origins = {field: Origin("fitted", errors[field, None]) for field, kind in fitted.names if kind is None}
        of_messages = tuple(error for (_, kind), error in errors.items() if kind is not None)
        if of_messages:
            estimated = [field for field in OF_KIND if field not in fixed]
            note = f"{' and '.join(estimated)} of each kind, in this order; " + "; ".join(
                f"{name} assumed: {fixed[name]}" for name in OF_KIND if name in fixed
            )
            origins["messages"] = Origin("fitted", of_messages, note.removesuffix("; "))
        elif "messages" not in self.known:
            origins["messages"] = Origin("assumed", note=" ".join(dict.fromkeys(fixed[name] for name in OF_KIND)))
        for field in SHARED:
            if field in fixed and field not in self.known:
                origins[field] = Origin("assumed", note=f"Not identified: {fixed[field]}.")
        origins["steps"] = Origin("assumed", note="As long as the log.")
        origins["levels"] = Origin("assumed", note="Messages no longer work after so many in a row.")
        origins["patience"] = Origin("assumed", note="The fewest wrong messages that drove somebody away, where told.")
        origins["worth"] = Origin("assumed", note="worth unknown: results are in responses.")
        if "date" in self.table.frame:
            origins["step_days"] = Origin("fitted", note="The smallest gap between two rows of a person.")
        return fitted.parameters.to_dict(), origins

    def draws(self) -> Iterator[Mapping[str, Any]]:
        """What is shared, and the messages as a whole."""
        fields = sorted({field if kind is None else "messages" for field, kind in self.estimated.names})
        drawn = (people.to_dict() for people in self.estimated.draws(DRAWS, self.rng()))
        return ({name: world[name] for name in fields} for world in drawn)

    def back_test(self) -> BackTest:
        """Responses at the last steps."""
        fitted, log = self.estimated, self.log
        since, p = held_back(*log.code.shape), fitted.parameters
        early = estimate(HabitModel(p, log.until(since), fitted.names), fitted.theta, errors=False) if since else fitted
        chances = filtered(early.parameters, log, since)[1]
        return back_test(log.responses(), since, chances, reasons=self.reasons)

    def checks(self) -> list[str]:
        """Responses by rest, number of messages, person and time."""
        p, log, frame = self.estimated.parameters, self.log, self.table.frame
        sent = np.array([row.kind for row in log.rows])[log.code]
        weekday = weekdays_of(frame, log.code.shape, p.step_days)
        return of_log(sent, log.responses(), filtered(p, log)[1], weekday=weekday)

    def estimates(self) -> Iterator[list[Estimated]]:
        """Everything that is estimated."""
        p, errors = self.estimated.parameters, self.estimated.stderrs()
        shared = [Estimated(field, field, getattr(p, field), e) for (field, k), e in errors.items() if k is None]
        messages = [(p.messages[k], field, error) for (field, k), error in errors.items() if k is not None]
        yield [*shared, *(Estimated(f"{m.name} {field}", field, getattr(m, field), e) for m, field, e in messages)]

    def notes(self) -> Iterator[str]:
        """Where log and world differ."""
        yield from super().notes()
        yield from note_on_people(RATES_SPREAD, *people_differ(self.estimated.parameters, self.log), ALIKE)
        if "left" not in self.table.mapping:
            yield "No column says who left: nobody is assumed to leave, so that too many messages look harmless."


def _names(p: HabitParameters, fixed: Mapping[str, Any]) -> tuple[Name, ...]:
    """What is estimated: everything that is not fixed; of messages, ``response`` and ``right``."""
    shared = [(field, None) for field in SHARED if field not in fixed]
    of_kind = [(field, k) for k in range(len(p.messages)) for field in OF_KIND if field not in fixed]
    return (*shared, *of_kind)


def _begin(table: Table, known: Mapping[str, Any]) -> tuple[HabitParameters, Log]:
    """Where the estimation begins: known values and rough figures of the log."""
    frame = table.frame
    given = HabitParameters.from_dict({"messages": known["messages"]}).messages if "messages" in known else ()
    log = log_of(frame, tuple(message.name for message in given))
    if len(log.kinds) > MOST_MESSAGES:
        raise TableError(table.where, [f"{len(log.kinds)} kinds of message; fold them into at most {MOST_MESSAGES}"])
    worth = float(known.get("worth", 1.0))
    fresh = [Message(name, right=0.9, response=0.3, worth=worth) for name in log.kinds[len(given) :]]
    silent = frame.loc[frame["message"] == NONE, "response"]
    values = {
        "steps": log.code.shape[1],
        "step_days": step_days(frame),
        "patience": _patience(frame, least=int(known.get("start_disengagement", 0)) + 1),
        "base": float(np.clip(silent.mean() if silent.notna().any() else frame["response"].mean(), 0.01, 0.99)),
        "worth": worth,
        "money": "responses" if "worth" not in known and "messages" not in known else "money",
        **known,
        "messages": [message.to_dict() for message in (*given, *fresh)],
    }
    return HabitParameters.from_dict(HabitParameters.kept_in_range(values)[0]), log


def _patience(frame: pd.DataFrame, least: int) -> int:
    """Fewest messages known to be wrong that made a person leave; the default if the log does not say."""
    usual = max(int(HabitParameters().patience), least)
    if not {"left", "context"} <= {*frame} or frame.loc[frame["message"] != NONE, "context"].isna().any():
        return usual
    wrong = ((frame["message"] != NONE) & (frame["context"] == 0)).groupby(frame["person"]).sum()
    gone = wrong[frame.groupby("person")["left"].max() == 1]
    return max(min(int(gone.min()), LONGEST_PATIENCE), least) if len(gone) else usual


def _fixed(frame: pd.DataFrame, known: Mapping[str, Any], missing: str | None) -> dict[str, str]:
    """What is not estimated, and why."""
    fixed = {name: "known" for name in known if name in SHARED}
    if "messages" in known:
        fixed |= dict.fromkeys(OF_KIND, "known")
    elif missing:
        fixed |= {"response": missing, **{name: missing for name in ("fades",) if name not in fixed}}
    if "left" not in frame:
        fixed.setdefault("forgives", "no column says who left")
        if "context" not in frame:
            fixed.setdefault("right", "no column says who left, or which messages were right")
    return fixed


def _assumed(p: HabitParameters, fixed: Mapping[str, str], known: Mapping[str, Any]) -> HabitParameters:
    """Messages without effect if their lift is not identified, and always right if that cannot be known."""
    if "messages" in known:
        return p
    changes = {name: value for name, value in (("response", 0.0), ("right", 1.0)) if name in fixed}
    return p.replace(messages=[{**message.to_dict(), **changes} for message in p.messages])


def people_differ(p: HabitParameters, log: Log) -> tuple[float, float]:
    """How much people's rates of response spread beyond chance, and the weight a person's own rate deserves.

    The moments of a hierarchical mean: the variance of people's mean residuals, less the variance by chance alone.

    Args:
        p: the fitted people.
        log: the log.
    """
    chance, shown = filtered(p, log)[1], log.responses()
    return spread_of_people(shown, chance)


fit = public(HabitFit.fit)
