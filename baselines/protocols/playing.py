"""What plays for a board, and in which order: random, today, rules and the reference; then learners, trained."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from baselines.agents import TORCH, Agent, AgentError, AgentSpec, Kind
from baselines.judge.break_even import UNSURE, costs
from baselines.ladder.current_rule import Today
from baselines.ladder.selection import Selection
from baselines.play.budget import TRIES_A_COST, budget_of, expected_seconds, in_words
from baselines.play.experiment import Executor, Experiment
from baselines.protocols.progress import progress
from baselines.runs.results import Best, Results, Run, in_one_line
from baselines.runs.scheduler import CORES
from bizgyms.reference import TooLargeError
from envs_data.parameters import Scenario

# Why there is no best possible on luck that was given.
GIVEN_LUCK = "the luck was given, and optimum and bounds are means over the case's own"


def duration(experiment: Experiment, chosen: Selection, source: Scenario, processes: int | None) -> str:
    """How long a board will take, in words."""
    problem, budget = experiment.problem, experiment.budget
    kinds = [spec.kind for spec in chosen.learners]
    heavy = processes if processes is not None else CORES if set(TORCH) & set(kinds) else 1
    slow = not problem.case.has("twin")
    steps = float(getattr(problem.parameters, "days", 365)) if slow else 0.0
    again = len(source.draws) + TRIES_A_COST * len(costs(source, UNSURE))
    said = in_words(expected_seconds(budget, kinds, heavy, again, steps))
    why = ""
    if slow:
        with_twin = in_words(expected_seconds(budget_of(budget.name), kinds, heavy, again))
        why = " The case has no compiled twin: a quarter of the steps and episodes, event by event."
        why += f" With one, four times as many would take about {with_twin}."
    return f"Expected duration: about {said}.{why}"


def before_training(experiment: Experiment, chosen: Selection, today: Today | None, console: Console) -> Results:
    """Random, today, rules, predict-then-decide, planners and the reference: seconds, no torch."""
    specs = [*chosen.rules, *chosen.others]
    with progress("Playing rules", console, len(specs) + 3) as done:
        random = [experiment.untuned(chosen.random)] if chosen.random else []
        done(advance=1)
        now = [experiment.today(today)] if today else []
        done(advance=1)
        played = [_played(experiment, spec, done) for spec in specs]
        best, why = _best(experiment)
        done(advance=1)
    return Results((*played, *now, *random), best, why)


def _played(experiment: Experiment, spec: AgentSpec, done: Callable[..., None]) -> Run:
    try:
        return experiment.rule(spec)
    except (ImportError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        return Run(spec.name, spec.name, spec.kind, spec.knows, error=in_one_line(error))
    finally:
        done(advance=1)


def _best(experiment: Experiment) -> tuple[Best | None, str]:
    if experiment.luck is not None:
        return None, GIVEN_LUCK
    if not experiment.problem.case.has("reference"):
        return None, "the case has no reference"
    try:
        return experiment.best(), ""
    except TooLargeError as error:
        return None, str(error)


def yours(experiment: Experiment, name: str, agent: Agent) -> Run:
    """An agent given as an object; its error costs only its own row."""
    try:
        return experiment.yours(name, agent)
    except AgentError as error:
        return Run(name, name, Kind.YOURS, "observations", error=in_one_line(error))


def trained(
    experiment: Experiment,
    chosen: Selection,
    console: Console,
    say: Callable[[str], None],
    processes: int | None,
    executor: Executor,
) -> list[Run]:
    """A row for each training of each learner."""
    learners, trainings = chosen.learners, experiment.budget.trainings
    if not learners:
        return []
    say(f"Training {', '.join(spec.name for spec in learners)}, {trainings} times each.")
    with progress("Training", console, trainings * len(learners)) as done:
        return experiment.train(learners, processes, lambda name: done(advance=1), executor)
