"""Which case of nudging a log belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from envs_data.nudge.reading import NONE, WALKED, in_words, silent
from envs_data.table_reading import parse, read_text, recognise
from envs_data.tables import Source


def choose_case(table: Source, columns: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Amounts are activity; one kind of message to people who all stay is a budget; all else is habituation.

    Args:
        table: path of a CSV file, or a DataFrame.
        columns: meaning to name in the table, where a name is not recognised.

    Returns:
        The case's name, and why in one clause.

    Raises:
        TableError: a table whose columns cannot be recognised.
    """
    raw, where = read_text(table)
    mapping = recognise(raw, WALKED, columns, where)
    told = {meaning: name for meaning, name in mapping.items() if meaning in ("message", "response", "left")}
    frame, _ = parse(raw, WALKED, told)
    if not frame["response"].dropna().isin((0, 1)).all():
        return "NudgeActivity", f"column {told['response']} holds amounts, not yes and no"
    kinds = sorted({*silent(frame["message"])} - {NONE})
    if len(kinds) == 1 and ("left" not in frame or not frame["left"].any()):
        return "NudgeBudget", f"one kind of message in column {told['message']}, and nobody leaves"
    if len(kinds) == 1:
        return "NudgeHabit", f"one kind of message in column {told['message']}, and people leave"
    return "NudgeHabit", f"{len(kinds)} kinds of message in column {told['message']}: {in_words(kinds)}"
