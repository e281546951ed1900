"""Deep RL: stable-baselines3's learners on the twin. torch is imported when such an agent is built."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import MissingDependencyError, Problem
from baselines.learners.files import Place, read, write
from baselines.learners.randomly import Random
from baselines.rules import rules

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm
    from stable_baselines3.common.policies import BasePolicy

Rows = NDArray[np.float32]
Mask = NDArray[np.bool_] | None
HYPERPARAMS = Path(__file__).parents[1] / "hyperparams"
# The learning rate falls to this share of its start, never to nothing: Adam's moments would freeze with it.
LAST_RATE = 0.02
# Times a learner is looked at while it learns.
LOOKS = 12


class DeepLearner:
    """PPO or DQN of stable-baselines3.

    Observations come in natural units; they are normalised by the view's fixed constants before the network sees them.

    Args:
        problem: what it learns.
        algorithm: ``ppo`` or ``dqn``.
        block: block of ``hyperparams/<algorithm>.yml``; None for the case's own, or ``default``.

    Attributes:
        hyperparameters: what it learns with.
        model: the stable-baselines3 model; None before learning.
        watch: called now and then while learning, with the steps taken so far.

    Raises:
        MissingDependencyError: stable-baselines3 or torch is not installed.
        LookupError: no such block.
    """

    def __init__(self, problem: Problem, algorithm: str, block: str | None = None) -> None:
        _sb3()
        self.problem = problem
        self.algorithm = algorithm
        self.hyperparameters = hyperparameters(algorithm, problem.case.id, block)
        self.watch: Callable[[int], None] | None = None
        self.model: BaseAlgorithm | None = None
        self._policy: BasePolicy | None = None

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns. The same seed gives the same agent on the same versions, machine and number of torch threads.

        Args:
            envs: makes training environments of the case: ``envs(num_envs, **kwargs)`` is its twin.
            steps: environment steps, all worlds together.
            seed: seed of luck, exploration and first weights.
        """
        from baselines.learners.apart import ApartVecEnv

        arguments = _arguments(self.hyperparameters)
        worlds, apart, begin = (arguments.pop(name) for name in ("n_envs", "apart", "begin"))
        twin = envs(worlds, autoreset_mode="SameStep", normalize=True).unwrapped
        look = first_look(self.problem, envs, seed)
        env = ApartVecEnv(twin, reward_scale=look.reward_scale)
        policy = _policy_class(self.algorithm, arguments.pop("policy"))
        model = getattr(_sb3(), self.algorithm.upper())(policy, env, seed=seed, device="cpu", **arguments)
        if begin == "rule":
            model.policy.begin_at(self.problem.view.normalized(look.observations), look.actions)
        if apart:
            env.spread(lambda rows: model.predict(rows)[0], seed)
        self._policy = model.policy
        model.learn(steps, callback=None if self.watch is None else _moments(self.watch, steps))
        self._take(model)

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[Any]:
        """[worlds, ...] the most likely, or most valuable, actions."""
        import torch

        policy = self._policy or self._untrained()
        with torch.no_grad():
            rows = torch.as_tensor(self.problem.view.normalized(observations))
            actions: NDArray[Any] = policy._predict(rows, deterministic=True).numpy()
        return actions

    def save(self, file: Place) -> None:
        """Writes the model in stable-baselines3's own format, which `stable_baselines3` loads as well.

        Args:
            file: a path, or a binary file open for writing.

        Raises:
            ValueError: it has not learned anything yet.
        """
        if self.model is None:
            raise ValueError(f"{self.algorithm} has not learned yet: there is nothing to save")
        content = io.BytesIO()
        self.model.save(content)
        write(file, content.getvalue())

    def restore(self, file: Place) -> None:
        """Becomes the agent that `save` wrote, and acts exactly as it did.

        stable-baselines3's format holds pickled parts, which can run any code: restore only what you trust.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: no such file, or of another algorithm, or another shape of observations or actions.
        """
        try:
            model = getattr(_sb3(), self.algorithm.upper()).load(io.BytesIO(read(file)), device="cpu")
        except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise ValueError(f"not a model of {self.algorithm} that stable-baselines3 saved: {error}") from None
        view = self.problem.view
        wanted = (view.observation_space(normalize=True), view.action_space)
        found = (model.observation_space, model.action_space)
        if found != wanted:
            raise ValueError(f"an agent trained on another scenario: its spaces are {found}, here {wanted}")
        self._take(model)

    def _take(self, model: BaseAlgorithm) -> None:
        self.model, self._policy = model, model.policy
        self._policy.set_training_mode(False)

    def _untrained(self) -> BasePolicy:
        """A policy as it is before learning."""
        view = self.problem.view
        arguments = _arguments(self.hyperparameters)
        policy = _policy_class(self.algorithm, arguments["policy"])
        made: BasePolicy = policy(
            view.observation_space(normalize=True), view.action_space, lambda _: 0.0, **arguments["policy_kwargs"]
        )
        made.set_training_mode(False)
        return made


