"""Agents that learn: forecasts, bandits and deep reinforcement learning."""
