"""What a newcomer gets: stable-baselines3 with its defaults on `gym.make(id)`, raw and normalised.

    python benchmarks/off_the_shelf.py RestockItem --seeds 2 --steps 100000

Each training is a line of the CSV file, which is resumed; `--table` prints what is there. Rewards are scaled by
10 to a power, such that a random decision earns about 1, where `scaled` is asked for: the one constant is printed.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import DQN, PPO

import baselines
import bizgyms
from bizgyms.view import View

LEARNERS = {"ppo": PPO, "dqn": DQN}
SETTINGS = {"raw": (False, False), "normalised": (True, False), "scaled": (False, True), "both": (True, True)}
FIELDS = ("case", "learner", "setting", "seed", "steps", "scale", "value", "stderr")
EPISODES, PROBED = 500, 200


def scale_of(id: str) -> float:
    """The power of ten that brings the size of a reward under random decisions to about 1."""
    twin = gym.make_vec(id, num_envs=PROBED)
    twin.action_space.seed(0)
    twin.reset(seed=0)
    sizes = [np.abs(twin.step(twin.action_space.sample())[1]).mean() for _ in range(20)]
    return float(10.0 ** -round(math.log10(np.mean(sizes))))


def train(id: str, learner: str, setting: str, seed: int, steps: int) -> dict[str, Any]:
    """One training with the library's defaults, and its greedy policy on the evaluation luck."""
    normalize, scaled = SETTINGS[setting]
    scale = scale_of(id) if scaled else 1.0
    env = gym.make(id, engine="compiled", normalize=normalize)
    if scaled:
        env = gym.wrappers.TransformReward(env, lambda reward: reward * scale)
    view: View[Any] = env.unwrapped.view  # type: ignore[attr-defined]  # every environment here has one
    model = LEARNERS[learner]("MlpPolicy", env, seed=seed, device="cpu").learn(steps)

    def decide(rows: Any) -> Any:
        return model.predict(view.normalized(rows) if normalize else rows, deterministic=True)[0]

    returns = baselines.evaluate(id, decide, EPISODES).returns
    value, stderr = float(returns.mean()), float(returns.std(ddof=1) / math.sqrt(EPISODES))
    row = (id, learner, setting, seed, steps, scale, round(value, 3), round(stderr, 3))
    return dict(zip(FIELDS, row, strict=True))


def main() -> None:
    """Trains what the file does not hold yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[case.name for case in bizgyms.cases()])
    parser.add_argument("--learners", default="ppo,dqn")
    parser.add_argument("--settings", default="raw,normalised")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/off_the_shelf.csv"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    known = list(csv.DictReader(asked.out.open())) if asked.out.exists() else []
    done = {tuple(row[name] for name in FIELDS[:5]) for row in known}
    for seed in range(asked.seeds):
        for name in asked.cases:
            id = bizgyms.case(name).id
            discrete = isinstance(gym.make(id).action_space, gym.spaces.Discrete)
            for learner in asked.learners.split(","):
                for setting in asked.settings.split(","):
                    key = (id, learner, setting, str(seed), str(asked.steps))
                    if key not in done and (discrete or learner == "ppo"):
                        _append(asked.out, train(id, learner, setting, seed, asked.steps))


def _append(path: Path, row: dict[str, Any]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
