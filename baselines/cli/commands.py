"""What each command does; each is one Python call with the same names."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from baselines.agents import MissingDependencyError
from baselines.cli import cards, own, screens, targets
from baselines.cli.own import OwnCaseError
from baselines.cli.targets import Target, TargetError
from baselines.judge.adapt import AgentError
from baselines.judge.board import Board
from baselines.judge.budget import budget_of
from baselines.judge.episodes import problem_of
from baselines.judge.runs import RunFileError
from baselines.judge.scoring import score as score_case
from baselines.many.folder import FolderError
from baselines.report import PAGE
from baselines.rules.imitation import with_today
from bizgyms import registry
from bizgyms.reference import TooLargeError
from envs_data.parameters import ParameterError, write_whole
from envs_data.tables import TableError

BAD_INPUT_ERRORS = (
    AgentError,
    FolderError,
    MissingDependencyError,
    OSError,
    OwnCaseError,
    ParameterError,
    RunFileError,
    TableError,
    TargetError,
    TooLargeError,
)
INTERRUPTED = 130

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Would reinforcement learning beat the rule you use today, and by how much?",
)
Output = Annotated[Path | None, typer.Option("-o", "--output", help="file to write")]
ScenarioName = Annotated[str | None, typer.Option("--scenario", help="a scenario's name, or a scenario file")]


def in_words(error: BaseException) -> str:
    """An error as the command line says it."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def say(text: str) -> None:
    """Prints text as it is."""
    typer.echo(text)


@app.command("list")
def list_() -> None:
    """The cases: decisions, scenarios, reference and, where known, the ceiling."""
    for case in registry.cases():
        say(cards.overview(case))


@app.command()
def show(
    target: Annotated[str, typer.Argument(metavar="ID", help="a case, or a scenario file")],
    scenario: ScenarioName = None,
    output: Output = None,
) -> None:
    """A case in words, every field of a scenario with unit and range, and a scenario file to edit."""
    found = targets.find(target, scenario)
    if output is not None:
        targets.check_output(output)
        found.scenario.save(output)
        say(f"Wrote {output}. Edit it, then: bizgyms score {shlex.quote(str(output))}")
        return
    say(cards.card(found.case))
    say(cards.fields(found.scenario))
    say(f"\nTo edit it: bizgyms show {found.case.name} -o mine.json      To score it: bizgyms score {target}")


@app.command()
def fit(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="such as restock")],
    table: Annotated[Path, typer.Argument(help="a CSV file")],
    columns: Annotated[list[str] | None, typer.Option(help="meaning=column, such as units=qty,date=day")] = None,
    known: Annotated[list[str] | None, typer.Option(help="field=value, such as lead_time=2 price=14")] = None,
    since: Annotated[str | None, typer.Option(help="first day to use, YYYY-MM-DD")] = None,
    until: Annotated[str | None, typer.Option(help="last day to use, YYYY-MM-DD")] = None,
    case: Annotated[str | None, typer.Option(help="which case of the family")] = None,
    each: Annotated[str | None, typer.Option(help="column, such as item: a file for each value")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="file to write; with --each a folder")] = None,
) -> None:
    """Fits a family's world to your table."""
    named = {name: value for text in columns or [] for name, value in targets.pairs(text, "--columns").items()}
    given = {
        name: targets.value(content)
        for text in known or []
        for name, content in targets.pairs(text, "--known", whole=True).items()
    }
    if each is not None:
        options: dict[str, Any] = {"columns": named, "known": given, "since": since, "until": until}
        screens.fit_each(family, case, table, each, output, options, say)
        return
    if output is not None:
        targets.check_output(output)
    chosen, why = targets.to_fit(family, case, table, named)
    if why:
        say(why)
    found = chosen.fit(table, columns=named, known=given, since=since, until=until)
    found = with_today(chosen, found, table, columns=named, since=since, until=until)
    say(found.summary())
    if output is None:
        say("Nothing was written; -o mine.json keeps the scenario.")
        return
    found.save(output)
    say(f"Wrote {output}. Next: bizgyms score {shlex.quote(str(output))}")


