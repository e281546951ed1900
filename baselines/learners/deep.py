"""Deep RL: stable-baselines3's learners on the twin. torch is imported when such an agent is built."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from baselines.agents import Problem
from baselines.learners.algorithms import OURS, arguments, class_of, hyperparameters, policy_class
from baselines.learners.policy_header import check_header, header_of, network_of
from baselines.learners.saved_learner import (
    LOOKS,
    Arrays,
    Header,
    Place,
    SavedLearner,
    layout_of,
    load_arrays,
    read,
    write,
)
from baselines.learners.warm_start import demonstration
from envs_data.arrays import Array, Floats, Mask, Rows

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from baselines.learners.actor import Decide
    from baselines.learners.ordinal import OrdinalPolicy
    from baselines.learners.staggered_starts import StaggeredVecEnv


class DeepLearner(SavedLearner):
    """A learner of stable-baselines3 or sb3-contrib.

    Observations come in natural units; they are normalised by the view's fixed constants before the network sees them.
    The memory of a recurrent policy is cleared by `begin`.

    Args:
        problem: what it learns.
        algorithm: one of `ALGORITHMS`, such as ``ppo``.
        block: block of ``hyperparams/<algorithm>.yml``; None for the case's own, or ``default``.

    Attributes:
        hyperparameters: what it learns with.
        model: the stable-baselines3 model; None before learning.
        decide: what it decides after learning, [worlds, features] to actions, by NumPy; None where only the model can.

    Raises:
        MissingDependencyError: stable-baselines3, sb3-contrib or torch is not installed.
        LookupError: no such block.
    """

    def __init__(self, problem: Problem, algorithm: str, block: str | None = None) -> None:
        class_of(algorithm)
        super().__init__(problem)
        self.algorithm = algorithm
        self.hyperparameters = hyperparameters(algorithm, problem.case.id, block, problem.case.has("twin"))
        self.model: BaseAlgorithm | None = None
        self.decide: Decide | None = None
        self.begin(0)

    def begin(self, worlds: int) -> None:
        """Clears the memory of a recurrent policy: new episodes begin in so many worlds."""
        self._memory: Any = None
        self._first = np.ones(worlds, dtype=np.bool_)

    def learn(self, envs: Callable[..., Any], steps: int, seed: int) -> None:
        """Learns. The same seed gives the same agent on the same versions, machine and number of torch threads.

        Args:
            envs: makes training environments of the case: ``envs(num_envs, **kwargs)`` is its twin.
            steps: environment steps, all worlds together.
            seed: seed of luck, exploration and first weights.
        """
        worlds, staggered, begin = (self.hyperparameters.get(name, usual) for name, usual in OURS.items())
        shown = demonstration(self.problem, envs, seed)
        env = sb3_env(envs, worlds, shown.reward_scale)
        model = self.unlearned(env, seed)
        if begin == "rule":
            seen = self.problem.view.normalized(shown.observations)
            cast("OrdinalPolicy", model.policy).begin_at(seen, shown.actions)
        if staggered:
            env.spread(lambda rows: np.asarray(model.predict(rows)[0]), seed)
        self._take(model)
        model.learn(steps, callback=None if self.watch is None else _callback(self.watch, steps))
        self._take(model)

    def unlearned(self, env: StaggeredVecEnv | None, seed: int | None, policy: Header | None = None) -> BaseAlgorithm:
        """The algorithm's model with random weights.

        Args:
            env: where it is to learn; None for a model that only decides.
            seed: seed of exploration and weights.
            policy: ``policy`` and ``policy_kwargs`` of a saved one; None for those of the hyperparameters.
        """
        view = self.problem.view
        given = arguments({**self.hyperparameters, **(policy or {})})
        kind = policy_class(self.algorithm, given.pop("policy"), view.action_space)
        model: BaseAlgorithm = class_of(self.algorithm)(
            kind, env, seed=seed, device="cpu", _init_setup_model=env is not None, **given
        )
        if env is None:
            model.observation_space, model.action_space = view.observation_space(normalize=True), view.action_space
            model.n_envs = self.hyperparameters.get("n_envs", 1)
            if getattr(model, "target_entropy", None) == "auto":  # SAC would look up the actions of its environment
                cast("Any", model).target_entropy = -float(np.prod(view.action_space.shape or ()))
            model._setup_model()
        return model

    def act(self, observations: Rows, mask: Mask = None) -> Array:
        """[worlds, ...] the most likely, or most valuable, actions."""
        rows = self.problem.view.normalized(observations)
        if self.decide is not None:
            return self.decide(rows)
        policy = (self.model or self.unlearned(None, None)).policy
        if self.algorithm == "maskable_ppo":
            return np.asarray(policy.predict(rows, deterministic=True, action_masks=mask)[0])  # type: ignore[call-arg]  # sb3-contrib's own
        if len(self._first) != len(rows):
            self.begin(len(rows))
        actions, self._memory = policy.predict(rows, self._memory, self._first, deterministic=True)
        self._first = np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(actions)

    def predicted_returns(self, observations: Rows) -> Floats | None:
        """[worlds] what its value function predicts of the rest of an episode.

        Args:
            observations: [worlds, features] in natural units.

        Returns:
            Discounted returns of the scaled rewards it learns from; None where it has no value function of a state.
        """
        import torch

        policy: Any = self._learned_model().policy
        seen = torch.as_tensor(self.problem.view.normalized(observations))
        with torch.no_grad():
            if self.algorithm in ("ppo", "maskable_ppo", "a2c"):
                return np.asarray(policy.predict_values(seen).numpy()[:, 0], dtype=np.float64)
            if self.algorithm == "dqn":
                return np.asarray(policy.q_net(seen).max(dim=1).values.numpy(), dtype=np.float64)
        return None

    def restore(self, file: Place) -> None:
        """Becomes the agent that `save` wrote, and acts exactly as it did. Nothing in the file is executed.

        Args:
            file: a path, or a binary file open for reading.

        Raises:
            ValueError: no such file, or of another algorithm, or another shape of observations or actions.
        """
        header, arrays = load_arrays(file)
        check_header(header, self.problem.view, self.algorithm)
        try:
            network = network_of(header, sum(array.size for array in arrays.values()))
            model = self.unlearned(None, None, network)
        except Exception as error:
            raise ValueError(f"a saved policy that cannot be built: {error}") from None
        if layout_of(arrays) != layout_of(_weights(model)):
            raise ValueError("a saved policy whose weights are not those of its network")
        import torch

        model.policy.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
        self._take(model)

    def export_sb3(self, file: Place) -> None:
        """Writes a model zip that stable-baselines3 loads, for its users; `save` is the format for keeping agents.

        Args:
            file: a path, or a binary file open for writing.

        Raises:
            ValueError: it has not learned anything yet.
        """
        content = io.BytesIO()
        self._learned_model().save(content)
        write(file, content.getvalue())

    def restore_sb3(self, file: Place) -> None:
        """Becomes the agent in a model zip of stable-baselines3.

        This runs code: such a file holds pickled parts, which can do anything. Load only files that you trust.

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
        trained = (model.observation_space, model.action_space)
        if trained != wanted:
            raise ValueError(f"an agent trained on another scenario: its spaces are {trained}, here {wanted}")
        self._take(model)

    def _learned(self) -> tuple[Header, Arrays]:
        weights = _weights(self._learned_model())
        return header_of(self.problem.view, self.algorithm, self.hyperparameters), weights

    def _learned_model(self) -> BaseAlgorithm:
        if self.model is None:
            raise ValueError(f"{self.algorithm} has not learned yet: there is nothing to save")
        return self.model

    def _take(self, model: BaseAlgorithm) -> None:
        from baselines.learners.actor import actor  # which needs torch

        self.model = model
        model.policy.set_training_mode(False)
        self.decide = actor(model.policy)


