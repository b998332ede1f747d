"""Arithmetic of sizes that notices what 64 bits don't hold."""

from __future__ import annotations

import llvmlite.ir as ir

from .dtypes import I1, I64, Register
from .scalars import Builder, scalar


@scalar("exact_mul")
def exact_mul(b: Builder, args: list, dtypes: tuple[str, ...], dtype: str) -> Register:
    """The product, or the least number there is, which is no size, where it overflows."""
    product, overflows = _multiply(b, *args)
    return b.select(overflows, I64(-(1 << 63)), product)


@scalar("grow")
def grow(b: Builder, args: list, dtypes: tuple[str, ...], dtype: str) -> Register:
    """A number of bytes or elements times a size, -1 where that overflows or either is negative.

    A size of 0 counts as 1, as it does for NumPy: no array may be too large but for an empty dimension.
    """
    count, size = args
    product, overflows = _multiply(b, count, b.select(b.icmp_signed("==", size, I64(0)), I64(1), size))
    negative = b.icmp_signed("<", b.or_(count, size), I64(0))
    return b.select(b.or_(overflows, negative), I64(-1), product)


def _multiply(b: Builder, x: Register, y: Register) -> tuple[Register, Register]:
    name = "llvm.smul.with.overflow.i64"
    function = b.module.globals.get(name)
    if function is None:
        function = ir.Function(b.module, ir.FunctionType(ir.LiteralStructType([I64, I1]), [I64, I64]), name)
    both = b.call(function, [x, y])
    return b.extract_value(both, 0), b.extract_value(both, 1)
