"""The value that no policy can exceed: the exact optimum of a case, or a certified bound."""

from __future__ import annotations

import dataclasses
from typing import Literal, Protocol

from envs_data.arrays import Array, Mask, Rows

Criterion = Literal["average", "discounted", "total"]


class Policy(Protocol):
    """A decision rule for a batch of observations."""

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """Decides.

        Args:
            observations: [worlds, features] in natural units.
            mask: [worlds, actions] which actions are possible, where the case has masks.

        Returns:
            [worlds, ...] actions of the case's action space.
        """


@dataclasses.dataclass(frozen=True)
class Reference:
    """The mean episode return that no policy can exceed.

    Attributes:
        value: mean undiscounted return of an episode.
        kind: ``exact``: the value of an optimal policy; ``bound``: an upper bound.
        stderr: standard error of ``value`` where it was simulated; 0 where it was computed.
        method: how it was computed, in words.
        policy: the optimal policy, or the policy behind the bound where there is one.
    """

    value: float
    kind: Literal["exact", "bound"]
    stderr: float
    method: str
    policy: Policy | None = None


@dataclasses.dataclass(frozen=True)
class Solution:
    """An optimum by dynamic programming.

    Attributes:
        value: average reward a step, discounted return or total return, as the criterion says; costs are negative.
        policy: an optimal policy.
        criterion: what was maximised.
        states: number of states.
    """

    value: float
    policy: Policy
    criterion: Criterion
    states: int

    def reference(self, method: str, stderr: float = 0.0) -> Reference:
        """The exact reference that this optimum is, where it is that of an episode's total."""
        return Reference(self.value, "exact", stderr, method, self.policy)


class TooLargeError(ValueError):
    """An exact solution would take too long; the message says how many states there are and what would help."""
