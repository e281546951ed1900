"""What makes a case of somebody's own SimPy model; `bizgyms.from_simpy.from_simpy` puts it together."""

from bizgyms.own.script import play_script
from bizgyms.own.staff import Staff, resize

__all__ = ["Staff", "play_script", "resize"]
