"""Hypothesis runs without a clock: a kernel's first call compiles it, which takes seconds."""

from hypothesis import HealthCheck, settings

settings.register_profile("plain", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
settings.load_profile("plain")
