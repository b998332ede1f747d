"""Reductions along the innermost loop, in registers.

Sums of floats are reassociated inside blocks of :data:`BLOCK` elements, which is what lets them be vectorised, and the
sums of the blocks are added with compensation (Neumaier): the error doesn't grow with the length, and is below that of
NumPy's pairwise summation.
"""

from __future__ import annotations

import llvmlite.ir as ir

from ..ir import Accumulate
from .dtypes import I32, I64, ITEMSIZE, PTR, Register, constant, is_complex, is_float, store
from .runtime import external
from .scalars import SCALARS, intrinsic, neutral, pair, parts

BLOCK = 1024


def make_accumulator(monoid: str, dtype: str, reorder: bool) -> Accumulator:
    """The accumulator of `monoid` over elements of `dtype`; floats are only regrouped if they may be reordered."""
    if monoid == "add" and (is_float(dtype) or is_complex(dtype)):
        return SumAccumulator(monoid, dtype, reorder)
    return Accumulator(monoid, dtype, reorder)


class Accumulator:
    """A running value: carried from block to block, or through one plain loop."""

    compensated = False

    def __init__(self, monoid: str, dtype: str, reorder: bool) -> None:
        self.monoid = monoid
        self.dtype = dtype
        self.flags = ("reassoc",) if reorder else ()

    def start(self) -> None:
        self.carry: list[Register] = self._neutral()

    def _neutral(self) -> list[Register]:
        return [constant(neutral(self.monoid, self.dtype), self.dtype)]

    def open_block(self, b: ir.IRBuilder, before: ir.Block) -> None:
        """Phis of the block loop."""
        self.block_phis = [b.phi(value.type) for value in self.carry]
        self.before_block = list(self.carry)
        for phi, value in zip(self.block_phis, self.carry, strict=True):
            phi.add_incoming(value, before)
        self.carry = list(self.block_phis)

    def open_inner(self, b: ir.IRBuilder, preheader: ir.Block) -> None:
        self.inner_start = self._inner_start()
        self.phis = [b.phi(value.type) for value in self.inner_start]
        for phi, value in zip(self.phis, self.inner_start, strict=True):
            phi.add_incoming(value, preheader)

    def _inner_start(self) -> list[Register]:
        return self.carry

    def step(self, b: ir.IRBuilder, element: Register) -> None:
        self.following = [combine(b, self.monoid, self.phis[0], element, self.dtype, self.flags)]

    def latch(self, block: ir.Block) -> None:
        for phi, value in zip(self.phis, self.following, strict=True):
            phi.add_incoming(value, block)

    def close_inner(self, b: ir.IRBuilder, latch: ir.Block, skipped: ir.Block | None) -> None:
        """After the loop; `skipped` is where one comes from that never entered it."""
        self.ended = []
        for value, start in zip(self.following, self.inner_start, strict=True):
            phi = b.phi(value.type)
            phi.add_incoming(value, latch)
            if skipped is not None:
                phi.add_incoming(start, skipped)
            self.ended.append(phi)

    def close_block(self, b: ir.IRBuilder) -> None:
        """Take the inner loop's value over into the carried one."""
        self.carry = self.ended

    def finish_blocks(self, b: ir.IRBuilder, before: ir.Block, last: ir.Block) -> None:
        self.ended = []
        for phi, value, start in zip(self.block_phis, self.carry, self.before_block, strict=True):
            phi.add_incoming(value, last)
            final = b.phi(value.type)
            final.add_incoming(start, before)
            final.add_incoming(value, last)
            self.ended.append(final)

    def result(self, b: ir.IRBuilder) -> Register:
        return self.ended[0]


class SumAccumulator(Accumulator):
    """A sum of floats: carries the sum and, for each part, what rounding has lost."""

    compensated = True

    def __init__(self, monoid: str, dtype: str, reorder: bool) -> None:
        super().__init__(monoid, dtype, reorder)
        self.blocked = False

    def _neutral(self) -> list[Register]:
        # -0.0 would be the exact neutral element; NumPy's sum of nothing is 0.0
        return [constant(0, self.dtype)]

    def open_block(self, b: ir.IRBuilder, before: ir.Block) -> None:
        self.blocked = True
        self.carry = [constant(0, self.dtype), constant(0, self.dtype)]
        super().open_block(b, before)

    def _inner_start(self) -> list[Register]:
        return [constant(0, self.dtype)]

    def close_block(self, b: ir.IRBuilder) -> None:
        total, lost = self.block_phis
        (added,) = self.ended
        if is_complex(self.dtype):
            sums, errors = [], []
            for t, a, c in zip(parts(b, total), parts(b, added), parts(b, lost), strict=True):
                s, error = _two_sum(b, t, a)
                sums.append(s)
                errors.append(b.fadd(c, error))
            self.carry = [pair(b, *sums), pair(b, *errors)]
        else:
            s, error = _two_sum(b, total, added)
            self.carry = [s, b.fadd(lost, error)]

    def result(self, b: ir.IRBuilder) -> Register:
        if not self.blocked:
            return self.ended[0]
        total, lost = self.ended
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
