"""Agents that learn: bandits and deep reinforcement learning."""
