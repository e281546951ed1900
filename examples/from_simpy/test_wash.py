import gymnasium as gym
import numpy as np

from bizgyms.testing import check_case

from . import CASE


def test_contract():
    check_case(CASE.id)


def test_a_quick_wash_for_long_queues_earns_more_than_any_one_program():
    def mean(policy):
        env = gym.make(CASE.id)
        totals = []
        for seed in range(40):
            (waiting,), _ = env.reset(seed=seed)
            total, over = 0.0, False
            while not over:
                (waiting,), reward, over, _, _ = env.step(policy(waiting))
                total += reward
            totals.append(total)
        return np.mean(totals)

    best = max(mean(lambda waiting, k=k: k) for k in range(3))
    assert mean(lambda waiting: 2 if waiting < 1 else 0) > 1.1 * best
