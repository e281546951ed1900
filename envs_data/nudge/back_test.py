"""Does a fit predict steps it has not seen? Holds back the last fifth of a log and compares."""

from __future__ import annotations

import numpy as np

from envs_data.arrays import Floats
from envs_data.back_tests import RESPONSES, Bands, level_problem
from envs_data.fits import BackTest

LEAST_STEPS, LEAST_PEOPLE = 10, 10
WEEK = 7
RATES_SPREAD = "their rates of response spread"
ALIKE = "Standard errors are by person; the people of the fitted world are alike."


def held_back(people: int, steps: int) -> int:
    """First step that is held back; 0 where a log is too short for it."""
    return steps - steps // 5 if steps >= LEAST_STEPS and people >= LEAST_PEOPLE else 0


def back_test(
    shown: Floats, since: int, mean: Floats, variance: Floats | None = None, reasons: tuple[str, ...] = ()
) -> BackTest:
    """Compares responses of the last fifth of the steps with what the fit to the others expects.

    For each step the fit knows who was present, who was sent what, and all responses before it, since messages may
    depend on those. So errors of different steps are independent.

    Args:
        shown: [people, steps] responses; NaN if unknown.
        since: the first step held back; 0 if there are too few.
        mean: [people, steps held back] expected responses.
        variance: [people, steps held back] by chance alone; None for yes-or-no responses.
        reasons: why the fit is not to be trusted already.
    """
    people, steps = shown.shape
    if not since:
        few = f"{people} people and {steps} steps are too few to check it"
        return BackTest(f"the last {steps // 5} steps", problems=(*reasons, few))
    late, past = shown[:, since:], shown[:, max(since - WEEK, 0) : since]
    variance = mean * (1 - mean) if variance is None else variance
    known, usual = np.isfinite(late), past[np.isfinite(past)]
    rows = known.sum(axis=0)
    came, expected, noise = (np.where(known, part, 0.0).sum(axis=0) for part in (late, mean, variance))
    judged = Bands.normal(came, expected, np.sqrt(np.maximum(noise, 1e-9)))
    naive = Bands.normal(came, usual.mean() * rows, np.sqrt(np.maximum(usual.var() * rows, 1e-9)))
    level = level_problem("responses", came.sum(), expected.sum(), float(np.sqrt(noise.sum())), RESPONSES)
    return judged.back_test(
        f"the last {steps - since} steps of {people} people",
        judged.rival("same as last week", naive.covered(), naive.mean),
        [*reasons, *level, *judged.coverage_problem(RESPONSES)],
        {"step": list(range(since, steps)), "responses": came.tolist()},
    )


def people_differ(what: str, spread: float, share: float, advice: str) -> list[str]:
    """The note on people who differ beyond chance; none where they do not.

    Args:
        what: what differs, its verb included, such as "their rates of response spread".
        spread: by how much, from `spread_of_people`.
        share: the weight a person's own mean deserves.
        advice: what follows from it.
    """
    own = "rate" if "rate" in what else "mean"
    sentence = f"People differ: {what} by {spread:.2g} around what the fit expects of them, and a person's own {own} "
    return [f"{sentence}deserves {share:.0%} of the weight beside the mean of all. {advice}"] if spread > 0 else []


def spread_of_people(shown: Floats, mean: Floats, variance: Floats | None = None) -> tuple[float, float]:
    """How much people's mean responses spread beyond chance, and the weight a person's own mean deserves.

    The moments of a hierarchical mean: the variance of people's mean residuals, less the variance by chance alone.

    Args:
        shown: [people, steps] responses; NaN if unknown.
        mean: [people, steps] expected responses, given all earlier ones.
        variance: [people, steps] by chance alone; None for yes-or-no responses.
    """
    known = np.isfinite(shown)
    count = np.maximum(known.sum(axis=1), 1)
    expected = np.where(known, mean, 0.0)
    error = (np.where(known, shown, 0) - expected).sum(axis=1) / count
    by_chance = expected * (1 - expected) if variance is None else np.where(known, variance, 0.0)
    noise = by_chance.sum(axis=1) / count**2
    between = float((error**2 - noise).mean())
    if between < 4 * np.sqrt(2 * (noise**2).mean() / len(count)):
        return 0.0, 0.0
    return float(np.sqrt(between)), between / (between + float(noise.mean()))
