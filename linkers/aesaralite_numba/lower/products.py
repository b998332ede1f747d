"""Products of vectors and matrices: BLAS where it has the dtype, else loops."""

from __future__ import annotations

from aesaralite.tensor.products import BatchedDot, Dot

from ..emit.blas import MOST, has_blas
from .registry import lower


def _cast(ctx, x, dtype):
    if x.dtype == dtype:
        return x
    return ctx.map(x.dims, lambda *indices: ctx.cast(ctx.at(x, indices), dtype))


def _require_short(ctx, dims):
    """BLAS counts in 32 bits."""
    ctx.guard(ctx.e.all(*(ctx.e.le(n, ctx.e.index(MOST)) for n in dims)), "blas_size", dims[:5])


def _multiply(ctx, a, b):
    dtype = a.dtype
    return ctx.op("and" if dtype == "bool" else "mul", dtype, a, b)


@lower(Dot)
def dot(ctx, node, x, y):
    dtype = node.apply.outputs[0].type.dtype
    x, y = _cast(ctx, x, dtype), _cast(ctx, y, dtype)
    inner = x.dims[-1]
    ctx.require_equal(inner, y.dims[0], "dot", (*x.dims, *y.dims))
    total = "or" if dtype == "bool" else "add"
    if x.ndim == 1 and y.ndim == 1:
        return ctx.reduce(total, [inner], [True], lambda k: _multiply(ctx, ctx.at(x, [k]), ctx.at(y, [k])), dtype)
    if x.ndim == 1:
        return _matrix_vector(ctx, _transposed(ctx, y), x, dtype, total)
    if y.ndim == 1:
        return _matrix_vector(ctx, x, y, dtype, total)
    if x.ndim != 2 or y.ndim != 2:
        return NotImplemented
    dims = [x.dims[0], y.dims[1]]
    if has_blas(dtype):
        _require_short(ctx, (*dims, inner))
        return ctx.call("gemm", (x, y), (), dtype, dims)
    return ctx.reduce(
        total,
        [x.dims[0], inner, y.dims[1]],
        [False, True, False],
        lambda i, k, j: _multiply(ctx, ctx.at(x, [i, k]), ctx.at(y, [k, j])),
        dtype,
    )


def _transposed(ctx, x):
    return ctx.map([x.dims[1], x.dims[0]], lambda i, j: ctx.at(x, [j, i]))


def _matrix_vector(ctx, a, x, dtype, total):
    if has_blas(dtype):
        _require_short(ctx, a.dims)
        return ctx.call("gemv", (a, x), (), dtype, [a.dims[0]])
    return ctx.reduce(
        total, a.dims, [False, True], lambda i, k: _multiply(ctx, ctx.at(a, [i, k]), ctx.at(x, [k])), dtype
    )


@lower(BatchedDot)
def batched_dot(ctx, node, x, y):
    dtype = node.apply.outputs[0].type.dtype
    x, y = _cast(ctx, x, dtype), _cast(ctx, y, dtype)
    ctx.require_equal(x.dims[0], y.dims[0], "batch", (x.dims[0], y.dims[0]))
    ctx.require_equal(x.dims[-1], y.dims[1], "dot", (*x.dims, *y.dims))
    if x.ndim == 3 and y.ndim == 3 and has_blas(dtype):
        _require_short(ctx, (*x.dims[1:], *y.dims[1:]))
        return ctx.call("batched_gemm", (x, y), (), dtype, [x.dims[0], x.dims[1], y.dims[2]])
    rows = [x.dims[1]] if x.ndim == 3 else []
    columns = [y.dims[2]] if y.ndim == 3 else []
    reduced = [False] * (1 + len(rows)) + [True] + [False] * len(columns)

    def element(batch, *indices):
        k = indices[len(rows)]
        left = ctx.at(x, [batch, *indices[: len(rows)], k])
        return _multiply(ctx, left, ctx.at(y, [batch, k, *indices[len(rows) + 1 :]]))

    total = "or" if dtype == "bool" else "add"
    return ctx.reduce(total, [x.dims[0], *rows, x.dims[-1], *columns], reduced, element, dtype)
