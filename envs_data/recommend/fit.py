"""The fit to purchases, under the name users import."""

from envs_data.recommend.lifetime.purchase_fit import fit

__all__ = ["fit"]
