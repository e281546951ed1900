"""Agents: two verbs over batches of worlds; and `AgentSpec`, a row of the ladder that says how one is built."""

from __future__ import annotations

import dataclasses
import enum
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Literal, Protocol, runtime_checkable

from bizgyms import from_gym, registry
from bizgyms.registry import Case
from bizgyms.view import View
from envs_data.arrays import Array, Mask, Rows
from envs_data.parameters import ParameterError, Parameters, unknown_name


class Kind(enum.StrEnum):
    """The kind of an agent on the ladder, or the role of its row on a board; equal to the word that a board prints."""

    RANDOM = "random"
    RULE = "rule"
    PREDICT = "predict"
    """Predict, then decide."""
    PLANNER = "planner"
    """Plays or solves the world to decide; where a rule computes from what is observed and a few tuned numbers."""
    BANDIT = "bandit"
    TABULAR = "tabular"
    SEARCH = "search"
    """Policies tried as a whole."""
    BRANCHING = "branching"
    """Tries decisions on copies of the worlds: many steps, each cheap."""
    PATHWISE = "pathwise"
    """Follows the gradient of replayed days; never explores."""
    DEEP = "deep"
    UNTUNED = "untuned"
    """Deep, with a library's defaults."""
    CLONED = "cloned"
    """A network taught the reference's own policy: what it can hold of it."""
    REFERENCE = "reference"
    TODAY = "today"
    BEST_RULE = "best rule"
    BEST_LEARNER = "best learner"
    BEST_POSSIBLE = "best possible"
    YOURS = "yours"
    """An agent given as an object."""


TRAINED = (
    *(Kind.BANDIT, Kind.TABULAR, Kind.SEARCH, Kind.BRANCHING, Kind.PATHWISE),
    *(Kind.DEEP, Kind.UNTUNED, Kind.CLONED),
)
# These never get a verdict: the one shows the value of tuning, the other what a network can hold.
LEARNERS = tuple(kind for kind in TRAINED if kind not in (Kind.UNTUNED, Kind.CLONED))
TORCH = (Kind.BRANCHING, Kind.PATHWISE, Kind.DEEP, Kind.UNTUNED, Kind.CLONED)
Knowledge = Literal["nothing", "observations", "the table", "the law of the world"]
Setting = Mapping[str, Any]
"""Keyword arguments with which an agent is built."""
Settings = Sequence[Setting]
Finer = Callable[["Problem", Setting, int], Settings]
"""The settings around one, the closer the later the turn, which is counted from 0."""


class MissingDependencyError(ImportError):
    """An agent needs a package that is not installed; the message says what to install."""


def imported(module: str, purpose: str, package: str = "", extra: str = "baselines") -> Any:
    """A module of a package that may be missing, imported now.

    Args:
        module: its name.
        purpose: what needs it, for the message.
        package: what the package is called; empty for the name of the module that was not found.
        extra: the extra of bizgyms that installs it.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            f"{package or error.name} is not installed, which {purpose} needs; "
            f'install it with: pip install "bizgyms[{extra}]"'
        ) from None


class AgentError(ValueError):
    """An agent that cannot be played: the message names it, where it failed, and the remedy."""


@runtime_checkable
class Agent(Protocol):
    """Decides for a batch of worlds."""

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """Decides.

        Args:
            observations: [worlds, features] in natural units.
            mask: [worlds, actions] which actions are possible, where the case has masks.

        Returns:
            [worlds, ...] actions of the case's action space.
        """


@runtime_checkable
class Learner(Agent, Protocol):
    """An agent that learns from a case before it is scored."""

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns.

        Args:
            envs: makes training environments of the case: ``envs(num_envs, **kwargs)`` is its twin.
            steps: environment steps it may take, all worlds together.
            seed: seed of the training, luck included.
        """


