"""Arrays put together and taken apart."""

from __future__ import annotations

from aesaralite.tensor.joining import Join, MakeVector, Split

from .limits import sum_fits
from .registry import lower


@lower(MakeVector)
def make_vector(ctx, node, *numbers):
    dtype = node.apply.outputs[0].type.dtype
    stores = [ctx.store((), lambda k=k, x=x: ((ctx.e.index(k),), ctx.scalar(x, dtype))) for k, x in enumerate(numbers)]
    return ctx.build(dtype, [ctx.e.index(len(numbers))], None, stores)


def _known_axis(variable, ndim):
    data = getattr(variable, "data", None)
    if data is None:
        return None
    axis = int(data)
    return axis % ndim if -ndim <= axis < ndim else None


@lower(Join)
def join(ctx, node, axis, *arrays):
    e = ctx.e
    axis = _known_axis(node.apply.inputs[0], arrays[0].ndim)
    if axis is None:
        return NotImplemented
    dtype = node.apply.outputs[0].type.dtype
    first = arrays[0]
    for other in arrays[1:]:
        for k, (a, b) in enumerate(zip(first.dims, other.dims, strict=True)):
            if k != axis:
                ctx.require_equal(a, b, "join", (a, b), k)
    ctx.guard(sum_fits(e, [x.dims[axis] for x in arrays]), "too_large", [x.dims[axis] for x in arrays[:5]])
    start = e.zero
    stores = []
    for x in arrays:

        def piece(*indices, x=x, start=start):
            where = [e.add(start, i) if k == axis else i for k, i in enumerate(indices)]
            return where, ctx.cast(ctx.at(x, indices), dtype)

        stores.append(ctx.store(x.dims, piece))
        start = e.add(start, x.dims[axis])
    dims = [start if k == axis else n for k, n in enumerate(first.dims)]
    return ctx.build(dtype, dims, None, stores)


@lower(Split)
def split(ctx, node, x, axis, sizes):
    e = ctx.e
    axis = _known_axis(node.apply.inputs[1], x.ndim)
    count = node.op.len_splits
    if axis is None:
        return NotImplemented
    ctx.require_equal(sizes.dims[0], e.index(count), "split")
    lengths = [ctx.cast(ctx.at(sizes, [e.index(k)]), "int64") for k in range(count)]
    left = x.dims[axis]
    for length in lengths:
        ctx.guard(e.all(e.le(e.zero, length), e.le(length, left)), "split", (length, left))
        left = e.sub(left, length)
    ctx.guard(e.eq(left, e.zero), "split", (left, x.dims[axis]))
    start = e.zero
    pieces = []
    for length in lengths:
        dims = [length if k == axis else n for k, n in enumerate(x.dims)]

        def element(*indices, start=start):
            return ctx.at(x, [e.add(start, i) if k == axis else i for k, i in enumerate(indices)])

        pieces.append(ctx.map(dims, element))
        start = e.add(start, length)
    return tuple(pieces)