def ppo(problem: Problem, block: str | None = None) -> DeepLearner:
    """Proximal policy optimisation (Schulman et al. 2017)."""
    return DeepLearner(problem, "ppo", block)


def dqn(problem: Problem, block: str | None = None) -> DeepLearner:
    """Deep Q-network (Mnih et al. 2015)."""
    return DeepLearner(problem, "dqn", block)


def discrete(problem: Problem) -> bool:
    """Whether DQN can play: one choice out of a few."""
    return isinstance(problem.view.action_space, spaces.Discrete)


def hyperparameters(algorithm: str, case_id: str, block: str | None = None) -> dict[str, Any]:
    """A block of ``hyperparams/<algorithm>.yml``.

    Args:
        algorithm: ``ppo`` or ``dqn``.
        case_id: the case's id, which is the name of its block.
        block: another block, such as ``untuned``: stable-baselines3's own defaults.

    Raises:
        LookupError: no block of that name.
    """
    file = HYPERPARAMS / f"{algorithm}.yml"
    blocks: Mapping[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    name = block or (case_id if case_id in blocks else "default")
    if name not in blocks:
        raise LookupError(f"{file.name} has no block {name!r}; there are {', '.join(blocks)}")
    return copy.deepcopy(blocks[name])


@dataclasses.dataclass(frozen=True)
class FirstLook:
    """What is seen of a problem before anything is learned: the case's first rule, untuned, at work.

    Attributes:
        reward_scale: a fixed constant that makes rewards of order one, for networks learn badly from millions or
            thousandths: one over the root mean square of rewards.
        observations: [steps, features] what was seen, in natural units.
        actions: [steps, ...] what was decided.
    """

    reward_scale: float
    observations: Rows
    actions: NDArray[Any]


def first_look(problem: Problem, envs: Callable[..., Any], seed: int, worlds: int = 64, steps: int = 50) -> FirstLook:
    """Plays the case's first rule, or at random where it has none.

    Args:
        problem: what is learned.
        envs: makes training environments.
        seed: seed of their luck.
        worlds: number of worlds.
        steps: steps played in each.
    """
    rule = next(iter(rules(problem)), None)
    agent = Random(problem, seed) if rule is None else rule.build(problem, **rule.settings(problem)[0])
    twin = envs(worlds, autoreset_mode="SameStep").unwrapped
    rows, _ = twin.reset(seed=seed)
    squares = 0.0
    seen, decided = [], []
    for _ in range(steps):
        seen.append(rows.copy())
        decided.append(agent.act(rows, twin.action_masks() if twin.view.masked else None))
        rows, rewards, *_ = twin.step(decided[-1])
        squares += float(np.mean(np.square(rewards)))
    scale = float(np.sqrt(steps / squares)) if squares > 0 else 1.0
    return FirstLook(scale, np.concatenate(seen), np.concatenate(decided))


def _arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of an algorithm out of a block: schedules and activations are written as words there."""
    from torch import nn

    arguments = {"n_envs": 1, "apart": False, "begin": "", "policy": "MlpPolicy", **copy.deepcopy(dict(given))}
    rate = arguments.get("learning_rate")
    if isinstance(rate, str):
        start = float(rate.removeprefix("lin_"))
        arguments["learning_rate"] = lambda left: start * max(left, LAST_RATE)
    words = arguments.setdefault("policy_kwargs", {})
    if "activation_fn" in words:
        words["activation_fn"] = {"tanh": nn.Tanh, "relu": nn.ReLU}[words["activation_fn"]]
    return arguments


def _moments(watch: Callable[[int], None], steps: int) -> Callable[..., bool]:
    """A callback of stable-baselines3 that calls ``watch`` a dozen times during learning."""
    due = [steps * (k + 1) / LOOKS for k in range(LOOKS)]

    def look(variables: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
        model = variables["self"]
        if due and model.num_timesteps >= due[0]:
            while due and model.num_timesteps >= due[0]:
                due.pop(0)
            was_training = model.policy.training
            model.policy.set_training_mode(False)
            watch(model.num_timesteps)
            model.policy.set_training_mode(was_training)
        return True

    return look


def _policy_class(algorithm: str, name: str) -> type[BasePolicy]:
    """The policy class of a name: SB3's own for the algorithm, or ours."""
    if name == "OrdinalPolicy":
        from baselines.learners.ordinal import OrdinalPolicy

        return OrdinalPolicy
    found: type[BasePolicy] = getattr(_sb3(), algorithm.upper()).policy_aliases[name]
    return found


def _sb3() -> Any:
    """stable-baselines3.

    Raises:
        MissingDependencyError: it, or torch, is not installed.
    """
    try:
        return importlib.import_module("stable_baselines3")
    except ImportError as error:
        raise MissingDependencyError(
            f'{error.name} is not installed, which deep RL needs; install it with: pip install "bizgyms[baselines]"'
        ) from None
