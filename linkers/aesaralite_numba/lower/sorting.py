"""Sorting, and what follows from it."""

from __future__ import annotations

from aesaralite.tensor.sorting import ArgSortOp, SortOp

from ..emit import sorting  # noqa: F401  (its routines join the table)
from .joining import _known_axis
from .registry import lower


def sort_rows(ctx, routine, x, axis, dtype):
    """`x` sorted along `axis`, or the order that sorts it."""
    e = ctx.e
    order = [k for k in range(x.ndim) if k != axis] + [axis]
    moved = x
    if order != list(range(x.ndim)):
        moved = ctx.map(
            [x.dims[k] for k in order], lambda *indices: ctx.at(x, [indices[order.index(k)] for k in range(x.ndim)])
        )
    n = x.dims[axis]
    rows = e.product(moved.dims[:-1])
    matrix = ctx.reshape(moved, [rows, n])
    flat = ctx.call(routine, (matrix,), (), dtype, [e.add(e.mul(rows, n), n)])

    def element(*indices):
        place = e.zero
        for k in order:
            place = e.add(e.mul(place, x.dims[k]), indices[k])
        return ctx.at(flat, [place])

    return ctx.map(x.dims, element)


@lower(SortOp)
def sort(ctx, node, x, axis):
    axis = _known_axis(node.apply.inputs[1], x.ndim)
    return NotImplemented if axis is None else sort_rows(ctx, "sort", x, axis, x.dtype)


@lower(ArgSortOp)
def argsort(ctx, node, x, axis):
    axis = _known_axis(node.apply.inputs[1], x.ndim)
    return NotImplemented if axis is None else sort_rows(ctx, "argsort", x, axis, "int64")
