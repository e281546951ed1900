"""Hypothesis runs without a clock: a kernel's first call compiles it, which takes seconds. Torch runs on one thread:
on a busy machine two wait for each other most of the time.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

settings.register_profile("plain", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
settings.load_profile("plain")
