"""Diagonals of matrices, and matrices with a given diagonal."""

from __future__ import annotations

from aesaralite.tensor.diagonals import AllocDiag, ExtractDiag

from .registry import lower


@lower(ExtractDiag)
def extract_diag(ctx, node, x):
    e = ctx.e
    op = node.op
    down, right = max(-op.offset, 0), max(op.offset, 0)
    rows, columns = x.dims[op.axis1], x.dims[op.axis2]
    length = e.minimum(e.sub(rows, e.index(down)), e.sub(columns, e.index(right)))
    if rows is columns:
        length = e.sub(rows, e.index(abs(op.offset)))
    if down or right:
        length = e.maximum(length, e.zero)
    rest = [k for k in range(x.ndim) if k not in (op.axis1, op.axis2)]

    def element(*indices):
        own = dict(zip(rest, indices[:-1], strict=True))
        own[op.axis1] = e.add(indices[-1], e.index(down))
        own[op.axis2] = e.add(indices[-1], e.index(right))
        return ctx.at(x, [own[k] for k in range(x.ndim)])

    return ctx.map([*(x.dims[k] for k in rest), length], element)


@lower(AllocDiag)
def alloc_diag(ctx, node, x):
    e = ctx.e
    op = node.op
    down, right = max(-op.offset, 0), max(op.offset, 0)
    size = e.add(x.dims[-1], e.index(abs(op.offset)))
    rest = [k for k in range(x.ndim + 1) if k not in (op.axis1, op.axis2)]
    place = dict(zip(rest, range(x.ndim - 1), strict=True))
    dims = [x.dims[place[k]] if k in place else size for k in range(x.ndim + 1)]
    zero = ctx.cast(e.const(0, "int64"), x.dtype)

    def write(*indices):
        where = []
        for k in range(x.ndim + 1):
            if k in place:
                where.append(indices[place[k]])
            else:
                where.append(e.add(indices[-1], e.index(down if k == op.axis1 else right)))
        return where, ctx.at(x, indices)

    return ctx.build(x.dtype, dims, ctx.map(dims, lambda *_: zero), [ctx.store(x.dims, write)])
