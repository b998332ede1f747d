"""Convolution."""

from __future__ import annotations

from aesaralite.tensor.convolution import Convolve

from .registry import lower


@lower(Convolve)
def convolve(ctx, node, a, v):
    e = ctx.e
    dtype = node.apply.outputs[0].type.dtype
    for x in (a, v):
        ctx.guard(e.lt(e.zero, x.dims[0]), "empty_convolution", (x.dims[0],))
    zero = ctx.cast(e.const(0, "int64"), dtype)
    dims = [e.sub(e.add(a.dims[0], v.dims[0]), e.one)]

    def write(i, j):
        factors = (ctx.cast(ctx.at(x, [k]), dtype) for x, k in ((a, i), (v, j)))
        return [e.add(i, j)], ctx.op("mul", dtype, *factors)

    mode = "or" if dtype == "bool" else "add"
    base = ctx.map(dims, lambda _: zero)
    return ctx.build(dtype, dims, base, [ctx.store([a.dims[0], v.dims[0]], write, mode)])
