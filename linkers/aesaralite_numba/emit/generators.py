"""Generators in machine code: a record is opened, stepped, and closed.

The classes whose step is a few instructions are stepped in line, with the state in registers where nothing else needs
its address; the others through NumPy's own functions.  In either case the numbers are NumPy's, bit for bit.
"""

from __future__ import annotations

import struct
from typing import Any

import llvmlite.ir as ir

from ..generators import FORMS, FUNCTIONS, STEP_PREFIX
from .dtypes import F64, I32, I64, PTR, Register
from .loops import Variable
from .runtime import external

I128 = ir.IntType(128)

_PCG_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_CHEAP_MULTIPLIER = 0xDA942042E4DD58B5
_TO_UNIT = struct.unpack("<d", struct.pack("<Q", 0x3CA0000000000000))[0]  # 2**-53

#: Words at the beginning of a record that a step in line works on, as numbers of that many bits.
_REGISTERS = {"PCG64": (128, 128), "PCG64DXSM": (128, 128), "SFC64": (64, 64, 64, 64)}


def rotate_right(b: ir.IRBuilder, x: Register, count: Register) -> Register:
    function = b.module.declare_intrinsic("llvm.fshr", [I64], ir.FunctionType(I64, (I64, I64, I64)))
    return b.call(function, [x, x, count])


def copy_bytes(b: ir.IRBuilder, target: Register, source: Register, size: int) -> None:
    """Copy a known number of bytes between places that don't overlap."""
    function = b.module.declare_intrinsic("llvm.memcpy", [PTR, PTR, I64])
    b.call(function, [b.bitcast(target, PTR), b.bitcast(source, PTR), I64(size), ir.IntType(1)(0)])


