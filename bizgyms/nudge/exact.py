"""The exact optimum of a nudging case."""

from __future__ import annotations

from bizgyms.nudge.activity.optimum import solve as solve_activity
from bizgyms.nudge.budget.bound import index_policy
from bizgyms.nudge.habit.optimum import solve as solve_habit
from bizgyms.reference import Solution, TooLargeError
from envs_data.nudge.activity import ActivityParameters
from envs_data.nudge.budget import BudgetParameters
from envs_data.nudge.habit import HabitParameters
from envs_data.parameters import Parameters


def solve(parameters: Parameters) -> Solution:
    """Solves an episode of a nudging case that is small enough.

    Args:
        parameters: a person who habituates; one nudged to walk (exact but for a grid); people without a binding cap.

    Raises:
        TooLargeError: a cap that binds couples all people: only a bound is known.
        TypeError: parameters of another family.
    """
    if isinstance(parameters, HabitParameters):
        return solve_habit(parameters)
    if isinstance(parameters, ActivityParameters):
        return solve_activity(parameters)
    if not isinstance(parameters, BudgetParameters):
        raise TypeError(f"solve() takes nudging parameters, not {type(parameters).__name__}")
    if not parameters.uncapped:
        enough = parameters.people * parameters.decisions_a_day
        raise TooLargeError(
            f"a cap of {parameters.cap} messages a day couples {parameters.people} people; only a bound is known "
            f"(reference()). Without a cap it is exact (cap={enough})"
        )
    value, policy = index_policy(parameters)
    return Solution(value, policy, "total", states=policy.gains[:, 0].size)
