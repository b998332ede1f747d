"""Routines that go through an array in order: running sums, positions of what isn't zero, repetitions, searches."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from .blas import routine
from .dtypes import I8, I64, load, memory_type, store
from .loops import Variable, counted, define, element, minimum, repeat_while
from .scalars import SCALARS
from .sorting import less

if TYPE_CHECKING:
    from ..values import Call
    from .program import Operand, ProgramCode

_INT = I64.as_pointer()


def _typed(code: ProgramCode, pointer: ir.Value, dtype: str) -> ir.Value:
    return code.b.bitcast(pointer, memory_type(dtype).as_pointer())


@routine("running_add")
def running_add(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """``target[i, k, j]`` is the sum of ``x[i, l, j]`` for ``l <= k``."""
    _running(code, call, operands, target, "add")


@routine("running_mul")
def running_mul(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """``target[i, k, j]`` is the product of ``x[i, l, j]`` for ``l <= k``."""
    _running(code, call, operands, target, "mul")


def _running(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value, operation: str) -> None:
    (x,) = operands
    pointer = memory_type(call.dtype).as_pointer()
    name = f"running_{operation}_{call.dtype}"
    build = partial(_build_running, operation, call.dtype)
    function = define(code.module, name, (pointer, pointer, *(I64,) * 6), build)
    sizes = [code.host(n) for n in (*x.dims, *x.strides)]
    code.b.call(function, [_typed(code, x.pointer, x.dtype), _typed(code, target, call.dtype), *sizes])


def _build_running(
    operation: str,
    dtype: str,
    b: ir.IRBuilder,
    source: ir.Argument,
    target: ir.Argument,
    n_outer: ir.Value,
    n: ir.Value,
    n_inner: ir.Value,
    s_outer: ir.Value,
    s: ir.Value,
    s_inner: ir.Value,
) -> None:
    source.add_attribute("noalias")
    target.add_attribute("noalias")
    step = b.mul(n, n_inner)
    alone = b.icmp_signed("==", n_inner, I64(1))
    zero, one = I64(0), I64(1)

    def read(*terms: tuple[ir.Value, ir.Value]) -> ir.Value:
        place = zero
        for index, stride in terms:
            place = b.add(place, b.mul(index, stride))
        return load(b, element(b, source, place), dtype)

    def combine(x: ir.Value, y: ir.Value) -> ir.Value:
        return SCALARS[operation](b, [x, y], (dtype, dtype), dtype)

    with counted(b, zero, n_outer) as i:
        out = element(b, target, b.mul(i, step))
        with b.if_else(alone) as (one_column, columns):
            with one_column, b.if_then(b.icmp_signed(">", n, zero)):
                total = Variable(b, read((i, s_outer)))
                store(b, total.get(), out, dtype)
                with counted(b, one, n) as k:
                    total.set(combine(total.get(), read((i, s_outer), (k, s))))
                    store(b, total.get(), element(b, out, k), dtype)
            with columns, b.if_then(b.icmp_signed(">", n, zero)):
                with counted(b, zero, n_inner) as j:
                    store(b, read((i, s_outer), (j, s_inner)), element(b, out, j), dtype)
                with counted(b, one, n) as k:
                    row = element(b, out, b.mul(k, n_inner))
                    last = element(b, out, b.mul(b.sub(k, one), n_inner))
                    with counted(b, zero, n_inner) as j:
                        value = combine(load(b, element(b, last, j), dtype), read((i, s_outer), (k, s), (j, s_inner)))
                        store(b, value, element(b, row, j), dtype)


@routine("positions")
def positions(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Where the bool operand is true: for each dimension the scalar ``count`` indices, and room for one more."""
    (mask,) = operands
    ndim = len(mask.dims)
    build = partial(_build_positions, ndim)
    function = define(code.module, f"positions_{ndim}", (mask.pointer.type, _INT, *(I64,) * (2 * ndim + 1)), build)
    sizes = [code.host(n) for n in (*call.scalars, *mask.dims, *mask.strides)]
    code.b.call(function, [mask.pointer, _typed(code, target, "int64"), *sizes])


