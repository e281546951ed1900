"""Marks a run as being computed: a lock on a file, which the operating system releases when its holder dies."""

from __future__ import annotations

import os
import sys
from typing import IO


class Lock:
    """Held by the process that computes a run, until it is released or the process ends.

    Args:
        file: the locked file; None for results kept in memory.
    """

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.release(finished=error is None)

    def release(self, finished: bool) -> None:
        """Releases the run.

        Args:
            finished: the result is stored, so that the file is no longer needed.
        """
        if self._file is None:
            return
        if finished and sys.platform != "win32":  # Windows removes no open file
            os.unlink(self._file.name)
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[bytes]) -> bool:
        """Locks a file for this process; False where another holds it."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(file: IO[bytes]) -> bool:
        """Locks a file for this process; False where another holds it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
