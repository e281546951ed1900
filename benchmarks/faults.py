"""Plants faults, one at a time, and says which the tests catch.

    python benchmarks/faults.py                        the tests each fault names, then all of the default run
    python benchmarks/faults.py --only some-fault --named
    python benchmarks/faults.py --slow --jobs 2

Faults are data, in faults.yml. The tree, uncommitted changes included, is copied to a temporary folder; yours is not
touched. The exit status is 1 where a fault survives or no longer matches the code.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer
import yaml

ROOT = Path(__file__).parents[1]
FAULTS = Path(__file__).with_suffix(".yml")
LONGEST_SECONDS = 3_600.0
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")


@dataclasses.dataclass(frozen=True)
class Fault:
    """A change that makes the code wrong.

    Attributes:
        id: its name.
        file: path from the root.
        before: text of the file, found once in it.
        after: what stands there instead.
        why: what is wrong then.
        tests: arguments for pytest that are likely to catch it, tried before all others.
    """

    id: str
    file: str
    before: str
    after: str
    why: str
    tests: tuple[str, ...] = ()

    def matches(self, root: Path) -> bool:
        """Whether the text to change is found exactly once."""
        file = root / self.file
        return file.is_file() and file.read_text(encoding="utf-8").count(self.before) == 1

    def compiled(self, root: Path) -> bool:
        """Whether a kernel may have the code compiled in."""
        return "bizgyms.compiled" in (root / self.file).read_text(encoding="utf-8")

    @contextlib.contextmanager
    def planted(self, root: Path) -> Iterator[None]:
        """The copy with the fault in it."""
        file = root / self.file
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace(self.before, self.after), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(whole, encoding="utf-8")


def read_faults(path: Path = FAULTS) -> list[Fault]:
    """The faults of a file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Fault(**{**row, "tests": tuple(row.get("tests", ()))}) for row in rows]


def copy_tree(folder: Path) -> Path:
    """Copies what git tracks, or would track, as it stands in the working tree."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


class Copy:
    """A copy of the tree in which one fault at a time is tried.

    Args:
        folder: where it is made.
        runs: arguments of further runs of pytest, after the tests a fault names.
    """

    def __init__(self, folder: Path, runs: Sequence[Sequence[str]]) -> None:
        self.root = copy_tree(folder / "tree")
        self._folder, self._runs = folder, runs

    def outcome(self, fault: Fault) -> str:
        """The first test that fails, or ``survived``."""
        cache = self._folder / "kernels"
        if fault.compiled(self.root):  # numba does not notice that a helper in another file has changed
            cache = self._folder / f"kernels of {fault.id}"
        named = [list(fault.tests)] if fault.tests else []
        with fault.planted(self.root):
            failed = filter(None, (self._failure(arguments, cache) for arguments in [*named, *self._runs]))
            found = next(failed, "")
        if cache.name != "kernels":
            shutil.rmtree(cache, ignore_errors=True)
        return f"caught by {found}" if found else "survived"

    def _failure(self, arguments: Sequence[str], cache: Path) -> str:
        command = [sys.executable, *PYTEST, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(self.root), "NUMBA_CACHE_DIR": str(cache)}
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return "the time it takes"
        if done.returncode in (0, 5):  # 5: all of them are slow tests, or none
            return ""
        failed = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
        return failed[1] if failed else f"pytest's exit status {done.returncode}: {done.stdout[-300:]}"


def tried(faults: Sequence[Fault], runs: Sequence[Sequence[str]], jobs: int) -> Iterator[tuple[Fault, str]]:
    """Each fault with its outcome, in the order of the list."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ThreadPoolExecutor(jobs) as pool:
        copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for job in range(jobs):
            copies.put(Copy(Path(folder) / str(job), runs))

        def outcome(fault: Fault) -> str:
            copy = copies.get()
            try:
                return copy.outcome(fault)
            finally:
                copies.put(copy)

        yield from zip(faults, pool.map(outcome, faults), strict=True)


def main(words: Sequence[str] | None = None) -> int:
    """Tries the faults and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", nargs="+", metavar="ID", help="faults to try; all if absent")
    parser.add_argument("--named", action="store_true", help="run only the tests that a fault names")
    parser.add_argument("--slow", action="store_true", help="run the slow tests too")
    parser.add_argument("--jobs", type=int, default=1, help="faults tried at a time, each in a copy of its own")
    parser.add_argument("--check", action="store_true", help="only say which faults no longer match the code")
    given = parser.parse_args(words)
    faults = [fault for fault in read_faults() if not given.only or fault.id in given.only]
    stale = [fault for fault in faults if not fault.matches(ROOT)]
    for fault in stale:
        typer.echo(f"{fault.id}: no longer matches {fault.file}")
    if given.check:
        return bool(stale)
    runs = [] if given.named else [["-n", "auto"]]
    runs += [["-n", "auto", "-m", "slow"]] if given.slow else []
    fitting = [fault for fault in faults if fault not in stale]
    survived = 0
    for fault, outcome in tried(fitting, runs, given.jobs):
        survived += outcome == "survived"
        typer.echo(f"{fault.id} ({fault.why}): {outcome}")
    typer.echo(f"{len(fitting) - survived} of {len(fitting)} faults caught, {len(stale)} no longer match")
    return bool(survived or stale)


if __name__ == "__main__":
    raise SystemExit(main())
