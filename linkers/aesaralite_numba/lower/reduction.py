"""Reductions."""

from __future__ import annotations

from aesaralite.scalar import arithmetic, bitwise
from aesaralite.tensor.reduction import Argmax, CAReduce, ProdWithoutZeros
from aesaralite.tensor.unbroadcasting import SumToSize

from ..emit.dtypes import is_complex, is_float
from .registry import lower

_MONOIDS = {
    arithmetic.Add: "add",
    arithmetic.Mul: "mul",
    arithmetic.ScalarMaximum: "maximum",
    arithmetic.ScalarMinimum: "minimum",
    bitwise.AND: "and",
    bitwise.OR: "or",
    bitwise.XOR: "xor",
}


@lower(CAReduce)
def careduce(ctx, node, x):
    op = node.op
    monoid = _MONOIDS.get(type(op.scalar_op))
    dtype = node.apply.outputs[0].type.dtype
    axes = op.axes(x.ndim)
    if not axes:
        return ctx.map(x.dims, lambda *indices: ctx.cast(ctx.at(x, indices), dtype))
    work = (op.acc_dtype or dtype) if op.upcast_discrete_output else x.dtype
    if monoid is None or (is_complex(work) and monoid != "add") or (work == "bool" and monoid in ("add", "mul")):
        return NotImplemented
    reduced = [k in axes for k in range(x.ndim)]
    if monoid in ("maximum", "minimum"):
        for k in axes:
            ctx.guard(ctx.e.lt(ctx.e.zero, x.dims[k]), "empty_reduction", (x.dims[k],), k)
    result = ctx.reduce(monoid, x.dims, reduced, lambda *indices: ctx.cast(ctx.at(x, indices), work), work)
    if work == dtype:
        return result
    return ctx.map(result.dims, lambda *indices: ctx.cast(ctx.at(result, indices), dtype))


@lower(ProdWithoutZeros)
def prod_without_zeros(ctx, node, x):
    op = node.op
    dtype = node.apply.outputs[0].type.dtype
    work = op.acc_dtype or dtype
    if is_complex(work) or work == "bool":
        return NotImplemented
    axes = op.axes(x.ndim)

    def element(*indices):
        value = ctx.cast(ctx.at(x, indices), work)
        nonzero = ctx.op("ne", "bool", value, ctx.e.const(0, work))
        return ctx.e.select(nonzero, value, ctx.e.const(1, work))

    result = ctx.reduce("mul", x.dims, [k in axes for k in range(x.ndim)], element, work)
    return ctx.map(result.dims, lambda *indices: ctx.cast(ctx.at(result, indices), dtype))


@lower(Argmax)
def argmax(ctx, node, x):
    if is_complex(x.dtype):
        return NotImplemented
    axes = tuple(range(x.ndim)) if node.op.axis is None else tuple(node.op.axis)
    if not axes:
        return ctx.map(x.dims, lambda *_: ctx.e.const(0, "int64"))
    for k in axes:
        ctx.guard(ctx.e.lt(ctx.e.zero, x.dims[k]), "empty_reduction", (x.dims[k],), k)
    if len(axes) > 1:
        kept = [k for k in range(x.ndim) if k not in axes]
        order = (*kept, *axes)
        moved = ctx.map(
            [x.dims[k] for k in order],
            lambda *indices: ctx.at(x, [indices[order.index(k)] for k in range(x.ndim)]),
        )
        x = ctx.reshape(moved, [*(x.dims[k] for k in kept), ctx.e.product(x.dims[k] for k in axes)])
        axes = (len(kept),)
    return _first_largest(ctx, x, [k in axes for k in range(x.ndim)])


def _first_largest(ctx, x, reduced):
    """Position of the first largest element along the one reduced dimension; a NaN is larger than anything.

    Two passes, each of which is vectorised: the largest value, then the smallest position where it stands.
    """
    e = ctx.e
    floats = is_float(x.dtype)
    work = "float32" if x.dtype == "float16" else x.dtype
    largest = ctx.reduce("maximum", x.dims, reduced, lambda *indices: ctx.cast(ctx.at(x, indices), work), work)
    axis = reduced.index(True)

    def position(*indices):
        value = ctx.cast(ctx.at(x, indices), work)
        top = ctx.at(largest, [i for i, gone in zip(indices, reduced, strict=True) if not gone])
        found = ctx.op("eq", "bool", value, top)
        if floats:
            both = ctx.op("and", "bool", ctx.op("isnan", "bool", value), ctx.op("isnan", "bool", top))
            found = ctx.op("or", "bool", found, both)
        return e.select(found, indices[axis], x.dims[axis])

    return ctx.reduce("minimum", x.dims, reduced, position, "int64")


@lower(SumToSize)
def sum_to_size(ctx, node, x, *sizes):
    """Sums where a dimension was stretched: known sizes decide now, others when it runs.

    At run time element ``i`` is the sum of ``x[i + k]`` for ``k < r``, where ``r`` is the whole dimension if it
    shrinks to 1, and 1 if it stays.
    """
    e = ctx.e
    wanted = dict(zip(node.op.axes, (ctx.scalar(size, "int64") for size in sizes), strict=True))
    summed: list[int] = []
    open_axes: dict[int, tuple] = {}
    for k, size in wanted.items():
        if size is x.dims[k]:
            continue
        if size.is_one:
            summed.append(k)
        elif ctx.assume_equal(size, x.dims[k]):
            continue
        else:
            ctx.guard(e.any(e.eq(size, e.one), e.eq(size, x.dims[k])), "sum_to_size", (size, x.dims[k]), k)
            open_axes[k] = (size, e.select(e.eq(size, x.dims[k]), e.one, x.dims[k]))
    if not summed and not open_axes:
        return x
    if x.dtype == "bool":
        return NotImplemented
    dims: list = []
    reduced: list[bool] = []
    place = {}
    for k, own in enumerate(x.dims):
        place[k] = len(dims)
        if k in open_axes:
            dims.extend(open_axes[k])
            reduced.extend((False, True))
        else:
            dims.append(own)
            reduced.append(k in summed)

    def element(*indices):
        own = []
        for k in range(x.ndim):
            index = indices[place[k]]
            own.append(e.add(index, indices[place[k] + 1]) if k in open_axes else index)
        return ctx.at(x, own)

    result = ctx.reduce("add", dims, reduced, element, x.dtype)
    back = [e.one if k in summed else open_axes[k][0] if k in open_axes else x.dims[k] for k in range(x.ndim)]
    return ctx.map(back, lambda *indices: ctx.at(result, [i for k, i in enumerate(indices) if k not in summed]))
