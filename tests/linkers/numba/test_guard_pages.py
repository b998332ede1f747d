"""Machine code touches no memory but what it is given: conformance cases between pages that fault."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import aesaralite_numba
import pytest
import support
from support.guard_pages import CONTRACT, PLANTED
from support.guarded_programs import PROGRAMS

import aesaralite
from aesaralite.testing.conformance import CASES, SCALAR_CASES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is mapped as Linux does it")

ALL = [*CASES, *SCALAR_CASES]
PATHS = [str(Path(package.__file__).resolve().parents[1]) for package in (aesaralite, aesaralite_numba, support)]


def answers(*asked):
    """What is wrong with each, or the signal that ended it, and the number of blocks of memory."""
    lines = "".join(json.dumps(what) + "\n" for what in asked)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}
    done = subprocess.run(
        [sys.executable, "-m", "support.guard_pages"],
        input=lines,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def judged(asked):
    """What is wrong with cases, by their numbers, and with programs, by their names."""
    found = zip(asked, answers(*asked), strict=True)
    names = {number: case.id for number, case in enumerate(ALL)}
    return {names.get(what, what): wrong for what, (wrong, count) in found if wrong or not count}


def test_what_is_planted_is_noticed():
    found = {name: wrong for name, (wrong, _) in zip(PLANTED, answers(*PLANTED), strict=True)}
    told = {
        "write on the rest of a page": "AssertionError: something was written around 32 bytes",
        "read of what nobody has written": "AssertionError: a result is made of what nobody has written",
    }
    assert found == {**dict.fromkeys(PLANTED, signal.SIGSEGV), **told}


def test_a_selection():
    assert judged([*range(0, len(ALL), 80), "elementwise in 32 bits", "gathers", "state"]) == {}


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_all_cases():
    assert judged([*range(len(ALL)), CONTRACT]) == {}


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_all_lengths():
    assert judged(PROGRAMS) == {}
