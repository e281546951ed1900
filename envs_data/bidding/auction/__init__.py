"""One auction at a time: parameters, scenarios, luck and SimPy world."""

from envs_data.bidding.auction.luck import AuctionLuck, draw, redraw
from envs_data.bidding.auction.parameters import AuctionParameters
from envs_data.bidding.auction.scenarios import SCENARIOS
from envs_data.bidding.auction.world import AuctionWorld

__all__ = ["SCENARIOS", "AuctionLuck", "AuctionParameters", "AuctionWorld", "draw", "redraw"]