@runtime_checkable
class Watched(Learner, Protocol):
    """A learner that reports its progress while it learns, so that its learning curve can be drawn.

    Attributes:
        watch: called now and then while it learns, with the steps taken so far; ``act`` may be called meanwhile.
    """

    watch: Callable[[int], None] | None


@runtime_checkable
class Remembering(Agent, Protocol):
    """An agent with a memory of the episode under way."""

    def begin(self, worlds: int) -> None:
        """Clears the memory: new episodes begin in so many worlds, whose rows keep their place from now on."""


@runtime_checkable
class Savable(Learner, Protocol):
    """A learner that can be saved to a file and restored, and then acts exactly as before."""

    def save(self, file: IO[bytes]) -> None:
        """Writes what was learned."""

    def restore(self, file: IO[bytes]) -> None:
        """Becomes the agent that `save` wrote, which was built for the same problem with the same setting."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A decision problem that an agent is built for.

    Attributes:
        case: the case.
        parameters: the scenario's parameters.
        view: its spaces and features.
    """

    case: Case
    parameters: Parameters
    view: View[Any]


@dataclasses.dataclass(frozen=True)
class AgentSpec:
    """A row of the ladder: how an agent is built, and which settings it may have.

    Attributes:
        name: as the board prints it, such as ``base-stock``.
        kind: one of `Kind`, or its word.
        knows: what the agent knows of the world.
        build: ``build(problem, **setting) -> agent``.
        settings: ``settings(problem)`` lists the settings to tune over, each a dict of keyword arguments of ``build``;
            the first is the untuned default. Learners may leave it out.
        fits: whether the agent can play a problem at all (spaces, size).
        preview: whether a quick board holds it too.
        finer: settings that tuning tries around its best few; none where all worth trying are listed.
        occasions: whether a rule may be another on fixed occasions (`baselines.rules.occasions`); not where it looks
            at the time left itself and takes long to decide.
        improves: whether it is a learner that begins at the best tuned rule, given as ``rule`` and ``tuned``.

    Raises:
        AgentError: an unknown kind.
    """

    name: str
    kind: str
    knows: Knowledge
    build: Callable[..., Agent]
    settings: Callable[[Problem], Settings] = lambda problem: [{}]
    fits: Callable[[Problem], bool] = lambda problem: True
    preview: bool = False
    finer: Finer = lambda problem, setting, turn: []
    occasions: bool = True
    improves: bool = False

    def __post_init__(self) -> None:
        if self.kind not in tuple(Kind):
            raise AgentError(f"agent {self.name!r}: {unknown_name('kind', self.kind, [kind.value for kind in Kind])}")


def first_setting(spec: AgentSpec, problem: Problem) -> Setting:
    """A spec's default setting: the first it lists."""
    return next(iter(spec.settings(problem)))


def case_of(id: str | Case | from_gym.Factory) -> Case:
    """A case by its id or name; for a plain Gymnasium environment, by its id or what makes it, a case made of it.

    Raises:
        LookupError: no such case.
        ParameterError: an environment that no agent here can play.
    """
    if isinstance(id, Case):
        return id
    if not isinstance(id, str):
        return from_gym.from_gym(id)
    known = any(case.is_called(id) for case in registry.cases())
    if not known and from_gym.is_gym_id(id):
        return from_gym.from_gym(id)
    return registry.case(id)


def problem_of(case: Case, parameters: Parameters) -> Problem:
    """A case's decision problem under some parameters.

    Raises:
        ParameterError: the case's environment is a plain one, of which nothing is known.
    """
    if not hasattr(case.env, "view_type"):
        what = f"its env {case.env.__name__} is a plain gymnasium.Env, without named features and reward terms"
        remedy = "register it with gymnasium.register and score that id, or make it a bizgyms.env.BusinessEnv"
        raise ParameterError(case.id, [f"{what}; {remedy} (bizgyms new my_case shows one)"])
    return Problem(case, parameters, case.env.view_type(parameters))


Rung = AgentSpec
"""The former name of `AgentSpec`."""
Keepable = Savable
"""The former name of `Savable`."""
