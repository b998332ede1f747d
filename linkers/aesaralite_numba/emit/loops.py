"""Loops, variables and functions in LLVM, for routines that are written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import llvmlite.ir as ir

from .dtypes import I64, VOID, Kind, Register


def define(module: ir.Module, name: str, args: Sequence[Kind], build: Callable[..., None]) -> ir.Function:
    """The module's own function `name`, made by ``build(builder, *arguments)`` when it is first asked for."""
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(VOID, tuple(args)), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    b = ir.IRBuilder(function.append_basic_block("entry"))
    build(b, *function.args)
    b.ret_void()
    return function


class Variable:
    """A variable of a function; LLVM makes a register of it."""

    def __init__(self, b: ir.IRBuilder, value: Register) -> None:
        self.b = b
        with b.goto_entry_block():
            self.place = b.alloca(value.type)
        b.store(value, self.place)

    def get(self) -> Register:
        return self.b.load(self.place)

    def set(self, value: Register) -> None:
        self.b.store(value, self.place)

    def add(self, value: Register) -> None:
        self.set(self.b.add(self.get(), value, flags=("nsw",)))


@contextmanager
def counted(b: ir.IRBuilder, start: Register, stop: Register, step: Register | None = None) -> Iterator[Register]:
    """A loop over ``range(start, stop, step)`` for a positive step; it may be empty."""
    body, done = b.append_basic_block("loop"), b.append_basic_block("done")
    before = b.block
    b.cbranch(b.icmp_signed("<", start, stop), body, done)
    b.position_at_end(body)
    k = b.phi(I64)
    k.add_incoming(start, before)
    yield k
    following = b.add(k, I64(1) if step is None else step, flags=("nsw",))
    k.add_incoming(following, b.block)
    b.cbranch(b.icmp_signed("<", following, stop), body, done)
    b.position_at_end(done)


@contextmanager
def repeat_while(b: ir.IRBuilder, condition: Callable[[], Register]) -> Iterator[None]:
    """A loop that runs as long as `condition`, which is built before each round, holds."""
    head, body, done = (b.append_basic_block(name) for name in ("while", "loop", "done"))
    b.branch(head)
    b.position_at_end(head)
    b.cbranch(condition(), body, done)
    b.position_at_end(body)
    yield
    b.branch(head)
    b.position_at_end(done)


def minimum(b: ir.IRBuilder, x: Register, y: Register) -> Register:
    return b.select(b.icmp_signed("<", x, y), x, y)


def maximum(b: ir.IRBuilder, x: Register, y: Register) -> Register:
    return b.select(b.icmp_signed(">", x, y), x, y)


def element(b: ir.IRBuilder, pointer: Register, index: Register) -> Register:
    """Address of an element."""
    return b.gep(pointer, [index], inbounds=True)
