"""What holds for every test.

Hypothesis runs without a clock: a kernel's first call compiles it, which takes seconds. Torch runs on one thread:
on a busy machine two wait for each other most of the time. With ``pytest -n`` the tests of a file go to one worker, and
of the contract those of a case, so that each kernel is compiled and each fixture made once.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("plain", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
settings.load_profile("plain")


@pytest.hookimpl(optionalhook=True)  # a hook of pytest-xdist
def pytest_xdist_make_scheduler(config, log):
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            return f"{file}::{test.partition('-')[0]}" if test.startswith("test_contract[") else file

    return Together(config, log)
