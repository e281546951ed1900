"""Slots of a resource that come and go, such as people on shift: the commonest decision of a service."""

from __future__ import annotations

from typing import Any

import simpy


def resize(resource: simpy.Resource, count: int) -> None:
    """Changes how many slots a SimPy resource has, whatever its kind; 0 is possible too.

    Whoever is being served when slots go is served to the end; a slot that comes is taken at once.

    Args:
        resource: a ``Resource``, ``PriorityResource`` or ``PreemptiveResource``.
        count: slots from now on.

    Raises:
        ValueError: a number of slots below 0, or no whole number.
    """
    if isinstance(count, bool) or count != int(count) or count < 0:
        raise ValueError(f"{count!r} slots are not possible; it must be a whole number from 0 on")
    resource._capacity = int(count)
    # SimPy serves one request at a time, for no more than one slot comes free at once there.
    while resource.queue and len(resource.users) < count:
        resource._trigger_put(None)


def staffed(resource: simpy.Resource) -> Staff:
    """Makes a resource that a model has made a `Staff`, of whatever kind it is."""
    kind = type(resource)
    resource.__class__ = type(f"Staffed{kind.__name__}", (Staff, kind), {})
    assert isinstance(resource, Staff)
    resource._open_account()
    return resource


class Staff(simpy.Resource):
    """A SimPy resource whose number of slots may change at any time, and that keeps account of them.

    Args:
        env: the clock.
        count: slots at the beginning.

    Attributes:
        served: how many have been served.

    Raises:
        ValueError: a number of slots below 0, or no whole number.
    """

    def __init__(self, env: simpy.Environment, count: int = 1) -> None:
        super().__init__(env, 1)
        self._open_account()
        resize(self, count)

    def _open_account(self) -> None:
        self.served = 0
        self._since, self._slot_time = self._env.now, 0.0

    def set(self, count: int) -> None:
        """Changes the number of slots, as `resize` does."""
        self._account()
        resize(self, count)

    @property
    def waiting(self) -> int:
        """How many requests are in the queue."""
        return len(self.queue)

    @property
    def busy(self) -> int:
        """How many slots are taken, those that go after their service among them."""
        return len(self.users)

    def slot_time(self) -> float:
        """Slots times time since the last call: what wages are paid for. A slot that still serves counts until then."""
        self._account()
        passed, self._slot_time = self._slot_time, 0.0
        return passed

    def _account(self) -> None:
        now = self._env.now
        self._slot_time += max(self._capacity, len(self.users)) * (now - self._since)
        self._since = now

    def _do_get(self, event: Any) -> None:
        if len(self.users) > self._capacity:  # only then does one who leaves change how many are paid
            self._account()
        self.served += event.request in self.users
        super()._do_get(event)
