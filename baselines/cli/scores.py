"""Commands that score, and those that use what was scored."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from baselines.agents import problem_of
from baselines.cli import screens, targets
from baselines.cli.console import BAD_INPUT_ERRORS, ScenarioName, app, in_words, say
from baselines.cli.targets import Target, TargetError
from baselines.play.budget import budget_of
from baselines.protocols.many_boards import BoardTask, made, nothing
from baselines.report import PAGE
from bizgyms import registry
from envs_data.parameters import write_whole

INTERRUPTED = 130


@app.command()
def score(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FAMILY|mine.json|FOLDER]", help="what to score; every case")
    ] = None,
    today: Annotated[str | None, typer.Option(help="base_stock:S=16, or rule.py:my_rule")] = None,
    worth: Annotated[float | None, typer.Option(help="least gain a year worth the effort")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="train even where nothing could be worth it")] = False,
    agents: Annotated[str | None, typer.Option(help="names, kinds or files of tune: rules,ppo,best.yml")] = None,
    budget: Annotated[str, typer.Option(help="quick (a preview) or full (a verdict)")] = "quick",
    scenario: ScenarioName = None,
    out: Annotated[Path | None, typer.Option(help="folder of the results; one used before is gone on with")] = None,
    episodes: Annotated[int | None, typer.Option(help="episodes everybody plays")] = None,
    seed: Annotated[int, typer.Option(help="which luck, 0 to 999")] = 0,
    executor: Annotated[str, typer.Option(help="processes, or ray for a cluster")] = "processes",
    export: Annotated[str | None, typer.Option(help="sb3: deep learners' models for stable-baselines3")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="the boards alone, nothing while they are made")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="a line of JSON a board instead of text")] = False,
) -> None:
    """Scores agents against today's rule, the best rule and the best possible."""
    wanted = wanted or [case.name for case in registry.cases()]
    silent = quiet or as_json
    chosen = [name.strip() for name in agents.split(",") if name.strip()] if agents is not None else None
    if any(screens.is_folder(name) for name in wanted):
        refused = {"--scenario": scenario is not None, "--anyway": anyway, "--budget full": budget != "quick"}
        refused["--export"] = export is not None
        screens.check_screen(wanted, chosen, refused)
        size = {} if episodes is None else {"episodes": episodes}
        _screen(wanted[0], out, {"today": today, "worth": worth, "seed": seed, **size})
        return
    found = [targets.find(name, scenario) for name in wanted]
    spent = budget_of(budget, episodes)
    options = {"agents": chosen, "today": today, "worth": worth, "anyway": anyway, "budget": budget, "seed": seed}
    options |= {"episodes": episodes, "executor": executor, "quiet": silent, "export": export}
    folder = _boards(found, out, options, as_json)
    if not silent:
        say(_next(found, folder, spent.name, wanted, scenario))


def _boards(found: list[Target], out: Path | None, options: dict[str, Any], as_json: bool) -> Path:
    """Scores the targets, and tells what each gave; returns the folder of results."""
    told = nothing if options["quiet"] else say
    with _results(out) as folder:
        places = [folder] if len(found) == 1 else [folder / target.label for target in found]
        pieces = [
            BoardTask(target.case, target.given, place, options) for target, place in zip(found, places, strict=True)
        ]
        failed: list[tuple[Target, Exception]] = []
        for target, board in zip(found, made(pieces, told), strict=True):
            if isinstance(board, Exception):
                failed.append((target, board))
            elif as_json:
                say(board["json"])
            else:
                _tell(target, board["text"])
        if failed:
            _refuse(failed, alone=len(found) == 1)
    return folder


def _refuse(failed: list[tuple[Target, Exception]], alone: bool) -> NoReturn:
    """Raises what kept boards from being made, once all others are told."""
    for _, error in failed:
        if alone or not isinstance(error, BAD_INPUT_ERRORS):
            raise error
    raise TargetError("\n".join(f"{target.label}: {in_words(error)}" for target, error in failed))


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


def _tell(target: Target, board: str) -> None:
    say("")
    say(board)
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
    trials: Annotated[int, typer.Option(min=1, max=900, help="hyperparameters to try")] = 20,
    steps: Annotated[int, typer.Option(min=1_000, help="decisions of each")] = 250_000,
    scenario: ScenarioName = None,
    seed: Annotated[int, typer.Option(help="which luck, 0 to 999")] = 0,
) -> None:
    """Searches a deep learner's hyperparameters; the study beside the file is gone on with when started again."""
    from baselines.ladder.specs import is_file
    from baselines.play import hyperparameter_search

    found = targets.find(target, scenario)
    targets.check_output(output)
    if not is_file(output.name):
        raise targets.TargetError(f"{output}: name a file that ends in .yml, for --agents knows it by that")
    problem = problem_of(found.case, found.scenario.parameters)
    best = hyperparameter_search.search(problem, agent, trials, steps, output.with_suffix(".study.sqlite"), seed, say)
    write_whole(output, best.to_yaml(found.case.id, agent))
    say(f"{best.in_words()} Wrote {output}.")


@app.command()
def decide(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a folder that score wrote")],
    state: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="on_hand=12 weekday=Mon")] = None,
    today: Annotated[str | None, typer.Option(help="rule.py:my_rule, where that was today's rule")] = None,
) -> None:
    """What each agent of a scored folder would do in one state."""
    from baselines.protocols.decide import decide as ask

    say(str(ask(folder, targets.fields(state or []), today)))
