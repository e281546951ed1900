"""Generated logs of impressions, under the name users import."""

from envs_data.bidding.campaign.table import generate

__all__ = ["generate"]
