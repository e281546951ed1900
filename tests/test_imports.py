"""Arrows between packages, and what `import bizgyms` loads."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("pandas", "scipy", "simpy", "numba", "torch", "matplotlib", "stable_baselines3", "sklearn")


def _python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_bizgyms_loads_nothing_heavy():
    loaded = _python(f"import bizgyms, sys; print([name for name in {HEAVY!r} if name in sys.modules])")
    assert loaded == "[]"


def test_importing_bizgyms_loads_only_numpy_and_gymnasium():
    code = (
        "import sys, numpy, gymnasium; before = set(sys.modules); import bizgyms; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    assert _python(code) == "['bizgyms', 'envs_data']"


def test_importing_bizgyms_registers_the_ids():
    code = "import gymnasium, bizgyms; print(all(case.id in gymnasium.registry for case in bizgyms.cases()))"
    assert _python(code) == "True"


def test_gymnasium_finds_the_module_by_itself():
    code = "import gymnasium; print(gymnasium.make('bizgyms:bizgyms/RestockItem-v0').spec.id)"
    assert _python(code) == "bizgyms/RestockItem-v0"


def test_playing_needs_no_torch():
    code = (
        "import gymnasium, bizgyms, sys; env = gymnasium.make('bizgyms/RestockItem-v0'); "
        "env.reset(seed=0); env.step(3); "
        "print([name for name in ('torch', 'stable_baselines3', 'sklearn', 'matplotlib') if name in sys.modules])"
    )
    assert _python(code) == "[]"


@pytest.mark.parametrize("command", ["--help", "list"])
def test_the_command_line_starts_without_anything_heavy(command):
    heavy = (*HEAVY, "rich", "jinja2", "yaml")
    code = (
        f"import sys; from baselines.cli import main; assert main([{command!r}]) == 0; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    assert _python(code).splitlines()[-1] == "[]"


def test_data_only_moves_up():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
