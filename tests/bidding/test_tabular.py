"""A tabular learner on the tiny day: where it beats every simple rule, and where a simple rule beats it."""

from __future__ import annotations

import numpy as np
import pytest

from bizgyms.bidding.auction.optimum import evaluate, reference
from bizgyms.compiled import jit
from envs_data.bidding.auction import SCENARIOS, draw

EPISODES, AT_ONCE = 2_000_000, 20_000


@jit
def _learn(value, competing, worth, first_price, uniform, epsilon, q, tried):
    """Q-learning, a table of auction, budget and value: one episode after the other."""
    for episode in range(len(value)):
        budget = q.shape[1] - 1
        for auction in range(value.shape[1]):
            seen = value[episode, auction]
            most = min(q.shape[3] - 1, budget)
            bid = q[auction, budget, seen, : most + 1].argmax()
            if uniform[episode, auction] < epsilon:
                bid = int(uniform[episode, auction] / epsilon * (most + 1))
            won = bid >= max(competing[episode, auction], 1)
            left = budget - (bid if first_price else competing[episode, auction]) * won
            ahead = 0.0
            if auction + 1 < value.shape[1]:
                after = min(q.shape[3] - 1, left)
                ahead = q[auction + 1, left, value[episode, auction + 1], : after + 1].max()
            tried[auction, budget, seen, bid] += 1
            rate = max(1.0 / tried[auction, budget, seen, bid] ** 0.7, 0.002)
            q[auction, budget, seen, bid] += rate * (worth[seen] * won + ahead - q[auction, budget, seen, bid])
            budget = left


def _q_learning(p):
    """Share of the optimum, in per cent, of the greedy policy after two million episodes, valued exactly."""
    rng = np.random.default_rng(0)
    shape = (p.auctions, p.budget + 1, len(p.values), p.max_bid + 1)
    q, tried = np.full(shape, 0.0), np.zeros(shape, dtype=np.int64)
    worth, rounds = np.array(p.values), EPISODES // AT_ONCE
    for turn in range(rounds):
        luck = draw(p, rng, AT_ONCE)
        uniform = rng.random((AT_ONCE, p.auctions))
        epsilon = max(0.05, 1 - 1.5 * turn / rounds)
        _learn(luck.value, luck.competing, worth, p.price == "first", uniform, epsilon, q, tried)
    known = np.where(tried > 0, q, -1.0)
    return 100 * evaluate(p, lambda t, _: known[t].argmax(axis=2).astype(np.uint8))[0] / reference(p).value


def _simple_rules(p):
    """Share of the optimum of the best constant, linear and paced linear bid."""
    budgets = np.arange(p.budget + 1)[:, None]

    def value(constant, multiplier, pace):
        def bids(auction, _):
            ratio = budgets / (p.auctions - auction) / (p.budget / p.auctions)
            wanted = (constant + multiplier * np.array(p.values)) * ratio**pace
            return np.clip(np.rint(wanted), 0, p.max_bid).astype(np.uint8)

        return evaluate(p, bids)[0]

    every = [value(bid, 0.0, pace) for bid in range(1, 21) for pace in (0.0, 1.0)]
    every += [value(0.0, m, pace) for m in np.linspace(0.1, 2, 77) for pace in (0.0, 0.5, 1.0)]
    return 100 * max(every) / reference(p).value


@pytest.mark.slow
@pytest.mark.parametrize("price", ["first", "second"])
def test_q_learning_beats_simple_rules_in_first_price_only(price):
    p = SCENARIOS[f"tiny-{price}-price"]
    learned, rule = _q_learning(p), _simple_rules(p)
    assert 94 < learned < 99
    assert (learned > rule) is (price == "first")
