"""The lines that every fit to a log of messages prints."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from envs_data import fit_lines
from envs_data.fit_lines import Lines, known_line
from envs_data.parameters import Origin, Parameters
from envs_data.tables import Table

NOT_IDENTIFIED = "the lift of messages is not identified"


def read_line(table: Table, what: str) -> tuple[str, str]:
    """What was read, as which columns, and the case it is."""
    return fit_lines.read_line(table, f"{len(table.frame):,} steps of {table.frame['person'].nunique()} people", what)


def estimate_lines(
    estimates: Sequence[tuple[str, float, float]], known: Mapping[str, Any], missing: str | None
) -> Lines:
    """What was fitted (name, value, standard error), what is known, and why the lift is not identified."""
    fitted = ", ".join(f"{name} {value:.3g} (+- {error:.2g})" for name, value, error in estimates)
    open_text = f"The lift of messages is not identified: {missing}. Until then it is assumed to be zero."
    return (
        *((("fitted", fitted),) if estimates else ()),
        *known_line(known),
        *((("open", open_text),) if missing else ()),
    )


def assumed_lines(
    table: Table, p: Parameters, origins: Mapping[str, Origin], fields: Sequence[str], case: str = ""
) -> Lines:
    """What is assumed of some fields, the notes on the last of them, and the line to type.

    Args:
        table: the table.
        p: the fitted world.
        origins: where its fields come from.
        fields: those to mention if they are assumed.
        case: ``--case`` where another case would be chosen otherwise.
    """
    guessed = [field for field in fields if field in origins and origins[field].kind == "assumed"]
    if not guessed:
        return ()
    values = [_typed(getattr(p, field)) for field in guessed]
    shown = "; ".join(f"{field} {value}" for field, value in zip(guessed, values, strict=True))
    note = origins["worth"].note if "worth" in guessed else ""
    where = "table.csv" if table.where == "table" else shlex.quote(table.where)
    typed = " ".join(f"{field}={value}" for field, value in zip(guessed, values, strict=True))
    chosen = f" --case {case}" if case else ""
    own = f"your own numbers: bizgyms fit nudge {where}{chosen} --known {typed} -o mine.json"
    return (("assumed", f"{shown}. {note}".strip()), ("type", own))


def _typed(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
