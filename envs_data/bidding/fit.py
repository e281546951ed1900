"""The fit of a campaign, under the name users import."""

from envs_data.bidding.campaign.fit import fit

__all__ = ["fit"]
