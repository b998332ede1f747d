"""A call of machine code that fails at any point leaves all state as it was."""

import ctypes
import os
import subprocess
import sys
import warnings
from functools import partial

import llvmlite.binding as llvm
import llvmlite.ir as ir
import numpy as np
import pytest
from aesaralite_numba import build as build_module
from aesaralite_numba import linker as linker_module
from aesaralite_numba.emit.dtypes import I64
from aesaralite_numba.emit.program import ProgramCode
from aesaralite_numba.frame import NO_MEMORY
from support.fault_programs import PROGRAMS

from aesaralite import config
from aesaralite.compile.mode import Mode

COUNTDOWN = "aesaralite_test_countdown"
_countdown = ctypes.c_int64(0)


class ProbedCode(ProgramCode):
    """Code that counts down before each step and at each place where it could be left, and leaves at 1."""

    def _probe(self):
        if self.committed:
            return
        word = self.module.globals.get(COUNTDOWN) or ir.GlobalVariable(self.module, I64, COUNTDOWN)
        count = self.b.load(word)
        self.b.store(self.b.sub(count, I64(1)), word)
        super().leave_if(self.b.icmp_signed("==", count, I64(1)), NO_MEMORY)

    def _step(self, step):
        self._probe()
        super()._step(step)

    def leave_if(self, condition, status, sizes=()):
        self._probe()
        super().leave_if(condition, status, sizes)


@pytest.fixture
def probed(monkeypatch):
    """Programs are compiled with probes; gives the word that counts down."""
    llvm.add_symbol(COUNTDOWN, ctypes.addressof(_countdown))
    monkeypatch.setattr(build_module, "build", partial(build_module.build, emit=ProbedCode))
    plain_name = linker_module.program_name
    monkeypatch.setattr(linker_module, "program_name", lambda key: plain_name(key + "probed"))
    _countdown.value = 0
    with config.change_flags(numba__cache=False), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield _countdown
    _countdown.value = 0


def same(one, other):
    ones, others = (x if isinstance(x, list) else [x] for x in (one, other))
    for a, b in zip(ones, others, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("optimizer", ["fast_run", None])
@pytest.mark.parametrize("program", PROGRAMS)
def test_left_at_each_step(program, optimizer, probed):
    """Broken off before each step and at each check, call after call; then the call gives what it should."""
    definition, bound = program(Mode("py", optimizer)), program(Mode("numba", optimizer))
    for _ in range(2):
        before = bound.snapshot()
        for k in range(1, 10**4):
            probed.value = k
            try:
                result = bound.call()
            except MemoryError:
                assert bound.snapshot() == before
                continue
            break
        assert k > 2
        same(result, definition.call())
        for state, model in zip(bound.snapshot(), definition.snapshot(), strict=True):
            assert state[:2] == model[:2]
    for state, model in zip(bound.states, definition.states, strict=True):
        if hasattr(model, "ndim"):
            np.testing.assert_allclose(state.get_value(), model.get_value(), rtol=1e-12)


def test_what_an_interrupted_compilation_leaves_is_freed_once(tmp_path):
    program = """
import gc
import numpy as np
import aesaralite
import aesaralite.tensor as at
from aesaralite_numba import machine

make, x = machine.llvm.create_pass_builder, at.dvector()
def interrupt(*args):
    raise KeyboardInterrupt
for k in range(60):
    machine.llvm.create_pass_builder = interrupt
    try:
        aesaralite.function([x], x + k)
    except KeyboardInterrupt as error:
        error.itself = error  # what is alive in its frames waits for the garbage collector
    gc.collect()
machine.llvm.create_pass_builder = make
print(aesaralite.function([x], x + 1)([2.0]))
"""
    environment = {**os.environ, "AESARALITE_FLAGS": "linker=numba,numba__cache=False"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "[3.]\n"), done.stderr
