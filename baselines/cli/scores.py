"""Commands that score, and those that use what was scored."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from baselines.cli import pairs, targets
from baselines.cli.console import Changes, ScenarioName, ScoredFolder, Seed, app, bad_input_errors, in_words, say
from baselines.cli.pairs import TargetError
from baselines.cli.targets import Target
from bizgyms import registry
from envs_data.parameters import write_whole

INTERRUPTED = 130


@app.command()
def score(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FAMILY|mine.json|FOLDER]", help="what to score; all if none")
    ] = None,
    today: Annotated[str | None, typer.Option(help="base_stock:S=16, or rule.py:my_rule")] = None,
    worth: Annotated[float | None, typer.Option(help="least gain a year worth the effort")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="train even where nothing could be worth it")] = False,
    agents: Annotated[
        str | None, typer.Option(help="names, kinds, or files that tune wrote: rules,planners,ppo,best.yml")
    ] = None,
    budget: Annotated[str, typer.Option(help="quick (a preview) or full (a verdict)")] = "quick",
    scenario: ScenarioName = None,
    changes: Changes = None,
    out: Annotated[Path | None, typer.Option(help="folder of the results; an existing one is resumed")] = None,
    episodes: Annotated[int | None, typer.Option(help="episodes everybody plays")] = None,
    seed: Seed = 0,
    executor: Annotated[str, typer.Option(help="processes, or ray for a cluster")] = "processes",
    export: Annotated[str | None, typer.Option(help="sb3: deep learners' models for stable-baselines3")] = None,
    replay: Annotated[Path | None, typer.Option(help="your table: its last fifth is played as it came")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="the boards alone, nothing while they are made")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="a line of JSON a board instead of text")] = False,
) -> None:
    """Scores agents against today's rule, the best rule and the best possible."""
    wanted = wanted or [case.name for case in registry.cases()]
    chosen = [name.strip() for name in agents.split(",") if name.strip()] if agents is not None else None
    options: dict[str, Any] = {"today": today, "worth": worth, "seed": seed}
    if any(targets.is_folder(name) for name in wanted):
        refused: dict[str, object] = {"--scenario": scenario, "--set": changes}
        refused |= {"--anyway": anyway, "--budget full": budget != "quick", "--export": export}
        refused |= {"--replay": None if replay is None else str(replay)}
        targets.check_screen(wanted, chosen, refused)
        _screen(wanted[0], out, options if episodes is None else {**options, "episodes": episodes})
        return
    if replay is not None and len(wanted) > 1:
        raise TargetError(f"--replay {replay} is the table of one scenario; score that alone")
    found = [targets.find(name, scenario, changes) for name in wanted]
    options["replay"] = None if replay is None else str(replay)
    options |= {"agents": chosen, "anyway": anyway, "budget": budget, "episodes": episodes, "executor": executor}
    places = _boards(found, out, {**options, "quiet": quiet or as_json, "export": export}, as_json)
    if not (quiet or as_json):
        named = [f"--scenario={scenario}"] if scenario else []
        again = [*wanted, *named, *(f"--set={change}" for change in changes or [])]
        say(_next(found, places, budget == "quick", again))


def _boards(found: list[Target], out: Path | None, options: dict[str, Any], as_json: bool) -> list[Path]:
    """Scores the targets, and prints each board; returns the folders of the results."""
    from baselines.play.budget import budget_of
    from baselines.protocols.many_boards import BoardTask, boards, nothing

    budget_of(options["budget"], options["episodes"])
    with _results(out) as folder:
        places = [folder] if len(found) == 1 else [folder / target.label for target in found]
        tasks = [
            BoardTask(target.case, target.given, place, options) for target, place in zip(found, places, strict=True)
        ]
        failed: list[tuple[Target, Exception]] = []
        for target, board in zip(found, boards(tasks, nothing if options["quiet"] else say), strict=True):
            if isinstance(board, Exception):
                failed.append((target, board))
            elif as_json:
                say(board["json"])
            else:
                _print(target, board["text"])
        if failed:
            _refuse(failed, alone=len(found) == 1)
    return places


def _refuse(failed: list[tuple[Target, Exception]], alone: bool) -> NoReturn:
    """Reports failed boards after the others."""
    for _, error in failed:
        if alone or not isinstance(error, bad_input_errors()):
            raise error
    raise TargetError("\n".join(f"{target.label}: {in_words(error)}" for target, error in failed))


