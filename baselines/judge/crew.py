"""Work done side by side, each piece once: what is finished is in the run file, and what is claimed is somebody's."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Callable, Iterable
from typing import TypeVar

from baselines.judge.claims import Claim
from baselines.judge.runs import POLL_SECONDS, RunFile, Stored
from baselines.judge.workers import Crew, Piece

P = TypeVar("P", bound=Piece)
Running = dict[concurrent.futures.Future[Stored], tuple[P, Claim]]
CORES = os.cpu_count() or 1


class Gathering:
    """Pieces of work that a crew does.

    Args:
        run_file: where finished pieces are kept.
        crew: who works.
    """

    def __init__(self, run_file: RunFile, crew: Crew) -> None:
        self._run_file = run_file
        self._crew = crew

    def gather(self, pieces: Iterable[P], done: Callable[[P], None]) -> dict[P, Stored | Exception]:
        """Does all pieces that are not done yet.

        Args:
            pieces: what is to be done.
            done: called with each piece as it is finished.

        Returns:
            Facts and arrays of each, or what it raised.
        """
        waiting = list(pieces)
        running: Running[P] = {}
        found: dict[P, Stored | Exception] = {}
        try:
            while waiting or running:
                for piece in self._hand_out(waiting, running, found):
                    done(piece)
                finished, _ = concurrent.futures.wait(running, POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
                for future in finished:
                    piece, claim = running.pop(future)
                    found[piece] = self._keep(piece, claim, future)
                    done(piece)
        finally:
            for _, claim in running.values():
                claim.release(finished=False)
        return found

    def _hand_out(self, waiting: list[P], running: Running[P], found: dict[P, Stored | Exception]) -> list[P]:
        """Takes what is finished from the run file, which it returns, and starts what nobody works on."""
        taken = []
        for piece in list(waiting):
            if len(running) >= self._crew.count:
                break
            stored = self._run_file.get(piece.key())
            if stored is not None:
                found[piece] = stored
                waiting.remove(piece)
                taken.append(piece)
            elif claim := self._run_file.claim(piece.key()):
                running[self._crew.submit(piece)] = piece, claim
                waiting.remove(piece)
        return taken

    def _keep(self, piece: P, claim: Claim, future: concurrent.futures.Future[Stored]) -> Stored | Exception:
        error = future.exception()
        if error is None:
            with claim:
                self._run_file.put(piece.key(), *future.result())
            return future.result()
        claim.release(finished=False)
        if not isinstance(error, Exception):
            raise error
        return error
