"""What a check found, in plain words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

SHOWN = 3
"""How many scenarios a failing check names; the others are counted."""


class Finding(Exception):  # noqa: N818  it tells about a case and is no error of the checker
    """Something a check found wrong, in one sentence. Raised inside a check and collected by `check_case`."""


def expect(condition: object, sentence: str) -> None:
    """Raises `Finding` with the sentence unless the condition holds."""
    if not condition:
        raise Finding(sentence)


def refusal(
    call: Callable[..., object], what: str, done: str, kind: type[Exception] = ValueError, named: str = "a ValueError"
) -> Exception:
    """The error with which a call is refused.

    Args:
        call: the call.
        what: what is tried, for the message.
        done: what happens to it where it is not refused, such as "was played".
        kind: the error that it must raise.
        named: this error in the message.
    """
    try:
        call()
    except kind as error:
        return error
    except Exception as error:
        raise Finding(f"{what} raised {type(error).__name__}: {error}; it must be {named}") from error
    raise Finding(f"{what} {done}; it must raise {named}")


@dataclasses.dataclass(frozen=True)
class Failure:
    """A check that failed in one scenario.

    Attributes:
        check: what was checked.
        scenario: the scenario it was checked in.
        problem: what is wrong, in one sentence.
    """

    check: str
    scenario: str
    problem: str


@dataclasses.dataclass(frozen=True)
class Report:
    """What `check_case` found.

    Attributes:
        id: the case.
        scenarios: the scenarios checked.
        passed: checks that hold in all of them.
        failures: what fails, check by check.
        missing: parts the case does not have, each with what is lost by it.
        notes: what else a user should know; nothing of it is wrong.
    """

    id: str
    scenarios: tuple[str, ...]
    passed: tuple[str, ...]
    failures: tuple[Failure, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that fail in some scenario."""
        return tuple(dict.fromkeys(failure.check for failure in self.failures))

    def __str__(self) -> str:
        head = (
            f"{self.id}: {_count(len(self.passed), 'check')} passed, {len(self.failed)} failed, "
            f"in {_count(len(self.scenarios), 'scenario')}"
        )
        lines = [head]
        for check in self.failed:
            lines.append(f"  FAILED   {check}")
            lines += [f"    {line}" for line in self._problems(check)]
        lines += [f"  passed   {check}" for check in self.passed]
        lines += [f"  missing  {sentence}" for sentence in self.missing]
        lines += [f"  note     {sentence}" for sentence in self.notes]
        return "\n".join(lines)

    def _problems(self, check: str) -> Iterable[str]:
        mine = [failure for failure in self.failures if failure.check == check]
        for failure in mine[:SHOWN]:
            yield f"{failure.scenario}: {failure.problem}"
        if len(mine) > SHOWN:
            yield f"and in {_count(len(mine) - SHOWN, 'more scenario')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class CaseError(AssertionError):
    """A case fails a check. Its message is the report.

    Attributes:
        report: everything that was found.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(str(report))
