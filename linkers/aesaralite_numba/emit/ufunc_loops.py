"""Calls of the inner loops of NumPy's and SciPy's ufuncs, for the numbers that these would give, bit for bit.

Elsewhere programs compute functions in kernels of their own (:mod:`.mathematics`).  These routines are for random
numbers, which are NumPy's and SciPy's to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from ..numpy_code import ELEMENTWISE, LOOP_PREFIX
from .blas import routine
from .dtypes import F64, I32, I64, ITEMSIZE, PTR, VOID, Register
from .loops import element

if TYPE_CHECKING:
    from ..values import Call
    from .program import Operand, ProgramCode

_LOOP = ir.FunctionType(VOID, (PTR.as_pointer(), I64.as_pointer(), I64.as_pointer(), PTR)).as_pointer()
_ITEM = ITEMSIZE["float64"]


def call_loop(
    b: ir.IRBuilder, name: str, pointers: Sequence[Register], sizes: Sequence[Register], steps: Sequence[Register]
) -> None:
    """Call inner loop `name` of :data:`..numpy_code.LOOPS`: addresses of the arrays, sizes, steps in bytes."""
    words = b.module.globals.get(LOOP_PREFIX + name)
    if words is None:
        words = ir.GlobalVariable(b.module, ir.ArrayType(I64, 2), LOOP_PREFIX + name)
    function, data = (b.load(b.gep(words, [I32(0), I32(k)])) for k in range(2))
    arguments = [_array(b, values) for values in (pointers, sizes, steps)]
    b.call(b.inttoptr(function, _LOOP), [*arguments, b.inttoptr(data, PTR)])


def _array(b: ir.IRBuilder, values: Sequence[Register]) -> Register:
    with b.goto_entry_block():
        place = b.alloca(values[0].type, len(values))
    for k, value in enumerate(values):
        b.store(value, element(b, place, I64(k)))
    return place


def _elementwise(name: str, code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The ufunc of float64: of vectors that are equally long, and of numbers."""
    b = code.b
    (size,) = (code.host(n) for n in call.dims)
    steps = [code.host(x.strides[0]) if x.strides else I64(0) for x in operands]
    with code.unless_empty(size):
        pointers = [*(x.pointer for x in operands), target]
        call_loop(b, name, pointers, [size], [*(b.mul(step, I64(_ITEM)) for step in steps), I64(_ITEM)])


for _name in ELEMENTWISE:
    routine(f"numpy_{_name}")(partial(_elementwise, _name))


@routine("numpy_matmul")
def matmul(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Products of C-contiguous matrices of float64, by NumPy's own BLAS.

    The first dimension of operands and result is that of a batch, in which the second operand may have a single matrix
    for all.  The scalars are known numbers that say whether the first and the second operand are to be transposed.
    """
    b = code.b
    one = I64(_ITEM)
    sizes: list[Register] = []
    steps: list[Register] = []
    outer = []
    for x, transposed in zip(operands, call.scalars, strict=True):
        count, rows, columns = (code.host(n) for n in x.dims)
        row = b.mul(columns, one)
        sizes.extend((columns, rows) if transposed.attr else (rows, columns))
        steps.extend((one, row) if transposed.attr else (row, one))
        outer.append(b.select(b.icmp_signed("==", count, I64(1)), I64(0), b.mul(rows, row)))
    m, n, _, p = sizes
    batch = code.host(call.dims[0])
    with code.unless_empty(batch, m, p):
        row = b.mul(p, one)
        pointers = [*(x.pointer for x in operands), target]
        call_loop(b, "matmul", pointers, [batch, m, n, p], [*outer, b.mul(m, row), *steps, row, one])


def _decompose(
    code: ProgramCode, name: str, operands: list[Operand], parts: Sequence[Register], shapes: Sequence[int]
) -> None:
    """Call a loop over square matrices of float64, C-contiguous; `parts` are the addresses of the results, and `shapes`
    the numbers of their dimensions.
    """
    (x,) = operands
    b = code.b
    count, n = (code.host(size) for size in x.dims[:2])
    with code.unless_empty(count, n):
        one = I64(_ITEM)
        row = b.mul(n, one)
        square = b.mul(n, row)
        outer, inner = [square], [row, one]
        for ndim in shapes:
            outer.append(square if ndim == 2 else row)
            inner.extend((row, one) if ndim == 2 else (one,))
        sizes = [count, n, n] if name == "svd" else [count, n]
        call_loop(b, name, [x.pointer, *parts], sizes, [*outer, *inner])


def _parts(code: ProgramCode, operands: list[Operand], target: Register, shapes: Sequence[int]) -> list[Register]:
    """Addresses in the target of results of so many dimensions, one after the other."""
    b = code.b
    count, n = (code.host(size) for size in operands[0].dims[:2])
    place = b.bitcast(target, F64.as_pointer())
    parts = []
    for ndim in shapes:
        parts.append(b.bitcast(place, PTR))
        row = b.mul(count, n)
        place = element(b, place, b.mul(row, n) if ndim == 2 else row)
    return parts


@routine("numpy_svd")
def svd(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Decompositions of matrices: left singular vectors, in columns, values, right vectors, in rows; NaN where LAPACK
    fails.
    """
    shapes = (2, 1, 2)
    _decompose(code, "svd", operands, _parts(code, operands, target, shapes), shapes)


@routine("numpy_eigh")
def eigh(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Decompositions of symmetric matrices: eigenvectors, in columns, and values; NaN where LAPACK fails."""
    vectors, values = _parts(code, operands, target, (2, 1))
    _decompose(code, "eigh", operands, [values, vectors], (1, 2))


@routine("numpy_cholesky")
def cholesky(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Lower factors of positive definite matrices; NaN where one isn't."""
    _decompose(code, "cholesky", operands, _parts(code, operands, target, (2,)), (2,))
