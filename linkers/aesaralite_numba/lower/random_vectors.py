"""Distributions of vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aesaralite.tensor.random.multivariate import DirichletRV, MultinomialRV, MultivariateHypergeometricRV, MvNormalRV

from ..emit import random_arrays, ufunc_loops  # noqa: F401  (their routines join the table)
from ..expr import Expr
from ..values import Value
from . import random_constraints as demand
from .context import Lowering
from .random_constraints import everywhere
from .random_draws import Drawn, batch_sizes, can_draw, in_memory, recipe, taken_as

#: How far a sum of probabilities may be off for each of them, because they are added up in another order than NumPy's.
_ROUNDING = 2 * float(np.finfo("float64").eps)


def rows_of(ctx: Lowering, x: Value, batch: Sequence[Expr], core: int) -> Value:
    """The last `core` dimensions of `x` for each of a batch, C-contiguous, with all of the batch in one dimension, of
    size 1 where `x` has no batch of its own.
    """
    e = ctx.e
    own, rest = x.dims[: x.ndim - core], x.dims[x.ndim - core :]
    if all(n.is_one for n in own):
        return in_memory(ctx, ctx.reshape(x, [e.one, *rest]))
    dims = [*batch, *rest]
    return ctx.reshape(in_memory(ctx, ctx.map(dims, lambda *i: ctx.stretch(x, dims, i))), [e.product(batch), *rest])


def _float(ctx: Lowering, name: str, *args: Expr) -> Expr:
    return ctx.op(name, "float64", *args)


def _batch(ctx: Lowering, node: Any, size: Value, *params_and_cores: Any) -> list[Expr]:
    params, cores = params_and_cores[::2], params_and_cores[1::2]
    batches = [x.dims[: x.ndim - core] for x, core in zip(params, cores, strict=True)]
    return batch_sizes(ctx, node, size, batches)


def sum_is_at_most(ctx: Lowering, p: Value, limit: float) -> Expr:
    """Whether all but the last probabilities of each row add up to no more than `limit`, whatever the order in which
    they are added.
    """
    e = ctx.e
    size = p.dims[-1]
    spare = _float(ctx, "mul", ctx.cast(size, "float64"), e.const(_ROUNDING, "float64"))
    largest = _float(ctx, "sub", e.const(limit, "float64"), spare)
    dims = [*p.dims[:-1], e.maximum(e.sub(size, e.one), e.zero)]
    reduced = [False] * (p.ndim - 1) + [True]
    sums = ctx.reduce("add", dims, reduced, lambda *i: ctx.at(p, i), "float64")
    return everywhere(ctx, sums, lambda x: e.le(x, largest))


@recipe(MultinomialRV.rng_fn)
def multinomial(ctx: Lowering, node: Any, rng: Value, size: Value, n: Value, p: Value) -> Drawn:
    trials, chances = taken_as(ctx, n, "int64"), taken_as(ctx, p, "float64")
    if trials is None or chances is None or not can_draw(node, "int64", "multinomial"):
        return NotImplemented
    e = ctx.e
    length = chances.dims[-1]
    ctx.guard(e.lt(e.zero, length), "parameter", (length,))
    ctx.guard(demand.non_negative(ctx, trials), "parameter")
    ctx.guard(demand.probability(ctx, chances), "parameter")
    ctx.guard(sum_is_at_most(ctx, chances, 1.0 + 1e-12), "parameter")
    batch = _batch(ctx, node, size, trials, 0, chances, 1)
    operands = rows_of(ctx, trials, batch, 0), rows_of(ctx, chances, batch, 1)
    state, counts = ctx.draw_call("multinomial", rng, operands, (), "int64", [e.product(batch), length])
    return state, ctx.reshape(counts, [*batch, length])


@recipe(DirichletRV.rng_fn)
def dirichlet(ctx: Lowering, node: Any, rng: Value, size: Value, alphas: Value) -> Drawn:
    taken = taken_as(ctx, alphas, "float64")
    if taken is None or not can_draw(node, "float64", "beta", "standard_gamma"):
        return NotImplemented
    e = ctx.e
    length, zero = taken.dims[-1], e.const(0.0, "float64")
    ctx.guard(everywhere(ctx, taken, lambda x: ctx.op("invert", "bool", e.lt(x, zero))), "parameter")
    batch = _batch(ctx, node, size, taken, 1)
    operands = (rows_of(ctx, taken, batch, 1),)
    state, rows = ctx.draw_call("dirichlet", rng, operands, (), "float64", [e.product(batch), length])
    return state, ctx.reshape(rows, [*batch, length])


@recipe(MultivariateHypergeometricRV.rng_fn)
def multivariate_hypergeometric(
    ctx: Lowering, node: Any, rng: Value, size: Value, colors: Value, drawn: Value
) -> Drawn:
    counting = node.op.method == "count"
    name = f"multivariate_hypergeometric_{node.op.method}"
    balls, samples = taken_as(ctx, colors, "int64"), taken_as(ctx, drawn, "int64")
    if balls is None or samples is None or "bool" in (colors.dtype, drawn.dtype) or not can_draw(node, "int64", name):
        return NotImplemented
    e = ctx.e
    length = balls.dims[-1]
    ctx.guard(demand.urn(ctx, balls), "parameter")
    ctx.guard(demand.non_negative(ctx, samples), "parameter")
    reduced = [False] * (balls.ndim - 1) + [True]
    totals = ctx.reduce("add", balls.dims, reduced, lambda *i: ctx.at(balls, i), "int64")
    ctx.guard(demand.urn(ctx, totals), "parameter")
    ctx.guard(demand.everywhere_together(ctx, (samples, totals), e.le), "parameter")
    batch = _batch(ctx, node, size, balls, 1, samples, 0)
    together = balls.ndim == 1 and samples.ndim == 0
    operands = rows_of(ctx, balls, batch, 1), rows_of(ctx, samples, batch, 0)
    rows = e.product(batch)
    count = e.mul(rows, length)
    scalars = rows, e.index(together), e.index(counting)
    routine = "multivariate_hypergeometric"
    state, counts = ctx.draw_call(routine, rng, operands, scalars, "int64", [e.add(count, e.one)])
    if counting:
        ctx.guard(e.eq(ctx.at(counts, [count]), e.zero), "memory")
    return state, ctx.reshape(ctx.map([count], lambda i: ctx.at(counts, [i])), [*batch, length])


# --------------------------------------------------------------------- normals
#: How far NumPy lets a covariance be from what its singular vectors say.
_TOLERANCE = 1e-8


@recipe(MvNormalRV.rng_fn)
def multivariate_normal(ctx: Lowering, node: Any, rng: Value, size: Value, mean: Value, covariance: Value) -> Drawn:
    center, spread = taken_as(ctx, mean, "float64"), taken_as(ctx, covariance, "float64")
    if center is None or spread is None or not can_draw(node, "float64", "standard_normal"):
        return NotImplemented
    e = ctx.e
    length = center.dims[-1]
    ctx.guard(e.lt(e.zero, length), "parameter", (length,))
    for own in spread.dims[-2:]:
        ctx.require_equal(own, length, "parameter", (*spread.dims[-2:], length))
    batch = _batch(ctx, node, size, center, 1, spread, 2)
    state, normals = ctx.draw("standard_normal", rng, (), [*batch, length])
    factors = _FACTORS[node.op.method](ctx, rows_of(ctx, spread, batch, 2))
    # one product for all where NumPy makes one: its numbers aren't quite those of a product for each
    count = e.product(batch)
    together = center.ndim == 1 and spread.ndim == 2
    rows = in_memory(ctx, ctx.reshape(normals, [e.one, count, length] if together else [count, e.one, length]))
    product = ctx.reshape(_product(ctx, rows, factors, False, True), [*batch, length])
    dims = [*batch, length]

    def element(*indices: Expr) -> Expr:
        return _float(ctx, "add", ctx.stretch(center, dims, indices), ctx.at(product, indices))

    return state, ctx.map(dims, element)


def _product(ctx: Lowering, x: Value, y: Value, x_transposed: bool, y_transposed: bool) -> Value:
    dims = [x.dims[0], x.dims[2 if x_transposed else 1], y.dims[1 if y_transposed else 2]]
    flags = ctx.e.index(x_transposed), ctx.e.index(y_transposed)
    return ctx.call("numpy_matmul", (x, y), flags, "float64", dims)


class _Decomposition:
    """What a routine of :mod:`..emit.ufunc_loops` makes of matrices: results of one or two dimensions for each."""

    def __init__(self, ctx: Lowering, name: str, matrices: Value, shapes: Sequence[int]) -> None:
        e = ctx.e
        count, n, _ = matrices.dims
        starts, length = [], e.zero
        for ndim in shapes:
            starts.append(length)
            length = e.add(length, e.product([count, *(n,) * ndim]))
        filled = ctx.call(f"numpy_{name}", (matrices,), (), "float64", [length])

        def part(start: Expr, ndim: int) -> Value:
            def element(*indices: Expr) -> Expr:
                place = e.zero
                for index in indices:
                    place = e.add(e.mul(place, n), index)
                return ctx.at(filled, [e.add(start, place)])

            return ctx.map([count, *(n,) * ndim], element)

        self.parts = [part(start, ndim) for start, ndim in zip(starts, shapes, strict=True)]


def _scaled_columns(ctx: Lowering, vectors: Value, scale: Callable[[Expr, Expr], Expr]) -> Value:
    return ctx.map(vectors.dims, lambda k, i, j: _float(ctx, "mul", ctx.at(vectors, [k, i, j]), scale(k, j)))


def _by_svd(ctx: Lowering, covariances: Value) -> Value:
    """The product of singular vectors and roots of values; NumPy warns where the decomposition isn't symmetric."""
    e = ctx.e
    left, values, right = _Decomposition(ctx, "svd", covariances, (2, 1, 2)).parts
    scaled = ctx.map(right.dims, lambda k, i, j: _float(ctx, "mul", ctx.at(right, [k, i, j]), ctx.at(values, [k, i])))
    restored = _product(ctx, scaled, in_memory(ctx, right), True, False)
    tolerance = e.const(_TOLERANCE, "float64")

    def is_close(x: Expr, y: Expr) -> Expr:
        # false where LAPACK failed, too
        error = _float(ctx, "abs", _float(ctx, "sub", x, y))
        return e.le(error, _float(ctx, "add", tolerance, _float(ctx, "mul", tolerance, _float(ctx, "abs", y))))

    ctx.guard(demand.everywhere_together(ctx, (restored, covariances), is_close), "covariance")
    return _scaled_columns(ctx, left, lambda k, j: _float(ctx, "sqrt", ctx.at(values, [k, j])))


def _by_eigh(ctx: Lowering, covariances: Value) -> Value:
    """The product of eigenvectors and roots of values; NumPy warns where values are negative."""
    e = ctx.e
    vectors, values = _Decomposition(ctx, "eigh", covariances, (2, 1)).parts
    least = e.const(-_TOLERANCE, "float64")
    ctx.guard(everywhere(ctx, values, lambda x: e.le(least, x)), "covariance")

    def scale(k: Expr, j: Expr) -> Expr:
        return _float(ctx, "sqrt", _float(ctx, "abs", ctx.at(values, [k, j])))

    return _scaled_columns(ctx, vectors, scale)


def _by_cholesky(ctx: Lowering, covariances: Value) -> Value:
    (factors,) = _Decomposition(ctx, "cholesky", covariances, (2,)).parts
    number = everywhere(ctx, factors, lambda x: ctx.op("invert", "bool", ctx.op("isnan", "bool", x)))
    ctx.guard(number, "covariance")
    return in_memory(ctx, factors)


_FACTORS = {"svd": _by_svd, "eigh": _by_eigh, "cholesky": _by_cholesky}
