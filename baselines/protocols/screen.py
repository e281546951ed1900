"""`screen`: sorts a folder of scenarios by what is left to gain in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from baselines.agents import Kind, problem_of
from baselines.judge.evidence import check_worth
from baselines.ladder.current_rule import today_of
from baselines.play import seeds
from baselines.play.budget import budget_of, in_words
from baselines.protocols.scenario_folder import Member, facts_of, read_folder, read_not_fitted
from baselines.protocols.screen_item import EPISODES, ScreenTask
from baselines.report.screen import Screen, ScreenRow
from baselines.rules import rules
from baselines.runs.scheduler import CORES, WORTH_A_POOL, do_all

# Only for the announced duration.
SECONDS_TO_START, SECONDS_AN_ITEM = 4.0, 0.3


def screen(
    folder: str | os.PathLike[str],
    today: str | None = None,
    worth: float | None = None,
    seed: int = 0,
    episodes: int = EPISODES,
    out: str | os.PathLike[str] | None = None,
    processes: int = CORES,
    say: Callable[[str], None] = lambda line: None,
    done: Callable[[int, int], None] = lambda finished, count: None,
) -> Screen:
    """Screens every scenario of a folder with rules: the gain from tuning, and what is left for anything else.

    Args:
        folder: scenario files, such as `fit_each` writes.
        today: today's rule for all, as ``"base_stock:S=16"`` or ``"rule.py:my_rule"``; None for each scenario's own.
        worth: the least gain a year worth the effort in an item.
        seed: which luck, 0 to 999.
        episodes: episodes that every agent plays.
        out: folder of the run file; results stored there are used, missing ones added. None keeps nothing.
        processes: processes side by side. Results never depend on it.
        say: takes the lines printed meanwhile.
        done: called with the number of finished items, and of all.

    Raises:
        FolderError: no scenario file in the folder.
        ParameterError: files that are no scenarios, or impossible values.
        AgentError: no such rule of today.
        RunFileError: the run file cannot be used.
    """
    home = Path(folder)
    check_worth(worth)
    budget_of("quick", episodes)
    seeds.check(seed)
    members = read_folder(home)
    _check_today(members, today)
    tasks = {
        ScreenTask(member.name, member.case, member.scenario.to_dict(), today, seed, episodes): member
        for member in members
    }
    abreast = max(1, processes) if len(tasks) >= WORTH_A_POOL else 1
    expected = SECONDS_TO_START + SECONDS_AN_ITEM * len(tasks) / abreast
    say(f"{len(tasks):,} items of {home}. Expected duration: about {in_words(expected)}.")
    results = None if out is None else Path(out)
    outcomes = do_all(tasks, results, processes, done)
    rows, not_screened = [], {}
    for task, member in tasks.items():
        facts = facts_of(outcomes[task])
        if "reason" in facts:
            not_screened[member.name] = facts["reason"]
        else:
            rows.append(ScreenRow.from_facts(member.name, member.path, member.case.id, facts))
    screened = {member.name for member in members}
    not_fitted = {name: reason for name, reason in read_not_fitted(home).items() if name not in screened}
    board = Screen(home, _sorted(rows), not_fitted, not_screened, episodes, worth or 0.0, results)
    if results is not None:
        board.save(results)
    return board


def _check_today(members: Sequence[Member], today: str | None) -> None:
    """Refuses an impossible rule of today before anything is played."""
    if today is None:
        return
    for member in {member.case.id: member for member in members}.values():
        problem = problem_of(member.case, member.scenario.parameters)
        today_of(problem, [spec for spec in rules(problem) if spec.kind == Kind.RULE], today)


def _sorted(rows: Sequence[ScreenRow]) -> list[ScreenRow]:
    """By what is left to gain, most first; amounts of one unit together, the unit of most items first."""
    count = {unit: sum(row.unit == unit for row in rows) for unit in {row.unit for row in rows}}
    return sorted(
        rows, key=lambda row: (-count[row.unit], row.unit, -row.left.value if row.left else float("inf"), row.name)
    )
