"""Explains a policy: a map of its decisions, a small tree in its place, and the business figures it changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from baselines.agents import LEARNERS, Agent, Kind, Problem, imported
from baselines.batching import nearest_actions
from baselines.judge.anchors import Anchors
from baselines.learners.cells import bin_edges
from baselines.play import seeds
from baselines.play.experiment import Experiment
from baselines.play.rollout import episodes
from baselines.protocols.decide import asked, written
from baselines.protocols.sample_episode import Actor
from baselines.protocols.typed_state import in_words
from baselines.protocols.value_check import predicted_and_simulated
from baselines.protocols.why import can_weigh, moment_like, weigh
from baselines.report.insight import TREE_DEPTH, Insight
from baselines.transitions import Transition
from envs_data.arrays import Array, Floats, Mask, Rows

# Episodes that are watched, and the observations used of them: in all, and to choose the most telling features.
EPISODES, MOST_ROWS, TOLD_ROWS = 32, 20_000, 2_000
# Bins of a feature in the picture of a policy.
BINS = 8
FEW_ACTIONS = 6
# States that are told one by one, and worlds in which such a state is looked for.
MOMENTS, MOMENT_WORLDS = 3, 1_024
HISTOGRAM = 24


def insight(experiment: Experiment, anchors: Anchors, cast: Sequence[Actor]) -> Insight | None:
    """Explains the best learner; None where nothing learned, or where it cannot be loaded.

    Args:
        experiment: the board's plays.
        anchors: the table of results with its fixed points.
        cast: today, the best learner and the best possible, as `baselines.protocols.sample_episode` chooses them.
    """
    learner = next((actor for actor in cast if actor.role == Kind.BEST_LEARNER), None)
    if learner is None:
        return None
    try:
        facts = _watched(experiment, anchors, learner, cast)
    except (LookupError, ValueError, ImportError):
        facts = {}
    return Insight(
        learner=learner.label,
        curves=_curves(anchors),
        rule=_rule(anchors),
        gains=_gains(anchors, learner),
        moved=_moved(anchors, learner),
        **facts,
    )


def _curves(anchors: Anchors) -> list[tuple[str, list[list[list[float]]]]]:
    """Every training of every learner that was evaluated while it learned."""
    found = []
    for player in anchors.results.of_kind(*LEARNERS):
        runs = [run.curve for run in player.results if run.curve.shape[1] > 0]
        if runs:
            found.append((player.label, [[run[0].tolist(), (run[1] * anchors.a_year).tolist()] for run in runs]))
    return found


def _rule(anchors: Anchors) -> float | None:
    if anchors.best_rule is None or not anchors.results.of_kind(*LEARNERS):
        return None
    return float(anchors.best_rule.played.mean * anchors.a_year)


def _gains(anchors: Anchors, learner: Actor) -> list[list[float]]:
    """How the gain over the best rule is spread over the episodes, on the same luck."""
    if anchors.best_rule is None:
        return []
    gains = (learner.returns - anchors.best_rule.played.returns) * anchors.a_year
    shares, edges = np.histogram(gains, bins=HISTOGRAM)
    return [((edges[1:] + edges[:-1]) / 2).tolist(), (shares / len(gains)).tolist()]


def _moved(anchors: Anchors, learner: Actor) -> list[tuple[str, float, float]]:
    """Business figures of today and the learner, the largest relative change first."""
    player = next((one for one in anchors.results.players if one.label == learner.label and one.results), None)
    if anchors.today is None or player is None:
        return []
    before = anchors.today.played.ratios
    after = {name: player.ratio(name) for name in before}
    known = [name for name in before if np.isfinite([before[name], after[name]]).all()]
    known.sort(key=lambda name: -abs(after[name] - before[name]) / max(abs(before[name]), 1e-9))
    return [(name, before[name], after[name]) for name in known]


def _watched(experiment: Experiment, anchors: Anchors, learner: Actor, cast: Sequence[Actor]) -> dict[str, Any]:
    """What some watched episodes show; taken from the run file where it is stored."""

    def work() -> tuple[dict[str, Any], dict[str, Any]]:
        return _look(experiment, anchors, learner, cast), {}

    keys = [dict(actor.key) for actor in cast if actor.key is not None]
    facts, _ = experiment.once({"insight": keys} if len(keys) == len(cast) else None, work)
    return dict(facts)


def _look(experiment: Experiment, anchors: Anchors, learner: Actor, cast: Sequence[Actor]) -> dict[str, Any]:
    problem, seed = experiment.problem, seeds.evaluation(experiment.seed)
    seen = {}
    for actor in cast:
        agent = actor.agent()
        if agent is not None:
            seen[actor.role] = (actor.label, *watch(problem, agent, seed))
    _, rows, actions = seen[learner.role]
    decided = as_numbers(problem, actions)
    telling = _telling(rows, decided)
    edges = [bin_edges(np.concatenate([found[1][:, k] for found in seen.values()]), BINS) for k in telling]
    tree = SmallTree(problem, rows, actions)
    value = experiment.evaluated(tree, "tree").mean * anchors.a_year
    today = seen.get("today")
    return {
        "features": [problem.view.features[k].name for k in telling],
        "edges": [cut.tolist() for cut in edges],
        "maps": [
            (role, name, _map(found, as_numbers(problem, given), telling, edges))
            for role, (name, found, given) in seen.items()
        ],
        "tree": tree.words,
        "tree_value": float(value),
        "value": float(np.mean(learner.returns) * anchors.a_year),
        "unseen": None if today is None else _unseen(decided, as_numbers(problem, today[2])),
        "moments": _moments(experiment, anchors, learner, cast) if can_weigh(problem) else [],
        "predicted": _predicted(experiment, anchors, learner),
    }


def _predicted(experiment: Experiment, anchors: Anchors, learner: Actor) -> list[list[float]]:
    """What its value function predicts beside what play brings; empty lists where it has none."""
    player = next(one for one in anchors.results.players if one.label == learner.label and one.results)
    run, agent = player.results[player.middle()], learner.agent()
    if run.seed is None or agent is None:
        return [[], []]
    seed = seeds.evaluation(experiment.seed)
    found = predicted_and_simulated(experiment.problem, agent, run.seed, seed)
    return [[*map(float, own)] for own in found]


def _moments(experiment: Experiment, anchors: Anchors, learner: Actor, cast: Sequence[Actor]) -> list[dict[str, Any]]:
    """A few states in which the learner departs most from the best rule, with what each decision there earns."""
    rule = anchors.best_rule
    deciders = {actor.role: actor.agent() for actor in cast}
    mine = deciders[learner.role]
    if rule is None or mine is None:
        return []
    if rule.kind == Kind.TODAY:
        theirs = deciders[Kind.TODAY]
    else:
        [theirs] = experiment.agents(rule.results)
        deciders[Kind.BEST_RULE] = theirs
    assert theirs is not None
    problem = experiment.problem
    said: list[dict[str, Any]] = []
    for state in _departures(problem, mine, theirs, seeds.evaluation(experiment.seed)):
        at = state[np.newaxis]
        actions = {role: asked(problem, agent, at)[0] for role, agent in deciders.items() if agent is not None}
        moment = moment_like(problem, [mine, theirs], state, MOMENT_WORLDS)
        weighed = weigh(problem, moment, theirs, state, list(actions.values()), near=False)
        rows = []
        for one in weighed:
            who = [role for role, action in actions.items() if np.array_equal(action, one.action)]
            gain = one.gain.times(anchors.table_units)
            rows.append([", ".join(who), written(one.action), gain.value, gain.low, gain.high])
        said.append({"state": ", ".join(in_words(problem, state)), "rows": rows, "worlds": moment.in_words(problem)})
    return said


def _departures(problem: Problem, mine: Agent, theirs: Agent, seed: int) -> list[Rows]:
    """States in which an agent usually departs from another: of each third of an episode, at the step of most."""
    steps = list(episodes(problem, lambda rows, mask: np.asarray(mine.act(rows, mask)), EPISODES, seed))
    found: list[Rows] = []
    for part in np.array_split(np.arange(len(steps)), MOMENTS):
        off = np.array([_apart(problem, steps[k], theirs) for k in part])
        if off.size and off.max() > 0:
            step = int(off.mean(axis=1).argmax())
            usual = off[step][off[step] > 0].mean()
            world = int(np.where(off[step] > 0, np.abs(off[step] - usual), np.inf).argmin())
            found.append(steps[part[step]].observations[world])
    return found


def _apart(problem: Problem, step: Transition, other: Agent) -> Floats:
    """[worlds] how far the decisions of another agent are from those taken; 0 where an episode is over."""
    theirs = asked(problem, other, step.observations).reshape(len(step.observations), -1)
    off = np.abs(theirs.astype(np.float64) - step.actions.reshape(theirs.shape)).sum(axis=1)
    return np.asarray(off * step.running)


def watch(problem: Problem, agent: Agent, seed: int) -> tuple[Floats, Array]:
    """[rows, features] what an agent observed in some episodes, and [rows, ...] what it decided."""
    steps = list(episodes(problem, lambda rows, mask: np.asarray(agent.act(rows, mask)), EPISODES, seed))
    seen = np.concatenate([step.observations[step.running] for step in steps])
    decided = np.concatenate([step.actions[step.running] for step in steps])
    every = max(1, len(seen) // MOST_ROWS)
    return seen[::every].astype(np.float64), decided[::every]


def as_numbers(problem: Problem, actions: Array) -> Floats:
    """[rows] a decision as one number: itself, or the sum over its dimensions."""
    return np.asarray(actions.reshape(len(actions), -1).sum(axis=1), dtype=np.float64)


def _trees() -> Any:
    return imported("sklearn.tree", "explaining policies", "scikit-learn")


def _telling(rows: Floats, decided: Floats) -> list[int]:
    """The feature that explains most of the decisions, and the one that adds most to it."""
    every = max(1, len(rows) // TOLD_ROWS)
    rows, decided = rows[::every], decided[::every]
    chosen: list[int] = []
    for _ in range(min(2, rows.shape[1])):
        others = [k for k in range(rows.shape[1]) if k not in chosen]
        explained = [_explained(rows[:, [*chosen, k]], decided) for k in others]
        chosen.append(others[int(np.argmax(explained))])
    return chosen


def _explained(rows: Floats, decided: Floats) -> float:
    """The share of the variance of decisions that a tree over some features explains."""
    return float(_trees().DecisionTreeRegressor(max_depth=6, random_state=0).fit(rows, decided).score(rows, decided))


def _map(rows: Floats, decided: Floats, telling: Sequence[int], edges: Sequence[Floats]) -> list[list[float | None]]:
    """[bins of the second feature][bins of the first] mean decision."""
    places = [np.searchsorted(cut, rows[:, k]) for k, cut in zip(telling, edges, strict=True)]
    shape = [len(cut) + 1 for cut in edges]
    flat = np.ravel_multi_index(tuple(places), tuple(shape))
    count = np.bincount(flat, minlength=int(np.prod(shape)))
    total = np.bincount(flat, weights=decided, minlength=len(count))
    means = [None if n == 0 else round(float(t / n), 3) for t, n in zip(total, count, strict=True)]
    table = np.array(means, dtype=object).reshape(shape)
    return table.T.tolist() if table.ndim == 2 else [table.tolist()]


def _unseen(decided: Floats, today: Floats) -> float:
    return float(1.0 - np.isin(decided, np.unique(today)).mean())


class SmallTree:
    """A depth-3 tree that imitates the decisions of an agent.

    Args:
        problem: what is played.
        rows: [rows, features] what the agent observed.
        actions: [rows, ...] what it decided.

    Attributes:
        words: the tree as text; empty where a decision is more than one number.
    """

    def __init__(self, problem: Problem, rows: Floats, actions: Array) -> None:
        trees = _trees()
        self._view, space = problem.view, problem.view.action_space
        kinds = isinstance(space, spaces.Discrete) and space.n <= FEW_ACTIONS
        make = trees.DecisionTreeClassifier if kinds else trees.DecisionTreeRegressor
        flat = actions.reshape(len(actions), -1)
        self._model = make(max_depth=TREE_DEPTH, random_state=0).fit(rows, flat[:, 0] if flat.shape[1] == 1 else flat)
        names = [feature.name for feature in problem.view.features]
        single = flat.shape[1] == 1
        self.words = trees.export_text(self._model, feature_names=names, decimals=1) if single else ""

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] decisions of the tree; the case's projection takes care of masks."""
        said = np.asarray(self._model.predict(observations.astype(np.float64)), dtype=np.float64)
        return nearest_actions(self._view, said.reshape(len(said), -1))
