"""Small functions that programs share: the workspace that is kept between calls, stretched copies."""

from __future__ import annotations

import llvmlite.ir as ir

from .dtypes import I32, I64, PTR, VOID, Kind, Register

ALIGNMENT = 64


def external(module: ir.Module, name: str, result: Kind, args: tuple[Kind, ...]) -> ir.Function:
    """The function `name` of another library."""
    known = module.globals.get(name)
    if known is None:
        known = ir.Function(module, ir.FunctionType(result, args), name)
        known.attributes.add("nounwind")
    return known


def leave_unoptimised(function: ir.Function) -> None:
    """Compile a function that has little to do as it stands: that takes half the time, and calls are no slower."""
    for attribute in ("noinline", "optnone"):
        function.attributes.add(attribute)


def malloc(b: ir.IRBuilder, size: Register) -> Register:
    return b.call(external(b.module, "malloc", PTR, (I64,)), [size])


def free(b: ir.IRBuilder, pointer: Register) -> None:
    b.call(external(b.module, "free", VOID, (PTR,)), [pointer])


def at_least_one(b: ir.IRBuilder, size: Register) -> Register:
    """`size`, or 1 in the place of 0, for which an allocator may give nothing."""
    return b.select(b.icmp_signed("==", size, I64(0)), I64(1), size)


def align_pointer(b: ir.IRBuilder, pointer: Register) -> Register:
    number = b.ptrtoint(pointer, I64)
    return b.inttoptr(b.and_(b.add(number, I64(ALIGNMENT - 1)), I64(-ALIGNMENT)), PTR)


def padded(b: ir.IRBuilder, size: Register) -> Register:
    return b.and_(b.add(size, I64(ALIGNMENT - 1)), I64(-ALIGNMENT))


def add_up(b: ir.IRBuilder, total: Register, size: Register) -> Register:
    """The sum of numbers of bytes, or the greatest there is, for which there is never memory."""
    name = "llvm.uadd.sat.i64"
    function = b.module.globals.get(name) or ir.Function(b.module, ir.FunctionType(I64, (I64, I64)), name)
    return b.call(function, [total, size])


def advise_large_pages(module: ir.Module) -> ir.Function:
    """``advise(data, size)``: ask for large pages behind large outputs, for fewer page faults when they are first
    written.
    """
    name = "advise_large_pages"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(VOID, (PTR, I64)), name)
    function.linkage = "internal"
    leave_unoptimised(function)
    data, size = function.args
    b = ir.IRBuilder(function.append_basic_block())
    number = b.ptrtoint(data, I64)
    first = b.and_(b.add(number, I64(4095)), I64(-4096))
    length = b.sub(b.add(number, size), first)
    b.call(external(module, "madvise", I32, (PTR, I64, I32)), [b.inttoptr(first, PTR), length, I32(14)])
    b.ret_void()
    return function


def take_workspace(b: ir.IRBuilder, kept: ir.GlobalVariable, size: Register) -> Register:
    """A block of `size` bytes, the kept one if it is large enough and nobody else has it; null if there is no memory.

    Its first word is its capacity.
    """
    function = _take_function(b.module)
    return b.call(function, [b.bitcast(kept, I64.as_pointer()), size])


def _take_function(module: ir.Module) -> ir.Function:
    name = "take_workspace"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(PTR, (I64.as_pointer(), I64)), name)
    function.linkage = "internal"
    leave_unoptimised(function)
    slot, size = function.args
    blocks = [function.append_basic_block(n) for n in ("entry", "kept", "small", "fresh", "made", "failed")]
    entry, kept, small, fresh, made, failed = blocks
    b = ir.IRBuilder(entry)
    number = b.atomic_rmw("xchg", slot, I64(0), "acq_rel")
    pointer = b.inttoptr(number, PTR)
    b.cbranch(b.icmp_unsigned("==", number, I64(0)), fresh, kept)
    b.position_at_end(kept)
    capacity = b.load(b.bitcast(pointer, I64.as_pointer()))
    use = function.append_basic_block("use")
    b.cbranch(b.icmp_unsigned(">=", capacity, size), use, small)
    b.position_at_end(use)
    b.ret(pointer)
    b.position_at_end(small)
    free(b, pointer)
    b.branch(fresh)
    b.position_at_end(fresh)
    block = malloc(b, add_up(b, size, I64(2 * ALIGNMENT)))
    b.cbranch(b.icmp_unsigned("==", b.ptrtoint(block, I64), I64(0)), failed, made)
    b.position_at_end(made)
    b.store(size, b.bitcast(block, I64.as_pointer()))
    b.ret(block)
    b.position_at_end(failed)
    b.ret(ir.Constant(PTR, None))
    return function


def workspace_data(b: ir.IRBuilder, block: Register) -> Register:
    """Aligned start of the block's usable memory."""
    return align_pointer(b, b.gep(block, [I64(8)]))


def keep_workspace(b: ir.IRBuilder, kept: ir.GlobalVariable, block: Register) -> None:
    """Put the block back for the next call."""
    number = b.ptrtoint(block, I64)
    slot = b.bitcast(kept, I64.as_pointer())
    other = b.atomic_rmw("xchg", slot, number, "acq_rel")
    free(b, b.inttoptr(other, PTR))
