"""Cases as text: a few lines each in a list, or the whole model card."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from baselines.protocols.case_table import about
from baselines.protocols.ceilings_table import ceilings
from bizgyms.registry import Case

OPTIONAL = ("twin", "draw", "reference", "fit", "generate", "rules")


def overview(case: Case) -> str:
    """A case in `bizgyms list`: id, decision, observation, reference, and its scenarios with their ceilings."""
    known = about(case)
    kinds = sorted({row["kind"] for (id, _), row in ceilings().items() if id == case.id})
    reference = (", ".join(kinds) or "yes") if case.has("reference") else "none"
    there = [part for part in OPTIONAL if case.has(part) or (part == "rules" and known["rules"] == "yes")]
    missing = [part for part in OPTIONAL if part not in there]
    return "\n".join(
        [
            case.id,
            f"  {known['summary']}",
            f"  decides {known['decides']}, sees {known['sees']} numbers; reference: {reference}",
            f"  has {', '.join(there) or 'no optional part'}{'; without ' if missing else ''}{', '.join(missing)}",
            *(f"  {line}" for line in _scenarios(case, known["scenarios"].split())),
        ]
    )


def _scenarios(case: Case, names: Iterable[str]) -> list[str]:
    """A case's scenarios, with what could be gained where that is known."""
    known = any(id == case.id for id, _ in ceilings())
    head = "scenarios, with what could be gained over the best rule a year:" if known else "scenarios:"
    return [head, *(f"  {name}{_ceiling(case, name)}" for name in names)]


def _ceiling(case: Case, scenario: str) -> str:
    row = ceilings().get((case.id, scenario))
    if not row:
        return ""
    best = f"; best known: {row['best_known']} a year by {row['recipe']}" if row.get("best_known") else ""
    return f"  {row['ceiling']} {row['unit']} ({row['per_cent']} %, {row['kind']}{best})"


def card(case: Case) -> str:
    """The model card: the environment's docstring, and what could be gained in each scenario."""
    gains = "\n".join(_scenarios(case, case.scenarios))
    return f"# {case.id}\n\n{inspect.getdoc(case.env) or ''}\n\n## Scenarios\n{gains}\n"
