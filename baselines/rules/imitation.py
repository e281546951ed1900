"""Today's rule, read off the decisions in a user's own table; each family may know how."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from baselines.agents import Problem
from baselines.rules import family_module
from bizgyms.registry import Case
from envs_data.fits import Fit

# Share of decisions a rule must reproduce to stand for today's.
BELIEVED = 0.5


@dataclasses.dataclass(frozen=True)
class Imitation:
    """A rule fitted to logged decisions.

    Attributes:
        rule: the rule's name.
        setting: its keyword arguments.
        reproduced: decisions it takes as they were taken.
        decisions: decisions compared.
        missed: mean absolute difference of a decision.
        unit: unit of decisions.
    """

    rule: str
    setting: Mapping[str, float]
    reproduced: int
    decisions: int
    missed: float
    unit: str

    @property
    def believed(self) -> bool:
        """Whether it may stand for today's rule."""
        return self.reproduced >= BELIEVED * self.decisions

    def sentence(self) -> str:
        """The rule that was imitated, and how well."""
        setting = ", ".join(f"{name}={value:g}" for name, value in self.setting.items())
        share = f"{self.reproduced:,} of {self.decisions:,} decisions in the table"
        missed = f"they differ by {self.missed:.2g} {self.unit} on average"
        if not self.believed:
            return (
                f"no known rule: {self.rule} {setting} is the nearest and reproduces only {share}, {missed}; "
                "name yours with --today"
            )
        return f"imitated from the table: {self.rule} {setting} reproduces {share}, {missed}"

    def to_dict(self) -> dict[str, Any]:
        """As a scenario file keeps it."""
        return {**dataclasses.asdict(self), "setting": dict(self.setting), "sentence": self.sentence()}


def with_today(case: Case, fit: Fit) -> Fit:
    """A fit that also holds today's rule, where the table logs decisions and the family knows how to read them.

    The family's hook is ``imitate(problem, frame) -> Imitation | None`` in ``baselines.rules.<family>``.
    The rule has seen the whole table: how many decisions it reproduces is no promise for the next ones.

    Args:
        case: the case fitted.
        fit: the fit.
    """
    hook = getattr(family_module(case), "imitate", None)
    problem = Problem(case, fit.parameters, case.env.view_type(fit.parameters))
    imitation: Imitation | None = None if hook is None or fit.table is None else hook(problem, fit.table.frame)
    if imitation is None:
        return fit
    line = ("today", f"{imitation.sentence()}.")
    return dataclasses.replace(fit, lines=(*fit.lines, line), today=imitation.to_dict() if imitation.believed else {})
