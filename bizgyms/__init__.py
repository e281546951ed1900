"""Gymnasium environments for business decisions, scored against the exact optimum or a certified bound.

``import bizgyms`` registers the ids: ``gymnasium.make("bizgyms/RestockItem-v0")`` then works.
"""

from bizgyms.announced import add_announced
from bizgyms.catalogue import CASES
from bizgyms.registry import Case, add, case, cases, make, make_vec

__all__ = ["Case", "Reference", "add", "case", "cases", "make", "make_vec"]

for _case in CASES:
    add(_case)
add_announced()


def __getattr__(name: str) -> object:
    """Loads `Reference` and the families on first use."""
    if name == "Reference":
        from bizgyms.reference import Reference

        return Reference
    if name in {_case.entry_point("env").split(".")[1] for _case in CASES}:
        import importlib

        return importlib.import_module(f"bizgyms.{name}")
    raise AttributeError(f"module 'bizgyms' has no attribute {name!r}")
