"""Pages that the site makes of what is there: the README as its first page, and a page for every case.

``mkdocs build`` calls `on_files`; nothing needs a network.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from mkdocs.structure.files import File

import bizgyms
from baselines.agents import Problem, problem_of
from baselines.cli import cards
from baselines.learners.warm_start import first_rule
from baselines.transitions import transitions
from bizgyms.registry import Case
from bizgyms.worlds_in_turn import twin_of

ROOT = Path(__file__).parents[1]
MOST_STEPS = 120
# What the README links to beside the docs.
LINKED = ("CONTRIBUTING.md", "baselines/scoreboard/default.md", "baselines/scoreboard/default.csv")


def on_config(config: Any) -> Any:
    """Adds the pages of the cases to the menu."""
    pages = [{case.name: f"cases/{case.name}.md"} for case in bizgyms.cases()]
    config["nav"].append({"Cases": pages})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds what is generated to the pages that are written."""
    files.append(File.generated(config, "index.md", content=_first_page()))
    for name in LINKED:
        files.append(File.generated(config, name, content=(ROOT / name).read_text(encoding="utf-8")))
    for case in bizgyms.cases():
        problem = problem_of(case, next(iter(case.scenarios.values())))
        files.append(File.generated(config, f"cases/{case.name}.md", content=page(problem)))
        files.append(File.generated(config, f"cases/{case.name}.svg", content=picture(problem)))
    return files


def _first_page() -> str:
    """The README; its links to the docs lead to pages of the site."""
    return (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")


def page(problem: Problem) -> str:
    """A case: its model card, its spaces as they are, its scenarios with ceilings, and one episode."""
    case, view = problem.case, problem.view
    rows = [
        f"| `{feature.name}` | {feature.unit} | {feature.meaning} | {feature.low:g} to {feature.high:g} |"
        for feature in view.features[:40]
    ]
    more = [f"| ... | | {len(view.features) - 40} more | |"] if len(view.features) > 40 else []
    return "\n".join(
        [
            cards.card(case).split("\n## Scenarios\n")[0],
            "",
            "## Spaces of the default scenario",
            "",
            f"Action: `{view.action_space}`. Observation: `{view.observation_space(normalize=False).shape}` numbers:",
            "",
            "| name | unit | meaning | range |",
            "|---|---|---|---|",
            *rows,
            *more,
            "",
            "## Scenarios, with what could be gained over the best rule a year",
            "",
            *_scenarios(case),
            "",
            "## An episode",
            "",
            f"![The first {MOST_STEPS} steps of an episode of {case.name}]({case.name}.svg)",
            "",
        ]
    )


def _scenarios(case: Case) -> list[str]:
    lines = ["| scenario | ceiling | per cent | reference | best known |", "|---|---|---|---|---|"]
    for name in case.scenarios:
        row = cards.ceilings().get((case.id, name), {})
        gain = f"{row['ceiling']} {row['unit']}" if row else "not yet computed"
        best = f"{row['best_known']} by {row['recipe']}" if row.get("best_known") else ""
        lines.append(f"| `{name}` | {gain} | {row.get('per_cent', '')} | {row.get('kind', '')} | {best} |")
    return lines


def picture(problem: Problem) -> str:
    """One episode of the default scenario under the case's first rule: its telling features, step by step."""
    seen = _episode(problem)
    columns = problem.view.telling_columns()
    mpl.use("svg")
    from matplotlib import pyplot

    with mpl.rc_context({"svg.hashsalt": "bizgyms", "svg.fonttype": "none", "font.size": 9}):
        figure, axes = pyplot.subplots(len(columns), 1, figsize=(8, 1.8 * len(columns)), sharex=True, squeeze=False)
        for axis, column in zip(axes[:, 0], columns, strict=True):
            feature = problem.view.features[column]
            axis.step(np.arange(len(seen)), seen[:, column], where="post", color="#1f6f8b")
            axis.set_ylabel(f"{feature.name}\n{feature.unit}")
        axes[-1, 0].set_xlabel("step")
        figure.tight_layout()
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    return drawn.getvalue()


def _episode(problem: Problem) -> Any:
    """[steps, features] what is observed in the first steps of an episode."""
    twin = twin_of(problem.case)(num_envs=1, scenario=problem.parameters, autoreset_mode="Disabled")
    start = twin.reset(seed=1)
    steps = itertools.islice(transitions(twin, first_rule(problem).act, start), MOST_STEPS - 1)
    return np.array([start[0][0], *(step.following[0] for step in steps)])
