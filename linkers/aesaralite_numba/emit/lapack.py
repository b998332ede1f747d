"""Calls of LAPACK: factors, solutions and eigenvalues of matrices.

A routine fills one block of real numbers, whose parts the lowering has laid out: results, pivots, room to work, and
what LAPACK says about how it went, as a number.  Matrices in it are column-major.  The first of the call's scalars are
known numbers where they choose the variant.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import llvmlite.ir as ir

from ..symbols import LAPACK_PREFIX
from .blas import _by_reference, _int, _leading, _letter, routine
from .dtypes import I32, I64, ITEMSIZE, PTR, VOID, constant, is_complex, load, memory_type, real_dtype, store
from .loops import Variable, counted, define, element, minimum
from .runtime import external
from .scalars import SCALARS, pair

if TYPE_CHECKING:
    from ..expr import Expr
    from ..values import Call
    from .program import Operand, ProgramCode

_LETTER = {"float32": "s", "float64": "d", "complex64": "c", "complex128": "z"}
_TILE = 32


class _Block:
    """The block that a routine fills, and the calls that do it."""

    def __init__(self, code: ProgramCode, call: Call, dtype: str, target: ir.Value) -> None:
        self.code, self.b = code, code.b
        self.dtype = dtype
        self.unit = call.dtype
        self.typed = code.b.bitcast(target, memory_type(call.dtype).as_pointer())
        self.info = code.stack(I32)
        self.b.store(I32(0), self.info)

    def at(self, offset: ir.Value) -> ir.Value:
        """Address of a part."""
        return self.b.bitcast(element(self.b, self.typed, offset), PTR)

    def call(self, name: str, *args: Any, result: ir.Type = VOID) -> ir.Value:
        """Call the routine of that name without the letter of the dtype."""
        function = external(
            self.code.module, LAPACK_PREFIX + _LETTER[self.dtype] + name, result, tuple(a.type for a in args)
        )
        return self.b.call(function, args)

    def info_pointer(self) -> ir.Value:
        return self.b.bitcast(self.info, PTR)

    def succeeded(self) -> ir.Value:
        return self.b.icmp_signed("==", self.b.load(self.info), I32(0))

    def report(self, offset: ir.Value) -> None:
        """Put what LAPACK says into the block."""
        kind = memory_type(self.unit)
        self.b.store(self.b.sitofp(self.b.load(self.info), kind), element(self.b, self.typed, offset))

    def copy(self, source: Operand, target: ir.Value) -> None:
        """Copy a matrix into a part, column by column."""
        pointer = memory_type(self.dtype).as_pointer()
        name = f"copy_columns_{self.dtype}"
        function = define(self.code.module, name, (pointer, pointer, *(I64,) * 4), partial(_build_copy, self.dtype))
        sizes = [self.code.host(n) for n in (*source.dims, *source.strides)]
        self.b.call(function, [self.b.bitcast(source.pointer, pointer), self.b.bitcast(target, pointer), *sizes])

    def int(self, value: ir.Value) -> ir.Value:
        return _int(self.code, value)

    def letter(self, value: str) -> ir.Value:
        return _letter(self.code, value)


def _build_copy(
    dtype: str,
    b: ir.IRBuilder,
    source: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    columns: ir.Value,
    row_step: ir.Value,
    column_step: ir.Value,
) -> None:
    source.add_attribute("noalias")
    target.add_attribute("noalias")
    tile = I64(_TILE)
    with counted(b, I64(0), columns, tile) as first_column, counted(b, I64(0), rows, tile) as first_row:
        last_column = minimum(b, b.add(first_column, tile), columns)
        last_row = minimum(b, b.add(first_row, tile), rows)
        with counted(b, first_column, last_column) as j, counted(b, first_row, last_row) as i:
            place = b.add(b.mul(i, row_step), b.mul(j, column_step))
            value = load(b, element(b, source, place), dtype)
            store(b, value, element(b, target, b.add(b.mul(j, rows), i)), dtype)


def _known(scalars: tuple[Expr, ...]) -> list[int]:
    return [scalar.attr for scalar in scalars]


def _begin(code: ProgramCode, call: Call, dtype: str, target: ir.Value, known: int = 0) -> tuple[_Block, list]:
    """The block, and the numbers of the call after those that choose the variant."""
    numbers = [code.host(scalar) for scalar in call.scalars[known:]]
    return _Block(code, call, dtype, target), numbers


@routine("potrf")
def potrf(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The Cholesky factor, in the triangle that is looked at."""
    (a,) = operands
    (lower,) = _known(call.scalars[:1])
    block, (n, factor, info) = _begin(code, call, a.dtype, target, 1)
    with code.unless_empty(n):
        block.copy(a, block.at(factor))
        size = block.int(n)
        block.call("potrf", block.letter("L" if lower else "U"), size, block.at(factor), size, block.info_pointer())
    block.report(info)


