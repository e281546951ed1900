"""Whether a log identifies the effect of messages, and which holdout would."""

from __future__ import annotations

import math

import pandas as pd

from envs_data.nudge.reading import NONE

# A lift of a fifth of all responses is to be seen in four cases of five, at the usual 5 %: (1.96 + .84)^2, twice.
POWER = 15.7
SHARE_OF_RESPONSES, LEAST_LIFT = 0.2, 0.01
HELD_OUT = 0.2
FEWEST = 20


def why_not_identified(frame: pd.DataFrame) -> str | None:
    """Why the log does not identify the effect of messages, with a holdout that would; None if it does.

    Args:
        frame: a log that `read_table` read.
    """
    silent = frame["message"] == NONE
    reachable = frame["available"] != 0 if "available" in frame else pd.Series(True, index=frame.index)
    if not (silent & reachable).any():
        return f"everybody who could be reached was sent a message at every step. {holdout(frame)}"
    if "propensity" not in frame or frame.loc[reachable, "propensity"].isna().any():
        why = "no column gives the probability with which each message was sent (propensity), so who got one may differ"
        return f"{why} from who did not. {holdout(frame)}"
    if (frame.loc[reachable, "propensity"] >= 1).all():
        return f"every propensity is 1: what was sent to whom was never left to chance. {holdout(frame)}"
    return None


def holdout(frame: pd.DataFrame) -> str:
    """The holdout that would show a lift of a fifth of all responses: how many people, and for how long."""
    people, rate = frame["person"].nunique(), float(frame["response"].mean())
    lift = max(SHARE_OF_RESPONSES * rate, LEAST_LIFT)
    held = min(max(FEWEST, round(HELD_OUT * people)), max(people // 2, 1))
    # Rows of the smaller group: the larger one makes the difference a little surer than two equal ones.
    rows = POWER / 2 * rate * (1 - rate) / lift**2 * (1 + held / max(people - held, 1))
    steps = max(math.ceil(rows / held), 1)
    return (
        f"A holdout would tell: send nothing to {held} of the {people} people, drawn at random, for {steps} steps; "
        f"that shows a lift of {lift:.2g} responses a step in four cases of five. Or draw each message at random and "
        "keep its probability"
    )
