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
from .dtypes import I32, I64, ITEMSIZE, PTR, VOID, Register, memory_type
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
    """The ufunc of vectors of float64 that are equally long."""
    b = code.b
    (size,) = (code.host(n) for n in call.dims)
    steps = [code.host(x.strides[0]) for x in operands]
    with code.unless_empty(size):
        pointers = [*(x.pointer for x in operands), target]
        call_loop(b, name, pointers, [size], [*(b.mul(step, I64(_ITEM)) for step in steps), I64(_ITEM)])


for _name in ELEMENTWISE:
    routine(f"numpy_{_name}")(partial(_elementwise, _name))


@routine("numpy_matmul")
def matmul(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """``target[m, p] = x[m, n] @ y[n, p]`` of float64, by NumPy's own BLAS."""
    x, y = operands
    b = code.b
    m, n, p = (code.host(size) for size in (*x.dims, y.dims[1]))
    steps = [b.mul(code.host(step), I64(_ITEM)) for step in (*x.strides, *y.strides)]
    with code.unless_empty(m, p):
        # one product, so that the steps from one to the next don't count
        outer = [I64(0)] * 3
        own = [b.mul(p, I64(_ITEM)), I64(_ITEM)]
        call_loop(b, "matmul", [x.pointer, y.pointer, target], [I64(1), m, n, p], [*outer, *steps, *own])


@routine("numpy_svd")
def svd(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Singular values of a square matrix of float64, and before and behind them the matrices of its singular vectors.

    They are NaN where LAPACK fails.
    """
    (x,) = operands
    b = code.b
    n = code.host(x.dims[0])
    steps = [b.mul(code.host(step), I64(_ITEM)) for step in x.strides]
    typed = b.bitcast(target, memory_type("float64").as_pointer())
    values = element(b, typed, b.mul(n, n))
    right = element(b, values, n)
    with code.unless_empty(n):
        item = I64(_ITEM)
        row = b.mul(n, item)
        pointers = [x.pointer, target, b.bitcast(values, PTR), b.bitcast(right, PTR)]
        call_loop(b, "svd", pointers, [I64(1), n, n], [*(I64(0),) * 4, *steps, row, item, item, row, item])
