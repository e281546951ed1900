"""One episode of several agents on the same luck, played event by event for a reader to look at."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from baselines.agents import LEARNERS, Agent, Kind, Problem
from baselines.judge.anchors import Anchors
from baselines.ladder.current_rule import Today
from baselines.play import seeds
from baselines.play.experiment import Experiment
from baselines.report.sample_episode import STEP_NAMES, Life, SampleEpisode
from baselines.runs.results import Player
from bizgyms.masks import possible
from envs_data.arrays import Floats


class Actor(NamedTuple):
    """An agent whose episode is shown.

    Attributes:
        role: ``today``, ``best learner``, ``best rule`` or ``best possible``.
        label: its label on the board.
        returns: [episodes] returns on the evaluation luck.
        key: what determines its decisions; None for an object.
        agent: makes the agent.
    """

    role: str
    label: str
    returns: Floats
    key: Mapping[str, Any] | None
    agent: Callable[[], Agent | None]


def sample_episode(experiment: Experiment, cast: Sequence[Actor]) -> SampleEpisode | None:
    """Today, the best learner (the best rule where nothing learned) and the best possible on the same luck.

    Of a learner's trainings the middle one is shown, and of the episodes the most ordinary one.

    Args:
        experiment: the board's plays.
        cast: the agents to show.

    Returns:
        None where none of them can be shown.
    """
    if not cast:
        return None
    number = most_ordinary([actor.returns for actor in cast])
    lived = [(actor.role, actor.label, _lived(experiment, actor, number)) for actor in cast]
    lives = [(role, label, life) for role, label, life in lived if life is not None]
    features = [experiment.problem.view.features[k] for k in experiment.problem.view.telling_columns()]
    units = {feature.name: feature.unit for feature in features}
    return SampleEpisode(number, step_name(experiment.problem), units, lives) if lives else None


def cast_of(
    experiment: Experiment,
    anchors: Anchors,
    today: Today | None,
    yours: Mapping[str, Agent],
) -> list[Actor]:
    """The agents to show: today, the best learner (the best rule where nothing learned) and the best possible.

    Args:
        experiment: the board's plays.
        anchors: the table of results with its fixed points.
        today: today's rule.
        yours: agents given as objects.
    """
    cast = []
    if today is not None and anchors.today is not None:
        cast.append(Actor(Kind.TODAY, today.label, anchors.today.played.returns, today.key, lambda: today.agent))
    learned = anchors.results.of_kind(*LEARNERS, Kind.YOURS)
    rule = anchors.best_rule
    if learned:
        cast.append(_learner(experiment, max(learned, key=lambda player: player.returns.mean()), yours))
    elif rule is not None and rule.kind != Kind.TODAY:
        agent = functools.partial(agent_of, experiment, rule)
        cast.append(Actor(Kind.BEST_RULE, rule.label, rule.played.returns, rule.made, agent))
    if anchors.best is not None and anchors.best.played is not None:
        label = f"best possible ({anchors.best.reference.kind})"
        cast.append(Actor(Kind.BEST_POSSIBLE, label, anchors.best.played.returns, {}, experiment.best_policy))
    return cast


def agent_of(experiment: Experiment, player: Player, number: int = 0) -> Agent:
    """The agent of one of a player's trainings, or of the one play of a player that does not learn."""
    return experiment.agents([player.results[number]])[0]


def _learner(experiment: Experiment, player: Player, yours: Mapping[str, Agent]) -> Actor:
    """The middle one of a learner's trainings; of an agent given as an object, itself."""
    middle = player.middle()
    returns = player.returns[middle]
    if player.kind == Kind.YOURS:
        return Actor(Kind.BEST_LEARNER, player.label, returns, None, lambda: yours[player.name])
    key = {"run": player.results[middle].key}
    agent = functools.partial(agent_of, experiment, player, middle)
    return Actor(Kind.BEST_LEARNER, player.label, returns, key, agent)


def _lived(experiment: Experiment, actor: Actor, number: int) -> Life | None:
    """An actor's episode, from the run file where it is stored; None where the actor cannot be loaded."""
    problem, seed = experiment.problem, seeds.evaluation(experiment.seed)

    def work() -> tuple[dict[str, Any], dict[str, Any]]:
        agent = actor.agent()
        luck = experiment.luck_of(number) if problem.case.has("draw") else None
        return (dataclasses.asdict(live(problem, agent, number, seed, luck)) if agent else {}), {}

    key = None if actor.key is None else {"episode of": actor.role, "key": dict(actor.key), "number": number}
    try:
        facts, _ = experiment.once(key, work)
    except (LookupError, ValueError, ImportError):
        return None
    return Life(**facts) if facts else None


def most_ordinary(returns: Sequence[Floats]) -> int:
    """Number of the episode in which the first agent's return, and the gains of the others over it, are most usual.

    Args:
        returns: [agents][episodes] returns on the same luck.
    """
    first = returns[0]
    figures = np.array([first, *(other - first for other in returns[1:])])
    spread = figures.std(axis=1, keepdims=True)
    off = (figures - figures.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return int(np.argmin((off**2).sum(axis=0)))


def step_name(problem: Problem) -> str:
    """The word for one step."""
    return "decision" if problem.view.on_events else STEP_NAMES.get(round(problem.view.steps_per_year), "step")


def live(problem: Problem, agent: Agent, number: int, seed: int, luck: Any = None) -> Life:
    """Plays one episode event by event and writes it down.

    Args:
        problem: the case with its parameters.
        agent: the agent.
        number: number of the episode.
        seed: a seed of one of the three blocks.
        luck: the luck of the episode; None for that of its number and seed.
    """
    env, view = problem.case.env(scenario=problem.parameters), problem.view
    options: dict[str, Any] = {"record": True}
    start = None
    if problem.case.has("draw"):
        given = seeds.luck(problem.case, problem.parameters, seed, number, 1) if luck is None else luck
        options["luck"] = given
    else:
        start = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    row, info = env.reset(seed=start, options=options)
    rows, rewards, infos, over = [row], [], [], False
    while not over:
        mask = possible(info)
        mask = None if mask is None else mask[np.newaxis]
        action = np.asarray(agent.act(row[np.newaxis], mask))[0]
        row, reward, terminated, truncated, info = env.step(action.astype(env.action_space.dtype))
        over = terminated or truncated
        rows.append(row)
        rewards.append(float(reward))
        infos.append(info)
    return Life(
        seen={problem.view.features[k].name: [float(row[k]) for row in rows] for k in problem.view.telling_columns()},
        decisions=[float(info["decision"]) for info in infos] if np.ndim(infos[0]["decision"]) == 0 else [],
        rewards=rewards,
        terms=dict(zip(view.terms, (float(sum(info[entry] for info in infos)) for entry in view.entries), strict=True)),
        figures={name: [float(info[name]) for info in infos] for name in problem.view.figures},
        events=_counted(env.events()),
    )


def _counted(events: Any) -> dict[str, tuple[int, float]]:
    groups = events.groupby(["who", "what"], sort=False)["how_many"]
    return {f"{who} {what}": (len(group), float(group.sum())) for (who, what), group in groups}
