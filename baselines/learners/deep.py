"""Deep RL: stable-baselines3's learners on the twin. torch is imported when such an agent is built."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.agents import Problem
from baselines.learners.algorithms import OURS, arguments, class_of, hyperparameters, policy_class
from baselines.learners.files import Place, read, write
from baselines.learners.warm_start import guide, watch
from envs_data.arrays import Mask, Rows

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm
    from stable_baselines3.common.policies import BasePolicy

    from baselines.learners.actor import Decide
    from baselines.learners.ordinal import OrdinalPolicy
    from baselines.learners.staggered_starts import ApartVecEnv

# Times a learner is looked at while it learns.
LOOKS = 12


class DeepLearner:
    """A learner of stable-baselines3 or sb3-contrib.

    Observations come in natural units; they are normalised by the view's fixed constants before the network sees them.
    What a recurrent policy remembers of an episode begins anew with `begin`.

    Args:
        problem: what it learns.
        algorithm: one of `ALGORITHMS`, such as ``ppo``.
        block: block of ``hyperparams/<algorithm>.yml``; None for the case's own, or ``default``.

    Attributes:
        hyperparameters: what it learns with.
        model: the stable-baselines3 model; None before learning.
        decide: what it decides after learning, [worlds, features] to actions, by NumPy; None where only the model can.
        watch: called now and then while learning, with the steps taken so far.

    Raises:
        MissingDependencyError: stable-baselines3, sb3-contrib or torch is not installed.
        LookupError: no such block.
    """

    def __init__(self, problem: Problem, algorithm: str, block: str | None = None) -> None:
        class_of(algorithm)
        self.problem = problem
        self.algorithm = algorithm
        self.hyperparameters = hyperparameters(algorithm, problem.case.id, block)
        self.watch: Callable[[int], None] | None = None
        self.model: BaseAlgorithm | None = None
        self._policy: BasePolicy | None = None
        self.decide: Decide | None = None
        self.begin(0)

    def begin(self, worlds: int) -> None:
        """Forgets what it remembers of episodes: new ones begin in so many worlds."""
        self._memory: Any = None
        self._first = np.ones(worlds, dtype=np.bool_)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns. The same seed gives the same agent on the same versions, machine and number of torch threads.

        Args:
            envs: makes training environments of the case: ``envs(num_envs, **kwargs)`` is its twin.
            steps: environment steps, all worlds together.
            seed: seed of luck, exploration and first weights.
        """
        worlds, apart, begin = (self.hyperparameters.get(name, usual) for name, usual in OURS.items())
        look = first_look(self.problem, envs, seed)
        env = sb3_env(envs, worlds, look.reward_scale)
        model = self.built(env, seed)
        if begin == "rule":
            cast("OrdinalPolicy", model.policy).begin_at(self.problem.view.normalized(look.observations), look.actions)
        if apart:
            env.spread(lambda rows: np.asarray(model.predict(rows)[0]), seed)
        self._take(model)
        model.learn(steps, callback=None if self.watch is None else _moments(self.watch, steps))
        self._take(model)

    def built(self, env: ApartVecEnv, seed: int) -> BaseAlgorithm:
        """The algorithm's model on an environment, with nothing learned."""
        given = arguments(self.hyperparameters)
        policy = policy_class(self.algorithm, given.pop("policy"), self.problem.view.action_space)
        model: BaseAlgorithm = class_of(self.algorithm)(policy, env, seed=seed, device="cpu", **given)
        return model

    def act(self, observations: Rows, mask: Mask = None) -> NDArray[Any]:
        """[worlds, ...] the most likely, or most valuable, actions."""
        rows = self.problem.view.normalized(observations)
        if self.decide is not None:
            return self.decide(rows)
        policy = self._policy or self._untrained()
        if self.algorithm == "maskable_ppo":
            return np.asarray(policy.predict(rows, deterministic=True, action_masks=mask)[0])  # type: ignore[call-arg]  # sb3-contrib's own
        if len(self._first) != len(rows):
            self.begin(len(rows))
        actions, self._memory = policy.predict(rows, self._memory, self._first, deterministic=True)
        self._first = np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(actions)

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
            model = class_of(self.algorithm).load(io.BytesIO(read(file)), device="cpu")
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
        from baselines.learners.actor import actor

        self.decide = actor(self._policy)

    def _untrained(self) -> BasePolicy:
        """A policy as it is before learning."""
        view = self.problem.view
        given = arguments(self.hyperparameters)
        policy = policy_class(self.algorithm, given["policy"], view.action_space)
        made: BasePolicy = policy(
            view.observation_space(normalize=True), view.action_space, lambda _: 0.0, **given["policy_kwargs"]
        )
        made.set_training_mode(False)
        return made


def sb3_env(envs: Callable[..., Any], worlds: int, reward_scale: float) -> ApartVecEnv:
    """The twin as stable-baselines3 takes it, observations normalised."""
    from baselines.learners.staggered_starts import ApartVecEnv

    twin = envs(worlds, autoreset_mode="SameStep", normalize=True).unwrapped
    return ApartVecEnv(twin, reward_scale=reward_scale)


def ppo(problem: Problem, block: str | None = None) -> DeepLearner:
    """Proximal policy optimisation (Schulman et al. 2017)."""
    return DeepLearner(problem, "ppo", block)


def ppo_untuned(problem: Problem) -> DeepLearner:
    """PPO with stable-baselines3's own defaults, for whoever wants to see what tuning is worth."""
    return DeepLearner(problem, "ppo", "untuned")


def maskable_ppo(problem: Problem) -> DeepLearner:
    """PPO that never tries what is impossible (Huang and Ontanon 2022)."""
    return DeepLearner(problem, "maskable_ppo")


def recurrent_ppo(problem: Problem) -> DeepLearner:
    """PPO with a memory, for what is not observed."""
    return DeepLearner(problem, "recurrent_ppo")


def a2c(problem: Problem) -> DeepLearner:
    """Advantage actor-critic (Mnih et al. 2016)."""
    return DeepLearner(problem, "a2c")


def dqn(problem: Problem, block: str | None = None) -> DeepLearner:
    """Deep Q-network (Mnih et al. 2015)."""
    return DeepLearner(problem, "dqn", block)


def sac(problem: Problem) -> DeepLearner:
    """Soft actor-critic (Haarnoja et al. 2018)."""
    return DeepLearner(problem, "sac")


def of_block(problem: Problem, algorithm: str, block: Mapping[str, Any]) -> DeepLearner:
    """Any of the algorithms, with hyperparameters of one's own."""
    learner = DeepLearner(problem, algorithm)
    learner.hyperparameters = dict(block)
    return learner


def discrete(problem: Problem) -> bool:
    """Whether DQN can play: one choice out of a few."""
    return isinstance(problem.view.action_space, spaces.Discrete)


def continuous(problem: Problem) -> bool:
    """Whether SAC can play: numbers in a range."""
    return isinstance(problem.view.action_space, spaces.Box)


def masked(problem: Problem) -> bool:
    """Whether there are actions to mask."""
    return problem.view.masked


def hidden(problem: Problem) -> bool:
    """Whether a memory may help."""
    return problem.view.hidden


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
    seen = watch(problem, envs, guide(problem, seed), worlds, steps, seed)
    squares = float(np.mean(np.square(seen.rewards)))
    scale = 1.0 / float(np.sqrt(squares)) if squares > 0 else 1.0
    return FirstLook(scale, seen.observations, seen.actions)


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
