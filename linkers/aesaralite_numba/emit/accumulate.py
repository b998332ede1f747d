"""Reductions along the innermost loops, in registers.

Sums of floats are reassociated inside blocks of :data:`BLOCK` elements, which is what lets them be vectorised, and the
sums of the blocks are added with compensation (Neumaier): the error doesn't grow with the length, and is below that of
NumPy's pairwise summation.
"""

from __future__ import annotations

import llvmlite.ir as ir

from ..ir import Accumulate
from .dtypes import I32, I64, ITEMSIZE, PTR, Register, constant, is_complex, is_float, store
from .loops import Variable
from .runtime import external
from .scalars import SCALARS, intrinsic, neutral, pair, parts

BLOCK = 1024


class Accumulator:
    """A running value of `monoid` over elements of `dtype`; LLVM keeps it in a register.

    Parameters
    ----------
    reorder
        Whether floats may be regrouped.
    long
        Whether there may be more than :data:`BLOCK` elements.
    """

    def __init__(self, b: ir.IRBuilder, monoid: str, dtype: str, reorder: bool, long: bool) -> None:
        self.monoid = monoid
        self.dtype = dtype
        self.flags = ("reassoc",) if reorder else ()
        #: Whether :meth:`fold` is to be called after each block.
        self.compensated = long and monoid == "add" and (is_float(dtype) or is_complex(dtype))
        # -0.0 would be the exact neutral element of addition; NumPy's sum of nothing is 0.0
        self.neutral = constant(neutral(monoid, dtype), dtype)
        self.running = Variable(b, self.neutral)
        if self.compensated:
            self.total, self.lost = Variable(b, self.neutral), Variable(b, self.neutral)

    def add(self, b: ir.IRBuilder, element: Register) -> None:
        self.running.set(combine(b, self.monoid, self.running.get(), element, self.dtype, self.flags))

    def fold(self, b: ir.IRBuilder) -> None:
        """Add the sum of a block to the total, and what rounding has lost to the losses."""
        added, total, lost = self.running.get(), self.total.get(), self.lost.get()
        self.running.set(self.neutral)
        if is_complex(self.dtype):
            sums, errors = [], []
            for t, a, c in zip(parts(b, total), parts(b, added), parts(b, lost), strict=True):
                s, error = _two_sum(b, t, a)
                sums.append(s)
                errors.append(b.fadd(c, error))
            self.total.set(pair(b, *sums))
            self.lost.set(pair(b, *errors))
        else:
            s, error = _two_sum(b, total, added)
            self.total.set(s)
            self.lost.set(b.fadd(lost, error))

    def result(self, b: ir.IRBuilder) -> Register:
        if not self.compensated:
            return self.running.get()
        total, lost = self.total.get(), self.lost.get()
        if is_complex(self.dtype):
            corrected = [_corrected(b, t, c) for t, c in zip(parts(b, total), parts(b, lost), strict=True)]
            return pair(b, *corrected)
        return _corrected(b, total, lost)


def _two_sum(b: ir.IRBuilder, x: Register, y: Register) -> tuple[Register, Register]:
    """Rounded sum and its exact error (Knuth)."""
    s = b.fadd(x, y)
    t = b.fsub(s, x)
    return s, b.fadd(b.fsub(x, b.fsub(s, t)), b.fsub(y, t))


def _corrected(b: ir.IRBuilder, total: Register, lost: Register) -> Register:
    """The sum with what was lost; where infinities made that NaN, the sum alone."""
    known = b.fcmp_ordered("ord", lost, lost)
    return b.select(known, b.fadd(total, lost), total)


def combine(b: ir.IRBuilder, monoid: str, x: Register, y: Register, dtype: str, flags: tuple[str, ...]) -> Register:
    """`x` and `y` combined in a form that loops are vectorised in."""
    if is_float(dtype) and dtype != "float16":
        if monoid == "add":
            return b.fadd(x, y, flags=flags)
        if monoid == "mul":
            return b.fmul(x, y, flags=flags)
        if monoid in ("maximum", "minimum"):
            return intrinsic(b, f"llvm.{monoid}", x.type, [x, y], x.type)
    if is_complex(dtype) and monoid == "add":
        sums = [b.fadd(p, q, flags=flags) for p, q in zip(parts(b, x), parts(b, y), strict=True)]
        return pair(b, *sums)
    return SCALARS[monoid](b, [x, y], (dtype, dtype), dtype)


def fill(b: ir.IRBuilder, pointer: Register, count: Register, statement: Accumulate) -> None:
    """Set `count` elements to the neutral one."""
    dtype = statement.target.dtype
    number = neutral(statement.monoid, dtype)
    if number == 0:
        memset = external(b.module, "memset", PTR, (PTR, I32, I64))
        b.call(memset, [b.bitcast(pointer, PTR), I32(0), b.mul(count, I64(ITEMSIZE[dtype]))])
        return
    value = constant(number, dtype)
    function = b.function
    body, done = function.append_basic_block("fill"), function.append_basic_block("filled")
    before = b.block
    b.cbranch(b.icmp_signed(">", count, I64(0)), body, done)
    b.position_at_end(body)
    k = b.phi(I64)
    k.add_incoming(I64(0), before)
    store(b, value, b.gep(pointer, [k], inbounds=True), dtype)
    following = b.add(k, I64(1), flags=("nsw", "nuw"))
    k.add_incoming(following, body)
    b.cbranch(b.icmp_signed("<", following, count), body, done)
    b.position_at_end(done)
