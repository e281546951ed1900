"""Gradients along the path: what a day costs is followed back to every order before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from baselines.agents import Problem, imported
from baselines.learners import small_network
from baselines.learners.algorithms import hyperparameters
from baselines.learners.saved_learner import Arrays, Header, SavedLearner, look_turns
from bizgyms.restock.item.view import ItemView
from envs_data.arrays import Array, Ints, Mask, Rows
from envs_data.restock.item import ItemParameters
from envs_data.restock.item.luck import draw


class Shops(NamedTuple):
    """Worlds between two windows.

    Attributes:
        stock: [slots, worlds] torch; units on hand, and those that come tomorrow, the day after, and so on.
        day: [worlds] torch; days completed.
    """

    stock: Any
    day: Any


class Pathwise(SavedLearner):
    """An order-up-to level, found by the gradient of replayed days.

    Demand does not depend on orders, so that what a path costs is a function of the network's levels that can be
    differentiated (Alvo, Russo and Kanoria 2023; Madeka and others 2022). Orders are rounded on the way forward only,
    and a little of the gradient leaks through the limits of an order. It never explores: with luck that nobody
    influences there is nothing to find out.

    Args:
        problem: one item whose orders have no fixed cost, which would have no gradient.

    Attributes:
        network: the arrays of the network (`small_network`): expected demand until the next delivery, plus what it
            says, is the level to which is ordered.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        assert isinstance(problem.view, ItemView)
        self._view, self._parameters = problem.view, problem.view.parameters
        self.slots = max(self._parameters.lead_time, 1)
        self.network = small_network.unlearned(len(problem.view.features), 1)
        self.network["unit"][:] = self._parameters.mean * (self._parameters.lead_time + 1)
        self.hyperparameters = hyperparameters("pathwise", problem.case.id)

    def act(self, observations: Rows, mask: Mask = None) -> Ints:
        """[worlds] packs up to the level."""
        p, view = self._parameters, self._view
        day = p.days - np.rint(observations[:, -1]).astype(np.int64)
        said = small_network.predicted(self.network, view.normalized(observations).astype(np.float32))[:, 0]
        missing = view.forecast[day] + said - observations[:, : self.slots].sum(axis=1)
        return np.asarray(np.rint(np.clip(missing / p.pack, 0, p.max_packs)), dtype=np.int64)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Follows the gradient, a window of days at a time, each window from where the last one ended.

        Args:
            envs: not needed: the law of demand is.
            steps: days of all worlds together.
            seed: seed of demand and first weights.

        Raises:
            MissingDependencyError: torch is not installed.
        """
        torch = imported("torch", "learning along the path")
        known, rng = self.hyperparameters, np.random.default_rng(seed)
        window, worlds = known["window"], known["worlds"]
        turns = max(1, steps // (window * worlds))
        weights = small_network.weights(torch, small_network.begun(self.network, rng))
        optimizer = torch.optim.Adam(weights.values(), lr=known["rate"])
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, turns)
        path, looks = _Path(torch, self._view, self.network, known["leak"]), look_turns(turns)
        shops = path.opened(rng.integers(self._parameters.days, size=worlds))
        for turn in range(turns):
            optimizer.zero_grad()
            cost, shops = path.window(weights, shops, self._demand(rng, shops.day.numpy(), window))
            cost.backward()
            torch.nn.utils.clip_grad_norm_(weights.values(), known["steepest"])
            optimizer.step()
            schedule.step()
            if turn + 1 in looks:
                self.network |= {name: weight.detach().numpy().copy() for name, weight in weights.items()}
                if self.watch is not None:
                    self.watch((turn + 1) * window * worlds)

    def _demand(self, rng: np.random.Generator, day: Ints, window: int) -> Rows:
        """[window, worlds] what is asked for from some day on in each world; after the last day comes the first."""
        drawn = draw(self._parameters, rng, len(day)).demand
        days = (day + np.arange(window)[:, None]) % self._parameters.days
        again = draw(self._parameters, rng, len(day)).demand
        later = day + np.arange(window)[:, None] >= self._parameters.days
        rows = np.arange(len(day))
        return np.asarray(np.where(later, again[rows, days], drawn[rows, days]), dtype=np.float32)

    def _learned(self) -> tuple[Header, Arrays]:
        return {"algorithm": "pathwise"}, self.network

    def _become(self, header: Header, arrays: Arrays) -> None:
        self.network = dict(arrays)


class _Path:
    """The days of `bizgyms.restock.item.twin`, in torch and with real numbers."""

    def __init__(self, torch: Any, view: ItemView, network: dict[str, Array], leak: float) -> None:
        p = view.parameters
        self._torch, self._parameters, self._leak = torch, p, leak
        self._calendar = torch.as_tensor(view.calendar_columns)
        self._forecast = torch.as_tensor(view.forecast.astype(np.float32))
        center, scale = (np.array([getattr(f, name) for f in view.features]) for name in ("center", "scale"))
        self._center, self._scale = (torch.as_tensor(part.astype(np.float32)) for part in (center, scale))
        self._said = float(network["unit"][0])
        # A day's cost in the order of one, whatever the currency and the size of the shop.
        self.unit = 1.0 / (p.mean * (p.holding + p.shortage) + 1e-9)

    def opened(self, day: Ints) -> Shops:
        """Shops with their first stock, each on some day."""
        stock = self._torch.zeros(max(self._parameters.lead_time, 1), len(day))
        stock[0] = float(self._parameters.start_on_hand)
        return Shops(stock, self._torch.as_tensor(day))

    def window(self, weights: Any, shops: Shops, demand: Rows) -> tuple[Any, Shops]:
        """Mean cost of a day, and the shops afterwards, through which no gradient goes back."""
        stock, day = shops
        total = 0.0
        for wanted in self._torch.as_tensor(demand):
            cost, stock = self._day(stock, self._ordered(weights, stock, day), wanted)
            total = total + cost.mean()
            day = day + 1
            over = day >= self._parameters.days
            if over.any():
                fresh = self.opened(day.numpy() * 0).stock
                stock, day = self._torch.where(over, fresh, stock), self._torch.where(over, day * 0, day)
        return total / len(demand) * self.unit, Shops(stock.detach(), day)

    def _ordered(self, weights: Any, stock: Any, day: Any) -> Any:
        torch, p = self._torch, self._parameters
        seen = (torch.cat([stock.T, self._calendar[day]], dim=1) - self._center) / self._scale
        said = small_network.through(weights, seen, torch.relu)[:, 0] * self._said
        missing = (self._forecast[day] + said - stock.sum(dim=0)) / p.pack
        packs = missing.clamp(0, p.max_packs) + self._leak * (missing - missing.detach())
        return (packs + (packs.round() - packs).detach()) * p.pack

    def _day(self, stock: Any, ordered: Any, wanted: Any) -> tuple[Any, Any]:
        """[worlds] the day's cost, and [slots, worlds] the stock of the next morning."""
        torch, p = self._torch, self._parameters
        on_hand = stock[0] + ordered if p.lead_time == 0 else stock[0]
        after = on_hand - wanted
        left, lost = torch.relu(after), torch.relu(-after)
        kept = after if p.unmet == "backordered" else left
        coming = [*stock[1:], ordered] if p.lead_time else []
        first = kept + coming[0] if coming else kept
        return p.holding * left + p.shortage * lost, torch.stack([first, *coming[1:]])


def has_gradient(problem: Problem) -> bool:
    """Whether it is one item whose costs are a smooth function of its orders, and whose demand has nothing hidden."""
    p = problem.parameters
    return (
        isinstance(p, ItemParameters) and problem.case.name == "RestockItem" and not p.order_cost and not p.level_spread
    )
