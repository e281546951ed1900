"""Searches for parameters with which the best rule leaves much to an exact optimum.

Run ``python -m benchmarks.stories CASE [--sets N] [--seed S]``: draws parameter sets of a small case, tunes every rule
of the board in each, and prints the sets, the one that leaves most last. ``rule-fails`` scenarios come from here, and
are audited by `benchmarks.rules` before they are called so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

import numpy as np

from baselines.agents import Kind, Problem, problem_of
from baselines.play import seeds, tuning
from baselines.play.rollout import play
from baselines.rules import rules
from bizgyms import registry
from envs_data.bidding.auction import AuctionParameters
from envs_data.parameters import Parameters
from envs_data.recommend.visit import VisitParameters
from envs_data.recommend.visit.parameters import Kind as Content

EPISODES = 2_000


def auction(rng: np.random.Generator) -> AuctionParameters:
    """A short day with a budget for few wins, and values of which the rare ones are worth many of the others."""
    count = int(rng.integers(2, 5))
    values = np.unique(np.round(np.cumprod(rng.uniform(1.5, 6.0, count)), 1))
    chances = rng.dirichlet(np.linspace(3.0, 0.5, len(values)))
    chances = np.round(chances, 3)
    chances[0] += 1.0 - chances.sum()
    return AuctionParameters(
        auctions=int(rng.integers(6, 31)),
        budget=int(rng.integers(3, 41)),
        max_bid=20,
        price=str(rng.choice(["first", "second"])),
        values=tuple(values.tolist()),
        chances=tuple(float(one) for one in np.round(chances, 3)),
        competition=float(np.round(rng.uniform(2.0, 10.0), 1)),
        competition_wave=float(np.round(rng.uniform(0.0, 0.9), 2)),
        competition_sd=float(np.round(rng.uniform(0.1, 1.2), 2)),
    )


def visit(rng: np.random.Generator) -> VisitParameters:
    """Three to five kinds of content that please, pay and bore differently."""
    kinds = []
    for k in range(int(rng.integers(3, 6))):
        up = float(np.round(rng.uniform(0.0, 0.7), 2))
        down = float(np.round(rng.uniform(0.0, 1.0 - up), 2))
        kinds.append(Content(name=f"kind_{k}", clicks=float(np.round(rng.uniform(0.5, 3.0), 1)), up=up, down=down))
    churn = np.round(np.sort(rng.uniform(0.0, 0.5, int(rng.integers(4, 9))))[::-1], 3)
    return VisitParameters(
        kinds=tuple(kinds),
        churn=tuple(churn.tolist()),
        floor=float(np.round(rng.uniform(0.0, 1.0), 2)),
        slope=float(np.round(rng.uniform(0.0, 0.5), 2)),
        boredom=int(rng.integers(0, 5)),
        dulls=float(np.round(rng.uniform(0.1, 0.8), 2)),
    )


DRAWN: dict[str, Callable[[np.random.Generator], Parameters]] = {"BiddingAuction": auction, "RecommendVisit": visit}


def left(problem: Problem) -> tuple[float, str]:
    """What the best rule leaves to the optimum as a share of what it earns, and that rule."""
    tuned = [(tuning.tune(problem, spec, seeds.tuning(0)), spec) for spec in rules(problem) if spec.kind == Kind.RULE]
    found, best = max(tuned, key=lambda one: one[0].value)
    agent = best.build(problem, **found.setting)
    value = play(problem, agent, EPISODES, seeds.evaluation(0), best.name).mean
    reference = problem.case.reference(problem.parameters).value
    return (reference - value) / abs(value), f"{best.name} {dict(found.setting)}"


def main() -> None:
    """Draws sets, and prints each that leaves more than those before it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stories", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("case", choices=DRAWN)
    parser.add_argument("--sets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    case, rng, most = registry.case(given.case), np.random.default_rng(given.seed), 0.0
    for _ in range(given.sets):
        parameters = DRAWN[given.case](rng)
        share, rule = left(problem_of(case, parameters))
        if share > most:
            most = share
            sys.stdout.write(f"{share:.3f} {rule} {json.dumps(parameters.to_dict())}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