@routine("trtrs")
def trtrs(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The solution of a triangular system; the matrix is read where it is."""
    a, b = operands
    lower, transposed, unit = _known(call.scalars[:3])
    block, (n, count, solution, info) = _begin(code, call, a.dtype, target, 3)
    layout, leading = _leading(code, a, n, n)
    if layout == "N":
        # rows after one another are the transposed matrix to LAPACK
        lower, transposed = not lower, not transposed
    with code.unless_empty(n, count):
        block.copy(b, block.at(solution))
        size = block.int(n)
        letters = [block.letter("L" if lower else "U"), block.letter("T" if transposed else "N")]
        letters.append(block.letter("U" if unit else "N"))
        right = [block.at(solution), size, block.info_pointer()]
        block.call("trtrs", *letters, size, block.int(count), a.pointer, block.int(leading), *right)
    block.report(info)


@routine("solve_general")
def solve_general(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The solution of a system, and the reciprocal of the condition number."""
    a, b = operands
    block, (n, count, matrix, solution, pivots, work, extra, condition, info) = _begin(code, call, a.dtype, target)
    with code.unless_empty(n, count):
        block.copy(a, block.at(matrix))
        block.copy(b, block.at(solution))
        size, pointer = block.int(n), block.info_pointer()
        one = block.letter("1")
        kind = memory_type(call.dtype)
        norm = _by_reference(
            code, block.call("lange", one, size, size, block.at(matrix), size, block.at(work), result=kind)
        )
        block.call("getrf", size, size, block.at(matrix), size, block.at(pivots), pointer)
        right = [block.at(solution), size]
        with code.b.if_then(block.succeeded()):
            factors = [block.at(matrix), size]
            block.call("getrs", block.letter("N"), size, block.int(count), *factors, block.at(pivots), *right, pointer)
            rooms = [block.at(work), block.at(extra)]
            block.call("gecon", one, size, *factors, norm, block.at(condition), *rooms, pointer)
    block.report(info)


@routine("solve_definite")
def solve_definite(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The same for a positive definite matrix, of which one triangle is looked at."""
    a, b = operands
    (lower,) = _known(call.scalars[:1])
    block, (n, count, matrix, solution, _, work, extra, condition, info) = _begin(code, call, a.dtype, target, 1)
    with code.unless_empty(n, count):
        block.copy(a, block.at(matrix))
        block.copy(b, block.at(solution))
        size, pointer = block.int(n), block.info_pointer()
        triangle = block.letter("L" if lower else "U")
        factor = [block.at(matrix), size]
        norm = _symmetric_norm(code, block, call.dtype, triangle, size, factor, block.at(work))
        block.call("potrf", triangle, size, *factor, pointer)
        with code.b.if_then(block.succeeded()):
            block.call("potrs", triangle, size, block.int(count), *factor, block.at(solution), size, pointer)
            rooms = [block.at(work), block.at(extra)]
            block.call("pocon", triangle, size, *factor, norm, block.at(condition), *rooms, pointer)
    block.report(info)


def _symmetric_norm(
    code: ProgramCode,
    block: _Block,
    unit: str,
    triangle: ir.Value,
    size: ir.Value,
    matrix: list[ir.Value],
    work: ir.Value,
) -> ir.Value:
    name = "lanhe" if is_complex(block.dtype) else "lansy"
    norm = block.call(name, block.letter("1"), triangle, size, *matrix, work, result=memory_type(unit))
    return _by_reference(code, norm)


@routine("solve_symmetric")
def solve_symmetric(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The same for a symmetric or Hermitian matrix, of which one triangle is looked at."""
    a, b = operands
    lower, hermitian = _known(call.scalars[:2])
    block, numbers = _begin(code, call, a.dtype, target, 2)
    n, count, matrix, solution, pivots, work, extra, condition, info, l_work = numbers
    conjugated = hermitian and is_complex(a.dtype)
    letters = "he" if conjugated else "sy"
    with code.unless_empty(n, count):
        block.copy(a, block.at(matrix))
        block.copy(b, block.at(solution))
        size, pointer = block.int(n), block.info_pointer()
        triangle = block.letter("L" if lower else "U")
        factors = [block.at(matrix), size, block.at(pivots)]
        one, kind = block.letter("1"), memory_type(call.dtype)
        value = block.call(f"lan{letters}", one, triangle, size, *factors[:2], block.at(work), result=kind)
        norm = _by_reference(code, value)
        block.call(f"{letters}trf", triangle, size, *factors, block.at(work), block.int(l_work), pointer)
        with code.b.if_then(block.succeeded()):
            right = [block.at(solution), size, pointer]
            block.call(f"{letters}trs", triangle, size, block.int(count), *factors, *right)
            rooms = [block.at(work)] if is_complex(a.dtype) else [block.at(work), block.at(extra)]
            block.call(f"{letters}con", triangle, size, *factors, norm, block.at(condition), *rooms, pointer)
    block.report(info)


@routine("inverse")
def inverse(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The inverse: the solution for the columns of the identity."""
    (a,) = operands
    block, (n, matrix, solution, pivots, info) = _begin(code, call, a.dtype, target)
    with code.unless_empty(n):
        block.copy(a, block.at(matrix))
        out = block.at(solution)
        code.zero(out, code.b.mul(code.b.mul(n, n), I64(ITEMSIZE[a.dtype])))
        typed = code.b.bitcast(out, memory_type(a.dtype).as_pointer())
        with counted(code.b, I64(0), n) as i:
            place = code.b.mul(i, code.b.add(n, I64(1)))
            store(code.b, constant(1, a.dtype), element(code.b, typed, place), a.dtype)
        size = block.int(n)
        block.call("gesv", size, size, block.at(matrix), size, block.at(pivots), out, size, block.info_pointer())
    block.report(info)


@routine("slogdet")
def slogdet(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The sign of the determinant and the logarithm of its absolute value, from triangular factors."""
    (a,) = operands
    dtype, unit = a.dtype, call.dtype
    block, (n, matrix, pivots, sign, log) = _begin(code, call, dtype, target)
    b = code.b
    kind = memory_type(dtype).as_pointer()
    sign_place, log_place = b.bitcast(block.at(sign), kind), element(b, block.typed, log)
    store(b, constant(1, dtype), sign_place, dtype)
    store(b, constant(0, unit), log_place, unit)
    with code.unless_empty(n):
        block.copy(a, block.at(matrix))
        size = block.int(n)
        block.call("getrf", size, size, block.at(matrix), size, block.at(pivots), block.info_pointer())
        with b.if_else(block.succeeded()) as (regular, singular):
            with singular:
                store(b, constant(0, dtype), sign_place, dtype)
                store(b, constant(float("-inf"), unit), log_place, unit)
            with regular:
                factors = b.bitcast(block.at(matrix), kind)
                swaps = b.bitcast(block.at(pivots), I32.as_pointer())
                _sum_diagonal(b, dtype, unit, n, factors, swaps, sign_place, log_place)


def _sum_diagonal(
    b: ir.IRBuilder,
    dtype: str,
    unit: str,
    n: ir.Value,
    factors: ir.Value,
    swaps: ir.Value,
    sign_place: ir.Value,
    log_place: ir.Value,
) -> None:
    sign, log = Variable(b, constant(1, dtype)), Variable(b, constant(0, unit))
    with counted(b, I64(0), n) as i:
        value = load(b, element(b, factors, b.mul(i, b.add(n, I64(1)))), dtype)
        magnitude = SCALARS["abs"](b, [value], (dtype,), unit)
        scale = pair(b, magnitude, magnitude.type(0.0)) if is_complex(dtype) else magnitude
        direction = SCALARS["true_div"](b, [value, scale], (dtype, dtype), dtype)
        row = b.sext(b.load(element(b, swaps, i)), I64)
        swapped = b.icmp_signed("!=", row, b.add(i, I64(1)))
        opposite = SCALARS["neg"](b, [direction], (dtype,), dtype)
        factor = b.select(swapped, opposite, direction)
        sign.set(SCALARS["mul"](b, [sign.get(), factor], (dtype, dtype), dtype))
        log.set(b.fadd(log.get(), SCALARS["log"](b, [magnitude], (unit,), unit)))
    store(b, sign.get(), sign_place, dtype)
    store(b, log.get(), log_place, unit)


@routine("eigh")
def eigh(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Eigenvalues in ascending order, and eigenvectors."""
    (a,) = operands
    (lower,) = _known(call.scalars[:1])
    block, numbers = _begin(code, call, a.dtype, target, 1)
    n, vectors, values, work, l_work, r_work, l_r_work, i_work, l_i_work, info = numbers
    with code.unless_empty(n):
        block.copy(a, block.at(vectors))
        size = block.int(n)
        args = [block.letter("V"), block.letter("L" if lower else "U"), size, block.at(vectors), size, block.at(values)]
        args += [block.at(work), block.int(l_work)]
        if is_complex(a.dtype):
            args += [block.at(r_work), block.int(l_r_work)]
        args += [block.at(i_work), block.int(l_i_work), block.info_pointer()]
        block.call("heevd" if is_complex(a.dtype) else "syevd", *args)
    block.report(info)


@routine("svd")
def svd(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Singular values in descending order, and singular vectors: all (2), as many as values (1), or none (0)."""
    (a,) = operands
    (vectors,) = _known(call.scalars[:1])
    block, numbers = _begin(code, call, a.dtype, target, 1)
    m, n, rows, matrix, u, values, vh, work, l_work, r_work, i_work, info = numbers
    with code.unless_empty(m, n):
        block.copy(a, block.at(matrix))
        height = block.int(m)
        args = [block.letter("NSA"[vectors]), height, block.int(n), block.at(matrix), height, block.at(values)]
        args += [block.at(u), height, block.at(vh), block.int(rows), block.at(work), block.int(l_work)]
        if is_complex(a.dtype):
            args.append(block.at(r_work))
        block.call("gesdd", *args, block.at(i_work), block.info_pointer())
    block.report(info)


@routine("qr")
def qr(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The triangular factor in a part of its own, and the orthogonal one of so many columns unless that is 0."""
    (a,) = operands
    block, (m, n, columns, matrix, q, reflections, work, l_work, info) = _begin(code, call, a.dtype, target)
    b = code.b
    short = minimum(b, m, n)
    with code.unless_empty(m, n):
        block.copy(a, block.at(matrix))
        height, pointer = block.int(m), block.info_pointer()
        rooms = [block.at(reflections), block.at(work), block.int(l_work), pointer]
        block.call("geqrf", height, block.int(n), block.at(matrix), height, *rooms)
        with code.unless_empty(columns):
            size = b.mul(b.mul(m, minimum(b, n, columns)), I64(ITEMSIZE[a.dtype]))
            code.copy(block.at(q), block.at(matrix), size)
            name = "ungqr" if is_complex(a.dtype) else "orgqr"
            block.call(name, height, block.int(columns), block.int(short), block.at(q), height, *rooms)
    block.report(info)


def has_lapack(dtype: str) -> bool:
    return dtype in _LETTER


def unit_dtype(dtype: str) -> str:
    """The dtype of the block of a routine for matrices of `dtype`."""
    return real_dtype(dtype) if is_complex(dtype) else dtype
