"""Tables as plain text, the same on a terminal and in a file."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

WIDTH = 116


def printed(*parts: str | Table) -> str:
    """Lines and tables below each other; a line longer than a page goes on in the next one."""
    file = io.StringIO()
    console = Console(file=file, width=WIDTH, markup=False, highlight=False)
    for part in parts:
        console.print(part)
    return file.getvalue().rstrip()
