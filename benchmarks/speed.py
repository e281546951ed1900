"""How fast the engines are, as ratios measured in one run.

    python benchmarks/speed.py [--fast] [--no-ppo]

The unit u is the time numpy.random.Generator.random (PCG64) takes for one float64, filling a kept block of 65,536:
what a step's own random numbers must cost at the least. It is measured before and after each repeat; every figure is
the median of its repeats. Absolute rates differ from machine to machine, ratios much less.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from rich.console import Console
from rich.table import Table

import bizgyms

BLOCK = np.empty(65_536)
REPEATS = 7
FEW = 4_096
WORLDS = (1, 64, 1_024, 16_384)
ITEM, BOX = "bizgyms/RestockItem-v0", "bizgyms/RestockBox-v0"


def seconds(work: Callable[[], Any], least: float = 0.05) -> float:
    """Seconds of one call, repeated until ``least`` seconds have passed."""
    calls, start = 0, time.perf_counter()
    while True:
        work()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= least:
            return passed / calls


@functools.cache
def _generator() -> np.random.Generator:
    return np.random.default_rng(0)


def unit() -> float:
    """Seconds of one u."""
    return seconds(lambda: _generator().random(out=BLOCK), 0.02) / len(BLOCK)


def in_units(work: Callable[[], Any], count: int, least: float = 0.1) -> tuple[float, float]:
    """Median cost of one of ``count`` steps of ``work``: in u, and in nanoseconds."""
    work()
    units, nanoseconds = [], []
    for _ in range(REPEATS):
        before = unit()
        each = seconds(work, least) / count
        units.append(each / ((before + unit()) / 2))
        nanoseconds.append(each * 1e9)
    return statistics.median(units), statistics.median(nanoseconds)


def versus(work: Callable[[], Any], count: int, other: Callable[[], Any], others: int) -> float:
    """Median of how many times the steps of ``work`` are faster than those of ``other``, measured in turn."""
    work(), other()
    ratios = [(seconds(other, 0.1) / others) / (seconds(work, 0.1) / count) for _ in range(REPEATS)]
    return statistics.median(ratios)


def order(view: Any, worlds: int) -> Any:
    """A steady order of about the mean demand for every world."""
    p = view.parameters
    if hasattr(p, "items"):
        packs = [min(item.max_packs, round(item.mean / item.pack)) for item in p.items]
        return np.tile(np.array(packs, dtype=np.int64), (worlds, 1))
    return np.full(worlds, min(p.max_packs, round(p.mean / p.pack)))


def episodes(id: str, worlds: int, scenario: Any = None) -> tuple[Callable[[], None], int]:
    """A whole episode of a twin, luck and autoreset included, and its world-days."""
    envs: Any = bizgyms.make_vec(id, worlds, scenario=scenario)
    envs.reset(seed=0)
    actions, days = order(envs.view, worlds), envs.parameters.days

    def play() -> None:
        for _ in range(days + 1):  # the step that begins the next episode is part of the price
            envs.step(actions)

    return play, worlds * days


def luck(id: str, worlds: int, scenario: Any = None) -> tuple[Callable[[], None], int]:
    """Only drawing the luck of an episode, in blocks as the twin does, and its world-days."""
    case, envs = bizgyms.case(id), bizgyms.make_vec(id, 1, scenario=scenario)
    parameters = envs.unwrapped.parameters
    rng = np.random.default_rng(0)
    blocks = max(1, worlds // 256)

    def draw() -> None:
        for _ in range(blocks):
            case.draw(parameters, rng, min(256, worlds))

    return draw, worlds * parameters.days


def poisson(scenario: Any, worlds: int) -> tuple[Callable[[], None], int]:
    """Only drawing a box's demand with Generator.poisson, day by day, and its world-days."""
    parameters: Any = bizgyms.make_vec(BOX, 1, scenario=scenario).unwrapped.parameters
    means = np.array([item.mean for item in parameters.items])
    rng = np.random.default_rng(0)
    return lambda: rng.poisson(means, size=(worlds, len(means))), worlds


def singly(id: str, steps: int, **kwargs: Any) -> tuple[Callable[[], None], int]:
    """One environment of gym.make, stepped and reset."""
    env: Any = gymnasium.make(id, **kwargs)
    env.reset(seed=0)
    view = getattr(env.unwrapped, "view", None)
    action = order(view, 1)[0] if view is not None else 0

    def play() -> None:
        for k in range(steps):
            _, _, over, cut, _ = env.step(action if view is not None else k % 2)
            if over or cut:
                env.reset()

    return play, steps


def sync(id: str, worlds: int, steps: int) -> tuple[Callable[[], None], int]:
    """Gymnasium's SyncVectorEnv over our compiled engine."""
    make = functools.partial(gymnasium.make, id, engine="compiled")
    envs = gymnasium.vector.SyncVectorEnv([make] * worlds)
    envs.reset(seed=0)
    actions = order(gymnasium.make(id).unwrapped.view, worlds)  # type: ignore[attr-defined]  # a case's view

    def play() -> None:
        for _ in range(steps):
            envs.step(actions)

    return play, worlds * steps


