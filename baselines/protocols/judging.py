"""From the table of results to a verdict: nothing is played here but what a table leaves open."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from baselines.agents import Kind
from baselines.judge import verdict as verdicts
from baselines.judge.anchors import Anchors
from baselines.judge.evidence import Evidence, check_worth, plain_evidence
from baselines.judge.money import Money
from baselines.judge.rows import rows
from baselines.ladder.current_rule import Today
from baselines.play import seeds
from baselines.play.experiment import Experiment
from baselines.protocols.robustness import Robustness
from baselines.report import notes, page
from baselines.report.facts import FACTS, read
from baselines.report.remarks import remarks
from baselines.report.shortfall import shortfall
from baselines.runs.run_file import RunFileError
from envs_data.parameters import Scenario, write_whole


def evidence_of(anchors: Anchors, source: Scenario, worth: float, episodes: int) -> Evidence:
    """What the results say.

    Args:
        anchors: the table of results with its fixed points.
        source: the scenario with the origin of its fields.
        worth: the least gain a year worth the effort.
        episodes: episodes that every agent played.
    """
    found = rows(anchors)
    fixed = [row.value for role in (Kind.BEST_RULE, Kind.TODAY) for row in found if row.role == role and row.value]
    about = source.notes
    back_test = about.get("back_test") or {}
    return Evidence(
        found,
        anchors.ceiling,
        worth,
        episodes,
        Money.beside(anchors.problem.view.money, next(iter(fixed), 0.0), anchors.scale.period),
        bound=anchors.best is not None and anchors.best.reference.kind == "bound",
        observed=int(about.get("observed", 0)),
        would_help=tuple(about.get("would_help", ())),
        fitted=any(origin.kind == "fitted" for origin in source.origins.values()),
        distrust=str(back_test["verdict"]) if back_test.get("problems") else "",
    )


def with_other_worlds(
    evidence: Evidence, anchors: Anchors, source: Scenario, experiment: Experiment, today: Today | None
) -> Evidence:
    """Adds what the table says of the row judged, and the costs on which its gain rests."""
    judged = evidence.judged
    player = None if judged is None else anchors.results.of(judged.agent)
    # Other worlds have other luck; what was given says nothing of it.
    if judged is None or player is None or not source.origins or experiment.luck is not None:
        return evidence
    robustness = Robustness(experiment, source, anchors, today, evidence.worth)
    row = robustness.with_table(judged, player)
    found = [row if other is judged else other for other in evidence.rows]
    return dataclasses.replace(evidence, rows=found, breaks=robustness.break_evens(row, player))


def notes_of(
    evidence: Evidence, anchors: Anchors, source: Scenario, experiment: Experiment, today: Today | None
) -> Iterator[str]:
    """What a reader of the board should know beside its rows."""
    yield from remarks(experiment.problem, evidence)
    yield from notes.learning(evidence, anchors.scale)
    yield from notes.best_known(evidence)
    yield from notes.planners(evidence)
    yield from notes.below_the_rule(evidence)
    yield from shortfall(evidence, anchors.results)
    if today is not None and today.assumed:
        yield f"today: {today.assumed}."
    errors = [row.error for row in evidence.rows if row.error and row.role not in (Kind.RANDOM, Kind.BEST_POSSIBLE)]
    if errors:
        yield f"Evaluation error of a value: {evidence.money.at_most(max(errors))} (95 %)."
    if anchors.scale.note:
        yield anchors.scale.note
    yield from notes.code_note(experiment.problem.case)
    trainings = experiment.budget.trainings if evidence.learners else 0
    yield f"Seeds: {seeds.blocks(experiment.seed, trainings, experiment.luck is not None)}."
    yield from notes.provenance(source)


def judge_again(folder: Path, worth: float) -> str:
    """Judges a scored folder by another gain that is asked for, and writes its board and its report anew.

    Nothing is played: where a gain turns is told from the values of a cost that were tried before.

    Args:
        folder: the folder.
        worth: the least gain a year worth the effort.

    Returns:
        The verdict.

    Raises:
        ParameterError: an impossible amount.
        RunFileError: the folder holds no board, or one of an older version.
    """
    check_worth(worth)
    facts = read(folder)
    if "evidence" not in facts:
        why = "its board is of a version that kept too little to be judged again"
        raise RunFileError(f"{folder}: {why}; score again with --out {folder} --worth {worth:g}")
    try:
        known = [{**row, "knows": row["told"]} for row in facts["rows"]]
        evidence = plain_evidence({**facts["evidence"], "rows": known}).asking(worth)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RunFileError(f"{folder / FACTS}: damaged; score again with --out {folder} --worth {worth:g}") from error
    before, facts["verdict"] = facts["verdict"], verdicts.verdict(evidence)
    facts["evidence"]["worth"] = worth
    for row, judged in zip(facts["rows"], evidence.rows, strict=True):
        row["holds"] = judged.holds
    _replace_verdict(folder, before, facts["verdict"])
    _replace_holds(folder / "board.csv", {row.agent: str(row.cells()["holds"] or "") for row in evidence.rows})
    page.write(folder, facts)
    return str(facts["verdict"])


def _replace_verdict(folder: Path, before: str, now: str) -> None:
    text = folder / "board.txt"
    if text.is_file():
        write_whole(text, text.read_text(encoding="utf-8").removesuffix(f"{before}\n") + f"{now}\n")


def _replace_holds(file: Path, holds: Mapping[str, str]) -> None:
    if file.is_file():
        table = pd.read_csv(file)
        table["holds"] = [holds.get(agent, "") for agent in table["agent"]]
        write_whole(file, table.to_csv(index=False))
