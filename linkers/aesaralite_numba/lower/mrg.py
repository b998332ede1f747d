"""MRG streams: uniform numbers, and what is made of them."""

from __future__ import annotations

import numpy as np

from aesaralite.tensor.random.mrg.from_uniform import (
    BernoulliFromUniform,
    ChoiceFromUniform,
    MultinomialFromUniform,
    tolerance,
)
from aesaralite.tensor.random.mrg.recurrence import M1
from aesaralite.tensor.random.mrg.uniform import MRGUniform

from ..emit import mrg, mrg_choice  # noqa: F401  (their routines join the table)
from ..values import NextState, Param, storage_of
from .random_constraints import everywhere
from .registry import lower
from .sequences import running

#: Products of two numbers up to this don't overflow.
_LARGE = 1 << 31


@lower(MRGUniform)
def mrg_uniform(ctx, node, rstate, size):
    e = ctx.e
    dtype, ndim = node.op.output_type.dtype, node.op.output_type.ndim
    ctx.require_equal(size.dims[0], e.index(ndim), "size", size.dims)
    dims = [ctx.scalar(ctx.map((), lambda k=k: ctx.at(size, [e.index(k)])), "int64") for k in range(ndim)]
    count = e.one
    for n in dims:
        ctx.guard(e.le(e.zero, n), "negative_size", (n,))
        ctx.guard(e.le(n, e.index(M1)), "size", (n,))
        count = e.mul(count, n)
        ctx.guard(e.le(count, e.index(M1)), "size", dims[:6])
    ctx.require_equal(rstate.dims[1], e.index(6), "states", rstate.dims)
    ctx.guard(e.lt(e.zero, rstate.dims[0]), "states", rstate.dims)
    storage = storage_of(rstate)
    if not isinstance(storage, NextState) and not (isinstance(storage, Param) and storage.layout == "C"):
        write = ctx.store(rstate.dims, lambda *indices: (indices, ctx.at(rstate, indices)))
        rstate = ctx.build(rstate.dtype, rstate.dims, None, [write])
    state, samples = ctx.draw_call("mrg_uniform", rstate, (), (count,), dtype, [count])
    return state, ctx.reshape(samples, dims)


@lower(BernoulliFromUniform)
def bernoulli_from_uniform(ctx, node, p, unis):
    e = ctx.e
    zero, one = e.const(0.0, "float64"), e.const(1.0, "float64")

    def is_probability(x):
        x = ctx.cast(x, "float64")
        return e.all(e.le(zero, x), e.le(x, one))

    ctx.guard(everywhere(ctx, p, is_probability), "parameter")
    joint = np.promote_types(p.dtype, unis.dtype).name
    dtype = node.apply.outputs[0].type.dtype
    dims = ctx.broadcast(p.dims, unis.dims)

    def happens(*indices):
        limit, number = (ctx.cast(ctx.stretch(x, dims, indices), joint) for x in (p, unis))
        return ctx.cast(ctx.op("lt", "bool", number, limit), dtype)

    return ctx.map(dims, happens)


def _rows(ctx, pvals, unis, n):
    """Checked probabilities in float64, the sums of each row up to each column, and the number of samples."""
    e = ctx.e
    count = ctx.scalar(n, "int64")
    rows, columns = pvals.dims
    for size in (count, rows):
        ctx.guard(e.le(e.zero, size), "parameter", (size,))
        ctx.guard(e.le(size, e.index(_LARGE)), "parameter", (size,))
    ctx.require_equal(unis.dims[0], e.mul(rows, count), "parameter", (unis.dims[0], rows, count))
    ctx.guard(e.lt(e.zero, columns), "parameter", pvals.dims)
    zero, one = e.const(0.0, "float64"), e.const(1.0, "float64")
    wide = ctx.map(pvals.dims, lambda i, j: ctx.cast(ctx.at(pvals, [i, j]), "float64"))
    ctx.guard(everywhere(ctx, wide, lambda x: e.le(zero, x)), "parameter")
    sums = running(ctx, wide, 1, "add")
    totals = ctx.map([rows], lambda i: ctx.at(sums, [i, e.sub(columns, e.one)]))

    def is_one(total):
        error = ctx.op("abs", "float64", ctx.op("sub", "float64", total, one))
        return e.le(error, e.const(tolerance(pvals.dtype), "float64"))

    ctx.guard(everywhere(ctx, totals, is_one), "parameter")
    return wide, sums, totals, count


@lower(MultinomialFromUniform)
def multinomial_from_uniform(ctx, node, pvals, unis, n):
    e = ctx.e
    dtype = node.apply.outputs[0].type.dtype
    wide, sums, totals, count = _rows(ctx, pvals, unis, n)
    rows, columns = pvals.dims

    def is_before(c, i, j):
        reached = ctx.at(sums, [i, j])
        number = ctx.cast(ctx.at(unis, [e.add(e.mul(c, rows), i)]), "float64")
        return ctx.cast(e.all(e.le(reached, number), e.lt(reached, ctx.at(totals, [i]))), "int64")

    outcomes = ctx.reduce("add", [count, rows, columns], [False, False, True], is_before, "int64")
    base = ctx.map(wide.dims, lambda *_: e.zero)
    write = ctx.store([count, rows], lambda c, i: ([i, ctx.at(outcomes, [c, i])], e.one), "add")
    counts = ctx.build("int64", wide.dims, base, [write])
    return ctx.map(wide.dims, lambda i, j: ctx.cast(ctx.at(counts, [i, j]), dtype)) if dtype != "int64" else counts


@lower(ChoiceFromUniform)
def choice_from_uniform(ctx, node, pvals, unis, n):
    e = ctx.e
    dtype = node.apply.outputs[0].type.dtype
    wide, _, _, count = _rows(ctx, pvals, unis, n)
    rows, columns = pvals.dims
    numbers = ctx.map(unis.dims, lambda i: ctx.cast(ctx.at(unis, [i]), "float64"))
    routine = "choose_again" if node.op.replace else "choose"
    flat = ctx.call(routine, (wide, numbers), (count,), "int64", [e.add(e.mul(rows, count), columns)])
    chosen = ctx.map([rows, count], lambda i, c: ctx.at(flat, [e.add(e.mul(i, count), c)]))
    ctx.guard(everywhere(ctx, chosen, lambda x: e.le(e.zero, x)), "parameter")
    return ctx.map([rows, count], lambda i, c: ctx.cast(ctx.at(chosen, [i, c]), dtype))
