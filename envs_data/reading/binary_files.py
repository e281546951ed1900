"""Spreadsheets and Parquet files, which need packages of their own."""

from __future__ import annotations

import importlib
import shlex
from pathlib import Path

import pandas as pd

from envs_data.reading.options import ReadOptions
from envs_data.tables import TableError


def read_spreadsheet(path: Path, options: ReadOptions) -> tuple[pd.DataFrame, list[str]]:
    """The cells of a sheet, and which one it is where there are several.

    Args:
        path: the file.
        options: may name the sheet.

    Raises:
        TableError: no spreadsheet, several sheets, or openpyxl is not installed.
    """
    _needed("openpyxl", path)
    try:
        sheets = pd.read_excel(path, sheet_name=None, dtype=object)
    except (ValueError, OSError, KeyError) as error:
        raise TableError(str(path), [f"it is not a spreadsheet that can be read: {error}"]) from None
    filled = {name: frame for name, frame in sheets.items() if not frame.empty}
    if options.sheet is not None and options.sheet not in sheets:
        raise TableError(str(path), [f"no sheet {options.sheet!r}; there are {', '.join(map(str, sheets))}"])
    if options.sheet is None and len(filled) > 1:
        first, *_ = filled
        named, chosen = ", ".join(map(str, filled)), shlex.quote(f"sheet={first}")
        raise TableError(str(path), [f"{len(filled)} sheets hold rows ({named}); choose one: --read {chosen}"])
    name = options.sheet if options.sheet is not None else next(iter(filled or sheets))
    return sheets[name], [f"sheet {name}"] if len(sheets) > 1 else []


def read_parquet(path: Path) -> pd.DataFrame:
    """The columns of a Parquet file.

    Args:
        path: the file.

    Raises:
        TableError: no Parquet file, or pyarrow is not installed.
    """
    _needed("pyarrow", path)
    try:
        return pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise TableError(str(path), [f"it is not a Parquet file that can be read: {error}"]) from None


def _needed(package: str, path: Path) -> None:
    try:
        importlib.import_module(package)
    except ImportError:
        remedy = 'pip install "bizgyms[tables]", or save the table as CSV'
        raise TableError(str(path), [f"{package} is not installed, which this file needs: {remedy}"]) from None
