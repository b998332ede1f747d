"""Linear algebra through LAPACK.

Each routine fills one block (:class:`_Block`) with its results and its room to work; what the graph's nodes give are
views of it.  Where LAPACK reports a failure, a guard leaves the call, and the Op raises its own error.
"""

from __future__ import annotations

import numpy as np

from aesaralite.tensor.decompositions import SVD, Cholesky, Eigh, QRFull
from aesaralite.tensor.linear_systems import Det, MatrixInverse, MatrixPinv, SLogDet, Solve, SolveTriangular

from ..emit.dtypes import is_complex
from ..emit.lapack import has_lapack, unit_dtype
from .registry import lower

#: LAPACK counts in 32 bits, squares of sizes among the rest.
_LARGEST = 30000
#: Columns that LAPACK treats together where it is given room for it.
_COLUMNS = 32


class _Block:
    """The layout of what a routine fills, in real numbers."""

    def __init__(self, ctx, dtype):
        self.ctx, self.e = ctx, ctx.e
        self.dtype = dtype
        self.unit = unit_dtype(dtype)
        self.parts = 2 if is_complex(dtype) else 1
        self.size = ctx.e.zero
        self.info = self.reals(ctx.e.one)

    def reals(self, count):
        """Room for so many real numbers, or integers; where it begins."""
        start = self.size
        self.size = self.e.add(start, count)
        return start

    def elements(self, *sizes):
        """Room for elements of the matrix's dtype; where it begins."""
        return self.reals(self.e.product((*sizes, self.e.index(self.parts))))

    def run(self, routine, operands, *scalars):
        """Call the routine."""
        numbers = [self.e.index(s) if isinstance(s, (bool, int)) else s for s in scalars]
        self.filled = self.ctx.call(routine, operands, numbers, self.unit, [self.size])

    def require_success(self):
        self.ctx.guard(self.succeeded(), "lapack")

    def succeeded(self):
        return self.ctx.op("eq", "bool", self.real(self.info), self.e.const(0.0, self.unit))

    def real(self, start, index=None):
        """Real number `index` of a part."""
        place = start if index is None else self.e.add(start, index)
        return self.ctx.at(self.filled, [place])

    def element(self, start, index=None):
        """Element `index`, of the matrix's dtype, of a part."""
        if self.parts == 1:
            return self.real(start, index)
        first = start if index is None else self.e.add(start, self.e.mul(index, self.e.index(2)))
        return self.ctx.op("complex", self.dtype, self.real(first), self.real(first, self.e.one))

    def matrix(self, start, rows, columns, leading=None):
        """A column-major matrix as a value."""
        leading = rows if leading is None else leading
        e = self.e
        return self.ctx.map([rows, columns], lambda i, j: self.element(start, e.add(e.mul(j, leading), i)))


def _fits(ctx, *sizes):
    for size in sizes:
        ctx.guard(ctx.e.le(size, ctx.e.index(_LARGEST)), "lapack_size", (size,))


def _square(ctx, x):
    ctx.require_equal(x.dims[0], x.dims[1], "square", x.dims)
    _fits(ctx, x.dims[0])
    return x.dims[0]


def _cast(ctx, x, dtype):
    return x if x.dtype == dtype else ctx.map(x.dims, lambda *indices: ctx.cast(ctx.at(x, indices), dtype))


def _require_finite(ctx, x):
    """Zero times anything finite is zero, and the sum of zeros is quickly found."""
    unit = unit_dtype(x.dtype)
    zero = ctx.e.const(0.0, unit)

    def vanishing(*indices):
        value = ctx.at(x, indices)
        if not is_complex(x.dtype):
            return ctx.op("mul", unit, value, zero)
        parts = (ctx.op("mul", unit, ctx.op(name, unit, value), zero) for name in ("real", "imag"))
        return ctx.op("add", unit, *parts)

    total = ctx.scalar(ctx.reduce("add", x.dims, [True] * x.ndim, vanishing, unit))
    ctx.guard(ctx.op("eq", "bool", total, zero), "finite")


