"""The command line: ``bizgyms list | show | fit | score | generate | verify | check``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import baselines
import bizgyms
import envs_data

# Options that take several name=value after one flag, as people type them.
SEVERAL = ("--known", "--columns")
PAIR = re.compile(r"[A-Za-z_]\w*(\.[^=]+)?=")
BAD_INPUT, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: the words after ``bizgyms``; None for those of the process.

    Returns:
        Exit status: 0; 1 where a check or a published number fails; 2 for input that cannot be; 130 after Ctrl-C.
    """
    foreign = foreign_package()
    if foreign:
        return _refuse(foreign)
    from baselines.cli import commands, console, scores  # noqa: F401  their commands are on the app once they are read

    words = spread(sys.argv[1:] if arguments is None else arguments)
    try:
        console.app(words, prog_name="bizgyms")
    except SystemExit as end:
        return int(end.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except console.BAD_INPUT_ERRORS as error:
        return _refuse(console.in_words(error))
    return 0


def _refuse(message: str) -> int:
    sys.stderr.write(f"bizgyms: {message}\n")
    return BAD_INPUT


def spread(words: Sequence[str]) -> list[str]:
    """Repeats a flag before each of the pairs that follow it: ``--known a=1 b=2`` is ``--known a=1 --known b=2``."""
    found: list[str] = []
    flag = ""
    for word in words:
        if flag and found[-1] != flag and PAIR.match(word):
            found.append(flag)
        elif word in SEVERAL:
            flag = word
        elif not (flag and found[-1] == flag):
            flag = ""
        found.append(word)
    return found


def foreign_package() -> str | None:
    """Says which of the three packages comes from elsewhere, and what to do; None when all are of one installation.

    Their names are words that other software uses too.
    """
    packages = (baselines, bizgyms, envs_data)
    homes = {package.__name__: Path(package.__file__ or "").resolve().parent.parent for package in packages}
    home = homes["baselines"]
    # The two that agree are the installation; the third is the stranger.
    if homes["bizgyms"] == homes["envs_data"]:
        home = homes["bizgyms"]
    foreign = [f"{name} comes from {where}" for name, where in homes.items() if where != home]
    if not foreign:
        return None
    return (
        f"{' and '.join(foreign)}, but the rest of this installation is in {home}. Another package or folder has the "
        "same name: start from another folder, take it off PYTHONPATH, or pip install --force-reinstall bizgyms"
    )


if __name__ == "__main__":
    sys.exit(main())
