"""Softmax and its relatives."""

from __future__ import annotations

from aesaralite.tensor.special import LogSoftmax, Softmax, SoftmaxGrad

from .registry import lower


def _along(ctx, x, axis, monoid, element, dtype):
    """`element` combined along the axis, as a function of the indices of `x`."""
    reduced = [axis is None or k == axis for k in range(x.ndim)]
    result = ctx.reduce(monoid, x.dims, reduced, element, dtype)
    return lambda *indices: ctx.at(result, [i for i, gone in zip(indices, reduced, strict=True) if not gone])


def _work_dtype(x):
    return "float32" if x.dtype == "float16" else x.dtype


@lower(Softmax, LogSoftmax)
def softmax(ctx, node, x):
    axis, work = node.op.axis, _work_dtype(x)
    if x.ndim == 0:
        return NotImplemented
    largest = _along(ctx, x, axis, "maximum", lambda *i: ctx.cast(ctx.at(x, i), work), work)

    def shifted(*indices):
        return ctx.op("sub", work, ctx.cast(ctx.at(x, indices), work), largest(*indices))

    exponentials = ctx.map(x.dims, lambda *i: ctx.op("exp", work, shifted(*i)))
    total = _along(ctx, x, axis, "add", lambda *i: ctx.at(exponentials, i), work)
    if isinstance(node.op, Softmax):
        return ctx.map(
            x.dims, lambda *i: ctx.cast(ctx.op("true_div", work, ctx.at(exponentials, i), total(*i)), x.dtype)
        )
    logarithm = ctx.map(
        [n for n, gone in zip(x.dims, [axis is None or k == axis for k in range(x.ndim)], strict=True) if not gone],
        lambda *kept: ctx.op("log", work, _at_kept(ctx, total, kept, x.ndim, axis)),
    )

    def element(*indices):
        kept = [i for k, i in enumerate(indices) if axis is not None and k != axis]
        return ctx.cast(ctx.op("sub", work, shifted(*indices), ctx.at(logarithm, kept)), x.dtype)

    return ctx.map(x.dims, element)


def _at_kept(ctx, total, kept, ndim, axis):
    """`total` at the indices that the reduction left."""
    indices = list(kept)
    if axis is None:
        indices = [ctx.e.zero] * ndim
    else:
        indices.insert(axis, ctx.e.zero)
    return total(*indices)


@lower(SoftmaxGrad)
def softmax_grad(ctx, node, dy, sm):
    dims = ctx.broadcast(dy.dims, sm.dims)
    work = _work_dtype(sm)

    def product(*indices):
        a = ctx.cast(ctx.stretch(dy, dims, indices), work)
        return ctx.op("mul", work, a, ctx.cast(ctx.stretch(sm, dims, indices), work))

    reduced = [node.op.axis is None or k == node.op.axis for k in range(sm.ndim)]
    total = ctx.reduce("add", dims, reduced, product, work)

    def element(*indices):
        kept = [i for i, gone in zip(indices, reduced, strict=True) if not gone]
        scaled = ctx.op("mul", work, ctx.cast(ctx.stretch(sm, dims, indices), work), ctx.at(total, kept))
        return ctx.cast(ctx.op("sub", work, product(*indices), scaled), sm.dtype)

    return ctx.map(dims, element)
