"""What every fit to a log of messages checks first and tells at the end."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from envs_data.parameters import Origin, ParameterError, Parameters, unknown_name
from envs_data.tables import Table

NOT_IDENTIFIED = "the lift of messages is not identified"
Lines = tuple[tuple[str, str], ...]


def check_request(kind: type[Parameters], known: Mapping[str, Any], case: str | None) -> None:
    """Refuses known fields a case does not have or allow, and another case.

    Args:
        kind: the case's parameters.
        known: fields the user knows.
        case: the case asked for; None for any.

    Raises:
        ParameterError: everything that is wrong.
    """
    fields, name = kind.quantities(), kind.case.removeprefix("bizgyms/").removesuffix("-v0")
    problems = [unknown_name("field", field, fields) for field in known if field not in fields]
    if case is not None and case.removeprefix("bizgyms/").removesuffix("-v0") != name:
        problems.append(f"case {case!r} is not fitted here; {name} is")
    if problems:
        raise ParameterError("known", problems)
    kind.from_dict(dict(known))


def read_line(table: Table, what: str) -> tuple[str, str]:
    """What was read, as which columns, and the case it is."""
    used = ", ".join(f"{name} -> {meaning}" for meaning, name in table.mapping.items())
    people = table.frame["person"].nunique()
    return "read", f"Read {len(table.frame):,} steps of {people} people as {used}.  {what}"


def found_lines(found: Sequence[tuple[str, float, float]], known: Mapping[str, Any], missing: str | None) -> Lines:
    """What was fitted (name, value, standard error), what is known, and why the lift is not identified."""
    fitted = ", ".join(f"{name} {value:.3g} (+- {error:.2g})" for name, value, error in found)
    lines = [("fitted", fitted)] if found else []
    if known:
        lines.append(("known", ", ".join(f"{name} {value}" for name, value in known.items())))
    if missing:
        lines.append(("open", f"The lift of messages is not identified: {missing}. Until then it is taken for none."))
    return tuple(lines)


def assumed_lines(
    table: Table, p: Parameters, origins: Mapping[str, Origin], fields: Sequence[str], case: str = ""
) -> Lines:
    """What is assumed of some fields, the notes on the last of them, and the line to type.

    Args:
        table: the table.
        p: the fitted world.
        origins: where its fields come from.
        fields: those to tell if they are assumed.
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
