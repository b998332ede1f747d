"""Arrays made from numbers."""

from __future__ import annotations

from aesaralite.tensor.creation import Alloc, AllocEmpty, ARange, Eye

from ..emit.dtypes import is_float, is_integer
from .limits import LARGEST
from .registry import lower


def _sizes(ctx, inputs):
    sizes = [ctx.scalar(size, "int64") for size in inputs]
    for size in sizes:
        ctx.guard(ctx.e.le(ctx.e.zero, size), "negative_size", (size,))
    return sizes


@lower(Alloc)
def alloc(ctx, node, value, *sizes):
    dims = _sizes(ctx, sizes)
    e = ctx.e
    for own, size in zip(value.dims, dims[len(dims) - value.ndim :], strict=True):
        if own is not size and not own.is_one and not ctx.assume_equal(own, size):
            ctx.guard(e.any(e.eq(own, e.one), e.eq(own, size)), "broadcast", (own, size))
    dtype = node.apply.outputs[0].type.dtype
    return ctx.map(dims, lambda *indices: ctx.cast(ctx.stretch(value, dims, indices), dtype))


@lower(AllocEmpty)
def alloc_empty(ctx, node, *sizes):
    return ctx.build(node.op.dtype, _sizes(ctx, sizes), None, ())


@lower(ARange)
def arange(ctx, node, start, stop, step):
    if not all(is_integer(x.dtype) and x.dtype != "uint64" for x in (start, stop, step)):
        return _float_range(ctx, node.op.dtype, start, stop, step)
    e = ctx.e
    first, last, by = (ctx.scalar(x, "int64") for x in (start, stop, step))
    ctx.guard(ctx.op("ne", "bool", by, e.zero), "zero_step")
    span = e.sub(last, first)
    ctx.guard(e.eq(e.lt(last, first), e.lt(span, e.zero)), "range")  # it hasn't wrapped around
    if by.is_one:
        count = span
    else:
        ctx.guard(e.lt(e.index(-LARGEST), span), "range")
        count = e.sub(e.zero, ctx.op("floor_div", "int64", e.sub(e.zero, span), by))
    count = e.maximum(count, e.zero)
    dtype = node.op.dtype
    return ctx.map([count], lambda i: ctx.cast(e.add(first, e.mul(i, by)), dtype))


def _float_range(ctx, dtype, start, stop, step):
    """Element ``i`` is the first one plus ``i`` times the difference of the first two, as rounded to `dtype`."""
    if dtype not in ("float32", "float64"):
        return NotImplemented
    e = ctx.e

    def number(value):
        return e.const(value, "float64")

    first, last, by = (ctx.scalar(x, "float64") for x in (start, stop, step))
    ctx.guard(ctx.op("ne", "bool", by, number(0.0)), "zero_step")
    for x, value in ((start, first), (stop, last), (step, by)):
        if not is_float(x.dtype):
            ctx.guard(ctx.op("le", "bool", ctx.op("abs", "float64", value), number(2.0**53)), "range")
    span = ctx.op("sub", "float64", last, first)
    quotient = ctx.op("true_div", "float64", span, by)
    # less than one step may be too little for a float
    vanishes = e.all(
        ctx.op("eq", "bool", quotient, number(0.0)),
        ctx.op("ne", "bool", span, number(0.0)),
        e.eq(ctx.op("lt", "bool", span, number(0.0)), ctx.op("lt", "bool", by, number(0.0))),
    )
    steps = e.select(vanishes, number(1.0), ctx.op("ceil", "float64", quotient))
    # neither too long nor NaN
    ctx.guard(ctx.op("le", "bool", ctx.op("abs", "float64", steps), number(2.0**40)), "range")
    count = e.maximum(ctx.cast(steps, "int64"), e.zero)
    zeroth = ctx.cast(first, dtype)
    second = ctx.cast(ctx.op("add", "float64", first, by), dtype)
    delta = ctx.op("sub", dtype, second, zeroth)

    def element(i):
        value = ctx.op("add", dtype, zeroth, ctx.op("mul", dtype, ctx.cast(i, dtype), delta))
        # of an infinite step there are no multiples
        return e.select(e.eq(i, e.zero), zeroth, e.select(e.eq(i, e.one), second, value))

    return ctx.map([count], element)


@lower(Eye)
def eye(ctx, node, n, m, k):
    e = ctx.e
    dims = _sizes(ctx, (n, m))
    dtype = node.apply.outputs[0].type.dtype
    offset = ctx.scalar(k, "int64")
    one, zero = ctx.cast(e.const(1, "int64"), dtype), ctx.cast(e.const(0, "int64"), dtype)
    return ctx.map(dims, lambda i, j: e.select(e.eq(j, e.add(i, offset)), one, zero))
