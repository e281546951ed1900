"""scikit-learn's linear models, for agents that learn from a table: loaded when one is fitted."""

from __future__ import annotations

import importlib
from typing import Any

from baselines.agents import MissingDependencyError


def linear_models(purpose: str) -> Any:
    """The module ``sklearn.linear_model``.

    Args:
        purpose: what needs it, for the message.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    try:
        return importlib.import_module("sklearn.linear_model")
    except ImportError:
        raise MissingDependencyError(
            f'scikit-learn is not installed, which {purpose} needs; install it with: pip install "bizgyms[baselines]"'
        ) from None