def peer() -> tuple[Callable[[], None], int] | None:
    """gym-invmgmt's environment, where it is installed."""
    if importlib.util.find_spec("gym_invmgmt") is None:
        return None
    import gym_invmgmt

    env = gym_invmgmt.CoreEnv()
    env.reset(seed=0)
    action = np.zeros(env.action_space.shape, dtype=env.action_space.dtype)

    def play() -> None:
        for _ in range(100):
            _, _, over, cut, _ = env.step(action)
            if over or cut:
                env.reset()

    return play, 100


def memory(id: str, worlds: int) -> float:
    """Bytes of a world of a twin in mid-episode, luck included."""
    tracemalloc.start()
    envs = bizgyms.make_vec(id, worlds)
    envs.reset(seed=0)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / worlds


def ppo(steps: int) -> dict[str, float]:
    """PPO with the shipped hyperparameters against SB3's defaults: frames per second and share spent in the env."""
    import torch
    from stable_baselines3 import PPO

    import baselines
    from baselines.agents import problem_of
    from baselines.ladder.specs import ladder_of

    torch.set_num_threads(1)
    case = bizgyms.case(ITEM)
    problem = problem_of(case, next(iter(case.scenarios.values())))
    spec = next(spec for spec in ladder_of(case, problem.parameters) if spec.name == "PPO")
    spent = [0.0]

    def envs(worlds: int, **kwargs: Any) -> Any:
        made: Any = bizgyms.make_vec(ITEM, worlds, **kwargs)
        step = made.step

        def timed(actions: Any) -> Any:
            start = time.perf_counter()
            result = step(actions)
            spent[0] += time.perf_counter() - start
            return result

        made.step = timed
        return made

    agent: Any = spec.build(problem)
    start = time.perf_counter()
    agent.learn(envs, steps, 0)
    ours = time.perf_counter() - start
    plain = PPO("MlpPolicy", gymnasium.make(ITEM), seed=0, device="cpu")
    start = time.perf_counter()
    plain.learn(FEW)
    plain_rate = FEW / (time.perf_counter() - start)
    plain.learn(max(FEW, int(plain_rate * ours) - FEW), reset_num_timesteps=False)
    returns = [float(baselines.evaluate(ITEM, judged, episodes=200).returns.mean()) for judged in (agent, plain)]
    rate = steps / ours
    return {
        "ours": rate,
        "defaults": plain_rate,
        "times": rate / plain_rate,
        "share": spent[0] / ours,
        "seconds": ours,
        "return": returns[0],
        "default return": returns[1],
    }


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", action="store_true", help="only 1,024 worlds, three repeats")
    parser.add_argument("--no-ppo", action="store_true", help="leave the training out")
    options = parser.parse_args()
    global REPEATS, WORLDS
    if options.fast:
        REPEATS, WORLDS = 3, (1_024,)
    console = Console(width=110)

    table = Table("case", "scenario", "worlds", "u a world-day", "of that luck", "ns", "M world-days/s", title="Twins")
    for id, scenario in ((ITEM, "corner-shop"), (BOX, "grocery-box"), (BOX, "loyal-customers")):
        for worlds in WORLDS:
            cost, ns = in_units(*episodes(id, worlds, scenario))
            drawn, _ = in_units(*luck(id, worlds, scenario))
            table.add_row(
                bizgyms.case(id).name,
                scenario,
                f"{worlds:,}",
                f"{cost:.1f}",
                f"{drawn:.1f}",
                f"{ns:.0f}",
                f"{1e3 / ns:.2f}",
            )
    console.print(table)

    table = Table("what", "ratio", title="Ratios, each measured in turn")
    table.add_row(
        "SimPy RestockItem / CartPole-v1, steps", f"{versus(*singly(ITEM, 400), *singly('CartPole-v1', 400)):.2f}"
    )
    table.add_row(
        "twin / SyncVectorEnv of the compiled engine, 1,024 worlds",
        f"{versus(*episodes(ITEM, 1_024), *sync(ITEM, 1_024, 2)):.0f}",
    )
    table.add_row(
        "box twin without substitution / Generator.poisson drawing its demand",
        f"{versus(*episodes(BOX, 1_024, 'loyal-customers'), *poisson('loyal-customers', 1_024)):.2f}",
    )
    other = peer()
    if other is not None:
        table.add_row("SimPy RestockItem / gym-invmgmt, steps", f"{versus(*singly(ITEM, 400), *other):.1f}")
    console.print(table)
    console.print(
        f"memory of a world: RestockItem {memory(ITEM, 1_024):,.0f} bytes, RestockBox {memory(BOX, 1_024):,.0f} bytes"
    )
    if not options.no_ppo:
        figures = ppo(400_000)
        console.print(
            f"PPO: {figures['ours']:,.0f} frames/s shipped, {figures['defaults']:,.0f} with SB3's defaults: "
            f"{figures['times']:.1f} times; {100 * figures['share']:.1f} % of the time in the environment; "
            f"mean return after the same {figures['seconds']:.0f} s {figures['return']:,.0f} against "
            f"{figures['default return']:,.0f}"
        )


if __name__ == "__main__":
    main()
