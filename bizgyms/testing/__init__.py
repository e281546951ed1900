"""The contract of a case, as a check that anybody can run on a case of their own.

``check_case("bizgyms/RestockItem-v0")`` plays whole episodes in every scenario and tells in plain words what fails.
A case may lack parts; then the report says what is lost.
"""

from bizgyms.testing.checks import CHECKS, Check, check_case
from bizgyms.testing.report import CaseError, Failure, Report

__all__ = ["CHECKS", "CaseError", "Check", "Failure", "Report", "check_case"]
