"""Many people and few messages: view, per-person view, environment, twin and bound."""
