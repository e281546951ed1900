"""The report: one HTML page with everything a board has to say, and its pictures."""

from baselines.report.facts import FACTS, facts, read
from baselines.report.page import PAGE, html, svg, write

__all__ = ["FACTS", "PAGE", "facts", "html", "read", "svg", "write"]
