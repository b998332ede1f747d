"""Calls of BLAS: products of matrices and vectors.

A routine is a function of the program's code, the call, and for each operand the address of its first element and its
strides; it fills the C-contiguous `target`.  A product is multiplied by a `factor`, and may be
added to what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..symbols import BLAS_PREFIX
from .dtypes import I8, I32, I64, ITEMSIZE, PTR, VOID, Register, constant, register_type
from .runtime import external

if TYPE_CHECKING:
    from ..expr import Expr
    from ..values import Call
    from .program import Operand, ProgramCode

Routine = Callable[["ProgramCode", "Call", "list[Operand]", Register], None]
Product = Callable[["ProgramCode", "Call", "list[Operand]", Register, "Expr", bool], None]
ROUTINES: dict[str, Routine] = {}
PRODUCTS: dict[str, Product] = {}

#: Routines that are given steps of operands; those and sizes are numbers of 32 bits.
COUNTING_IN_32_BITS = frozenset(["gemm", "batched_gemm", "gemv", "trtrs"])
MOST = (1 << 31) - 1

_LETTER = {"float32": "s", "float64": "d", "complex64": "c", "complex128": "z"}


def routine(name: str) -> Callable[[Routine], Routine]:
    def register(function: Routine) -> Routine:
        ROUTINES[name] = function
        return function

    return register


def product(name: str) -> Callable[[Product], Product]:
    def register(function: Product) -> Product:
        PRODUCTS[name] = function

        def plain(code: ProgramCode, call: Call, operands: list[Operand], target: Register) -> None:
            function(code, call, operands, target, code.e.const(1.0, call.dtype), False)

        ROUTINES[name] = plain
        return function

    return register


def has_blas(dtype: str) -> bool:
    return dtype in _LETTER


def _by_reference(code: ProgramCode, value: Register) -> Register:
    """BLAS takes everything by address."""
    place = code.stack(value.type)
    code.b.store(value, place)
    return code.b.bitcast(place, PTR)


def _int(code: ProgramCode, value: Register) -> Register:
    return _by_reference(code, code.b.trunc(value, I32))


def _letter(code: ProgramCode, value: Register | str) -> Register:
    return _by_reference(code, I8(ord(value)) if isinstance(value, str) else value)


def _call(code: ProgramCode, name: str, dtype: str, args: list[Register]) -> None:
    function = external(code.module, BLAS_PREFIX + _LETTER[dtype] + name, VOID, (PTR,) * len(args))
    code.b.call(function, args)


def _leading(code: ProgramCode, operand: Operand, m: Register, n: Register) -> tuple[str, Register]:
    """How BLAS (column major) sees a row-major view: its letter for `the transpose of it`, and the leading
    dimension."""
    e, b = code.e, code.b
    rows, columns = operand.strides
    one = I64(1)
    if columns is e.one:
        step, width, letter = rows, n, "N"
    else:
        step, width, letter = columns, m, "T"
    # Where there is one row only, its step is anything: BLAS wants at least the width.
    leading = code.host(step)
    least = b.select(b.icmp_signed(">", width, one), width, one)
    return letter, b.select(b.icmp_signed(">", leading, least), leading, least)


def _scales(code: ProgramCode, factor: Expr, adds: bool) -> tuple[Register, Register]:
    """What the product and what is there are multiplied by."""
    return _by_reference(code, code.host(factor)), _by_reference(code, constant(int(adds), factor.dtype))


@product("gemm")
def gemm(code: ProgramCode, call: Call, operands: list[Operand], target: Register, factor: Expr, adds: bool) -> None:
    """``a[m, k] @ b[k, n]``, computed as its transpose in column-major terms."""
    a, b = operands
    m, n, k = (code.host(size) for size in (a.dims[0], b.dims[1], a.dims[1]))
    with code.unless_empty(m, n):
        scales = _scales(code, factor, adds)
        _gemm(code, call.dtype, a, b, (m, n, k), (a.pointer, b.pointer, target), scales)


def _gemm(
    code: ProgramCode,
    dtype: str,
    a: Operand,
    b: Operand,
    sizes: tuple[Register, Register, Register],
    pointers: tuple[Register, Register, Register],
    scales: tuple[Register, Register],
) -> None:
    m, n, k = sizes
    a_pointer, b_pointer, target = pointers
    alpha, beta = scales
    letter_a, lda = _leading(code, a, m, k)
    letter_b, ldb = _leading(code, b, k, n)
    least = code.b.select(code.b.icmp_signed(">", n, I64(1)), n, I64(1))
    args = [_letter(code, letter_b), _letter(code, letter_a), _int(code, n), _int(code, m), _int(code, k), alpha]
    args += [b_pointer, _int(code, ldb), a_pointer, _int(code, lda), beta, target, _int(code, least)]
    _call(code, "gemm", dtype, args)


@product("batched_gemm")
def batched_gemm(
    code: ProgramCode, call: Call, operands: list[Operand], target: Register, factor: Expr, adds: bool
) -> None:
    """``a[i, m, k] @ b[i, k, n]``."""
    a, b = operands
    batch, m, k, n = (code.host(size) for size in (a.dims[0], a.dims[1], a.dims[2], b.dims[2]))
    kind = register_type(call.dtype)
    step_a, step_b = code.host(a.strides[0]), code.host(b.strides[0])
    step_target = code.b.mul(m, n)
    scales = _scales(code, factor, adds)
    with code.unless_empty(batch, m, n), code.counted(batch) as i:

        def at(pointer: Register, step: Register) -> Register:
            typed = code.b.bitcast(pointer, kind.as_pointer())
            return code.b.bitcast(code.b.gep(typed, [code.b.mul(i, step)]), PTR)

        pointers = at(a.pointer, step_a), at(b.pointer, step_b), at(target, step_target)
        _gemm(code, call.dtype, a.matrix(), b.matrix(), (m, n, k), pointers, scales)


@product("gemv")
def gemv(code: ProgramCode, call: Call, operands: list[Operand], target: Register, factor: Expr, adds: bool) -> None:
    """``a[m, n] @ x[n]``."""
    a, x = operands
    m, n = (code.host(size) for size in a.dims)
    with code.unless_empty(m):
        # BLAS leaves the target alone where the matrix has no columns
        if not adds:
            code.zero(target, code.b.mul(m, I64(ITEMSIZE[call.dtype])))
        alpha, beta = _scales(code, factor, adds)
        letter, leading = _leading(code, a, m, n)
        # column-major sizes of the matrix as stored
        rows, columns = (n, m) if letter == "N" else (m, n)
        flip = "T" if letter == "N" else "N"
        # the step of a single element may be 0, which BLAS refuses
        given = code.host(x.strides[0])
        step = code.b.select(code.b.icmp_signed("==", given, I64(0)), I64(1), given)
        args = [_letter(code, flip), _int(code, rows), _int(code, columns), alpha, a.pointer, _int(code, leading)]
        args += [x.pointer, _int(code, step), beta, target, _int(code, I64(1))]
        _call(code, "gemv", call.dtype, args)
