"""Makes the page and its stand-alone picture from the facts of a board."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from baselines.agents import LEARNERS, Kind
from baselines.judge.money import Money
from baselines.judge.own_days import HINDSIGHT
from baselines.report import pictures, policy_pictures
from baselines.report.facts import FACTS
from baselines.report.insight import sentences
from envs_data.parameters import write_whole

PAGE, PICTURE, CURVES = "report.html", "episode.svg", "curves.svg"
EVENTS_SHOWN = 12


@cache
def templates() -> jinja2.Environment:
    """The templates of this package."""
    loader = jinja2.PackageLoader("baselines.report")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["per_cent"] = lambda share: f"{share * 100:.0f} %"
    return environment


def html(facts: Mapping[str, Any]) -> str:
    """The report as one page.

    Args:
        facts: of `baselines.report.facts`.
    """
    back_test = facts["fit"].get("back_test") or {}
    return (
        templates()
        .get_template("report.html.j2")
        .render(
            facts,
            bars=pictures.intervals(facts["rows"]),
            learned=[row for row in facts["rows"] if row["role"] in LEARNERS and row["trainings"]],
            back_test=back_test,
            bands=pictures.back_test(back_test.get("series") or {}),
            compared=list(_compared(back_test)),
            **_learner(facts),
            own=facts.get("own"),
            own_bars=pictures.intervals(_own_gains(facts.get("own"))),
            a_period=_money(facts).a_period,
            parts=list(_parts(facts)),
            events=_events(facts),
            **_picture(facts),
        )
    )


def _own_gains(own: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of a user's own last days; hindsight has no bar, which would squeeze all others."""
    nothing = {"over_today": None, "over_rule": None}
    return [{**row, **(nothing if row["role"] == HINDSIGHT else {})} for row in own["rows"]] if own else []


def _money(facts: Mapping[str, Any]) -> Money:
    """Writes amounts. Older boards have no period: it was always a year."""
    return Money(facts["money"]["unit"], facts["money"]["digits"], facts["money"].get("period", "year"))


def _learner(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is behind the best learner's row; empty pictures where nothing learned."""
    insight = facts.get("insight")
    if not insight:
        lists: dict[str, Any] = {key: [] for key in ("maps", "said", "moved", "moments")}
        return {**lists, "curves": {}, "gains": {}, "predicted": {}, "tree": "", "learner": ""}
    return {
        "learner": insight["learner"],
        "curves": policy_pictures.curves(insight),
        "gains": policy_pictures.gains(insight),
        "predicted": policy_pictures.predicted(insight),
        "moments": [_moment(one, facts["money"]["digits"]) for one in insight.get("moments") or ()],
        "maps": policy_pictures.maps(insight),
        "tree": insight["tree"],
        "said": sentences(insight, _money(facts).a_year),
        "moved": [(name, f"{before:.3g}", f"{after:.3g}") for name, before, after in insight["moved"]],
    }


def _moment(facts: Mapping[str, Any], digits: int) -> dict[str, Any]:
    """A state with what each decision earns more than the best rule's."""
    rows = []
    for who, decision, value, low, high in facts["rows"]:
        ends = f"{low:,.{digits}f} to {high:,.{digits}f}"
        rows.append((who, decision, "0" if low == high == 0 else f"{value:+,.{digits}f}", ends))
    return {**facts, "rows": rows}


def _compared(back_test: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each figure of a back-test that is one number: its name, its expected and its observed value."""
    came = back_test.get("observed") or {}
    for name, expected in (back_test.get("predicted") or {}).items():
        if isinstance(expected, (int, float)) and isinstance(came.get(name), (int, float)):
            words = "share inside 80 % bands" if name == "coverage" else name.replace("_", " ")
            yield words, f"{expected:.3g}", f"{came[name]:.3g}"


def _parts(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What each agent of the episode was paid, by reward term."""
    digits = facts["money"]["digits"]
    for role, label, life in facts["episode"]["lives"] if facts["episode"] else ():
        terms = {name.replace("_", " "): f"{total + 0.0:,.{digits}f}" for name, total in life["terms"].items()}
        text = label if role == Kind.BEST_POSSIBLE else f"{role}: {label}"
        yield {"text": text, "terms": terms, "total": f"{sum(life['terms'].values()):,.{digits}f}"}


def _events(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Events of the episode: how often each happened to each agent, and how many in all; the first ones of many."""
    lives = [life for _, _, life in facts["episode"]["lives"]] if facts["episode"] else []
    names = list(dict.fromkeys(name for life in lives for name in life["events"]))[:EVENTS_SHOWN]
    return {name: [_times(life["events"].get(name, (0, 0))) for life in lives] for name in names}


def _times(counted: Sequence[float]) -> str:
    times, in_all = counted
    return f"{times:,} times, {in_all:,.0f} in all" if in_all != times else f"{times:,} times"


def svg(facts: Mapping[str, Any]) -> str:
    """One episode side by side, as a picture of its own; empty where no episode was kept."""
    if not facts["episode"]:
        return ""
    return templates().get_template("episode.svg.j2").render(_picture(facts))


def curves_svg(facts: Mapping[str, Any]) -> str:
    """Learning curves as a picture of their own; empty where nothing was watched while it learned."""
    found = _learner(facts)["curves"]
    places = {"width": pictures.WIDTH, "left": pictures.LEFT, "right": pictures.RIGHT}
    return templates().get_template("curves.svg.j2").render(curves=found, **places) if found else ""


def _picture(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates need to draw the episode."""
    found = pictures.episode(facts["episode"], facts["money"]["unit"]) if facts["episode"] else {}
    return {"picture": found, "width": pictures.WIDTH, "left": pictures.LEFT, "right": pictures.RIGHT}


def write(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes the facts, the page and its picture, each whole or not at all."""
    write_whole(folder / FACTS, json.dumps(facts) + "\n")
    write_whole(folder / PAGE, html(facts))
    for file, picture in ((PICTURE, svg(facts)), (CURVES, curves_svg(facts))):
        if picture:
            write_whole(folder / file, picture)
