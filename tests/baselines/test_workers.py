"""Worker processes, and those kept from one board to the next."""

import dataclasses
import os

from baselines.judge import workers


@dataclasses.dataclass(frozen=True)
class WhoAmI:
    """A piece of work that tells which process did it."""

    def key(self):
        return {"piece": "who am I"}

    def do(self):
        return {"process": os.getpid()}, {}


def process_of(crew):
    try:
        return crew.submit(WhoAmI()).result(timeout=120)[0]["process"]
    finally:
        crew.close()


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_crew_ends_with_its_board():
    process = process_of(workers.workers(1))
    assert process != os.getpid()
    assert not is_there(process)


def test_kept_workers_serve_one_board_after_the_other_and_then_end():
    with workers.kept():
        first, second = process_of(workers.workers(1)), process_of(workers.workers(1))
        assert first == second
        assert is_there(first)
        assert process_of(workers.workers(2)) != first  # a crew of another size is another
    assert not is_there(first)