def _screen(name: str, out: Path | None, options: dict[str, Any]) -> None:
    from baselines.cli import screens

    with _results(out) as folder:
        screens.screen(name, folder, options)


@contextlib.contextmanager
def _results(out: Path | None) -> Iterator[Path]:
    """The folder of results; after Ctrl-C says how to resume, and after an error removes the folder if it is empty."""
    folder = targets.numbered_folder(Path("runs")) if out is None else out
    try:
        yield folder
    except KeyboardInterrupt:
        again = shlex.join([*sys.argv[1:], *([] if out else ["--out", str(folder)])])
        typer.echo(f"\nStopped. What is finished is kept; go on with: bizgyms {again}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BaseException:
        targets.remove_if_empty(folder)
        if out is None:
            targets.remove_if_empty(folder.parent)
        raise


def _print(target: Target, board: str) -> None:
    say(f"\n{board}")
    others = [case.name for case in targets.family_cases(target.family)[1:]] if target.family else []
    if others:
        say(f"{target.family} also has {', '.join(others)}: bizgyms score {others[0]}")


def _next(found: list[Target], places: list[Path], preview: bool, again: list[str]) -> str:
    from baselines.report import PAGE

    lines = [f"Report:  {place / PAGE}" for place in places]
    if preview:
        folder = places[0] if len(places) == 1 else places[0].parent
        lines.append(f"Next:    bizgyms score {shlex.join(again)} --budget full --out {folder}")
    if any(target.case.has("fit") and not target.fitted for target in found):
        family = found[0].case.family
        lines.append(f"Your own table: bizgyms fit {family} sales.csv -o mine.json")
    return "\n".join(lines)


@app.command()
def report(
    folder: ScoredFolder,
    worth: Annotated[float | None, typer.Option(help="judge again by this gain a year; nothing is played")] = None,
) -> None:
    """Makes the report of a scored folder again: one page that needs no network."""
    from baselines import report as pages

    if worth is None:
        pages.write(folder, pages.read(folder))
    else:
        from baselines.protocols.judging import judge_again

        say(judge_again(folder, worth))
    say(f"Report: {folder / pages.PAGE}")


@app.command()
def tune(
    target: Annotated[str, typer.Argument(metavar="ID|FAMILY|mine.json|FOLDER", help="what to learn")],
    output: Annotated[Path, typer.Option("-o", "--output", help="YAML file of the best hyperparameters")],
    agent: Annotated[str, typer.Option(help="ppo, a2c, dqn, sac, maskable_ppo or recurrent_ppo")] = "ppo",
    trials: Annotated[int, typer.Option(min=1, max=900, help="hyperparameters to try")] = 20,
    steps: Annotated[int, typer.Option(min=1_000, help="decisions of each")] = 250_000,
    scenario: ScenarioName = None,
    changes: Changes = None,
    seed: Seed = 0,
) -> None:
    """Searches a deep learner's hyperparameters. Started again, it resumes the study beside the file."""
    from baselines.agents import problem_of
    from baselines.ladder.specs import is_file
    from baselines.play import hyperparameter_search

    found = targets.find(target, scenario, changes)
    targets.check_output(output)
    if not is_file(output.name):
        raise TargetError(f"{output}: name a file that ends in .yml, for --agents knows it by that")
    problem = problem_of(found.case, found.scenario.parameters)
    best = hyperparameter_search.search(problem, agent, trials, steps, output.with_suffix(".study.sqlite"), seed, say)
    write_whole(output, best.to_yaml(found.case.id, agent))
    say(f"{best.in_words()} Wrote {output}.")


@app.command()
def decide(
    folder: ScoredFolder,
    state: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="on_hand=12 weekday=Mon")] = None,
    today: Annotated[str | None, typer.Option(help="rule.py:my_rule, where that was today's rule")] = None,
    code: Annotated[str | None, typer.Option(help="folder, file or module of a case of your own")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="what each alternative would have earned, on the same futures")
    ] = False,
) -> None:
    """What each agent of a scored folder would do in one state."""
    from baselines.protocols.decide import decide as ask

    if code is not None:
        targets.cases_of(code)
    say(str(ask(folder, pairs.fields(state or []), today, why)))
