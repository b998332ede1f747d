"""What is drawn from given things: categories, choices, permutations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.graph.basic import Constant
from aesaralite.tensor.random.discrete import CategoricalRV
from aesaralite.tensor.random.permutations import ChoiceRV, PermutationRV, PermutedRV

from ..emit import random_arrays
from ..emit.dtypes import is_float
from ..expr import Expr
from ..values import Value
from . import random_constraints as demand
from .context import Lowering
from .random_constraints import everywhere
from .random_draws import Drawn, batch_sizes, can_draw, given_sizes, in_memory, recipe, taken_as
from .sequences import running


def _tolerance(dtype: str) -> float:
    """How far NumPy lets the sum of probabilities of that dtype be from 1."""
    return max(float(np.sqrt(np.finfo(kind).eps)) for kind in ("float64", dtype if is_float(dtype) else "float64"))


def _upper_ends(ctx: Lowering, p: Value, dtype: str) -> Value:
    """Running sums of rows of probabilities (float64, once of `dtype`), divided by the last, which must be about 1."""
    e = ctx.e
    length = p.dims[-1]
    one, tolerance = e.const(1.0, "float64"), e.const(_tolerance(dtype), "float64")
    ctx.guard(e.lt(e.zero, length), "parameter", (length,))
    ctx.guard(demand.at_least_zero(ctx, p), "parameter")
    sums = running(ctx, p, p.ndim - 1, "add")

    def last(*indices: Expr) -> Expr:
        return ctx.at(sums, [*indices, e.sub(length, e.one)])

    def is_about_one(total: Expr) -> Expr:
        return e.le(ctx.op("abs", "float64", ctx.op("sub", "float64", total, one)), tolerance)

    ctx.guard(everywhere(ctx, ctx.map(p.dims[:-1], last), is_about_one), "parameter")
    return ctx.map(p.dims, lambda *i: ctx.op("true_div", "float64", ctx.at(sums, i), last(*i[:-1])))


def _by_probabilities(ctx: Lowering, rng: Value, ends: Value, dims: Sequence[Expr]) -> tuple[Value, Value]:
    """Numbers of rows of `ends`, which are broadcast to `dims`."""
    e = ctx.e
    state, u = ctx.draw("standard_uniform", rng, (), dims)
    count = e.product(dims)
    values = in_memory(ctx, ctx.reshape(u, [count]))
    own = ends.dims[:-1]
    if all(n.is_one for n in own):
        (table,) = (ctx.reshape(ends, ends.dims[-1:]),)
        found = ctx.call("search_right", (in_memory(ctx, table), values), (), "int64", [count])
        return state, ctx.reshape(found, dims)
    surplus = len(dims) - len(own)

    def row(*indices: Expr) -> Expr:
        place = e.zero
        for size, joint, index in zip(own, dims[surplus:], indices[surplus:], strict=True):
            place = e.add(e.mul(place, size), e.mul(e.mask(size, joint), index))
        return place

    rows = ctx.reshape(in_memory(ctx, ctx.map(dims, row)), [count])
    table = ctx.reshape(in_memory(ctx, ends), [e.product(own), ends.dims[-1]])
    found = ctx.call("search_rows", (table, rows, values), (), "int64", [count])
    return state, ctx.reshape(found, dims)


@recipe(CategoricalRV.rng_fn)
def categorical(ctx: Lowering, node: Any, rng: Value, size: Value, p: Value) -> Drawn:
    chances = taken_as(ctx, p, "float64")
    if chances is None or not can_draw(node, "int64", "standard_uniform"):
        return NotImplemented
    ends = _upper_ends(ctx, chances, p.dtype)
    return _by_probabilities(ctx, rng, ends, batch_sizes(ctx, node, size, [p.dims[:-1]]))


# --------------------------------------------------------------------- choices
@recipe(ChoiceRV.rng_fn)
def choice(ctx: Lowering, node: Any, rng: Value, size: Value, a: Value, *rest: Value) -> Drawn:
    *weights, _ = rest
    replace = node.apply.inputs[-1]
    taken = [taken_as(ctx, p, "float64") for p in weights]
    chances = [p for p in taken if p is not None]
    drawn = a.dtype if a.ndim else "int64"
    if not isinstance(replace, Constant) or len(chances) < len(taken):
        return NotImplemented
    if not can_draw(node, drawn, "bounded_uint64", "standard_uniform"):
        return NotImplemented
    e = ctx.e
    axis = node.op.axis or 0
    population = a.dims[axis] if a.ndim else _count(ctx, a)
    ctx.guard(e.lt(e.zero, population), "parameter", (population,))
    dims = given_sizes(ctx, node, size)
    if chances:
        ctx.require_equal(chances[0].dims[0], population, "parameter", (chances[0].dims[0], population))
        ends = _upper_ends(ctx, chances[0], weights[0].dtype)
        if replace.data:
            state, chosen = _by_probabilities(ctx, rng, ends, dims)
        else:
            state, chosen = _weighted_sample(ctx, rng, chances[0], dims)
    elif replace.data:
        width = ctx.from_scalar(ctx.cast(e.sub(population, e.one), "uint64"))
        state, chosen = ctx.draw("integers", rng, (ctx.from_scalar(e.zero), width), dims, "int64")
    else:
        state, chosen = _sample(ctx, rng, population, dims, node.op.shuffle)
    return state, _taken(ctx, a, axis, chosen) if a.ndim else chosen


def _count(ctx: Lowering, x: Value) -> Expr:
    """A number of things."""
    count = ctx.scalar(x, "int64")
    if x.dtype == "uint64":
        ctx.guard(ctx.e.le(ctx.e.zero, count), "parameter", (count,))
    return count


def _taken(ctx: Lowering, x: Value, axis: int, chosen: Value) -> Value:
    """`x` with those of its slices along `axis`."""
    stop = axis + chosen.ndim

    def element(*indices: Expr) -> Expr:
        place = ctx.at(chosen, indices[axis:stop])
        return ctx.at(x, [*indices[:axis], place, *indices[stop:]])

    return ctx.map([*x.dims[:axis], *chosen.dims, *x.dims[axis + 1 :]], element)


def _sample(ctx: Lowering, rng: Value, population: Expr, dims: Sequence[Expr], shuffled: bool) -> tuple[Value, Value]:
    """Different numbers below `population`."""
    e = ctx.e
    size = e.product(dims)
    ctx.guard(e.le(size, population), "sample", (size, population))
    share = ctx.op("floor_div", "int64", population, e.index(random_arrays.large_share(shuffled)))
    whole = e.all(e.lt(e.index(random_arrays.LARGE_POPULATION), population), e.lt(share, size))
    # a table is at most 2.4 times as large as the sample
    room = e.select(whole, population, e.add(e.mul(e.index(3), size), e.one))
    scalars = population, size, e.index(shuffled)
    state, numbers = ctx.draw_call("sample", rng, (), scalars, "int64", [e.add(size, room)])
    return state, _first(ctx, numbers, size, dims)


def _first(ctx: Lowering, numbers: Value, size: Expr, dims: Sequence[Expr]) -> Value:
    return ctx.reshape(ctx.map([size], lambda i: ctx.at(numbers, [i])), dims)


def _weighted_sample(ctx: Lowering, rng: Value, p: Value, dims: Sequence[Expr]) -> tuple[Value, Value]:
    """Different numbers, with probabilities `p`."""
    e = ctx.e
    size, population, zero = e.product(dims), p.dims[0], e.const(0.0, "float64")
    possible = ctx.reduce("add", p.dims, [True], lambda i: ctx.cast(e.lt(zero, ctx.at(p, [i])), "int64"), "int64")
    ctx.guard(e.le(size, ctx.scalar(possible)), "sample", (size, population))
    length = e.add(e.mul(e.index(2), size), e.mul(e.index(3), population))
    state, numbers = ctx.draw_call("weighted_sample", rng, (in_memory(ctx, p),), (size,), "int64", [length])
    return state, _first(ctx, numbers, size, dims)


# ---------------------------------------------------------------- permutations
def _permutations(ctx: Lowering, rng: Value, rows: Sequence[Expr], size: Expr) -> tuple[Value, Value]:
    """Permutations of the numbers below `size`."""
    state, drawn = ctx.draw_call("permutations", rng, (), (), "int64", [ctx.e.product(rows), size])
    return state, ctx.reshape(drawn, [*rows, size])


@recipe(PermutationRV.rng_fn)
def permutation(ctx: Lowering, node: Any, rng: Value, size: Value, x: Value) -> Drawn:
    if not can_draw(node, x.dtype if x.ndim else "int64", "interval"):
        return NotImplemented
    e = ctx.e
    batch = given_sizes(ctx, node, size)
    axis = node.op.axis or 0
    if not x.ndim:
        return _permutations(ctx, rng, batch, e.maximum(_count(ctx, x), e.zero))
    state, order = _permutations(ctx, rng, batch, x.dims[axis])
    first = len(batch)

    def element(*indices: Expr) -> Expr:
        own = list(indices[first:])
        own[axis] = ctx.at(order, [*indices[:first], own[axis]])
        return ctx.at(x, own)

    return state, ctx.map([*batch, *x.dims], element)


@recipe(PermutedRV.rng_fn)
def permuted(ctx: Lowering, node: Any, rng: Value, size: Value, x: Value) -> Drawn:
    if not can_draw(node, x.dtype, "interval"):
        return NotImplemented
    batch = given_sizes(ctx, node, size)
    first = len(batch)
    axis = node.op.axis
    flat = ctx.reshape(x, [ctx.e.product(x.dims)]) if axis is None else x
    axis = 0 if axis is None else axis
    others = [n for k, n in enumerate(flat.dims) if k != axis]
    state, order = _permutations(ctx, rng, [*batch, *others], flat.dims[axis])

    def element(*indices: Expr) -> Expr:
        own = list(indices[first:])
        place = own.pop(axis)
        own.insert(axis, ctx.at(order, [*indices[:first], *own, place]))
        return ctx.at(flat, own)

    return state, ctx.reshape(ctx.map([*batch, *flat.dims], element), [*batch, *x.dims])
