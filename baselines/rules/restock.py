"""The rules of restocking."""

from baselines.agents import Rung
from baselines.rules import restock_box, restock_item

RULES: dict[str, tuple[Rung, ...]] = {"RestockBox": restock_box.RULES, "RestockItem": restock_item.RULES}
