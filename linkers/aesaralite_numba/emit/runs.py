"""Scatters that add up: what goes to one element several times in a row is added up in a register first."""

from __future__ import annotations

from dataclasses import dataclass

import llvmlite.ir as ir

from .accumulate import combine
from .dtypes import I64, Register, constant, load, store
from .loops import Variable
from .scalars import neutral


@dataclass
class _Sum:
    pointer: Register
    monoid: str
    dtype: str
    running: Variable


class Runs:
    """The sums for one index, which may be written to several arrays."""

    def __init__(self, b: ir.IRBuilder) -> None:
        self.last = Variable(b, I64(-1))
        self.sums: list[_Sum] = []

    def open(self, b: ir.IRBuilder, pointer: Register, monoid: str, dtype: str) -> None:
        """Add an array that begins at `pointer`."""
        self.sums.append(_Sum(pointer, monoid, dtype, Variable(b, constant(neutral(monoid, dtype), dtype))))

    def add(self, b: ir.IRBuilder, index: Register, elements: list[Register]) -> None:
        """Add an element to each sum; at another index than the last, new ones are begun."""
        moved = b.icmp_signed("!=", index, self.last.get())
        with b.if_then(moved):
            self.close(b)
            self.last.set(index)
        for one, element in zip(self.sums, elements, strict=True):
            added = combine(b, one.monoid, one.running.get(), element, one.dtype, ())
            one.running.set(b.select(moved, element, added))

    def close(self, b: ir.IRBuilder) -> None:
        """Write the sums, if there are any."""
        last = self.last.get()
        with b.if_then(b.icmp_signed(">=", last, I64(0))):
            for one in self.sums:
                place = b.gep(one.pointer, [last], inbounds=True)
                total = combine(b, one.monoid, load(b, place, one.dtype), one.running.get(), one.dtype, ())
                store(b, total, place, one.dtype)
