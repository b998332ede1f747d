"""Kernels in parts: ranges of the outermost loop, each in a thread of its own.

Threads are started for a kernel and joined before the program goes on, so that nothing outlives a call: a pool would
have to be brought over ``fork`` and the end of the interpreter.  A part gets at least :data:`SHARE` nanoseconds of
arithmetic, ten times what starting a thread takes.  Where no thread can be started, the caller does its part.

What is added up over the outermost loop, each part adds up in memory of its own, and the results of the parts are added
in order: they depend on how many parts there are, but not on who is first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from ..expr import Expr, walk
from ..ir import Accumulate, Draw, Write
from ..realise import operation_cost
from ..values import Row
from .accumulate import combine, fill
from .dtypes import F64, I32, I64, ITEMSIZE, PTR, Register, load, store
from .loops import counted, define, minimum
from .runtime import add_up, external, free, malloc
from .stages import Loop, StageCode

if TYPE_CHECKING:
    from .kernels import KernelCode
    from .program import ProgramCode

#: The least arithmetic of a part, in nanoseconds.
SHARE = 250_000.0
# An estimate of what a unit of cost takes, an addition of vectors.  Memory doesn't count: one processor takes most of
# what it gives (x + 1 of 8 MB in two threads took 1.7 times as long as in one).
_OPERATION = 0.04
# words of a part's record: arguments, number, first point, end, thread, whether that runs
_ARGUMENTS, _NUMBER, _FIRST, _END, _THREAD, _RUNS = range(6)
_RECORD = 6


def can_split(outermost: Loop, stages: Sequence[StageCode]) -> bool:
    """Whether ranges of the outermost loop may run at once: no two write to one place, and nothing draws."""
    for stage in stages:
        for statement in stage.statements:
            if isinstance(statement, Draw):
                return False
            if not isinstance(statement, Write) or isinstance(statement.target, Row):
                continue
            if stage.targets[statement].linear is not None:
                return False
            for axis in outermost.axes:
                own = [index for index in statement.indices if axis in index.axes]
                if len(own) != 1 or len(own[0].axes) != 1:
                    return False
    return True


@dataclass
class _Sums:
    """What is added up over the outermost loop: which pointer is written to, and how many elements."""

    statement: Accumulate
    pointer: int
    count: Register


def call_in_parts(
    code: ProgramCode,
    kernel: KernelCode,
    function: ir.Function,
    pointers: Sequence[Register],
    scalars: Sequence[Register],
) -> None:
    """Call a kernel's function, which takes a range of its outermost loop, in as many parts as are worth it."""
    b = code.b
    assert kernel.outermost is not None
    size = code.host(kernel.outermost.size)
    sums: list[_Sums] = []
    for stage, statement in kernel.reductions():
        count = code.host(code.e.product(statement.target.dims))
        number = kernel.pointer_number(stage, statement)
        if kernel.adds_over_range(stage, statement):
            sums.append(_Sums(statement, number, count))
        elif kernel.combines(stage, statement):
            fill(b, pointers[number], count, statement)
    rows = {
        k: code.host(code.e.product(access.value.dims))
        for k, access in enumerate(kernel.pointers.values())
        if isinstance(access.value, Row)
    }
    parts = minimum(b, minimum(b, size, I64(code.threads)), _worthwhile(code, kernel))
    split, whole, done = (b.append_basic_block(name) for name in ("in_parts", "whole", "done"))
    b.cbranch(b.icmp_signed(">", parts, I64(1)), split, whole)
    b.position_at_end(whole)
    b.call(function, [*pointers, *scalars, I64(0), size])
    b.branch(done)
    b.position_at_end(split)
    others: list[Register] = []  # where the parts after the first add up
    if sums:
        memory, others = _memory(b, pointers, sums, parts)
        enough = b.append_basic_block("enough")
        b.cbranch(b.icmp_unsigned("==", b.ptrtoint(memory, I64), I64(0)), whole, enough)
        b.position_at_end(enough)
    values = [*pointers, *scalars, *others, *(one.count for one in sums), *rows.values()]
    arguments = code.stack(ir.LiteralStructType([value.type for value in values]))
    for k, value in enumerate(values):
        b.store(value, b.gep(arguments, [I32(0), I32(k)], inbounds=True))
    start = _start_function(function, [one.pointer for one in sums], list(rows), values, len(pointers) + len(scalars))
    records = code.stack(I64, _RECORD * code.threads)
    with counted(b, I64(0), parts) as k:
        record = b.gep(records, [b.mul(k, I64(_RECORD))], inbounds=True)
        following = b.add(k, I64(1))
        numbers = (b.ptrtoint(arguments, I64), k, _bound(b, k, size, parts), _bound(b, following, size, parts))
        for word, number in zip((_ARGUMENTS, _NUMBER, _FIRST, _END), numbers, strict=True):
            b.store(number, b.gep(record, [I64(word)], inbounds=True))
    run = define(b.module, "run_parts", (start.type, I64.as_pointer(), I64), _run)
    b.call(run, [start, records, parts])
    for one, other in zip(sums, others, strict=True):
        _add_parts(b, one, pointers[one.pointer], other, parts)
    if sums:
        free(b, memory)
    b.branch(done)
    b.position_at_end(done)


def own_sums(kernel: KernelCode) -> list[Accumulate]:
    """What each part of a kernel adds up in memory of its own."""
    return [statement for stage, statement in kernel.reductions() if kernel.adds_over_range(stage, statement)]


def count_parts(kernel: KernelCode, threads: int, sizes: Callable[[Expr], int | None]) -> int | None:
    """In how many parts a kernel is done where its loops have such sizes."""
    if kernel.outermost is None:
        return 1
    work = 0.0
    for stage in kernel.stages:
        points = [sizes(loop.size) for loop in (*kernel.rows, *stage.loops)]
        if None in points:
            return None
        work += _shares_of_a_point(stage) * math.prod(points)  # type: ignore[arg-type]
    return max(1, int(min(work, threads, sizes(kernel.outermost.size) or 0)))


