"""The fit of one item, under the name users import."""

from envs_data.restock.item.fit import fit

__all__ = ["fit"]
