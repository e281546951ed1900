"""All checks of a case, as a table, and what runs them."""

from __future__ import annotations

import dataclasses
import itertools
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bizgyms import registry
from bizgyms.env import BusinessEnv
from bizgyms.registry import Case
from bizgyms.testing import branches, conventions, engines, files, optimum, stories, vectors
from bizgyms.testing.play import Subject
from bizgyms.testing.report import CaseError, Failure, Finding, Report
from envs_data import watchdog
from envs_data.parameters import ParameterError, unknown_name
from envs_data.world import WorldError

LOST = {
    "twin": "no twin: learners train on the event-by-event engine, and no second engine tests the first",
    "draw": "no draw: luck cannot be injected, so agents do not meet the very same customers and nothing is paired",
    "redraw": "no redraw: worlds cannot be branched on fresh luck, so no agent can learn by playing on from a state",
    "memory": "no _memory and _taken of the twin: worlds cannot be branched at all, and moments are played again",
    "reference": "no reference: there is no ceiling, so nobody knows how much could be gained at all",
    "fit": "no fit: a table of one's own cannot become a scenario",
    "generate": "no generate: there is no table to try a fit on",
    "BusinessEnv": "the env is no bizgyms.env.BusinessEnv: no named features, reward terms, weights or normalize",
    "text": "env is given as an object, not as 'module:name': env.spec cannot be written as JSON",
}
"""What a user loses where a part is missing; ``draw_steps`` is no loss to a case whose episodes all are long."""


@dataclasses.dataclass(frozen=True)
class Check:
    """A row of the contract.

    Attributes:
        title: what must hold, in words.
        run: raises `Finding` where it does not.
        needs: parts without which there is nothing to check.
        once: whether the default scenario is enough; otherwise every scenario is checked.
    """

    title: str
    run: Callable[[Subject], None]
    needs: tuple[str, ...] = ()
    once: bool = False


FIRST = (
    Check("an episode can be played", engines.an_episode_can_be_played),
    Check("two worlds in turn equal one alone", stories.worlds_in_turn, ("BusinessEnv",), once=True),
)
"""Where one of these fails nothing else is checked: one mistake in a world would be said a dozen times."""

FIRST_SECONDS = 3.0
"""A decision that computes longer, in the first episode of an unknown case, is stuck."""

CHECKS = (
    Check("scenarios survive dict, JSON and file", files.scenario_round_trip),
    Check("every field has a unit and a meaning", files.fields_have_units, once=True),
    Check("no field is called like an argument", files.fields_are_no_arguments, ("BusinessEnv",), once=True),
    Check("env.spec survives JSON", files.spec_round_trip, ("text",)),
    Check("Gymnasium's check_env is silent", conventions.gymnasium_checker, once=True),
    Check("stable-baselines3's check_env is silent", conventions.sb3_checker, once=True),
    Check("same seed, same trajectory", engines.determinism),
    Check("no global randomness", conventions.no_global_randomness, once=True),
    Check("features have names, units and bounds", conventions.features_are_named, ("BusinessEnv",)),
    Check("observations are in their space", conventions.observations_inside, ("BusinessEnv",)),
    Check("normalised observations are scaled ones", conventions.normalised_is_scaled, ("BusinessEnv",)),
    Check("the reward is the sum of its terms", engines.reward_is_its_terms, ("BusinessEnv",)),
    Check("actions outside the space are refused", conventions.outside_is_refused, ("BusinessEnv",)),
    Check("actions outside a box are clipped and counted", conventions.outside_of_a_box_is_clipped, ("BusinessEnv",)),
    Check("infos have the same entries at reset and step", conventions.infos_are_alike, ("BusinessEnv",), once=True),
    Check("an ended episode stays ended", engines.an_ended_episode_stays_ended, ("BusinessEnv",), once=True),
    Check("masks fit the actions", conventions.masks, ("BusinessEnv",)),
    Check("rendering gives text and pictures", conventions.pictures, ("BusinessEnv",), once=True),
    Check("injected luck decides the episode", engines.luck_is_respected, ("draw",)),
    Check("wrong luck is refused", engines.wrong_luck_is_refused, ("draw",), once=True),
    Check("the twin equals the world", engines.twin_equals_world, ("twin", "draw")),
    Check("one seed is one episode on both engines", engines.one_seed_two_engines, ("twin",)),
    Check("copies in mid-episode go on alike", branches.copies_go_on_alike, ("BusinessEnv",)),
    Check("a moment of an episode can be restored", branches.moments_are_restored, ("BusinessEnv",)),
    Check("branches on the same luck go on alike", branches.branches_go_on_alike, ("twin", "draw", "memory")),
    Check("luck drawn anew keeps the past", branches.the_past_stays, ("draw", "redraw")),
    Check("luck drawn step by step is the luck of draw", branches.steps_are_drawn_alike, ("draw", "draw_steps")),
    Check("the twin has the environment's spaces", vectors.twin_spaces, ("twin",)),
    Check("the twin refuses actions outside the space", conventions.outside_is_refused_by_twin, ("twin",)),
    Check("the three autoreset modes agree", vectors.autoreset, ("twin",)),
    Check("one world's early end leaves the others' luck alone", vectors.early_end, ("twin",)),
    Check("a masked reset reads only its own rows of luck", vectors.masked_luck, ("twin", "draw")),
    Check("arrays of one step are not overwritten by the next", vectors.arrays_stay, ("twin",), once=True),
)
"""The contract of a case, except for its reference."""

