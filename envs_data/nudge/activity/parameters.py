"""Parameters of one person who is nudged to walk, in a context that is seen through noise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

from envs_data.parameters import Parameters, quantity


@dataclasses.dataclass(frozen=True)
class ActivityParameters(Parameters):
    """One person and one message a step; a tailored message helps only in the context it was written for.

    The context is 0 or 1 with equal chance, anew each step. What is seen of it is context + sigma z, z standard
    normal. With ``dispersion`` the next habituation and disengagement, and the step's reward, spread evenly around
    their means, up to that share of the distance to the nearer end of the possible range.
    """

    case: ClassVar[str] = "bizgyms/NudgeActivity-v0"

    steps: int = quantity(50, "steps", "length of an episode", low=1, high=1000)
    step_days: float = quantity(1.0, "days", "length of a step", low=0.01, high=365)
    sigma: float = quantity(0.4, "", "noise of the context seen; 0 shows it as it is", low=0, high=20)
    observed: str = quantity(
        "belief",
        "rule",
        "what is seen of the context: its probability, or the raw signal",
        choices=("belief", "signal"),
    )
    dispersion: float = quantity(0.0, "share", "spread of what happens around its mean; 0 is none", low=0, high=1)
    fades: float = quantity(0.9, "factor", "habituation after a step without message, of what it was", low=0, high=1)
    rises: float = quantity(0.05, "", "what a message adds to habituation", low=0, high=1)
    forgives: float = quantity(0.9, "factor", "disengagement after a message that helped, of before", low=0, high=1)
    annoys: float = quantity(0.4, "", "what a message for the wrong context adds to disengagement", low=0, high=1)
    leaves: float = quantity(0.99, "", "disengagement from which on the person has left", low=0.01, high=1)
    base: float = quantity(0.1, "steps", "walked without any message", low=0, high=1e6)
    generic: float = quantity(50.0, "steps", "more with a generic message, to who is not used to any", low=0, high=1e6)
    tailored: float = quantity(200.0, "steps", "more with a message for the right context", low=0, high=1e6)
    start_habituation: float = quantity(0.1, "", "habituation at the start", low=0, high=1)
    start_disengagement: float = quantity(0.1, "", "disengagement at the start", low=0, high=1)
    money: str = quantity("steps", "name", "what rewards are counted in")

    def problems(self) -> Iterable[str]:
        """Relations between fields."""
        if self.start_disengagement >= self.leaves:
            yield f"start_disengagement is {self.start_disengagement}; it must be below leaves ({self.leaves})"
        if self.tailored < self.generic:
            yield f"tailored is {self.tailored}; a message for the right context must give generic ({self.generic})"
