"""Commands around cases and tables. Each is one Python call with the same names, and imports what it runs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from baselines.cli import cards, own, pairs, targets
from baselines.cli.console import Changes, Output, ScenarioName, app, say
from baselines.cli.pairs import TargetError
from bizgyms import registry
from envs_data.parameters import unknown_name, write_whole


@app.command("list")
def list_(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FAMILY|FOLDER]", help="which cases; all if none")
    ] = None,
) -> None:
    """The cases: decisions, scenarios, parts, reference and, where known, the ceiling."""
    chosen = [case for name in wanted or [] for case in targets.cases_of(name)]
    for case in chosen or registry.cases():
        say(cards.overview(case))


@app.command()
def show(
    target: Annotated[str, typer.Argument(metavar="ID", help="a case, or a scenario file")],
    scenario: ScenarioName = None,
    changes: Changes = None,
    output: Output = None,
    schema: Annotated[bool, typer.Option("--schema", help="the JSON schema of the case's scenario files")] = False,
) -> None:
    """A case in words, every field of a scenario with unit and range, and a scenario file to edit."""
    from baselines.cli import tables

    found = targets.find(target, scenario, changes)
    if schema:
        text = json.dumps(found.scenario.json_schema(found.case.parameters), indent=2)
        _write_or_say(text, output)
        return
    if output is not None:
        targets.check_output(output)
        found.scenario.save(output)
        say(f"Wrote {output}. Edit it, then: bizgyms score {_named(target, output)}")
        return
    say(cards.card(found.case))
    say(tables.fields(found.scenario))
    say(f"\nTo edit it: bizgyms show {target} -o mine.json      To score it: bizgyms score {target}")


def _named(target: str, file: Path) -> str:
    """How a scenario file is named to a command. It names its case but runs no code, so that of the user's own too."""
    path = shlex.quote(str(file))
    return f"{shlex.quote(target)} --scenario {path}" if own.is_own(target) else path


def _write_or_say(text: str, output: Path | None) -> None:
    if output is None:
        say(text)
        return
    targets.check_output(output)
    write_whole(output, f"{text}\n")
    say(f'Wrote {output}. Name it in a scenario file, and editors complete the fields: "$schema": "{output}"')


@app.command()
def fit(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="such as restock")],
    table: Annotated[Path, typer.Argument(help="a CSV, Excel or Parquet file")],
    columns: Annotated[list[str] | None, typer.Option(help="meaning=column, such as units=qty,date=day")] = None,
    read: Annotated[list[str] | None, typer.Option(help="its notation, such as decimal=comma dates=dmy")] = None,
    known: Annotated[list[str] | None, typer.Option(help="field=value, such as lead_time=2 price=14")] = None,
    since: Annotated[str | None, typer.Option(help="first day to use, YYYY-MM-DD")] = None,
    until: Annotated[str | None, typer.Option(help="last day to use, YYYY-MM-DD")] = None,
    case: Annotated[str | None, typer.Option(help="which case of the family")] = None,
    each: Annotated[str | None, typer.Option(help="column, such as item: a file for each value")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="file to write; with --each a folder")] = None,
) -> None:
    """Fits a family's world to your table."""
    named = pairs.pairs(columns, "--columns", empty=True)
    given = {name: pairs.value(text) for name, text in pairs.pairs(known, "--known", whole=True).items()}
    source = _source(table, pairs.pairs(read, "--read"))
    if each is not None:
        from baselines.cli import screens

        options: dict[str, Any] = {"columns": named, "known": given, "since": since, "until": until}
        screens.fit_each(family, case, source, each, output, options)
        return
    if output is not None:
        targets.check_output(output)
    chosen, why = targets.to_fit(family, case, source, named)
    if why:
        say(why)
    from baselines.rules.imitation import with_today

    asked = {"case": case} if case is not None and chosen.id.startswith("bizgyms/") else {}
    found = with_today(chosen, chosen.fit(source, columns=named, known=given, since=since, until=until, **asked))
    say(found.summary())
    if output is None:
        say("Nothing was written; -o mine.json keeps the scenario.")
        return
    found.save(output)
    say(f"Wrote {output}. Next: bizgyms score {_named(family, output)}")


def _source(table: Path, read: Mapping[str, str]) -> Any:
    """A table with what the user said of its notation; the path alone where nothing was said.

    Args:
        table: its path.
        read: option to value: see `envs_data.reading.options.ReadOptions`.
    """
    if not read:
        return table
    from envs_data.reading.source import ReadAs

    return ReadAs(table, read)


@app.command()
def generate(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="such as restock")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV file to write")],
    scenario: ScenarioName = None,
    changes: Changes = None,
    days: Annotated[int | None, typer.Option(help="length of the table")] = None,
    seed: Annotated[int, typer.Option(help="same seed, same table")] = 0,
    case: Annotated[str | None, typer.Option(help="which case of the family")] = None,
) -> None:
    """Writes the table a business of this kind would keep."""
    from envs_data.written_tables import write_table

    chosen = targets.find(targets.of_family(family, "generate", case).id, scenario, changes)
    targets.check_output(output)
    frame = chosen.case.generate(chosen.scenario.parameters, seed=seed, days=days)
    write_table(output, frame)
    say(f"Wrote {len(frame):,} rows to {output}. Next: bizgyms fit {family} {shlex.quote(str(output))} -o mine.json")


@app.command()
def verify(family: Annotated[str | None, typer.Argument(metavar="[FAMILY]")] = None) -> None:
    """Published numbers, recomputed."""
    from baselines import verify as published
    from baselines.cli import tables

    families = list(dict.fromkeys(case.family for case in registry.cases()))
    if family is not None and family not in families:
        raise TargetError(unknown_name("family", family, families))
    rows = [row for name in ([family] if family else families) for row in published.rows(name)]
    say(tables.published(rows))
    wrong = sum(not row["ok"] for row in rows)
    say(f"{len(rows)} published numbers, {len(rows) - wrong} reproduced to their printed precision.")
    if wrong:
        raise typer.Exit(1)


@app.command()
def check(target: Annotated[str, typer.Argument(metavar="ID", help="a case")]) -> None:
    """Checks every part of a case against the contract, in words."""
    from baselines.rules import own_agents
    from bizgyms.testing import CaseError, check_case

    case = targets.find(target, None).case
    try:
        say(str(check_case(case.id, agents=own_agents(case))))
    except CaseError as error:
        say(str(error))
        raise typer.Exit(1) from None


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="small letters and _, such as my_case")],
    model: Annotated[Path | None, typer.Option("--from", help="a SimPy script to write it around")] = None,
) -> None:
    """Writes a small use case of your own, in a folder that runs at once."""
    folder = own.write_new(name, Path(), model)
    parts = "parameters, world, env, rules" if model is None else "your script, what is decided, seen and paid, rules"
    say(f"Wrote {folder}/: {parts}, a test and a README.")
    say(f"Check it: bizgyms check ./{folder}      Score it: bizgyms score ./{folder} --budget quick")