@app.command()
def generate(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="such as restock")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV file to write")],
    scenario: ScenarioName = None,
    days: Annotated[int | None, typer.Option(help="length of the table")] = None,
    seed: Annotated[int, typer.Option(help="same seed, same table")] = 0,
    case: Annotated[str | None, typer.Option(help="which case of the family")] = None,
) -> None:
    """Writes the table a business of this kind would keep."""
    chosen = targets.find(targets.of_family(family, "generate", case).id, scenario)
    targets.check_output(output)
    frame = chosen.case.generate(chosen.scenario.parameters, seed=seed, days=days)
    write_whole(output, frame.to_csv(index=False))
    say(f"Wrote {len(frame):,} rows to {output}. Next: bizgyms fit {family} {shlex.quote(str(output))} -o mine.json")


@app.command()
def score(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FAMILY|mine.json|FOLDER]", help="what to score; every case")
    ] = None,
    today: Annotated[str | None, typer.Option(help="base_stock:S=16, or rule.py:my_rule")] = None,
    worth: Annotated[float | None, typer.Option(help="least gain a year worth the effort")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="train even where nothing could be worth it")] = False,
    agents: Annotated[str | None, typer.Option(help="names or kinds, such as rules,ppo")] = None,
    budget: Annotated[str, typer.Option(help="quick (a preview) or full (a verdict)")] = "quick",
    scenario: ScenarioName = None,
    out: Annotated[Path | None, typer.Option(help="folder of the results; one used before is gone on with")] = None,
    episodes: Annotated[int | None, typer.Option(help="episodes everybody plays")] = None,
    seed: Annotated[int, typer.Option(help="which luck, 0 to 999")] = 0,
    executor: Annotated[str, typer.Option(help="processes, or ray for a cluster")] = "processes",
    quiet: Annotated[bool, typer.Option("--quiet", help="the boards alone, nothing while they are made")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="a line of JSON a board instead of text")] = False,
) -> None:
    """Scores agents against today's rule, the best rule and the best possible."""
    wanted = wanted or [case.name for case in registry.cases()]
    silent = quiet or as_json
    chosen = [name.strip() for name in agents.split(",") if name.strip()] if agents is not None else None
    if any(screens.is_folder(name) for name in wanted):
        refused = {"--scenario": scenario is not None, "--anyway": anyway, "--budget full": budget != "quick"}
        screens.check_screen(wanted, chosen, refused)
        size = {} if episodes is None else {"episodes": episodes}
        _screen(wanted[0], out, {"today": today, "worth": worth, "seed": seed, **size})
        return
    found = [targets.find(name, scenario) for name in wanted]
    spent = budget_of(budget, episodes)
    options = {"agents": chosen, "today": today, "worth": worth, "anyway": anyway, "budget": budget, "seed": seed}
    options |= {"executor": executor, "quiet": silent}
    with _results(out) as folder:
        for target in found:
            place = folder if len(found) == 1 else folder / target.label
            board = score_case(
                target.case,
                scenario=target.given,
                episodes=episodes,
                out=place,
                say=_nothing if silent else say,
                **options,  # type: ignore[arg-type]
            )
            if as_json:
                say(board.to_json())
            else:
                _tell(target, board, place)
    if not silent:
        say(_next(found, folder, spent.name, wanted, scenario))


def _nothing(line: str) -> None:
    """Where lines go that nobody wants."""


def _screen(name: str, out: Path | None, options: dict[str, Any]) -> None:
    with _results(out) as folder:
        screens.screen(name, folder, say, options)


@contextlib.contextmanager
def _results(out: Path | None) -> Iterator[Path]:
    """The folder of results; says how to go on after Ctrl-C, and leaves no empty one behind."""
    folder = targets.numbered_folder(Path("runs")) if out is None else out
    try:
        yield folder
    except KeyboardInterrupt:
        _interrupted(sys.argv[1:], folder, out is None)
        raise typer.Exit(INTERRUPTED) from None
    except BaseException:
        targets.remove_if_empty(folder)
        if out is None:
            targets.remove_if_empty(folder.parent)
        raise


def _tell(target: Target, board: Board, place: Path) -> None:
    say("")
    say(str(board))
    if target.family:
        others = [case.name for case in targets.family_cases(target.family)[1:]]
        if others:
            say(f"{target.family} also has {', '.join(others)}: bizgyms score {others[0]}")


