"""The run file: every result once, whatever happens to the process that computes it.

A run is what one agent earned on one block of luck, keyed by a hash of everything that determines it. It is written in
one SQLite transaction when it is finished. The process that computes a run holds a lock on a file named after its key.
The operating system releases it when the process dies, however it dies, so a claim needs no clock and no clean-up.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from baselines.runs.locks import Lock, lock
from envs_data.arrays import Array

APPLICATION_ID = 0x62697A67  # "bizg"
FORMAT = 1
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1
NAME = "runs.sqlite"
TABLE = (
    "CREATE TABLE IF NOT EXISTS runs "
    "(key TEXT PRIMARY KEY, what TEXT NOT NULL, facts TEXT NOT NULL, arrays BLOB NOT NULL)"
)

Key = Mapping[str, Any]
Arrays = Mapping[str, Array]
Stored = tuple[dict[str, Any], dict[str, Array]]


# SQLite's words for a disk that takes no more: it is full, or the file has reached a limit.
NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
# Other errors that are no fault of the file: rights, locks, a path that no longer exists.
NOT_NOW = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)
PRIMARY = 0xFF  # the byte of an error code that names the kind of error


class RunFileError(Exception):
    """A run file that cannot be used; the message names it and the remedy.

    No ``ValueError``: it ends a board, where one agent's error costs only that agent's row.
    """


def digest(key: Key) -> str:
    """The hash of everything that determines a run."""
    return hashlib.sha256(json.dumps(key, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> Any:
    """Numbers of NumPy's types as Python's own, for JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be part of a run's key")


def _in_words(error: sqlite3.DatabaseError) -> str:
    """An error of the database in words, with its remedy."""
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & PRIMARY
    if kind in NO_ROOM:
        remedy = "make room on the disk and start again"
        return f"cannot be written ({error}); finished runs are kept: {remedy}, and it goes on from there"
    if kind in NOT_NOW:
        return f"cannot be written ({error}); finished runs are kept: start again when it can, or choose another --out"
    return _damaged(str(error))


def _damaged(why: str) -> str:
    return f"not a run file, or a damaged one ({why}); move it away or choose another folder with --out"


class RunFile:
    """Results by key.

    Args:
        path: the SQLite file, created if it does not exist; None keeps results in memory only.

    Raises:
        RunFileError: the file is corrupt, of another program or of another format.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:", timeout=WAIT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise RunFileError(f"{path}: cannot be written: {error}") from None
        try:
            with self._guarded():
                self._open()
        except RunFileError:
            self._database.close()
            raise

    def _open(self) -> None:
        with self._transaction():
            application, version = (self._number(name) for name in ("application_id", "user_version"))
            tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables and application != APPLICATION_ID:
                raise RunFileError(f"{self.path}: a database of another program; choose another folder with --out")
            if tables and version != FORMAT:
                raise RunFileError(
                    f"{self.path}: written in format {version}, this version of bizgyms reads format {FORMAT}; "
                    "choose another folder with --out"
                )
            self._database.execute(TABLE)
            self._database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {FORMAT}")

    def _number(self, pragma: str) -> int:
        return int(self._database.execute(f"PRAGMA {pragma}").fetchone()[0])

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turns an error of the database into one sentence with its remedy."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise RunFileError(f"{self.path}: {_in_words(error)}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:  # of a full disk SQLite has rolled back by itself
                self._database.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes the file, and removes the folder of claims unless another process uses it."""
        self._database.close()
        if self.path is not None:
            try:
                self._claims().rmdir()
            except OSError:  # not there, or another process works on the same file
                return

    def get(self, key: Key) -> Stored | None:
        """A finished run's facts and arrays, or None."""
        with self._guarded():
            row = self._database.execute("SELECT facts, arrays FROM runs WHERE key = ?", (digest(key),)).fetchone()
        return None if row is None else (json.loads(row[0]), self._arrays(row[1]))

    def learned(self, digest: str) -> bytes:
        """What the agent of a finished run learned, as it saved itself; empty where it was not saved.

        Args:
            digest: the run's `digest`.
        """
        with self._guarded():
            row = self._database.execute("SELECT arrays FROM runs WHERE key = ?", (digest,)).fetchone()
        learned = None if row is None else self._arrays(row[0]).get("learned")
        return b"" if learned is None else bytes(learned.tobytes())

    def _arrays(self, content: bytes) -> dict[str, Array]:
        """A run's arrays. A run file may come from anywhere, so nothing in it is ever unpickled."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise RunFileError(f"{self.path}: {_damaged(str(error))}") from None

    def put(self, key: Key, facts: Mapping[str, Any], arrays: Arrays) -> None:
        """Writes a finished run in one transaction.

        Raises:
            RunFileError: the run is already stored, or the file is damaged.
        """
        blob = io.BytesIO()
        np.savez(blob, **arrays)  # type: ignore[arg-type]  # names are data, none of them is allow_pickle
        row = (
            digest(key),
            json.dumps(key, sort_keys=True, default=_plain),
            json.dumps(facts, default=_plain),
            blob.getvalue(),
        )
        with self._guarded(), self._transaction():
            self._database.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", row)

    def once(self, key: Key, do: Callable[[], tuple[Mapping[str, Any], Arrays]]) -> Stored:
        """A run's facts and arrays: as stored, computed now, or by the process computing it.

        Args:
            key: everything that determines the run.
            do: computes the run.
        """
        while True:
            stored = self.get(key)
            if stored is not None:
                return stored
            claim = self.claim(key)
            if claim is None:
                time.sleep(POLL_SECONDS)
                continue
            with claim:
                self.put(key, *do())

    def __len__(self) -> int:
        """Number of finished runs."""
        with self._guarded():
            return int(self._database.execute("SELECT count(*) FROM runs").fetchone()[0])

    def _claims(self) -> Path:
        assert self.path is not None
        return self.path.with_suffix(".claims")

    def claim(self, key: Key) -> Lock | None:
        """The right to compute a run; None when it is finished or another living process computes it."""
        if self.path is None:
            return None if self.get(key) else Lock(None)
        try:
            self._claims().mkdir(exist_ok=True)
            file = (self._claims() / f"{digest(key)}.lock").open("a+b")
        except FileNotFoundError:  # another process has just removed the empty folder: asked again in a moment
            return None
        claim = Lock(file)
        if not lock(file):
            claim.release(finished=False)
            return None
        if self.get(key):  # finished between the question and the lock
            claim.release(finished=True)
            return None
        return claim
