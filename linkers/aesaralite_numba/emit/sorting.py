"""Stable sorting: insertion into short runs, which are then merged.

The order is NumPy's: NaN comes last, a complex number is compared by its real part first.  One function for each dtype,
however many arrays of it a program sorts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from .blas import routine
from .dtypes import F32, I64, ITEMSIZE, PTR, is_complex, is_float, is_signed, load, memory_type, store
from .loops import Variable, counted, define, element, minimum, repeat_while
from .runtime import external
from .scalars import parts

if TYPE_CHECKING:
    from ..values import Call
    from .program import Operand, ProgramCode

Before = Callable[[ir.Value, ir.Value], ir.Value]
Read = Callable[[ir.Value, ir.Value], ir.Value]
Write = Callable[[ir.Value, ir.Value, ir.Value], None]

#: Runs of this many elements are sorted by insertion.
RUN = 16


def less(b: ir.IRBuilder, x: ir.Value, y: ir.Value, dtype: str) -> ir.Value:
    """Whether `x` comes before `y` in sorted order."""
    if is_complex(dtype):
        return _less_complex(b, x, y)
    if is_float(dtype):
        if dtype == "float16":
            x, y = b.fpext(x, F32), b.fpext(y, F32)
        return b.or_(b.fcmp_ordered("<", x, y), b.and_(_is_nan(b, y), b.not_(_is_nan(b, x))))
    return b.icmp_signed("<", x, y) if is_signed(dtype) else b.icmp_unsigned("<", x, y)


def _is_nan(b: ir.IRBuilder, x: ir.Value) -> ir.Value:
    return b.fcmp_unordered("uno", x, x)


def _less_complex(b: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """By the real part, then the imaginary one; what has a NaN in it comes after what has none."""
    (a, c), (d, e) = parts(b, x), parts(b, y)
    a_nan, c_nan, d_nan, e_nan = (_is_nan(b, part) for part in (a, c, d, e))
    smaller, larger = b.fcmp_ordered("<", a, d), b.fcmp_ordered(">", a, d)
    same = b.or_(b.fcmp_ordered("==", a, d), b.and_(a_nan, d_nan))
    by_imag = b.or_(b.fcmp_ordered("<", c, e), b.and_(e_nan, b.not_(c_nan)))
    otherwise = b.select(same, by_imag, d_nan)
    otherwise = b.select(larger, b.and_(e_nan, b.not_(c_nan)), otherwise)
    return b.select(smaller, b.or_(b.not_(c_nan), e_nan), otherwise)


@routine("sort")
def sort(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """The rows of a matrix, sorted; then room for one row."""
    (x,) = operands
    dtype = call.dtype
    pointer = memory_type(dtype).as_pointer()
    name = f"sort_rows_{dtype}"
    function = define(code.module, name, (pointer, pointer, *(I64,) * 4), partial(_build_sort_rows, dtype))
    sizes = [code.host(n) for n in (*x.dims, *x.strides)]
    code.b.call(function, [code.b.bitcast(x.pointer, pointer), code.b.bitcast(target, pointer), *sizes])


def _build_sort_rows(
    dtype: str,
    b: ir.IRBuilder,
    source: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    n: ir.Value,
    row_stride: ir.Value,
    stride: ir.Value,
) -> None:
    source.add_attribute("noalias")
    target.add_attribute("noalias")
    kernel = define(b.module, f"sort_{dtype}", (target.type, target.type, I64), partial(_build_sort, dtype))
    scratch = element(b, target, b.mul(rows, n))
    with counted(b, I64(0), rows) as i:
        row = element(b, target, b.mul(i, n))
        start = b.mul(i, row_stride)
        with counted(b, I64(0), n) as k:
            item = load(b, element(b, source, b.add(start, b.mul(k, stride))), dtype)
            store(b, item, element(b, row, k), dtype)
        b.call(kernel, [row, scratch, n])


def _build_sort(dtype: str, b: ir.IRBuilder, data: ir.Argument, scratch: ir.Argument, n: ir.Value) -> None:
    _merge_sort(b, data, scratch, n, dtype, lambda x, y: less(b, x, y, dtype))


@routine("argsort")
def argsort(code: ProgramCode, call: Call, operands: list[Operand], target: ir.Value) -> None:
    """For each row of a matrix the order that sorts it; then room for one row."""
    (x,) = operands
    keys, numbers = memory_type(x.dtype).as_pointer(), I64.as_pointer()
    name = f"argsort_rows_{x.dtype}"
    function = define(code.module, name, (keys, numbers, *(I64,) * 4), partial(_build_argsort_rows, x.dtype))
    sizes = [code.host(n) for n in (*x.dims, *x.strides)]
    code.b.call(function, [code.b.bitcast(x.pointer, keys), code.b.bitcast(target, numbers), *sizes])


def _build_argsort_rows(
    dtype: str,
    b: ir.IRBuilder,
    source: ir.Argument,
    target: ir.Argument,
    rows: ir.Value,
    n: ir.Value,
    row_stride: ir.Value,
    stride: ir.Value,
) -> None:
    source.add_attribute("noalias")
    target.add_attribute("noalias")
    signature = (source.type, I64, target.type, target.type, I64)
    kernel = define(b.module, f"argsort_{dtype}", signature, partial(_build_argsort, dtype))
    scratch = element(b, target, b.mul(rows, n))
    with counted(b, I64(0), rows) as i:
        row = element(b, target, b.mul(i, n))
        with counted(b, I64(0), n) as k:
            b.store(k, element(b, row, k))
        b.call(kernel, [element(b, source, b.mul(i, row_stride)), stride, row, scratch, n])


def _build_argsort(
    dtype: str,
    b: ir.IRBuilder,
    keys: ir.Argument,
    stride: ir.Value,
    data: ir.Argument,
    scratch: ir.Argument,
    n: ir.Value,
) -> None:
    def key(index: ir.Value) -> ir.Value:
        return load(b, element(b, keys, b.mul(index, stride)), dtype)

    _merge_sort(b, data, scratch, n, "int64", lambda x, y: less(b, key(x), key(y), dtype))


def _merge_sort(
    b: ir.IRBuilder,
    data: ir.Value,
    scratch: ir.Value,
    n: ir.Value,
    dtype: str,
    before: Before,
) -> None:
    """Sort `n` elements at `data` by `before`; `scratch` has room for as many."""
    one = I64(1)

    def read(pointer: ir.Value, index: ir.Value) -> ir.Value:
        return load(b, element(b, pointer, index), dtype)

    def write(pointer: ir.Value, index: ir.Value, value: ir.Value) -> None:
        store(b, value, element(b, pointer, index), dtype)

    with counted(b, I64(0), n, I64(RUN)) as start:
        end = minimum(b, b.add(start, I64(RUN)), n)
        with counted(b, b.add(start, one), end) as i:
            _insert(b, data, start, i, read, write, before)
    width = Variable(b, I64(RUN))
    source, target = Variable(b, data), Variable(b, scratch)
    with repeat_while(b, lambda: b.icmp_signed("<", width.get(), n)):
        size = width.get()
        here, there = source.get(), target.get()
        with counted(b, I64(0), n, b.mul(size, I64(2))) as low:
            middle = minimum(b, b.add(low, size), n)
            high = minimum(b, b.add(middle, size), n)
            _merge(b, here, there, (low, middle, high), read, write, before, dtype)
        source.set(there)
        target.set(here)
        width.set(b.mul(size, I64(2)))
    with b.if_then(b.icmp_unsigned("!=", source.get(), data)):
        _copy(b, data, source.get(), n, dtype)


def _insert(
    b: ir.IRBuilder, data: ir.Value, start: ir.Value, i: ir.Value, read: Read, write: Write, before: Before
) -> None:
    """Move element `i` down to its place in the sorted run that begins at `start`."""
    value = read(data, i)
    place = Variable(b, i)
    moving = Variable(b, ir.Constant(ir.IntType(1), 1))

    with repeat_while(b, lambda: b.and_(moving.get(), b.icmp_signed(">", place.get(), start))):
        at = place.get()
        other = read(data, b.sub(at, I64(1)))
        comes_first = before(value, other)
        moving.set(comes_first)
        with b.if_then(comes_first):
            write(data, at, other)
            place.set(b.sub(at, I64(1)))
    write(data, place.get(), value)


def _merge(
    b: ir.IRBuilder,
    here: ir.Value,
    there: ir.Value,
    bounds: tuple[ir.Value, ir.Value, ir.Value],
    read: Read,
    write: Write,
    before: Before,
    dtype: str,
) -> None:
    low, middle, high = bounds
    i, j, k = Variable(b, low), Variable(b, middle), Variable(b, low)

    def both_left() -> ir.Value:
        return b.and_(b.icmp_signed("<", i.get(), middle), b.icmp_signed("<", j.get(), high))

    with repeat_while(b, both_left):
        first, second = read(here, i.get()), read(here, j.get())
        from_second = before(second, first)
        write(there, k.get(), b.select(from_second, second, first))
        j.add(b.zext(from_second, I64))
        i.add(b.zext(b.not_(from_second), I64))
        k.add(I64(1))
    left = b.sub(middle, i.get())
    _copy(b, element(b, there, k.get()), element(b, here, i.get()), left, dtype)
    k.add(left)
    _copy(b, element(b, there, k.get()), element(b, here, j.get()), b.sub(high, j.get()), dtype)


def _copy(b: ir.IRBuilder, target: ir.Value, source: ir.Value, count: ir.Value, dtype: str) -> None:
    memcpy = external(b.module, "memcpy", PTR, (PTR, PTR, I64))
    b.call(memcpy, [b.bitcast(target, PTR), b.bitcast(source, PTR), b.mul(count, I64(ITEMSIZE[dtype]))])
