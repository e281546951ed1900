"""The board, the report of one HTML page, its pictures and notes."""

from baselines.report.facts import FACTS, read
from baselines.report.page import PAGE, html, svg, write

__all__ = ["FACTS", "PAGE", "html", "read", "svg", "write"]
