"""Arrays of which a dimension turns out to be 1 where the loop isn't: a kernel reads a copy that is stretched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import llvmlite.ir as ir

from ..frame import NO_MEMORY
from .access import Access
from .dtypes import I1, I64, ITEMSIZE, PTR, Register
from .runtime import malloc
from .sizes import grow

if TYPE_CHECKING:
    from .program import ProgramCode


def kernel_pointer(code: ProgramCode, access: Access, copies: list[Register]) -> Register:
    """Where a kernel finds what it reads: where the value is, or a copy that is stretched.

    Where the copies' addresses are, null if there is none, joins `copies`.
    """
    pointer = code.pointer(access.value)
    if not access.masks:
        return pointer
    b = code.b
    plain = I1(1)
    for mask in access.masks:
        plain = b.and_(plain, b.icmp_signed("==", code.host(mask), I64(1)))
    sizes = [code.host(size) for size in access.copy_sizes]
    steps = [code.host(step) for step in access.copy_strides]
    kept = code.stack(PTR)
    ir.IRBuilder(code.entry).store(ir.Constant(PTR, None), kept)
    code.to_free.append(kept)
    before = b.block
    stretch, ready = b.append_basic_block("stretch"), b.append_basic_block("ready")
    b.cbranch(plain, ready, stretch).set_weights([10000, 1])
    b.position_at_end(stretch)
    copy = stretched_copy(code.module, ITEMSIZE[access.value.dtype], len(sizes))
    block = b.call(copy, [b.bitcast(pointer, PTR), *sizes, *steps])
    b.store(block, kept)
    code.leave_if(b.icmp_unsigned("==", b.ptrtoint(block, I64), I64(0)), NO_MEMORY)
    stretched = b.bitcast(block, pointer.type)
    made = b.block
    b.branch(ready)
    b.position_at_end(ready)
    chosen = b.phi(pointer.type)
    chosen.add_incoming(pointer, before)
    chosen.add_incoming(stretched, made)
    copies.append(kept)
    return chosen


def stretched_copy(module: ir.Module, itemsize: int, ndim: int) -> ir.Function:
    """``copy(source, sizes..., strides...) -> pointer``: fresh C-contiguous memory filled from strided elements.

    The result is null if there is no memory.  This is the slow path for a dimension that turns out to be 1 where the
    domain isn't; all programs with arrays of that rank and item size share it.
    """
    name = f"stretched_copy_{itemsize}_{ndim}"
    known = module.globals.get(name)
    if known is not None:
        return known
    item = ir.IntType(8 * itemsize) if itemsize <= 8 else ir.ArrayType(I64, itemsize // 8)
    function = ir.Function(module, ir.FunctionType(PTR, (PTR, *(I64,) * (2 * ndim))), name)
    function.linkage = "internal"
    for attribute in ("noinline", "optsize", "nounwind"):
        function.attributes.add(attribute)
    source, sizes, strides = function.args[0], function.args[1 : 1 + ndim], function.args[1 + ndim :]
    b = ir.IRBuilder(function.append_basic_block("entry"))
    total = I64(itemsize)
    for size in sizes:
        total = grow(b, [total, size], (), "int64")  # what is stretched may have larger elements than what is computed
    empty = I1(0)
    for size in sizes:
        empty = b.or_(empty, b.icmp_signed("==", size, I64(0)))
    target = malloc(b, b.select(empty, I64(1), total))
    done = function.append_basic_block("done")
    start = function.append_basic_block("start")
    b.cbranch(b.or_(empty, b.icmp_unsigned("==", b.ptrtoint(target, I64), I64(0))), done, start)
    b.position_at_end(start)
    source = b.bitcast(source, item.as_pointer())
    goal = b.bitcast(target, item.as_pointer())
    loops = []
    position, number = I64(0), I64(0)
    for size, stride in zip(sizes, strides, strict=True):
        body = function.append_basic_block("loop")
        before = b.block
        b.branch(body)
        b.position_at_end(body)
        k = b.phi(I64)
        k.add_incoming(I64(0), before)
        position = b.add(position, b.mul(k, stride))
        number = b.add(b.mul(number, size), k)
        loops.append((k, size, body))
    b.store(b.load(b.gep(source, [position]), align=1), b.gep(goal, [number]), align=1)
    for k, size, body in reversed(loops):
        following = b.add(k, I64(1))
        k.add_incoming(following, b.block)
        after = function.append_basic_block("after")
        b.cbranch(b.icmp_signed("<", following, size), body, after)
        b.position_at_end(after)
    b.branch(done)
    b.position_at_end(done)
    b.ret(target)
    return function
