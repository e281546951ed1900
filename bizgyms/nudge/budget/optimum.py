"""The bound of messages shared by many people: a price for each day's messages, and each type of people alone.

The cap is relaxed to hold in expectation. Then people of a type are alike and independent, and how many are in which
state when is a linear programme, whose dual gives a price to each day's messages (Hawkins 2003). At any prices
lambda >= 0,

    sum over days of lambda cap + sum over people of their best value when a message costs lambda more

is an upper bound on what the cap allows; it is computed by dynamic programming, so that nothing rests on the
programme's tolerances.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from bizgyms.nudge.budget.view import BudgetView
from bizgyms.reference import Reference, Solution, TooLargeError
from envs_data.arrays import Flags, Floats, Ints, Mask, Rows
from envs_data.nudge.budget import BudgetParameters, Chain, chain_of


def moves(chain: Chain) -> tuple[Floats, Floats]:
    """[2, states, states] probabilities without a message and with one, and [2, states] who is engaged after."""
    states = len(chain.engaged)
    matrix = np.zeros((2, states, states))
    for message in range(2):
        for outcome in range(chain.after.shape[2]):
            np.add.at(
                matrix[message],
                (np.arange(states), chain.after[:, message, outcome]),
                chain.chance[:, message, outcome],
            )
    return matrix, matrix @ chain.engaged


def day_of(p: BudgetParameters) -> Ints:
    """[steps] the day of each step."""
    return np.arange(p.steps) // p.decisions_a_day


def advantages(p: BudgetParameters, chain: Chain, prices: Floats) -> tuple[float, Floats]:
    """Value of one person when messages cost ``prices``, and what a message adds to it before its price.

    Args:
        p: the people.
        chain: their type's.
        prices: [days] price of a message.

    Returns:
        The value at the start, and [steps, states] the value of a message less that of none, today's price apart.
    """
    matrix, engaged = moves(chain)
    reachable, price = p.reachable(), prices[day_of(p)]
    values, gains = np.zeros(len(chain.engaged)), np.zeros((p.steps, len(chain.engaged)))
    for step in reversed(range(p.steps)):
        silent, messaged = p.worth * engaged + matrix @ values
        gains[step] = messaged - silent - p.cost
        values = silent + reachable[step] * np.maximum(gains[step] - price[step], 0.0)
    return float(values[chain.start]), gains


def prices_of(p: BudgetParameters) -> Floats:
    """[days] dual prices of the caps: none where the cap cannot bind."""
    days = int(day_of(p)[-1]) + 1
    if p.uncapped:
        return np.zeros(days)
    blocks = [_programme(p, chain_of(p, kind), kind.count) for kind in p.types]
    equal = sparse.block_diag([block[0] for block in blocks], format="csr")
    limits = sparse.block_diag([block[1] for block in blocks], format="csr")
    caps = sparse.hstack([block[2] for block in blocks], format="csr")
    programme = {
        "c": -np.concatenate([block[4] for block in blocks]),
        "A_ub": sparse.vstack([caps, limits], format="csr"),
        "b_ub": np.concatenate([np.full(days, float(p.cap)), np.zeros(limits.shape[0])]),
        "A_eq": equal,
        "b_eq": np.concatenate([block[3] for block in blocks]),
    }
    solution: Any = optimize.linprog(method="highs", **programme)
    if solution.status != 0:  # HiGHS's presolve gives up on some chains whose load fades by fractions
        solution = optimize.linprog(method="highs-ipm", options={"presolve": False}, **programme)
    if solution.status != 0:
        raise RuntimeError(f"the linear programme of the bound was not solved: {solution.message}")
    return np.asarray(np.maximum(-solution.ineqlin.marginals[:days], 0.0))


def _programme(p: BudgetParameters, chain: Chain, count: int) -> tuple[Any, Any, Any, Floats, Floats]:
    """One type's part: flow balance, reach, messages a day, initial states, and rewards.

    Variables are people [steps, states, message]; without a way to reach anybody their messages are held to none.
    """
    matrix, engaged = moves(chain)
    states, steps = len(chain.engaged), p.steps
    here = sparse.kron(sparse.eye_array(steps * states), np.ones((1, 2)))
    # [states, (state before, message)] the chance to arrive.
    arrive = sparse.csr_array(matrix.transpose(2, 1, 0).reshape(states, 2 * states))
    balance = here - sparse.kron(sparse.eye_array(steps, k=-1), arrive)
    reachable = np.repeat(p.reachable(), states)
    messaged = sparse.kron(sparse.eye_array(steps * states), np.array([[0.0, 1.0]]))
    reach = sparse.csr_array(messaged - sparse.diags_array(reachable) @ here)[reachable < 1]
    days = sparse.csr_array((np.ones(steps), (day_of(p), np.arange(steps))))
    a_day = sparse.kron(days, np.tile([0.0, 1.0], states)[None, :])
    start = np.zeros(steps * states)
    start[chain.start] = count
    earned = np.tile((p.worth * engaged.T - np.array([0.0, p.cost])).ravel(), steps)
    return balance, reach, a_day, start, earned


@dataclasses.dataclass(frozen=True)
class Index:
    """Messages the people who gain most, at the prices of the days to come.

    Attributes:
        view: the people's.
        gains: [types, steps, states] what a message adds, today's price apart.
        prices: [steps] the threshold: the day's price where messages may be kept for later in the day, else 0.
    """

    view: BudgetView
    gains: Floats
    prices: Floats

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[np.int8]:
        """Decides for [worlds, features] observations."""
        step = np.clip(self.view.step(observations), 0, len(self.prices) - 1)
        gains = self.gains[self.view.type_of[None, :], step[:, None], self.view.states(observations)]
        return self.view.choose(gains - self.prices[step][:, None], observations)


def index_policy(p: BudgetParameters, prices: Floats | None = None) -> tuple[float, Index]:
    """The bound at some prices, by default the dual ones, and the index policy of these prices."""
    prices = prices_of(p) if prices is None else prices
    found = [advantages(p, chain_of(p, kind), prices) for kind in p.types]
    own = sum(kind.count * value for kind, (value, _) in zip(p.types, found, strict=True))
    bound = own + p.cap * float(prices.sum()) if not p.uncapped else own
    gains = np.stack([gains for _, gains in found])
    return bound, Index(BudgetView(p), gains, prices[day_of(p)] * ~_last_chance(p))


def _last_chance(p: BudgetParameters) -> Flags:
    """[steps] whether no later step of the same day can be used for messages."""
    usable, days = p.reachable() > 0, day_of(p)
    return np.array([not (usable[step + 1 :] & (days[step + 1 :] == days[step])).any() for step in range(p.steps)])


def reference(parameters: BudgetParameters) -> Reference:
    """The exact optimum where the cap cannot bind; else the bound, with the index policy."""
    value, policy = index_policy(parameters)
    if parameters.uncapped:
        return Reference(value, "exact", 0.0, "dynamic programming for each type of people", policy)
    method = "Lagrangian bound at the dual prices of the occupancy programme"
    return Reference(value, "bound", 0.0, method, policy)


def solve(parameters: BudgetParameters) -> Solution:
    """The exact optimum where the cap cannot bind.

    Raises:
        TooLargeError: a binding cap couples all people: only a bound is known.
    """
    if not parameters.uncapped:
        enough = parameters.people * parameters.decisions_a_day
        raise TooLargeError(
            f"a cap of {parameters.cap} messages a day couples {parameters.people} people; only a bound is known "
            f"(reference()). Without a cap it is exact (cap={enough})"
        )
    value, policy = index_policy(parameters)
    return Solution(value, policy, "total", states=policy.gains[:, 0].size)
