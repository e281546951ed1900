"""The former name of `baselines.protocols.saved_agents`."""

from baselines.protocols.saved_agents import SavedAgent as KeptAgent
from baselines.protocols.saved_agents import SavedAgents as Kept
from baselines.protocols.saved_agents import load, write

__all__ = ["Kept", "KeptAgent", "load", "write"]
