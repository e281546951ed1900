"""The entry point of ``bizgyms list | show | fit | score | generate | verify | check``."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import baselines
import bizgyms
import envs_data

# Options that take several name=value after one flag, as people type them.
SEVERAL = ("--known", "--columns", "--read", "--set")
PAIR = re.compile(r"[A-Za-z_]\w*(\.[^=]+)?=")
BAD_INPUT, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: the words after ``bizgyms``; None for those of the process.

    Returns:
        Exit status: 0; 1 where a check or a published number fails; 2 for bad input; 130 after Ctrl-C.
    """
    foreign = foreign_package()
    if foreign:
        return _refuse(foreign)
    from baselines.cli import commands, console, scores  # noqa: F401  importing them puts their commands on the app

    words = spread(sys.argv[1:] if arguments is None else arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _say
            console.app(words, prog_name="bizgyms")
    except SystemExit as end:
        return int(end.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except console.bad_input_errors() as error:
        return _refuse(console.in_words(error))
    return 0


def _say(message: Warning | str, *where: Any, **more: Any) -> None:
    """A warning as one sentence: where in the code it arose says nothing to who typed a command."""
    sys.stderr.write(f"bizgyms: {message}\n")


def _refuse(message: str) -> int:
    sys.stderr.write(f"bizgyms: {message}\n")
    return BAD_INPUT


def spread(words: Sequence[str]) -> list[str]:
    """Repeats a flag before each of the pairs that follow it: ``--known a=1 b=2`` is ``--known a=1 --known b=2``."""
    repeated: list[str] = []
    flag = ""
    for word in words:
        if flag and repeated[-1] != flag and PAIR.match(word):
            repeated.append(flag)
        elif word in SEVERAL:
            flag = word
        elif not (flag and repeated[-1] == flag):
            flag = ""
        repeated.append(word)
    return repeated


def foreign_package() -> str | None:
    """Which of the three packages comes from elsewhere, and what to do; None when all are of one installation.

    Other software uses these names too.
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
