"""Where an agent is saved: a path, or an open binary file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

Place = str | os.PathLike[str] | IO[bytes]


def write(place: Place, content: bytes) -> None:
    """Writes all of ``content``."""
    if isinstance(place, (str, os.PathLike)):
        Path(place).write_bytes(content)
    else:
        place.write(content)


def read(place: Place) -> bytes:
    """Reads everything."""
    return Path(place).read_bytes() if isinstance(place, (str, os.PathLike)) else place.read()