def _next(found: list[Target], folder: Path, budget: str, wanted: list[str], scenario: str | None) -> str:
    places = [folder] if len(found) == 1 else [folder / target.label for target in found]
    lines = [f"Report:  {place / PAGE}" for place in places]
    words = [*wanted, "--scenario", scenario] if scenario else wanted
    again = " ".join(shlex.quote(word) for word in words)
    if budget == "quick":
        lines.append(f"Next:    bizgyms score {again} --budget full --out {folder}")
    if any(target.case.has("fit") and not target.fitted for target in found):
        family = found[0].case.family
        lines.append(f"Your own table: bizgyms fit {family} sales.csv -o mine.json")
    return "\n".join(lines)


def _interrupted(words: list[str], folder: Path, numbered: bool) -> None:
    again = [*words, "--out", str(folder)] if numbered else words
    typer.echo(
        f"\nStopped. What is finished is kept; go on with: bizgyms {' '.join(shlex.quote(w) for w in again)}", err=True
    )


@app.command()
def report(folder: Annotated[Path, typer.Argument(metavar="DIR", help="a folder that score wrote")]) -> None:
    """Makes the report of a scored folder again: one page that needs no network."""
    from baselines import report as pages

    pages.write(folder, pages.read(folder))
    say(f"Report: {folder / pages.PAGE}")


@app.command()
def tune(
    target: Annotated[str, typer.Argument(metavar="ID|FAMILY|mine.json|FOLDER", help="what to learn")],
    output: Annotated[Path, typer.Option("-o", "--output", help="YAML file of the best hyperparameters")],
    agent: Annotated[str, typer.Option(help="ppo, a2c, dqn, sac, maskable_ppo or recurrent_ppo")] = "ppo",
    trials: Annotated[int, typer.Option(min=1, help="trainings in all")] = 20,
    steps: Annotated[int, typer.Option(min=1_000, help="decisions of each")] = 250_000,
    scenario: ScenarioName = None,
    seed: Annotated[int, typer.Option(help="which luck, 0 to 999")] = 0,
) -> None:
    """Searches a deep learner's hyperparameters; the study beside the file is gone on with when started again."""
    from baselines.judge import search

    found = targets.find(target, scenario)
    targets.check_output(output)
    problem = problem_of(found.case, found.scenario.parameters)
    best = search.search(problem, agent, trials, steps, output.with_suffix(".study.sqlite"), seed, say)
    write_whole(output, best.to_yaml(found.case.id))
    say(f"Best of {best.trials}: {best.value:,.2f} an episode; as shipped {best.shipped:,.2f}. Wrote {output}.")


@app.command()
def decide(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a folder that score wrote")],
    state: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="on_hand=12 weekday=Mon")] = None,
    today: Annotated[str | None, typer.Option(help="rule.py:my_rule, where that was today's rule")] = None,
) -> None:
    """What each agent of a scored folder would do in one state."""
    from baselines.judge.decide import decide as ask

    say(str(ask(folder, targets.fields(state or []), today)))


@app.command()
def verify(family: Annotated[str | None, typer.Argument(metavar="[FAMILY]")] = None) -> None:
    """Published numbers, recomputed."""
    from baselines import verify as published

    families = list(dict.fromkeys(case.family for case in registry.cases()))
    if family is not None and family not in families:
        raise TargetError(targets.unknown("family", family, families))
    rows = [row for name in ([family] if family else families) for row in published.rows(name)]
    say(cards.published(rows))
    wrong = sum(not row["ok"] for row in rows)
    say(f"{len(rows)} published numbers, {len(rows) - wrong} reproduced to their printed precision.")
    if wrong:
        raise typer.Exit(1)


@app.command()
def check(target: Annotated[str, typer.Argument(metavar="ID", help="a case")]) -> None:
    """Checks every part of a case against the contract, in words."""
    from bizgyms.testing import CaseError, check_case

    try:
        say(str(check_case(targets.find(target, None).case.id)))
    except CaseError as error:
        say(str(error))
        raise typer.Exit(1) from None


@app.command()
def new(name: Annotated[str, typer.Argument(metavar="NAME", help="small letters and _, such as my_case")]) -> None:
    """Writes a small use case of your own, in a folder that runs at once."""
    folder = own.write_new(name, Path())
    say(f"Wrote {folder}/: parameters, world, env, rules, a test and a README.")
    say(f"Check it: bizgyms check ./{folder}      Score it: bizgyms score ./{folder} --budget quick")
