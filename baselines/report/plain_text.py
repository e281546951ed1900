"""Tables as plain text, the same on a terminal and in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence

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


def aligned(lines: Sequence[Sequence[str]], left: Sequence[int] = (0, 2)) -> list[str]:
    """Columns of equal width.

    Args:
        lines: the cells of each line, as many for all.
        left: columns of names and words, which go to the left; numbers go to the right.
    """
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    put = [str.ljust if column in left else str.rjust for column in range(len(widths))]
    return [
        "  ".join(to(cell, width) for to, cell, width in zip(put, line, widths, strict=True)).rstrip() for line in lines
    ]
