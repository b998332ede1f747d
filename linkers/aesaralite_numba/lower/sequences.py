"""Ops that go through an array in order, or whose results' sizes depend on what is in it."""

from __future__ import annotations

import numpy as np

from aesaralite.tensor.cumulative import CumOp
from aesaralite.tensor.extras import RavelMultiIndex, Repeat, SearchsortedOp, Unique, UnravelIndex
from aesaralite.tensor.nonzeros import Nonzero

from ..emit import sequences  # noqa: F401  (its routines join the table)
from ..emit.dtypes import is_complex, is_float
from .indexing import checked_index
from .registry import lower
from .sorting import sort_rows

#: Counts and sizes up to this can be added up and multiplied without overflow.
_LARGE = 1 << 31


def _flat(ctx, x):
    return ctx.reshape(x, [ctx.e.product(x.dims)])


def _ne(ctx, a, b):
    return ctx.op("ne", "bool", a, b)


def running(ctx, x, axis, mode):
    """Running sums or products of `x` along `axis`."""
    e = ctx.e
    outer, inner = e.product(x.dims[:axis]), e.product(x.dims[axis + 1 :])
    folded = ctx.reshape(x, [outer, x.dims[axis], inner])
    return ctx.reshape(ctx.call(f"running_{mode}", (folded,), (), x.dtype, folded.dims), x.dims)


@lower(CumOp)
def cumulate(ctx, node, x):
    axis = node.op.axis
    if axis is None:
        x, axis = _flat(ctx, x), 0
    return running(ctx, x, axis, node.op.mode)


def find_positions(ctx, mask):
    """Indices, one vector for each dimension, of the elements of a bool array that are true."""
    e = ctx.e
    everything = [True] * mask.ndim
    count = ctx.scalar(
        ctx.reduce("add", mask.dims, everything, lambda *indices: ctx.cast(ctx.at(mask, indices), "int64"), "int64")
    )
    length = e.add(count, e.one)
    flat = ctx.call("positions", (mask,), (count,), "int64", [e.mul(length, e.index(mask.ndim))])
    return tuple(
        ctx.map([count], lambda i, k=k: ctx.at(flat, [e.add(i, e.mul(length, e.index(k)))])) for k in range(mask.ndim)
    )


@lower(Nonzero)
def nonzero(ctx, node, x):
    zero = ctx.cast(ctx.e.const(0, "int64"), x.dtype)
    return find_positions(ctx, ctx.map(x.dims, lambda *indices: _ne(ctx, ctx.at(x, indices), zero)))


@lower(Repeat)
def repeat(ctx, node, x, repeats):
    e = ctx.e
    axis = node.op.axis
    if axis is None:
        x, axis = _flat(ctx, x), 0
    ctx.require_equal(repeats.dims[0], x.dims[axis], "repeat", (repeats.dims[0], x.dims[axis]))

    def count(i):
        return ctx.at(repeats, [i])

    same = count(e.axis(repeats.dims[0])[1])
    if not same.axes:
        # every element as often: an index map
        ctx.guard(e.le(e.zero, same), "repeat", (same,))
        ctx.guard(e.le(same, e.index(_LARGE)), "repeat", (same,))
        total = e.mul(x.dims[axis], same)

        def source(i):
            return ctx.op("floor_div", "int64", i, same)
    else:
        low, high = (ctx.scalar(ctx.reduce(m, repeats.dims, [True], count, "int64")) for m in ("minimum", "maximum"))
        ctx.guard(e.le(e.zero, low), "repeat", (low,))
        ctx.guard(e.le(high, e.index(_LARGE)), "repeat", (high,))
        ctx.guard(e.le(repeats.dims[0], e.index(_LARGE)), "repeat", repeats.dims)
        total = ctx.scalar(ctx.reduce("add", repeats.dims, [True], count, "int64"))
        sources = ctx.call("repetitions", (repeats,), (total,), "int64", [total])

        def source(i):
            return ctx.at(sources, [i])

    dims = [total if k == axis else n for k, n in enumerate(x.dims)]
    return ctx.map(dims, lambda *own: ctx.at(x, [source(i) if k == axis else i for k, i in enumerate(own)]))


@lower(SearchsortedOp)
def searchsorted(ctx, node, x, values, sorter=None):
    dtype = np.promote_types(x.dtype, values.dtype).name
    if sorter is None:
        table = ctx.map(x.dims, lambda i: ctx.cast(ctx.at(x, [i]), dtype))
    else:
        ctx.require_equal(sorter.dims[0], x.dims[0], "searchsorted", (sorter.dims[0], x.dims[0]))
        order = checked_index(ctx, sorter, x.dims[0], 0)
        low = ctx.scalar(ctx.reduce("minimum", sorter.dims, [True], lambda i: ctx.at(sorter, [i]), "int64"))
        ctx.guard(ctx.e.le(ctx.e.zero, low), "searchsorted", (low,))
        table = ctx.map(sorter.dims, lambda i: ctx.cast(ctx.at(x, [order(i)]), dtype))
    wanted = _flat(ctx, ctx.map(values.dims, lambda *indices: ctx.cast(ctx.at(values, indices), dtype)))
    found = ctx.call(f"search_{node.op.side}", (table, wanted), (), "int64", wanted.dims)
    return ctx.reshape(found, values.dims)


