"""From a log of messages and amounts to people who habituate, disengage and leave."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy import optimize

from envs_data.arrays import Floats
from envs_data.fits import DRAWS, DRAWS_SEED, BackTest
from envs_data.fitting import Fields, public
from envs_data.nudge.activity import likelihood
from envs_data.nudge.activity.leaving import Leaving, estimate_leaving
from envs_data.nudge.activity.likelihood import AMOUNTS, SHARES, Log, Walk, Walked, ordered
from envs_data.nudge.activity.parameters import ActivityParameters
from envs_data.nudge.activity.world import GENERIC
from envs_data.nudge.back_test import ALIKE, back_test, held_back, people_differ, spread_of_people
from envs_data.nudge.checks import of_log, weekdays_of
from envs_data.nudge.holdout import why_not_identified
from envs_data.nudge.log_fit import Estimated, LogFit
from envs_data.nudge.reading import WALKED, step_days
from envs_data.parameters import Origin
from envs_data.tables import Table

LEAST_LEAVING = 10
LEAVING = ("forgives", "annoys")
OF_MESSAGES = ("generic", "tailored")
# Rounding and a little noise alone look like dispersion up to this.
NO_DISPERSION = 0.02


class ActivityFit(LogFit[ActivityParameters]):
    """Fits a model of people who are nudged to walk to a log of messages and amounts.

    What is walked without a message, what a generic one and a right tailored one add, how habituation rises and
    fades, and the noise of the context are fitted together by maximum likelihood, over whether tailored messages were
    right; then the times of leaving give how disengagement rises and fades. Standard errors treat people as the
    independent units. Without propensities, or with messages to everybody, the lift is not identified.

    See `envs_data.nudge.reading.WALKED` for the columns, such as ``{"response": "steps"}``. Messages whose names end in
    0 or 1 are tailored to that context, in a log that has a column of it. Known are fields of `ActivityParameters`,
    such as ``{"sigma": 0.4}``.
    """

    kind = ActivityParameters
    contract = WALKED
    conclusion = "Amounts and messages: NudgeActivity."
    asked_for = ("sigma", *LEAVING, "start_habituation", "start_disengagement", "steps")
    typed_case = "NudgeActivity"
    edges: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "fades": ("habituation seems to be gone after a step without a message", "habituation never seems to fade"),
        "rises": ("people do not seem to get used to messages", "people seem to be used to messages after one"),
        "forgives": ("a right message seems to make up for all wrong ones", "no wrong message seems to be forgiven"),
        "annoys": ("wrong messages do not seem to drive anybody away", "one wrong message seems to drive people away"),
        "generic": ("generic messages do not seem to add anything",),
        "tailored": ("tailored messages do not seem to add anything",),
    }

    def log_problems(self, frame: pd.DataFrame) -> Iterator[str]:
        """Several generic messages."""
        generic = [name for name, kind in likelihood.kinds_of(frame).items() if kind == GENERIC]
        if len(generic) > 1:
            names = ", ".join(generic)
            tailored = "names of those tailored to a context end in 0 or 1"
            if "context" not in frame:
                tailored = "give them one name; messages tailored to a context need its column: --columns context=NAME"
            yield f"{names}: at most one message is generic; {tailored}"

    def check_values(self) -> None:
        """Rejects impossible values; usual amounts give way to the known ones."""
        self.kind.from_dict(_beside(self.known))

    def estimate(self) -> None:
        """Estimates what people walk, then what makes them leave, then how much their days differ by chance."""
        frame = self.table.frame
        self.log = log = likelihood.log_of(frame)
        self.missing = None if {"generic", "tailored"} <= {*self.known} else why_not_identified(frame)
        self.fixed = _unknown(self.table, log, self.known, self.missing)
        begin = _begin(self.table, log, self.known, self.missing)
        names = tuple(name for name in (*AMOUNTS, *SHARES) if name not in self.fixed)
        self.walked = likelihood.estimate(Walk(begin, log, names, frozenset(self.known)))
        p = self.walked.parameters
        self.leaving: Leaving | None = None
        if "annoys" not in self.fixed:
            self.leaving = estimate_leaving(p, log, likelihood.right_after(p, self.walked.noise, log))
        self.dispersion = begin.dispersion, 0.0
        if "dispersion" not in self.fixed:
            self.dispersion = dispersion_of(self.walked, log)

    def fields(self) -> Fields:
        """One person, and the origins of what is estimated, open and assumed."""
        walked, leaving, fixed = self.walked, self.leaving, self.fixed
        values = {**walked.parameters.to_dict(), "dispersion": self.dispersion[0]}
        origins = {name: Origin("assumed", note=f"Not identified: {fixed[name]}.") for name in fixed}
        origins |= {name: Origin("fitted", error) for name, error in walked.stderrs().items()}
        if leaving is not None:
            values |= dict(zip(LEAVING, leaving.mean.tolist(), strict=True))
            errors = zip(LEAVING, leaving.stderr.tolist(), strict=True)
            origins |= {name: Origin("fitted", error) for name, error in errors}
        if "dispersion" not in fixed:
            origins["dispersion"] = Origin("fitted", self.dispersion[1])
        if "context" in self.table.frame and "sigma" in fixed:
            origins["sigma"] = Origin("fitted", 0.0, fixed["sigma"])
        origins["start_habituation"] = Origin("assumed", note="People begin hardly used to messages.")
        origins["start_disengagement"] = Origin("assumed", note="People begin far from leaving.")
        origins["leaves"] = Origin("assumed", note="The scale of disengagement: it ends here.")
        origins["steps"] = Origin("assumed", note="As long as the log.")
        return values, origins

    def draws(self) -> list[Mapping[str, Any]]:
        """What people walk, and what makes them leave."""
        rng, walked = self.rng(), self.walked
        drawn = rng.multivariate_normal(walked.theta, walked.covariance, size=DRAWS, method="eigh")
        people = [walked.walk.parameters(theta) for theta in drawn]
        names = {*walked.walk.names}
        if names & {*OF_MESSAGES}:  # they are drawn together: one is never more than the other
            names |= {name for name in OF_MESSAGES if name not in self.known}
        draws = [{name: getattr(p, name) for name in sorted(names)} for p in people]
        if self.leaving is None:
            return [*draws]
        pairs = self.leaving.draws(DRAWS, rng).tolist()
        return [one | dict(zip(LEAVING, pair, strict=True)) for one, pair in zip(draws, pairs, strict=True)]

    def back_test(self) -> BackTest:
        """What is walked at the last steps."""
        log, walked, reasons = self.log, self.walked, self.reasons
        since = held_back(*log.kind.shape)
        response = np.where(log.there, log.response, np.nan)
        if not since:
            return back_test(response, 0, response, reasons=reasons)
        walk = dataclasses.replace(walked.walk, log=log.until(since), spread=None)
        early = likelihood.estimate(walk, np.append(walked.theta, np.log(walked.noise)))
        mean, variance = expected(early.parameters, early.noise, log)
        return back_test(response, since, mean[:, since:], variance[:, since:], reasons)

    def checks(self) -> list[str]:
        """What is walked by rest, number of messages, person and time."""
        log, walked = self.log, self.walked
        mean, variance = expected(walked.parameters, walked.noise, log)
        weekday = weekdays_of(self.table.frame, log.kind.shape, self.parameters.step_days)
        shown = np.where(log.there, log.response, np.nan)
        return of_log(log.kind.astype(np.int64), shown, mean, variance, weekday, alike=not self.parameters.dispersion)

    def estimates(self) -> Iterator[list[Estimated]]:
        """Everything that is estimated."""
        names = [n for n in (*self.walked.walk.names, *LEAVING, "dispersion") if self.origins[n].kind == "fitted"]
        values = (float(getattr(self.parameters, name)) for name in names)
        errors = (float(np.max(self.origins[name].stderr or 0.0)) for name in names)
        yield [Estimated(*parts) for parts in zip(names, names, values, errors, strict=True)]

    def assumed(self, names: Iterable[str]) -> list[str]:
        """The fields among these that are assumed; sigma does not matter without tailored messages."""
        every = super().assumed(names)
        return every if (self.log.kind > GENERIC).any() else [name for name in every if name != "sigma"]

    def notes(self) -> Iterator[str]:
        """Where log and world differ, and what the log hardly tells."""
        yield from super().notes()
        p, log, annoys = self.parameters, self.log, self.fixed.get("annoys", "known")
        mean, variance = expected(self.walked.parameters, self.walked.noise, log)
        differ = spread_of_people(np.where(log.there, log.response, np.nan), mean, variance)
        yield from people_differ("what they walk spreads", *differ, ALIKE)
        if p.dispersion > 0:
            yield (
                "Days differ by chance: forgives and annoys are those of a mean day, and may be off by more than their "
                "errors say."
            )
        if annoys != "known":
            yield f"What drives people away is not identified: {annoys}."
        if float(likelihood.habituation(p, log.kind)[log.there].max()) < 0.3:
            yield "Nobody was sent many messages in a row: habituation far beyond that is a guess."


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
    for name, sent in (("generic", log.kind == GENERIC), ("tailored", log.kind > GENERIC)):
        if missing or not sent.any():
            values[name] = 0.0
    values, _ = ActivityParameters.kept_in_range({**_beside(known), **values, **known})
    return ActivityParameters.from_dict(ordered(values, known))


def _beside(known: Mapping[str, Any]) -> dict[str, Any]:
    """Known values, and usual amounts of messages that do not contradict them."""
    usual = ActivityParameters()
    values = {"generic": usual.generic, "tailored": usual.tailored, **known}
    numbers = all(isinstance(values[name], (int, float)) for name in ("generic", "tailored"))
    return ordered(values, known) if numbers else dict(known)


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


fit = public(ActivityFit.fit)
