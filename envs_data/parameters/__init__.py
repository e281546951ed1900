"""Parameters of a case, what their fields measure, and the scenario files that hold them."""

from envs_data.parameters.base import ParameterError, Parameters, nearest, plain, unknown_name, unknown_names
from envs_data.parameters.former_names import Scenarios
from envs_data.parameters.native import native
from envs_data.parameters.quantities import Quantity, nested, quantity
from envs_data.parameters.scenario_files import Origin, OriginKind, Scenario, read_scenario_file, write_whole

__all__ = [
    "Origin",
    "OriginKind",
    "ParameterError",
    "Parameters",
    "Quantity",
    "Scenario",
    "Scenarios",
    "native",
    "nearest",
    "nested",
    "plain",
    "quantity",
    "read_scenario_file",
    "unknown_name",
    "unknown_names",
    "write_whole",
]
