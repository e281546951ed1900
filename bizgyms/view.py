"""What is decided, seen and paid in a case: shared by its two engines, so that nothing is written twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from gymnasium import spaces

from bizgyms.actions import limits
from bizgyms.autoreset import TERM, plain
from envs_data.arrays import Array, Flags, Floats, Rows
from envs_data.parameters import ParameterError, Parameters, unknown_name

P = TypeVar("P", bound=Parameters)
# Panels of a picture that can still be read; a hundred and more take a minute to draw.
MOST_PICTURED = 100


@dataclasses.dataclass(frozen=True)
class Feature:
    """One entry of an observation.

    Attributes:
        name: short name, as in ``bizgyms decide DIR name=value``.
        unit: its unit.
        meaning: one sentence.
        low: smallest possible value.
        high: largest possible value.
        center: what ``normalize=True`` subtracts.
        scale: what ``normalize=True`` divides by.
        labels: words for the values 0, 1, 2, ..., where they have names.
    """

    name: str
    unit: str
    meaning: str
    low: float
    high: float
    center: float = 0.0
    scale: float = 1.0
    labels: tuple[str, ...] = ()

    @classmethod
    def count(cls, name: str, unit: str, meaning: str, most: float, labels: tuple[str, ...] = ()) -> Feature:
        """A feature that begins at zero; ``normalize=True`` maps it to -1 up to 1."""
        return cls(name, unit, meaning, 0, most, most / 2, most / 2, labels)


class View(Generic[P]):
    """The decision problem over a world: spaces, features, and the names of what is paid and measured.

    Args:
        parameters: the case's parameters.

    Attributes:
        features: what each entry of an observation means.
        columns: where each of them is, and where a group of them begins, by name.
        action_space: one world's decisions.
        terms: names of the parts of a reward, in the order in which they are added.
        entries: the same as ``info`` has them: ``term_holding``.
        figures: names of the business figures of a step that go into ``info``.
        ratios: business figures of an episode: name to (numerator, denominator), both summed over the episode.
        masked: whether some actions are sometimes impossible.
        hidden: whether something that matters is never observed, such as a demand level drawn for the episode.
        on_events: whether decisions come when something happens and not by the clock; ``info["elapsed"]`` is then the
            time that the last one lasted, in the world's ``time_unit``.
        decision_shape: shape of ``info["decision"]`` for one world; that of an action where a case does not say.
        decision_dtype: its type.
        decides: what actions count, in words, such as "packs of 6 units"; empty where a case does not say.
        money: the unit of rewards; the parameters' own, where they have a field ``money`` with its name.
        steps_per_year: decisions in a year of the business.
        episodes_per_year: episodes in a year, where one is a customer who comes and goes, or a day of a business that
            rests in between; 0 where a year is made of episodes of a fixed length.
        telling: names of the features, one or two, by which a picture of an episode tells what happened; the first two
            where a case names none.
        clock: name of the feature that counts the steps left, this one included, by which a timetable goes; empty where
            there is none.
        horizon: most steps of an episode, by the clock; None where there is none.
        clips: whether actions outside the space are clipped, as they are where actions are real numbers.
    """

    terms: ClassVar[tuple[str, ...]]
    figures: ClassVar[tuple[str, ...]]
    ratios: ClassVar[Mapping[str, tuple[str, str]]] = {}
    telling: ClassVar[tuple[str, ...]] = ()
    clock: ClassVar[str] = ""
    masked: bool = False
    hidden: bool = False
    on_events: ClassVar[bool] = False
    decision_shape: tuple[int, ...] = ()
    decision_dtype: type[np.generic] = np.int64

    def __init__(self, parameters: P) -> None:
        self.parameters = parameters
        self.columns: dict[str, int] = {}
        self.features = self._features()
        self.columns |= {feature.name: k for k, feature in enumerate(self.features)}
        self.action_space = self._action_space()
        self.decision_shape = self.decision_shape or self.action_space.shape or ()
        self.decides = ""
        self.entries = tuple(f"{TERM}{term}" for term in self.terms)
        self.horizon = int(self.features[self.columns[self.clock]].high) if self.clock in self.columns else None
        self.clips = isinstance(self.action_space, spaces.Box)
        self._whole = _whole_numbers(self.action_space)
        # By convention a scenario names the unit of its rewards in a field of this name.
        unit = getattr(parameters, "money", None)
        self.money = unit if isinstance(unit, str) else "money"
        self.steps_per_year = 365.0
        self.episodes_per_year = 0.0
        self._center = np.array([f.center for f in self.features], dtype=np.float32)
        self._scale = np.array([f.scale for f in self.features], dtype=np.float32)

    def _features(self) -> tuple[Feature, ...]:
        raise NotImplementedError

    def _action_space(self) -> spaces.Space[Any]:
        raise NotImplementedError

    def _grouped(self, groups: Mapping[str, Sequence[Feature]]) -> tuple[Feature, ...]:
        """The features of all groups in order; `columns` remembers where each group begins."""
        found: list[Feature] = []
        for name, group in groups.items():
            self.columns[name] = len(found)
            found += group
        return tuple(found)

    def group(self, observations: Rows, name: str, count: int) -> Rows:
        """[worlds, count] the columns of a group of features."""
        first = self.columns[name]
        return observations[:, first : first + count]

    def telling_columns(self) -> list[int]:
        """The columns of an observation that a picture of an episode shows."""
        telling = [self.columns[name] for name in self.telling if name in self.columns]
        return telling or list(range(min(2, len(self.features))))

    def pictured_columns(self) -> list[int]:
        """The columns of an observation that ``rgb_array`` draws: all, or the telling ones where they are too many."""
        count = len(self.features)
        return list(range(count)) if count <= MOST_PICTURED else self.telling_columns()

    def observation_space(self, normalize: bool) -> spaces.Box:
        """The box of one world's observations, in natural units or normalised."""
        low = np.array([f.low for f in self.features], dtype=np.float32)
        high = np.array([f.high for f in self.features], dtype=np.float32)
        if normalize:
            low, high = self.normalized(low), self.normalized(high)
        return spaces.Box(low, high, dtype=np.float32)

    def normalized(self, observations: Rows) -> Rows:
        """Scales observations [..., features] by each feature's fixed ``center`` and ``scale``."""
        return (observations - self._center) / self._scale

    @classmethod
    def weights(cls, weights: Mapping[str, float] | None) -> Floats:
        """[terms] the weight of each reward term; 1 where none is given.

        Raises:
            ParameterError: a term the case does not have, or a weight that is no finite number.
        """
        given = dict(weights or {})
        problems = [unknown_name("reward term", name, cls.terms) for name in given if name not in cls.terms]
        problems += [
            f"weight of {name} is {w!r}; it must be a finite number" for name, w in given.items() if not _finite(w)
        ]
        if problems:
            raise ParameterError("weights", problems)
        return np.array([float(given.get(term, 1.0)) for term in cls.terms])

    def action_range(self) -> tuple[Array, Array]:
        """Smallest and largest value of each dimension of an action, flattened."""
        return limits(self.action_space)

    def believed(self, observations: Rows) -> Rows:
        """The observation of a decision maker who believes in these parameters, in a world where others hold.

        What is observed stays; what is computed from parameters, such as a forecast, is computed from these. Nothing
        is, unless a case says.

        Args:
            observations: [worlds, features] in natural units, of a world with the same decisions.
        """
        return observations

    def action_masks(self, observations: Rows) -> Flags:
        """[worlds, actions] which actions are possible, flattened over the dimensions; all, unless a case says.

        Args:
            observations: [worlds, features] in natural units.
        """
        return np.ones((len(observations), self.action_count()), dtype=np.bool_)

    def action_count(self) -> int:
        """Actions, added over the dimensions: the entries of a mask; two a dimension where each is yes or no."""
        if isinstance(self.action_space, spaces.Box):
            return 0
        low, high = self.action_range()
        return int((high - low + 1).sum())

    def nothing_done(self) -> dict[str, Any]:
        """The info of a reset: the entries of a step's, of which nothing has happened yet."""
        info: dict[str, Any] = dict.fromkeys((*self.entries, *self.figures), 0.0)
        info["decision"] = plain(np.zeros(self.decision_shape, self.decision_dtype))
        if self.on_events:
            info["elapsed"] = 0.0
        if self.clips:
            info.update(proposed=plain(np.zeros(self.action_space.shape or ())), clipped=0)
        return info

    def clipped(self, action: Any) -> tuple[Any, int]:
        """An action inside the space, and how many of its numbers were clipped to get there.

        Raises:
            ValueError: an action outside a space of whole numbers, NaN, or another number of them.
        """
        if self.inside(action):
            return action, 0
        given = np.asarray(action)
        if not self.clips or given.dtype.kind not in "fiu" or given.shape != self.action_space.shape:
            raise ValueError(self.outside(action))
        low, high = self.action_range()
        clipped = given.clip(low.reshape(given.shape), high.reshape(given.shape)).astype(self.action_space.dtype)
        if np.isnan(clipped).any():
            raise ValueError(self.outside(action))
        return clipped, int((clipped != given.astype(self.action_space.dtype)).sum())

    def inside(self, action: object) -> bool:
        """Whether an action is in the action space; many times faster than Gymnasium where it is one whole number."""
        if self._whole and isinstance(action, (int, np.integer)):
            return int(action) in self._whole
        return bool(self.action_space.contains(action))

    def outside(self, action: object) -> str:
        """An error message: the action is outside the space, and what is inside."""
        # With all digits: one that is rounded may be inside.
        shown = action.tolist() if isinstance(action, (np.ndarray, np.generic)) else action
        return f"action {shown!r} is outside {self.action_space}"

    def action_of(self, said: Any, seen: Mapping[str, float]) -> Any:
        """The action of a decision in the words of a rule that somebody wrote; the same, unless a case says.

        Args:
            said: what the rule answered.
            seen: what it had seen.

        Raises:
            ValueError: it is no decision.
        """
        return said


def _finite(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and bool(np.isfinite(value))


def _whole_numbers(space: spaces.Space[Any]) -> range:
    """The actions of a space that are one whole number; none in other spaces."""
    if isinstance(space, spaces.Discrete):
        return range(int(space.start), int(space.start + space.n))
    return range(0)