@lower(Unique)
def unique(ctx, node, x):
    op, e = node.op, ctx.e
    if is_complex(x.dtype) or (op.axis is not None and x.ndim != 1):
        return NotImplemented
    x = _flat(ctx, x)
    n = x.dims[0]
    order = sort_rows(ctx, "argsort", x, 0, "int64")

    def ranked(i):
        return ctx.at(x, [ctx.at(order, [i])])

    def is_new(i):
        first = e.eq(i, e.zero)
        value, last = ranked(i), ranked(e.select(first, e.zero, e.sub(i, e.one)))
        differs = _ne(ctx, value, last)
        if is_float(x.dtype):
            both_nan = e.all(ctx.op("isnan", "bool", value), ctx.op("isnan", "bool", last))
            differs = e.all(differs, ctx.op("invert", "bool", both_nan))
        return e.any(first, differs)

    new = ctx.map([n], is_new)
    (starts,) = find_positions(ctx, new)
    count = starts.dims[0]

    def start(i):
        return ctx.at(starts, [i])

    results = [ctx.map([count], lambda i: ranked(start(i)))]
    if op.return_index:
        results.append(ctx.map([count], lambda i: ctx.at(order, [start(i)])))
    if op.return_inverse:
        numbers = running(ctx, ctx.map([n], lambda i: ctx.cast(ctx.at(new, [i]), "int64")), 0, "add")
        write = ctx.store([n], lambda i: ([ctx.at(order, [i])], e.sub(ctx.at(numbers, [i]), e.one)))
        results.append(ctx.build("int64", [n], None, [write]))
    if op.return_counts:
        last = e.sub(count, e.one)

        def how_often(i):
            at_end = e.eq(i, last)
            following = start(e.select(at_end, e.zero, e.add(i, e.one)))
            return e.sub(e.select(at_end, n, following), start(i))

        results.append(ctx.map([count], how_often))
    return tuple(results)


def _dimension_sizes(ctx, dims, count):
    ctx.require_equal(dims.dims[0], ctx.e.index(count), "index", dims.dims)
    sizes = [
        ctx.scalar(ctx.map((), lambda k=k: ctx.cast(ctx.at(dims, [ctx.e.index(k)]), "int64"))) for k in range(count)
    ]
    for size in sizes:
        # products of more than this many numbers may overflow: NumPy finds out
        ctx.guard(ctx.e.le(ctx.e.zero, size), "index", (size,))
        ctx.guard(ctx.e.lt(size, ctx.e.index(1 << (62 // max(1, count)))), "index", (size,))
    return sizes


@lower(RavelMultiIndex)
def ravel_multi_index(ctx, node, *inputs):
    e = ctx.e
    *indices, dims = inputs
    mode = node.op.mode
    if not indices:
        return NotImplemented
    sizes = _dimension_sizes(ctx, dims, len(indices))
    joint = ctx.broadcast(*(x.dims for x in indices))
    for x, size in zip(indices, sizes, strict=True):
        if mode == "raise":
            _check_within(ctx, x, size)
        else:
            ctx.guard(e.lt(e.zero, size), "index", (size,))

    def within(index, size):
        if mode == "wrap":
            return ctx.op("mod", "int64", index, size)
        if mode == "clip":
            return e.minimum(e.maximum(index, e.zero), e.sub(size, e.one))
        return index

    order = list(range(len(sizes)))
    if node.op.order == "F":
        order.reverse()

    def element(*own):
        place = e.zero
        for k in order:
            place = e.add(e.mul(place, sizes[k]), within(ctx.stretch(indices[k], joint, own), sizes[k]))
        return place

    return ctx.map(joint, element)


def _check_within(ctx, x, size):
    e = ctx.e
    low, high = (
        ctx.scalar(ctx.reduce(m, x.dims, [True] * x.ndim, lambda *i: ctx.at(x, i), "int64"))
        for m in ("minimum", "maximum")
    )
    ctx.guard(e.le(e.zero, low), "index", (low, size))
    ctx.guard(e.lt(high, size), "index", (high, size))


@lower(UnravelIndex)
def unravel_index(ctx, node, flat, dims):
    e = ctx.e
    count = len(node.apply.outputs)
    sizes = _dimension_sizes(ctx, dims, count)
    _check_within(ctx, flat, e.product(sizes))
    results = {}
    step = e.one
    for k in reversed(range(count)) if node.op.order == "C" else range(count):

        def element(*own, size=sizes[k], step=step):
            place = ctx.op("floor_div", "int64", ctx.at(flat, own), step)
            return ctx.op("mod", "int64", place, size)

        results[k] = ctx.map(flat.dims, element)
        step = e.mul(step, sizes[k])
    return tuple(results[k] for k in range(count))
