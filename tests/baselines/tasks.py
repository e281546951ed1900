"""Tasks for workers, and a program that has some done; run with the name of a pool."""

import dataclasses
import os
import signal
import sys

import numpy as np

from baselines.runs.ray_pool import RayPool
from baselines.runs.workers import WorkerPool


@dataclasses.dataclass(frozen=True)
class Doubled:
    number: int

    def key(self):
        return {"doubled": self.number}

    def do(self):
        return {"number": 2 * self.number}, {"path": np.array(sys.path)}


class Killed(Doubled):
    def do(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Exits(Doubled):
    def do(self):
        sys.stderr.write("a library complains\nand gives up\n")
        sys.stderr.flush()
        os._exit(3)


if __name__ == "__main__":
    # First as in a notebook; last as `bizgyms score ./my_case` puts it, for this process loads Ray after that.
    sys.path.insert(0 if sys.argv[1] == "processes" else len(sys.path), os.getcwd())
    pool = {"processes": lambda: WorkerPool(1), "ray": RayPool}[sys.argv[1]]()
    from tests.baselines.tasks import Doubled as Importable

    facts, arrays = pool.submit(Importable(4)).result()
    pool.close()
    sys.stdout.write(f"{facts['number']} {arrays['path'].tolist().index(os.getcwd()) - len(arrays['path'])}\n")
