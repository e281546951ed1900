"""Agents from a coin toss to deep reinforcement learning, and the judge that scores them in money."""

from __future__ import annotations

import importlib

_EXPORTS = {
    "Board": "baselines.report.board",
    "EpisodeReturns": "baselines.runs.results",
    "evaluate": "baselines.play.rollout",
    "benchmark": "baselines.protocols.benchmark",
    "Benchmark": "baselines.protocols.benchmark",
    "replay": "baselines.protocols.replay",
    "score": "baselines.protocols.scoring",
}

__all__ = ["Benchmark", "Board", "EpisodeReturns", "benchmark", "evaluate", "replay", "score"]


def __getattr__(name: str) -> object:
    """Loads a name on first use."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'baselines' has no attribute {name!r}")
    found = getattr(importlib.import_module(_EXPORTS[name]), name)
    globals()[name] = found
    return found