def _build_positions(
    ndim: int, b: ir.IRBuilder, mask: ir.Argument, target: ir.Argument, count: ir.Value, *sizes: ir.Value
) -> None:
    mask.add_attribute("noalias")
    target.add_attribute("noalias")
    dims, strides = sizes[:ndim], sizes[ndim:]
    length = b.add(count, I64(1))
    found = Variable(b, I64(0))

    def level(indices: list[ir.Value], place: ir.Value) -> None:
        k = len(indices)
        if k < ndim:
            with counted(b, I64(0), dims[k]) as i:
                level([*indices, i], b.add(place, b.mul(i, strides[k])))
            return
        at = found.get()
        for dimension, index in enumerate(indices):
            b.store(index, element(b, target, b.add(at, b.mul(length, I64(dimension)))))
        hit = b.icmp_unsigned("!=", b.load(element(b, mask, place)), ir.Constant(I8, 0))
        found.add(b.zext(hit, I64))

    level([], I64(0))


@routine("repetitions")
def repetitions(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """Each index of a vector of int64 as often as its element says, up to the scalar ``total`` of them."""
    (counts,) = operands
    function = define(code.module, "repetitions", (_INT, _INT, I64, I64, I64), _build_repetitions)
    sizes = [code.host(n) for n in (*call.scalars, *counts.dims, *counts.strides)]
    code.b.call(function, [_typed(code, counts.pointer, "int64"), _typed(code, target, "int64"), *sizes])


def _build_repetitions(
    b: ir.IRBuilder, counts: ir.Argument, target: ir.Argument, total: ir.Value, n: ir.Value, stride: ir.Value
) -> None:
    counts.add_attribute("noalias")
    target.add_attribute("noalias")
    done = Variable(b, I64(0))
    with counted(b, I64(0), n) as i:
        first = done.get()
        end = minimum(b, b.add(first, b.load(element(b, counts, b.mul(i, stride)))), total)
        with counted(b, first, end) as k:
            b.store(i, element(b, target, k))
        done.set(end)


@routine("search_left")
def search_left(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """How many elements of a sorted vector are smaller than each value."""
    _search(code, call, operands, target, "left")


@routine("search_right")
def search_right(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """How many elements of a sorted vector aren't larger than each value."""
    _search(code, call, operands, target, "right")


def _search(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value, side: str) -> None:
    x, values = operands
    pointer = memory_type(x.dtype).as_pointer()
    build = partial(_build_search, side, x.dtype)
    function = define(code.module, f"search_{side}_{x.dtype}", (pointer, pointer, _INT, *(I64,) * 4), build)
    sizes = [code.host(n) for n in (*x.dims, *x.strides, *values.dims, *values.strides)]
    pointers = [_typed(code, x.pointer, x.dtype), _typed(code, values.pointer, x.dtype), _typed(code, target, "int64")]
    code.b.call(function, [*pointers, *sizes])


def _build_search(
    side: str,
    dtype: str,
    b: ir.IRBuilder,
    x: ir.Value,
    values: ir.Value,
    target: ir.Argument,
    n: ir.Value,
    stride: ir.Value,
    count: ir.Value,
    value_stride: ir.Value,
) -> None:
    with counted(b, I64(0), count) as i:
        value = load(b, element(b, values, b.mul(i, value_stride)), dtype)
        low, high = Variable(b, I64(0)), Variable(b, n)
        with repeat_while(b, lambda: b.icmp_signed("<", low.get(), high.get())):
            middle = b.add(low.get(), b.ashr(b.sub(high.get(), low.get()), I64(1)))
            item = load(b, element(b, x, b.mul(middle, stride)), dtype)
            before = less(b, item, value, dtype) if side == "left" else b.not_(less(b, value, item, dtype))
            low.set(b.select(before, b.add(middle, I64(1)), low.get()))
            high.set(b.select(before, high.get(), middle))
        b.store(low.get(), element(b, target, i))
