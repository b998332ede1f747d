"""What lowerings of random variables share: sizes, parameters as NumPy takes them, the draw in the node's dtype."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aesaralite.graph.basic import Constant

from ..emit.dtypes import is_float, is_integer
from ..expr import Expr
from ..values import Value
from .context import Lowering
from .random_constraints import everywhere

#: Elements of arrays of up to 2 to this are counted, in bytes too, without overflow.
_LARGE_BITS = 58


def cast_value(ctx: Lowering, x: Value, dtype: str) -> Value:
    """`x` in another dtype."""
    return x if x.dtype == dtype else ctx.map(x.dims, lambda *indices: ctx.cast(ctx.at(x, indices), dtype))


def taken_as(ctx: Lowering, x: Value, dtype: str) -> Value | None:
    """A parameter in the dtype that NumPy's C code wants, or None where NumPy refuses to convert it."""
    return cast_value(ctx, x, dtype) if np.can_cast(x.dtype, dtype) else None


def given_sizes(ctx: Lowering, node, size: Value) -> list[Expr]:
    """The size of the batch of draws as given; empty where it's left to the parameters."""
    e = ctx.e
    given = node.apply.inputs[1]
    if isinstance(given, Constant):
        return [e.index(int(n)) for n in given.data]
    count = given.type.shape[0]
    static = node.apply.outputs[1].type.shape
    sizes = []
    for k in range(count):
        n = ctx.scalar(ctx.map((), lambda k=k: ctx.cast(ctx.at(size, [e.index(k)]), "int64")))
        if static[k] is not None:
            ctx.require_equal(n, e.index(static[k]), "size", (n,), k)
            n = e.index(static[k])
        else:
            ctx.guard(e.le(e.zero, n), "negative_size", (n,))
            ctx.guard(e.lt(n, e.index(1 << (_LARGE_BITS // count))), "size", (n,))
        sizes.append(n)
    return sizes


def batch_sizes(ctx: Lowering, node, size: Value, batches: Sequence[Sequence[Expr]]) -> list[Expr]:
    """The sizes of the batch of draws: as given, which those of the parameters must fit, or what these broadcast to."""
    e = ctx.e
    sizes = given_sizes(ctx, node, size)
    if not sizes:
        return ctx.broadcast(*batches)
    for batch in batches:
        surplus = len(sizes) - len(batch)
        ctx.guard(e.const(surplus >= 0, "bool"), "size")
        for k, own in enumerate(batch):
            n = sizes[max(k + surplus, 0)]
            if own is not n and not (own.is_const and own.attr == 1) and not ctx.assume_equal(own, n):
                ctx.guard(e.any(e.eq(own, e.one), e.eq(own, n)), "size", (own, n), k)
    return sizes


def in_dtype_of(ctx: Lowering, node, draws: Value) -> Value | None:
    """Draws in the dtype of the node, or None where they aren't cast to it without looking at each."""
    dtype = node.apply.outputs[1].type.dtype
    if draws.dtype == dtype:
        return draws
    if not is_float(dtype):
        if draws.dtype != "int64":
            return None
        if dtype == "bool":
            least, most = 0, 1
        elif is_integer(dtype):
            least, most = max(int(np.iinfo(dtype).min), -(1 << 63)), min(int(np.iinfo(dtype).max), (1 << 63) - 1)
        else:
            return None
        low, high = ctx.e.index(least), ctx.e.index(most)
        ctx.guard(everywhere(ctx, draws, lambda x: ctx.e.all(ctx.e.le(low, x), ctx.e.le(x, high))), "draw_dtype")
    return cast_value(ctx, draws, dtype)
