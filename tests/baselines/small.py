"""A shop so small that everything about it takes milliseconds."""

import dataclasses

from baselines.play import budget
from envs_data.restock.item import ItemParameters

SHOP = ItemParameters(
    days=20, mean=3.0, demand_law="poisson", lead_time=2, max_packs=8, start_on_hand=6, holding=1.0, shortage=4.0
)
WRITTEN = (
    "agents.json",
    "board.csv",
    "board.json",
    "board.txt",
    "curves.svg",
    "episode.svg",
    "policy.csv",
    "report.html",
    "runs.csv",
)


def little_training():
    """The quick budget with trainings of a blink."""
    quick = budget.BUDGETS["quick"]
    return dataclasses.replace(quick, steps=dict.fromkeys(quick.steps, 20_000))
