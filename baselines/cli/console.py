"""The application that commands are put on, what they say, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Would reinforcement learning beat the rule you use today, and by how much?",
)
Output = Annotated[Path | None, typer.Option("-o", "--output", help="file to write")]
ScenarioName = Annotated[str | None, typer.Option("--scenario", help="a scenario's name, or a scenario file")]
Changes = Annotated[list[str] | None, typer.Option("--set", help="field=value that differs, such as lead_time=3")]
Seed = Annotated[int, typer.Option(help="which luck, 0 to 999")]
ScoredFolder = Annotated[Path, typer.Argument(metavar="DIR", help="a folder that score wrote")]


def bad_input_errors() -> tuple[type[Exception], ...]:
    """The errors that mean bad input. Asked for only once there is an error: their modules take long to load."""
    from baselines.agents import AgentError, MissingDependencyError
    from baselines.cli.own import OwnCaseError
    from baselines.cli.pairs import TargetError
    from baselines.protocols.scenario_folder import FolderError
    from baselines.runs.run_file import RunFileError
    from bizgyms.reference import TooLargeError
    from envs_data.parameters import ParameterError
    from envs_data.tables import TableError
    from envs_data.world import WorldError

    return (
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
        WorldError,
    )


def in_words(error: BaseException) -> str:
    """An error as the command line says it."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def say(text: str) -> None:
    """Prints text as it is."""
    typer.echo(text)
