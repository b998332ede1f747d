"""A program with a timer around each of its steps."""

from __future__ import annotations

import time

import llvmlite.ir as ir

from ..ir import Step
from ..symbols import TIMES_SUFFIX
from ..values import Guard
from .dtypes import I32, I64, PTR, Register
from .program import ProgramCode
from .runtime import external

#: Words for each step: nanoseconds, and how often it has run.
WORDS = 2


class TimedProgramCode(ProgramCode):
    """Adds the time of each step but the checks up in a table.

    The table is the number of steps, the words of each step, and those of what a timer takes itself.
    """

    def _build(self) -> None:
        steps = len(self.program.steps)
        words = 1 + WORDS * (steps + 1)
        kind = ir.ArrayType(I64, words)
        self._times = ir.GlobalVariable(self.module, kind, self.name + TIMES_SUFFIX)
        self._times.initializer = ir.Constant(kind, [steps] + [0] * (words - 1))
        self._number = 0
        super()._build()

    def _step(self, step: Step) -> None:
        if not self._number:
            self._moment = self.stack(I64, 2)
            self._note(len(self.program.steps), self._now())
        if isinstance(step, Guard):
            super()._step(step)
        else:
            started = self._now()
            super()._step(step)
            self._note(self._number, started)
        self._number += 1

    def _now(self) -> Register:
        """Nanoseconds, of a clock that never goes back."""
        b = self.b
        clock = external(self.module, "clock_gettime", I32, (I32, PTR))
        b.call(clock, [I32(int(time.CLOCK_MONOTONIC)), b.bitcast(self._moment, PTR)])
        seconds, rest = (b.load(b.gep(self._moment, [I64(k)])) for k in (0, 1))
        return b.add(b.mul(seconds, I64(10**9)), rest)

    def _note(self, row: int, started: Register) -> None:
        passed = self.b.sub(self._now(), started)
        for k, value in enumerate((passed, I64(1))):
            word = self.b.gep(self._times, [I32(0), I32(1 + WORDS * row + k)])
            self.b.store(self.b.add(self.b.load(word), value), word)
