"""Whatever the public API is given, it ends in a result or in an exception that says what is wrong."""

import json
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bad_input import case
from support.verdicts import FINE, LINKERS, Outcome

PATIENCE = 120
"""Seconds after which a case counts as a hang."""
WORKER = Path(__file__).resolve().parents[1] / "support" / "verdicts.py"


class Judge:
    """A process that judges cases, started again where a case has ended it."""

    def __init__(self):
        self.process = None

    def ask(self, text, linkers=LINKERS):
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps([text, linkers]).encode() + b"\n")
            self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        answer = self.process.stdout.readline() if ready else b""
        if answer:
            return Outcome(*json.loads(answer))
        return Outcome("crash" if ready else "hang", text=f"exit status {self.close()}")

    def close(self):
        """End the process and return its exit status."""
        process, self.process = self.process, None
        if process is None:
            return None
        with process.stdout, suppress(BrokenPipeError):
            process.stdin.close()  # which ends it, unless it hangs
        try:
            return process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


@pytest.fixture(scope="module")
def judge():
    judge = Judge()
    yield judge
    judge.close()


@given(text=st.randoms(use_true_random=False).map(case))
def test_bad_input_ends_well(judge, text):
    assert judge.ask(text) == FINE
