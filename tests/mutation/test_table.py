"""The faults are still faults of what is there."""

import pytest

from tests.mutation.copy import ROOT
from tests.mutation.faults import FAULTS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_can_be_planted(fault):
    assert (ROOT / fault.file).read_text("utf-8").count(fault.old) == 1
    assert fault.new != fault.old
    assert fault.tests
    for test in fault.tests:
        assert (ROOT / test).exists()


def test_names_differ():
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
