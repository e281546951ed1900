"""Alias of `bizgyms.worlds_in_turn`, under the name it had before."""

from bizgyms.worlds_in_turn import WorldsInTurn as SideBySide
from bizgyms.worlds_in_turn import twin_of

__all__ = ["SideBySide", "twin_of"]