def _weights(model: BaseAlgorithm) -> dict[str, Array]:
    """The policy's weights by name; the arrays share its memory."""
    return {name: weight.numpy() for name, weight in model.policy.state_dict().items()}


def sb3_env(envs: Callable[..., Any], worlds: int, reward_scale: float) -> StaggeredVecEnv:
    """The twin as stable-baselines3 takes it, observations normalised."""
    from baselines.learners.staggered_starts import StaggeredVecEnv

    twin = envs(worlds, autoreset_mode="SameStep", normalize=True).unwrapped
    return StaggeredVecEnv(twin, reward_scale=reward_scale)


ppo = functools.partial(DeepLearner, algorithm="ppo")
"""Proximal policy optimisation (Schulman et al. 2017)."""
ppo_untuned = functools.partial(DeepLearner, algorithm="ppo", block="untuned")
"""PPO with stable-baselines3's own defaults, to show what tuning is worth."""
maskable_ppo = functools.partial(DeepLearner, algorithm="maskable_ppo")
"""PPO that never tries what is impossible (Huang and Ontanon 2022)."""
recurrent_ppo = functools.partial(DeepLearner, algorithm="recurrent_ppo")
"""PPO with a memory, for what is not observed."""
a2c = functools.partial(DeepLearner, algorithm="a2c")
"""Advantage actor-critic (Mnih et al. 2016)."""
dqn = functools.partial(DeepLearner, algorithm="dqn")
"""Deep Q-network (Mnih et al. 2015)."""
sac = functools.partial(DeepLearner, algorithm="sac")
"""Soft actor-critic (Haarnoja et al. 2018)."""


def of_block(problem: Problem, algorithm: str, block: Mapping[str, Any]) -> DeepLearner:
    """Any of the algorithms, with hyperparameters of one's own."""
    learner = DeepLearner(problem, algorithm)
    learner.hyperparameters = dict(block)
    return learner


def _callback(watch: Callable[[int], None], steps: int) -> Callable[..., bool]:
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
