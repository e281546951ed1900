"""Named parameters, of which some were once called otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from envs_data.parameters.base import Parameters

P = TypeVar("P", bound=Parameters)


class Scenarios(dict[str, P]):
    """A case's scenarios by name; a former name still finds its scenario, and is not listed.

    Args:
        named: parameters by their present names; the first is the default.
        former: present names by former ones.
    """

    def __init__(self, named: Mapping[str, P], former: Mapping[str, str]) -> None:
        super().__init__(named)
        self.former = dict(former)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.former

    def __missing__(self, name: Any) -> P:
        return self[self.former[name]]