class GeneratorCode:
    """An open generator.

    Parameters
    ----------
    b
        Builder, at the place where the generator is opened; what is drawn later must be dominated by it.
    kind
        Class of the bit generator.
    source
        Address of the record.

    Attributes
    ----------
    kind
        As given.
    record
        Address of the copy that is worked on.
    """

    def __init__(self, b: ir.IRBuilder, kind: str, source: Register) -> None:
        self.kind = kind
        self.form = FORMS[kind]
        with b.goto_entry_block():
            self.record = b.alloca(ir.ArrayType(I64, self.form.words))
            self.record.align = 16
        copy_bytes(b, self.record, source, 8 * self.form.words)
        # what C functions need is put here, if any is called
        self._opened = b.block
        following = b.append_basic_block("drawing")
        b.branch(following)
        b.position_at_end(following)
        self._native: Register | None = None
        self._interface: Register | None = None

    @property
    def in_line(self) -> bool:
        """Whether steps are made in line."""
        return self.kind in _REGISTERS

    # ------------------------------------------------------------------ steps
    def load(self, b: ir.IRBuilder) -> list[Register]:
        """The numbers that a step in line works on."""
        numbers, word = [], 0
        for bits in _REGISTERS[self.kind]:
            kind = ir.IntType(bits)
            numbers.append(b.load(b.bitcast(self._word(b, word), kind.as_pointer()), align=8))
            word += bits // 64
        return numbers

    def store(self, b: ir.IRBuilder, numbers: list[Register]) -> None:
        """Set them."""
        word = 0
        for number in numbers:
            b.store(number, b.bitcast(self._word(b, word), number.type.as_pointer()), align=8)
            word += number.type.width // 64

    def step(self, b: ir.IRBuilder, numbers: list[Register]) -> tuple[Register, list[Register]]:
        """64 random bits, and the numbers after the step."""
        return _STEPS[self.kind](b, numbers)

    def next_uint64(self, b: ir.IRBuilder) -> Register:
        """64 random bits."""
        if not self.in_line:
            return b.call(self._step_function(b, "uint64"), [self.native(b)])
        bits, numbers = self.step(b, self.load(b))
        self.store(b, numbers)
        return bits

    def next_uint32(self, b: ir.IRBuilder) -> Register:
        """32 random bits; for bit generators that are stepped in line.

        64 bits are drawn every other time: the upper half is left over for the next time.
        """
        flag, half = (b.bitcast(b.gep(self._tail(b), [I64(k)]), I32.as_pointer()) for k in (0, 4))
        result = Variable(b, b.load(half))
        with b.if_else(b.icmp_unsigned("!=", b.load(flag), I32(0))) as (left_over, fresh):
            with left_over:
                b.store(I32(0), flag)
            with fresh:
                bits = self.next_uint64(b)
                result.set(b.trunc(bits, I32))
                b.store(I32(1), flag)
                b.store(b.trunc(b.lshr(bits, I64(32)), I32), half)
        return result.get()

    def next_double(self, b: ir.IRBuilder) -> Register:
        """A uniform number of [0, 1), a multiple of 2**-53."""
        if not self.in_line:
            return b.call(self._step_function(b, "double"), [self.native(b)])
        return unit_interval(b, self.next_uint64(b))

    # ------------------------------------------------------------ C functions
    def native(self, b: ir.IRBuilder) -> Register:
        """Address of NumPy's structure for the state that is worked on."""
        if self._native is not None:
            return self._native
        form = self.form
        if not form.pointed:
            with b.goto_block(self._opened):
                self._native = b.bitcast(self.record, PTR)
            return self._native
        own = -(-form.own // 8)
        with b.goto_entry_block():
            place = b.alloca(ir.ArrayType(I64, len(form.pointed) + own))
            place.align = 16
        with b.goto_block(self._opened):
            word = 0
            for k, words in enumerate(form.pointed):
                b.store(b.ptrtoint(self._word(b, word), I64), b.gep(place, [I32(0), I32(k)]))
                word += words
            copy_bytes(b, b.gep(place, [I32(0), I32(len(form.pointed))]), self._word(b, word), 8 * own)
            self._native = b.bitcast(place, PTR)
        return self._native

    def bitgen(self, b: ir.IRBuilder) -> Register:
        """Address of a ``bitgen_t``, for NumPy's C functions."""
        if self._interface is not None:
            return self._interface
        native = self.native(b)
        with b.goto_entry_block():
            place = b.alloca(ir.ArrayType(I64, 1 + len(FUNCTIONS)))
        with b.goto_block(self._opened):
            b.store(b.ptrtoint(native, I64), b.gep(place, [I32(0), I32(0)]))
            for k, name in enumerate(FUNCTIONS):
                address = b.ptrtoint(self._step_function(b, name), I64)
                b.store(address, b.gep(place, [I32(0), I32(1 + k)]))
            self._interface = b.bitcast(place, PTR)
        return self._interface

    def close(self, b: ir.IRBuilder, target: Register) -> None:
        """Write the record to `target`."""
        form = self.form
        if self._native is not None and form.pointed:
            own = b.gep(self._native, [I64(form.head)])
            copy_bytes(b, self._word(b, sum(form.pointed)), own, 8 * (-(-form.own // 8)))
        copy_bytes(b, target, self.record, 8 * form.words)

    def _tail(self, b: ir.IRBuilder) -> Register:
        """Address of the half of a draw that is left over, behind a flag that says whether one is."""
        return b.bitcast(self._word(b, sum(bits for bits in _REGISTERS[self.kind]) // 64), PTR)

    def _word(self, b: ir.IRBuilder, k: int) -> Register:
        return b.gep(self.record, [I32(0), I32(k)], inbounds=True)

    def _step_function(self, b: ir.IRBuilder, name: str) -> Any:
        result = {"uint64": I64, "uint32": I32, "double": F64, "raw": I64}[name]
        return external(b.module, f"{STEP_PREFIX}{self.kind}_{name}", result, (PTR,))


def unit_interval(b: ir.IRBuilder, bits: Register) -> Register:
    """The first 53 of 64 bits as a number of [0, 1)."""
    return b.fmul(b.uitofp(b.lshr(bits, I64(11)), F64), F64(_TO_UNIT))


def _step_pcg64(b: ir.IRBuilder, numbers: list[Register]) -> tuple[Register, list[Register]]:
    """O'Neill's PCG XSL RR 128/64 (HMC-CS-2014-0905)."""
    state, increment = numbers
    state = b.add(b.mul(state, I128(_PCG_MULTIPLIER)), increment)
    mixed = b.xor(b.trunc(b.lshr(state, I128(64)), I64), b.trunc(state, I64))
    return rotate_right(b, mixed, b.trunc(b.lshr(state, I128(122)), I64)), [state, increment]


def _step_pcg64dxsm(b: ir.IRBuilder, numbers: list[Register]) -> tuple[Register, list[Register]]:
    """PCG with O'Neill's DXSM output function and cheap multiplier; the output is that of the state before."""
    state, increment = numbers
    multiplier = I64(_CHEAP_MULTIPLIER)
    high = b.trunc(b.lshr(state, I128(64)), I64)
    low = b.or_(b.trunc(state, I64), I64(1))
    high = b.xor(high, b.lshr(high, I64(32)))
    high = b.mul(high, multiplier)
    high = b.xor(high, b.lshr(high, I64(48)))
    state = b.add(b.mul(state, I128(_CHEAP_MULTIPLIER)), increment)
    return b.mul(high, low), [state, increment]


def _step_sfc64(b: ir.IRBuilder, numbers: list[Register]) -> tuple[Register, list[Register]]:
    """Doty-Humphrey's Small Fast Chaotic generator."""
    first, second, third, counter = numbers
    result = b.add(b.add(first, second), counter)
    rotated = rotate_right(b, third, I64(64 - 24))
    return result, [
        b.xor(second, b.lshr(second, I64(11))),
        b.add(third, b.shl(third, I64(3))),
        b.add(rotated, result),
        b.add(counter, I64(1)),
    ]


_STEPS = {"PCG64": _step_pcg64, "PCG64DXSM": _step_pcg64dxsm, "SFC64": _step_sfc64}
