"""A policy for ordered actions: quantities, price steps, bids. Needs torch; import it where a learner is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.type_aliases import Schedule
from torch import Tensor, nn

from baselines.learners.lines import one_sided_line
from envs_data.arrays import Floats, Rows

# A bell that begins at a rule is at least so many actions wide: its neighbours have to be tried.
LEAST_STEPS = 0.5


class OrdinalPolicy(ActorCriticPolicy):
    """An actor-critic for ``Discrete`` and ``MultiDiscrete`` actions whose numbers have an order.

    SB3's categorical policy knows nothing of order: it has to learn for every number separately that ordering 11 is
    much like ordering 12. Here the logits are a bell over the actions, whose place and width depend on the state, plus
    SB3's own free logits, which begin at zero. Beside the network goes a linear path from the observation, since many
    good rules are linear in it (base-stock: a level less the inventory position).

    Args:
        *args: as `ActorCriticPolicy` takes them.
        center: place of the bell before learning, as a share of the range of actions.
        width: its standard deviation before learning, as a share of the range.
        gain: how far along the range one unit of the network's output moves the bell.
        **kwargs: as `ActorCriticPolicy` takes them.
    """

    def __init__(self, *args: Any, center: float = 0.2, width: float = 0.2, gain: float = 0.25, **kwargs: Any) -> None:
        self._bell = (center, width, gain)
        super().__init__(*args, **kwargs)

    def _build_mlp_extractor(self) -> None:
        super()._build_mlp_extractor()
        self.mlp_extractor = WithLinearPath(self.mlp_extractor, self.features_dim)  # type: ignore[assignment]  # same interface

    def _build(self, lr_schedule: Schedule) -> None:
        super()._build(lr_schedule)
        self.action_net = OrdinalHead(self.mlp_extractor.latent_dim_pi, _counts(self.action_space), *self._bell)
        rate = lr_schedule(1)
        self.optimizer = self.optimizer_class(self.parameters(), lr=rate, **self.optimizer_kwargs)  # type: ignore[call-arg]  # as in SB3

    def begin_at(self, observations: Rows, actions: NDArray[np.integer]) -> None:
        """Begins learning at a rule: the linear path is set to the line nearest to its decisions.

        A decision of 0 may stand for less than 0 (a level below the inventory position), and the largest decision for
        more; so the line is fitted to such decisions as bounds only.

        Args:
            observations: [steps, features] as the policy sees them.
            actions: [steps, ...] the rule's decisions.
        """
        head = self.action_net
        assert isinstance(head, OrdinalHead)
        most = np.array(_counts(self.action_space)) - 1
        wanted = actions.reshape(len(actions), -1) / np.maximum(most, 1)
        weights, error = one_sided_line(observations.astype(np.float64), wanted)
        head.begin_at(weights, np.maximum(error, LEAST_STEPS / np.maximum(most, 1)))


class WithLinearPath(nn.Module):
    """SB3's extractor with the observation itself beside its output."""

    def __init__(self, network: Any, width: int) -> None:
        super().__init__()
        self.network = network
        self.latent_dim_pi = network.latent_dim_pi + width
        self.latent_dim_vf = network.latent_dim_vf + width

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """For actor and critic."""
        return self.forward_actor(features), self.forward_critic(features)

    def forward_actor(self, features: Tensor) -> Tensor:
        """For the actor."""
        return torch.cat([self.network.forward_actor(features), features], dim=1)

    def forward_critic(self, features: Tensor) -> Tensor:
        """For the critic."""
        return torch.cat([self.network.forward_critic(features), features], dim=1)


class OrdinalHead(nn.Module):
    """[batch, latent] to the logits of all dimensions, one after the other."""

    places: Tensor
    owners: Tensor

    def __init__(self, latent: int, counts: Sequence[int], center: float, width: float, gain: float) -> None:
        super().__init__()
        self.free = nn.Linear(latent, sum(counts))
        self.bell = nn.Linear(latent, 2 * len(counts))
        for layer in (self.free, self.bell):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.shape = (center, width, gain)
        # Where each logit's action lies in its dimension's range, and which dimension that is.
        places = [torch.arange(count) / max(count - 1, 1) for count in counts]
        owners = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
        self.register_buffer("places", torch.cat(places), persistent=False)
        self.register_buffer("owners", owners, persistent=False)

    def begin_at(self, weights: Floats, width: Floats) -> None:
        """Sets the bell to a line through the last of the inputs and a width, both as shares of the range."""
        center, usual, gain = self.shape
        features, dimensions = len(weights) - 1, len(width)
        with torch.no_grad():
            self.bell.weight[:dimensions, -features:] = torch.as_tensor(weights[:-1].T / gain)
            self.bell.bias[:dimensions] = torch.as_tensor((weights[-1] - center) / gain)
            self.bell.bias[dimensions:] = torch.as_tensor(np.log(width / usual))

    def forward(self, latent: Tensor) -> Tensor:
        """Logits [batch, actions of all dimensions]."""
        center, width, gain = self.shape
        move, stretch = self.bell(latent).chunk(2, dim=1)
        middle = (center + gain * move)[:, self.owners]
        spread = (width * torch.exp(stretch.clamp(-4, 2)))[:, self.owners]
        logits: Tensor = self.free(latent) - 0.5 * ((self.places - middle) / spread) ** 2
        return logits


def _counts(space: spaces.Space[Any]) -> list[int]:
    if isinstance(space, spaces.Discrete):
        return [int(space.n)]
    if isinstance(space, spaces.MultiDiscrete):
        return [int(count) for count in space.nvec.ravel()]
    raise TypeError(f"OrdinalPolicy plays Discrete and MultiDiscrete actions, not {space}")