@lower(Cholesky)
def cholesky(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    e = ctx.e
    n = _square(ctx, x)
    _require_finite(ctx, x)
    block = _Block(ctx, x.dtype)
    factor = block.elements(n, n)
    block.run("potrf", (x,), node.op.lower, n, factor, block.info)
    if node.op.on_error == "raise":
        block.require_success()
    triangle = block.matrix(factor, n, n)
    zero, nan = (ctx.cast(e.const(value, "float64"), x.dtype) for value in (0.0, float("nan")))

    def element(i, j):
        inside = e.le(j, i) if node.op.lower else e.le(i, j)
        value = e.select(inside, ctx.at(triangle, [i, j]), zero)
        return value if node.op.on_error == "raise" else e.select(block.succeeded(), value, nan)

    return ctx.map([n, n], element)


def _system(ctx, node, a, b):
    """Matrix and right-hand sides in the result's dtype, checked."""
    dtype = node.apply.outputs[0].type.dtype
    n = _square(ctx, a)
    ctx.require_equal(n, b.dims[0], "system", (*a.dims, b.dims[0]))
    if node.op.check_finite:
        _require_finite(ctx, a)
        _require_finite(ctx, b)
    a, b = _cast(ctx, a, dtype), _cast(ctx, b, dtype)
    columns = b if b.ndim == 2 else ctx.map([n, ctx.e.one], lambda i, _: ctx.at(b, [i]))
    return dtype, n, a, columns, columns.dims[1]


def _solution(ctx, block, start, b, n, count):
    found = block.matrix(start, n, count)
    return found if b.ndim == 2 else ctx.map([n], lambda i: ctx.at(found, [i, ctx.e.zero]))


@lower(SolveTriangular)
def solve_triangular(ctx, node, a, b):
    op = node.op
    dtype, n, matrix, columns, count = _system(ctx, node, a, b)
    if not has_lapack(dtype):
        return NotImplemented
    if op.trans == 2 and is_complex(dtype):
        plain = matrix
        matrix = ctx.map(plain.dims, lambda i, j: ctx.op("conj", dtype, ctx.at(plain, [i, j])))
    block = _Block(ctx, dtype)
    solution = block.elements(n, count)
    variant = (bool(op.lower), op.trans != 0, bool(op.unit_diagonal))
    block.run("trtrs", (matrix, columns), *variant, n, count, solution, block.info)
    block.require_success()
    return _solution(ctx, block, solution, b, n, count)


@lower(Solve)
def solve(ctx, node, a, b):
    op, e = node.op, ctx.e
    dtype, n, matrix, columns, count = _system(ctx, node, a, b)
    if not has_lapack(dtype):
        return NotImplemented
    block = _Block(ctx, dtype)
    factors, solution = block.elements(n, n), block.elements(n, count)
    pivots = block.reals(n)
    l_work = e.mul(e.index(_COLUMNS), n)
    work, extra = block.elements(l_work), block.reals(e.mul(e.index(2), n))
    condition = block.reals(e.one)
    numbers = (n, count, factors, solution, pivots, work, extra, condition, block.info)
    if op.assume_a == "gen":
        block.run("solve_general", (matrix, columns), *numbers)
    elif op.assume_a == "pos":
        block.run("solve_definite", (matrix, columns), bool(op.lower), *numbers)
    else:
        variant = (bool(op.lower), op.assume_a == "her")
        block.run("solve_symmetric", (matrix, columns), *variant, *numbers, l_work)
    block.require_success()
    # SciPy warns of ill-conditioned matrices
    least = e.const(float(np.finfo(dtype).eps), block.unit)
    empty = e.any(e.eq(n, e.zero), e.eq(count, e.zero))
    ctx.guard(e.any(empty, ctx.op("le", "bool", least, block.real(condition))), "condition")
    return _solution(ctx, block, solution, b, n, count)


@lower(MatrixInverse)
def matrix_inverse(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    n = _square(ctx, x)
    block = _Block(ctx, x.dtype)
    factors, solution, pivots = block.elements(n, n), block.elements(n, n), block.reals(n)
    block.run("inverse", (x,), n, factors, solution, pivots, block.info)
    block.require_success()
    return block.matrix(solution, n, n)


def _slogdet(ctx, x):
    n = _square(ctx, x)
    block = _Block(ctx, x.dtype)
    factors, pivots = block.elements(n, n), block.reals(n)
    sign, log = block.elements(), block.reals(ctx.e.one)
    block.run("slogdet", (x,), n, factors, pivots, sign, log)
    return block.element(sign), block.real(log)


@lower(SLogDet)
def slogdet(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    return tuple(ctx.from_scalar(value) for value in _slogdet(ctx, x))


@lower(Det)
def det(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    sign, log = _slogdet(ctx, x)
    size = ctx.op("exp", log.dtype, log)
    return ctx.from_scalar(ctx.op("mul", x.dtype, sign, ctx.cast(size, x.dtype)))


@lower(Eigh)
def eigh(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    e = ctx.e
    n = _square(ctx, x)
    square = e.mul(n, n)

    def polynomial(constant, linear, quadratic):
        return e.add(e.add(e.index(constant), e.mul(e.index(linear), n)), e.mul(e.index(quadratic), square))

    block = _Block(ctx, x.dtype)
    vectors, values = block.elements(n, n), block.reals(n)
    l_work = polynomial(1, 2, 1) if is_complex(x.dtype) else polynomial(1, 6, 2)
    l_r_work, l_i_work = polynomial(1, 5, 2), polynomial(3, 5, 0)
    work, i_work = block.elements(l_work), block.reals(l_i_work)
    r_work = block.reals(l_r_work) if is_complex(x.dtype) else work
    rooms = (work, l_work, r_work, l_r_work, i_work, l_i_work)
    block.run("eigh", (x,), node.op.UPLO == "L", n, vectors, values, *rooms, block.info)
    block.require_success()
    return ctx.map([n], lambda i: block.real(values, i)), block.matrix(vectors, n, n)


@lower(SVD)
def svd(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    return _singular_values(ctx, x, 0 if not node.op.compute_uv else 2 if node.op.full_matrices else 1)


def _singular_values(ctx, x, vectors):
    """Singular values, and all vectors (2), as many as there are values (1), or none (0)."""
    e = ctx.e
    m, n = x.dims
    _fits(ctx, m, n)
    k, large = e.minimum(m, n), e.maximum(m, n)
    columns, rows = (m, n) if vectors == 2 else (k, k)
    if vectors:
        # vectors of an empty matrix are those of the identity
        ctx.guard(e.all(e.lt(e.zero, m), e.lt(e.zero, n)), "empty_svd", (m, n))
    block = _Block(ctx, x.dtype)
    matrix, values = block.elements(m, n), block.reals(k)
    u, vh = (block.elements(m, columns), block.elements(rows, n)) if vectors else (matrix, matrix)
    square = e.mul(k, k)
    # what the variants need, and room for blocks of columns
    l_work = e.add(e.mul(e.index(4), square), e.mul(e.index(_COLUMNS + 7), e.add(k, large)))
    work = block.elements(l_work)
    r_work = work
    if is_complex(x.dtype):
        r_work = block.reals(e.add(e.mul(e.index(5), e.add(square, k)), e.mul(e.mul(e.index(4), large), k)))
    i_work = block.reals(e.mul(e.index(8), k))
    block.run("svd", (x,), vectors, m, n, rows, matrix, u, values, vh, work, l_work, r_work, i_work, block.info)
    block.require_success()
    s = ctx.map([k], lambda i: block.real(values, i))
    return (block.matrix(u, m, columns), s, block.matrix(vh, rows, n)) if vectors else s


@lower(MatrixPinv)
def matrix_pinv(ctx, node, x):
    if not has_lapack(x.dtype) or node.op.hermitian:
        return NotImplemented
    e, dtype = ctx.e, x.dtype
    if is_complex(dtype):
        plain = x
        x = ctx.map(plain.dims, lambda i, j: ctx.op("conj", dtype, ctx.at(plain, [i, j])))
    u, s, vh = _singular_values(ctx, x, 1)
    largest = ctx.scalar(ctx.reduce("maximum", s.dims, [True], lambda k: ctx.at(s, [k]), s.dtype), "float64")
    cutoff = ctx.op("mul", "float64", largest, e.const(1e-15, "float64"))
    one, zero = (e.const(value, s.dtype) for value in (1.0, 0.0))

    def reciprocal(k):
        value = ctx.at(s, [k])
        counts = ctx.op("gt", "bool", ctx.cast(value, "float64"), cutoff)
        return e.select(counts, ctx.op("true_div", s.dtype, one, value), zero)

    right = ctx.map(
        [u.dims[1], u.dims[0]], lambda k, i: ctx.op("mul", dtype, ctx.cast(reciprocal(k), dtype), ctx.at(u, [i, k]))
    )
    left = ctx.map([vh.dims[1], vh.dims[0]], lambda j, k: ctx.at(vh, [k, j]))
    return ctx.call("gemm", (left, right), (), dtype, [vh.dims[1], u.dims[0]])


@lower(QRFull)
def qr(ctx, node, x):
    if not has_lapack(x.dtype):
        return NotImplemented
    e, mode = ctx.e, node.op.mode
    m, n = x.dims
    _fits(ctx, m, n)
    if mode == "complete":
        # the complete factor of a matrix without columns is the identity
        ctx.guard(e.all(e.lt(e.zero, m), e.lt(e.zero, n)), "empty_qr", (m, n))
    k = e.minimum(m, n)
    columns = {"r": e.zero, "reduced": k, "complete": m}[mode]
    block = _Block(ctx, x.dtype)
    matrix, reflections = block.elements(m, n), block.elements(k)
    q = block.elements(m, columns)
    l_work = e.add(e.one, e.mul(e.index(_COLUMNS), e.maximum(m, n)))
    work = block.elements(l_work)
    block.run("qr", (x,), m, n, columns, matrix, q, reflections, work, l_work, block.info)
    block.require_success()
    zero = ctx.cast(e.const(0.0, "float64"), x.dtype)
    upper = block.matrix(matrix, m, n)
    height = m if mode == "complete" else k
    r = ctx.map([height, n], lambda i, j: e.select(e.le(i, j), ctx.at(upper, [i, j]), zero))
    return r if mode == "r" else (block.matrix(q, m, columns), r)
