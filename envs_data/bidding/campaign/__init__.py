"""A campaign's day: parameters, scenarios, luck, the law of prices and the SimPy world."""

from envs_data.bidding.campaign.luck import CampaignLuck, draw, redraw
from envs_data.bidding.campaign.parameters import CampaignParameters
from envs_data.bidding.campaign.scenarios import SCENARIOS
from envs_data.bidding.campaign.world import CampaignWorld

__all__ = ["SCENARIOS", "CampaignLuck", "CampaignParameters", "CampaignWorld", "draw", "redraw"]
