"""What a verdict rests on: does the gain hold in other worlds that fit the table, and at which costs does it turn?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from baselines.agents import TRAINED, Agent, Kind, problem_of
from baselines.judge import statistics
from baselines.judge.anchors import Anchors
from baselines.judge.break_even import UNSURE, BreakEven, break_evens, costs
from baselines.judge.rows import Row
from baselines.ladder.current_rule import Today
from baselines.play import other_worlds, seeds
from baselines.play.experiment import Experiment
from baselines.runs.results import Player
from envs_data.arrays import Floats
from envs_data.parameters import Parameters, Scenario


@dataclasses.dataclass(frozen=True)
class Robustness:
    """Scores agents again in other worlds, each once.

    Attributes:
        experiment: the board's plays.
        scenario: its parameters with origins and draws.
        anchors: every agent that played before training.
        today: today's rule.
        worth: the least gain a year worth the effort.
    """

    experiment: Experiment
    scenario: Scenario
    anchors: Anchors
    today: Today | None
    worth: float

    def with_table(self, row: Row, player: Player) -> Row:
        """The row with its second intervals, where the scenario was fitted and the agents can be loaded."""
        if not self.scenario.draws or self.anchors.best_rule is None:
            return row
        try:
            means = self._means(player) * self.anchors.a_year
        except LookupError:
            return row
        ours, rule, today = means[:, :-2].mean(axis=1), means[:, -2], means[:, -1]
        over_rule = self._placed(ours - rule, row.over_rule)
        over_today = self._placed(ours - today, row.over_today)
        (stderr, units), (today_error, _) = self._error(row, row.gain_error), self._error(row, row.today_error)
        judged = over_today if row.role == Kind.BEST_RULE else over_rule
        return dataclasses.replace(
            row,
            table_over_rule=statistics.widened_interval(over_rule, stderr, units),
            table_over_today=statistics.widened_interval(over_today, today_error, units) if row.over_today else None,
            elsewhere=tuple(judged.tolist()),
        ).judged(self.worth)

    @staticmethod
    def _placed(gains: Floats, whole: statistics.Interval | None) -> Floats:
        """[draws] gains, shifted by what the few episodes replayed miss in the fitted world, which comes last."""
        return gains[:-1] + (0.0 if whole is None else whole.value - gains[-1])

    def _error(self, row: Row, episodes: float) -> tuple[float, int]:
        """Standard error of a gain in the fitted world, given that over episodes, and the units of repetition."""
        if row.role not in TRAINED:
            gain = row.over_today
            half = 0.0 if gain is None else (gain.high - gain.low) / 2
            return half / 1.96, self.experiment.budget.episodes
        count = len(row.samples)
        trainings = float(np.std(row.samples, ddof=1)) / np.sqrt(count) if count > 1 else np.inf
        return float(np.hypot(trainings, episodes)), count

    def _means(self, player: Player) -> Floats:
        """[draws + 1, agents + 2] mean returns in every world drawn and in the fitted one; best rule and today last."""
        agents, key = self._company(player)

        def replay() -> tuple[dict[str, object], dict[str, Floats]]:
            worlds = [*other_worlds.worlds_of(self.anchors.problem, self.scenario), self.anchors.problem]
            view = self.anchors.problem.view
            return {}, {"means": other_worlds.means_in(worlds, agents, view, seeds.evaluation(self.experiment.seed))}

        draws = [dict(draw) for draw in self.scenario.draws]
        found = replay() if key is None else self.experiment.once({"table": key, "draws": draws}, replay)
        return np.asarray(found[1]["means"])

    def _company(self, player: Player) -> tuple[list[Agent], object | None]:
        """A player's agents, the best rule and today's, and what determines them; None for an object."""
        rule = self.anchors.best_rule
        assert rule is not None
        today = self.today
        own = self._one(player)
        known = None
        if (today is None or today.key is not None) and player.made is not None:
            made = [player.made, [run.key for run in player.results], rule.made, None if today is None else today.key]
            known = {"agents": made, "episodes": other_worlds.EPISODES}
        return [*own, *self._one(rule), *([today.agent] if today else self._one(rule))], known

    def _one(self, player: Player) -> list[Agent]:
        if self.today is not None and player.kind == Kind.TODAY:
            return [self.today.agent]
        return self.experiment.agents(player.results)

    def break_evens(self, row: Row, player: Player) -> list[BreakEven]:
        """Costs at which the player's gain turns: over the best rule, and for the best rule over today's.

        Empty where the gain itself is open: the point at which luck turns says nothing.
        """
        gain, asked = row.judged_gain, row.asked(self.worth)
        if gain is None or gain.low <= asked <= gain.high or not costs(self.scenario, UNSURE):
            return []
        try:
            agents, key = self._company(player)
        except LookupError:
            return []

        def compute() -> tuple[dict[str, Any], dict[str, Floats]]:
            rival = -1 if row.role == Kind.BEST_RULE else -2
            problem = self.anchors.problem
            # The few episodes replayed miss a little of the whole gain, in every world alike.
            offset = gain.value - self._gain(agents, rival, problem.parameters)
            points = break_evens(
                problem, self.scenario, lambda p: self._gain(agents, rival, p) + offset, gain.value, asked
            )
            return {"breaks": [dataclasses.asdict(one) for one in points]}, {}

        origins = {name: origin.kind for name, origin in self.scenario.origins.items()}
        about = {"break-evens": key, "asked": asked, "origins": origins}
        facts: dict[str, Any] = compute()[0] if key is None else self.experiment.once(about, compute)[0]
        return [BreakEven(**one) for one in facts["breaks"]]

    def _gain(self, agents: Sequence[Agent], rival: int, parameters: Parameters) -> float:
        """A player's gain a year under other parameters, on the first episodes of the shared luck."""
        problem = self.anchors.problem
        world, seed = problem_of(problem.case, parameters), seeds.evaluation(self.experiment.seed)
        means = other_worlds.means_in([world], agents, problem.view, seed)[0]
        return float(means[:-2].mean() - means[rival]) * self.anchors.a_year
