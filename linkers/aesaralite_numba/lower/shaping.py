"""Shapes, and Ops that give an array another one."""

from __future__ import annotations

from aesaralite.tensor.reshaping import Reshape
from aesaralite.tensor.shaping import Shape, Shape_i, SpecifyShape, Unbroadcast

from .registry import lower


@lower(Shape)
def shape(ctx, node, x):
    e = ctx.e
    stores = [ctx.store((), lambda k=k, n=n: ((e.index(k),), n)) for k, n in enumerate(x.dims)]
    return ctx.build("int64", [e.index(x.ndim)], None, stores)


@lower(Shape_i)
def shape_i(ctx, node, x):
    return ctx.from_scalar(x.dims[node.op.i])


@lower(SpecifyShape)
def specify_shape(ctx, node, x, *sizes):
    for k, size in enumerate(sizes):
        if size is not None:
            wanted = ctx.scalar(size, "int64")
            ctx.require_equal(x.dims[k], wanted, "specify_shape", (x.dims[k], wanted))
    return ctx.map(x.dims, lambda *indices: ctx.at(x, indices))


@lower(Unbroadcast)
def unbroadcast(ctx, node, x):
    return x


@lower(Reshape)
def reshape(ctx, node, x, wanted):
    e = ctx.e
    ndim = node.op.ndim
    sizes = [ctx.cast(ctx.at(wanted, [e.index(k)]), "int64") for k in range(ndim)]
    count = e.product(x.dims)
    ctx.require_equal(wanted.dims[0], e.index(ndim), "reshape", ())
    known = node.apply.outputs[0].type.shape
    for k, size in enumerate(known):
        if size is not None and not sizes[k].is_const:
            ctx.require_equal(sizes[k], e.index(size), "reshape", (sizes[k],))
            sizes[k] = e.index(size)
    unknown = [k for k, size in enumerate(sizes) if not (size.is_const and size.attr >= 0)]
    minus_one = [k for k in unknown if sizes[k].is_const]
    if len(minus_one) > 1:
        return NotImplemented
    if unknown and not minus_one and not _fits(ctx, sizes, x.dims):
        # a size that is only known when it runs may be -1
        rest = [size for k, size in enumerate(sizes) if k not in unknown]
        for k in unknown:
            if len(unknown) > 1:
                ctx.guard(e.le(e.zero, sizes[k]), "reshape", (count, *sizes[:5]))
        if len(unknown) == 1:
            (k,) = unknown
            free = _rest(ctx, count, rest)
            # where the other sizes make 0, it could be anything
            ctx.guard(e.any(e.le(e.zero, sizes[k]), e.lt(e.zero, e.product(rest))), "reshape", (count, *sizes[:5]))
            sizes[k] = e.select(e.eq(sizes[k], e.index(-1)), free, sizes[k])
    elif minus_one:
        (k,) = minus_one
        rest = [size for j, size in enumerate(sizes) if j != k]
        ctx.guard(e.lt(e.zero, e.product(rest)), "reshape", (count, *sizes[:5]))
        sizes[k] = _rest(ctx, count, rest)
    ctx.guard(e.eq(e.product(sizes), count), "reshape", (count, *sizes[:5]))
    for size in sizes:
        ctx.guard(e.le(e.zero, size), "reshape", (count, *sizes[:5]))
    return ctx.reshape(x, sizes)


def _fits(ctx, sizes, dims):
    return ctx.e.product(sizes) is ctx.e.product(dims)


def _rest(ctx, count, others):
    """What -1 stands for."""
    e = ctx.e
    left = list(e.factors(count))
    divisor = []
    for size in others:
        for factor in e.factors(size):
            if factor in left:
                left.remove(factor)
            elif factor is not e.one:
                divisor.append(factor)
    if not divisor:
        return e.product(left)
    by = e.product(divisor)
    number = e.product(left)
    if by.is_const and number.is_const and by.attr:
        return e.index(number.attr // by.attr)
    return ctx.op("floor_div", "int64", number, by)
