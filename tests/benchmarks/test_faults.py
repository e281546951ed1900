"""The list of planted faults, and what plants them."""

import pytest

from benchmarks.faults import ROOT, Fault, read_faults


def test_faults_are_in_all_packages_and_name_tests_that_exist():
    known = read_faults()
    assert len(known) >= 60
    assert len({fault.id for fault in known}) == len(known)
    assert {fault.file.split("/")[0] for fault in known} == {"envs_data", "bizgyms", "baselines"}
    assert all(fault.before != fault.after for fault in known)
    named = {word for fault in known for word in fault.tests if word.startswith("tests")}
    assert [word for word in named if not (ROOT / word).exists()] == []


@pytest.mark.slow  # who changes a line need not look whether a fault is planted in it
def test_every_fault_matches_the_code():
    assert [fault.id for fault in read_faults() if not fault.matches(ROOT)] == []


def test_a_fault_is_planted_and_taken_out_again(tmp_path):
    fault = Fault("one", "sum.py", "a + b", "a - b", "a sign")
    (tmp_path / "sum.py").write_text("def sum(a, b):\n    return a + b\n")
    assert fault.matches(tmp_path)
    with fault.planted(tmp_path):
        assert "a - b" in (tmp_path / "sum.py").read_text()
        assert not fault.matches(tmp_path)
    assert fault.matches(tmp_path)