REFERENCE = Check("nobody beats the reference", optimum.reference_holds, ("reference",))


def check_case(
    id: str,
    scenarios: Iterable[str] | None = None,
    reference: bool = True,
    agents: Mapping[str, Any] | None = None,
) -> Report:
    """Checks every part of a case against the contract, whole episodes long.

    Args:
        id: a registered case's id or name.
        scenarios: names of the scenarios to check; all if None. The first stands for the case in checks that need
            one scenario only.
        reference: whether to check the reference too; a large one takes a minute.
        agents: agents that must not beat the reference, by name: each has ``act``, or is a function that makes one
            from the scenario's parameters.

    Returns:
        What holds, and what is lost by parts the case does not have.

    Raises:
        CaseError: something fails; its message lists everything that does.
        LookupError: no such case.
        ParameterError: no such scenario.
    """
    case = registry.case(id)
    names = _scenarios(case, scenarios)
    checks, missing = applicable(case)
    subjects = [Subject(case, name, case.scenarios[name], dict(agents or {})) for name in names]
    passed: list[str] = []
    with watchdog.impatient(FIRST_SECONDS):
        failures = list(itertools.islice(_first_failures(subjects, missing), 1))
    for check in () if failures else checks:
        if check is not REFERENCE or reference:
            found = list(_failures(check, subjects[:1] if check.once else subjects))
            failures += found
            passed += [] if found else [check.title]
    lost = tuple(LOST[part] for part in missing if part in LOST)
    report = Report(case.id, names, tuple(passed), tuple(failures), lost)
    if failures:
        raise CaseError(report)
    return dataclasses.replace(report, notes=tuple(stories.notes(subjects[0])))


def applicable(case: Case) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """The checks a case has all parts for, and the parts it misses (keys of `LOST`)."""
    missing = tuple(_missing(case))
    return tuple(check for check in (*CHECKS, REFERENCE) if set(missing).isdisjoint(check.needs)), missing


def _first_failures(subjects: list[Subject], missing: tuple[str, ...]) -> Iterator[Failure]:
    for check in FIRST:
        if set(missing).isdisjoint(check.needs):
            yield from _failures(check, subjects[:1] if check.once else subjects)


def _scenarios(case: Case, wanted: Iterable[str] | None) -> tuple[str, ...]:
    known = tuple(case.scenarios)
    names = known if wanted is None else tuple(wanted)
    problems = [unknown_name("scenario", name, known) for name in names if name not in known]
    if problems or not names:
        raise ParameterError(case.id, problems or ["no scenario to check; name at least one"])
    return names


def _missing(case: Case) -> Iterator[str]:
    yield from (part for part in ("twin", "draw", "reference", "fit", "generate") if not case.has(part))
    if case.has("draw") and not case.has("redraw"):
        yield "redraw"
    if case.has("twin") and not case.twin.branches:
        yield "memory"
    if not case.has("draw_steps"):
        yield "draw_steps"
    if not issubclass(case.env, BusinessEnv):
        yield "BusinessEnv"
    if not isinstance(case.entry_point("env"), str):
        yield "text"


def _failures(check: Check, subjects: Iterable[Subject]) -> Iterator[Failure]:
    for subject in subjects:
        try:
            check.run(subject)
        except (Finding, WorldError) as problem:  # both say where
            yield Failure(check.title, subject.scenario, str(problem))
        except Exception as error:  # whatever a case under test raises is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}, line {place.lineno}"
            yield Failure(check.title, subject.scenario, f"{type(error).__name__}: {error} ({where})")
