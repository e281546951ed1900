"""When a learner is looked at while it learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

LOOKS = 12


def look_turns(turns: int, looks: int = LOOKS) -> set[int]:
    """The turns, of so many from 1 on, after which a learner is looked at; the last is one of them."""
    return {round(turns * (k + 1) / looks) for k in range(looks)}


def sb3_callback(watch: Callable[[int], None], steps: int) -> Callable[..., bool]:
    """A callback of stable-baselines3 that calls ``watch`` a dozen times during learning."""
    due = [steps * (k + 1) / LOOKS for k in range(LOOKS)]

    def look(variables: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
        model = variables["self"]
        if due and model.num_timesteps >= due[0]:
            while due and model.num_timesteps >= due[0]:
                due.pop(0)
            was_training = model.policy.training
            model.policy.set_training_mode(False)
            watch(model.num_timesteps)
            model.policy.set_training_mode(was_training)
        return True

    return look