def _shares_of_a_point(stage: StageCode) -> float:
    cost = sum(operation_cost(expr) for expr in walk(s.body for s in stage.statements) if expr.axes)
    return _OPERATION * cost / SHARE


def _worthwhile(code: ProgramCode, kernel: KernelCode) -> Register:
    """How many parts have enough to do."""
    b = code.b
    work: Register = F64(0.0)
    for stage in kernel.stages:
        points: Register = F64(_shares_of_a_point(stage))
        for loop in (*kernel.rows, *stage.loops):
            points = b.fmul(points, b.sitofp(code.host(loop.size), F64))
        work = b.fadd(work, points)
    most = F64(float(code.threads))
    return b.fptosi(b.select(b.fcmp_ordered("<", work, most), work, most), I64)


def _bound(b: ir.IRBuilder, k: Register, size: Register, parts: Register) -> Register:
    """Where part `k` begins: no part has more than one point more than another."""
    each, rest = b.sdiv(size, parts), b.srem(size, parts)
    return b.add(b.mul(k, each), minimum(b, k, rest))


def _memory(
    b: ir.IRBuilder, pointers: Sequence[Register], sums: Sequence[_Sums], parts: Register
) -> tuple[Register, list[Register]]:
    """A block for what the parts after the first add up, null if there is none, and where in it each sum's lie."""
    total: Register = I64(0)
    offsets = []
    for one in sums:
        offsets.append(total)
        size = b.mul(one.count, I64(ITEMSIZE[one.statement.target.dtype]))
        total = add_up(b, total, b.mul(size, b.sub(parts, I64(1))))
    block = malloc(b, add_up(b, total, I64(1)))
    return block, [
        b.bitcast(b.gep(block, [offset]), pointers[one.pointer].type) for one, offset in zip(sums, offsets, strict=True)
    ]


def _start_function(
    function: ir.Function, sums: Sequence[int], rows: Sequence[int], values: Sequence[Register], direct: int
) -> ir.Function:
    """``start(record)``: what a thread does, the kernel's function with the arguments of the record's part."""
    name = "_".join(map(str, (function.name, "part", *sums, "of", *rows)))
    known = function.module.globals.get(name)  # kernels that are alike share one function
    if known is not None:
        return known
    start = ir.Function(function.module, ir.FunctionType(PTR, (PTR,)), name)
    start.linkage = "internal"
    b = ir.IRBuilder(start.append_basic_block("entry"))
    record = b.bitcast(start.args[0], I64.as_pointer())

    def word(k: int) -> Register:
        return b.load(b.gep(record, [I64(k)], inbounds=True))

    kind = ir.LiteralStructType([value.type for value in values])
    given = b.inttoptr(word(_ARGUMENTS), kind.as_pointer())
    loaded = [b.load(b.gep(given, [I32(0), I32(k)], inbounds=True)) for k in range(len(values))]
    number = word(_NUMBER)
    arguments = loaded[:direct]
    others, counts = loaded[direct : direct + len(sums)], loaded[direct + len(sums) : direct + 2 * len(sums)]
    for pointer, other, count in zip(sums, others, counts, strict=True):
        own = b.gep(other, [b.mul(b.sub(number, I64(1)), count)])
        arguments[pointer] = b.select(b.icmp_signed("==", number, I64(0)), arguments[pointer], own)
    for pointer, size in zip(rows, loaded[direct + 2 * len(sums) :], strict=True):
        arguments[pointer] = b.gep(arguments[pointer], [b.mul(number, size)])
    b.call(function, [*arguments, word(_FIRST), word(_END)])
    b.ret(ir.Constant(PTR, None))
    return start


def _run(b: ir.IRBuilder, start: Register, records: Register, parts: Register) -> None:
    """Run all parts: the first here, each other in a thread, or here if none can be started."""
    create = external(b.module, "pthread_create", I32, (I64.as_pointer(), PTR, start.type, PTR))
    join = external(b.module, "pthread_join", I32, (I64, PTR))
    nothing = ir.Constant(PTR, None)

    def word(k: Register, number: int) -> Register:
        return b.gep(records, [b.add(b.mul(k, I64(_RECORD)), I64(number))], inbounds=True)

    with counted(b, I64(1), parts) as k:
        status = b.call(create, [word(k, _THREAD), nothing, start, b.bitcast(word(k, 0), PTR)])
        b.store(b.zext(b.icmp_signed("==", status, I32(0)), I64), word(k, _RUNS))
    b.call(start, [b.bitcast(records, PTR)])
    with counted(b, I64(1), parts) as k:
        runs = b.icmp_signed("!=", b.load(word(k, _RUNS)), I64(0))
        with b.if_else(runs, likely=True) as (elsewhere, here):
            with elsewhere:
                b.call(join, [b.load(word(k, _THREAD)), nothing])
            with here:
                b.call(start, [b.bitcast(word(k, 0), PTR)])


def _add_parts(b: ir.IRBuilder, one: _Sums, target: Register, others: Register, parts: Register) -> None:
    """Add what the other parts have to what the first one has, in order."""
    dtype = one.statement.target.dtype
    with counted(b, I64(1), parts) as k:
        base = b.mul(b.sub(k, I64(1)), one.count)
        with counted(b, I64(0), one.count) as i:
            place = b.gep(target, [i], inbounds=True)
            other = load(b, b.gep(others, [b.add(base, i)], inbounds=True), dtype)
            store(b, combine(b, one.statement.monoid, load(b, place, dtype), other, dtype, ()), place, dtype)
