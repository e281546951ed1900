"""Many people and few messages a day: parameters, scenarios, luck and SimPy world."""

from envs_data.nudge.budget.chains import Chain, chain_of
from envs_data.nudge.budget.luck import BudgetLuck, draw, redraw
from envs_data.nudge.budget.parameters import BudgetParameters, PersonType
from envs_data.nudge.budget.scenarios import SCENARIOS
from envs_data.nudge.budget.world import BudgetWorld

__all__ = [
    "SCENARIOS",
    "BudgetLuck",
    "BudgetParameters",
    "BudgetWorld",
    "Chain",
    "PersonType",
    "chain_of",
    "draw",
    "redraw",
]
