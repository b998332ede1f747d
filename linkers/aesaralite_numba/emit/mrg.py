"""Streams of MRG31k3p, drawn from side by side.

A tile of streams is unpacked into a vector for each place in their states.  Rows of numbers are drawn from it, one of
each stream, and go where they belong in the array; the loops over a row are what LLVM vectorises.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import llvmlite.ir as ir

from aesaralite.tensor.random.mrg.recurrence import M1, M2, MASK2, MASK12, MASK13, MULT2, SCALES

from ..values import Call, DrawCall
from .blas import routine
from .dtypes import F32, F64, I32, I64, Register, memory_type, register_type, store
from .loops import Variable, counted, define, element, maximum, minimum

if TYPE_CHECKING:
    from .program import Operand, ProgramCode

#: Streams that are unpacked together: their states and a row of numbers stay in the nearest cache.
TILE = 512
#: Numbers in the state of a stream.
WORDS = 6
#: Places of the state's numbers that enter the next one: two of the first recurrence, two of the second.
_READ = (1, 2, 3, 5)


@routine("mrg_uniform")
def mrg_uniform(code: ProgramCode, call: Call, operands: list[Operand], target: Register) -> None:
    """Draw; the states of the streams, which are an ordinary array, advance."""
    assert isinstance(call, DrawCall)
    b = code.b
    source, states = code.pointer(call.state.source), code.pointer(call.state)
    streams, count = code.host(call.state.dims[0]), code.host(call.scalars[0])
    with b.if_then(b.icmp_unsigned("!=", source, states)):
        code.copy(states, source, b.mul(streams, I64(4 * WORDS)))
    pointer = memory_type(call.dtype).as_pointer()
    signature = (I32.as_pointer(), pointer, I64, I64)
    function = define(code.module, f"mrg_{call.dtype}", signature, partial(_build, call.dtype))
    with code.unless_empty(count):
        b.call(function, [states, b.bitcast(target, pointer), streams, count])


def _build(
    dtype: str, b: ir.IRBuilder, states: ir.Argument, samples: ir.Argument, streams: Register, count: Register
) -> None:
    states.add_attribute("noalias")
    samples.add_attribute("noalias")
    rounds, rest = b.sdiv(count, streams), b.srem(count, streams)
    drawn = b.select(b.icmp_signed("==", rounds, I64(0)), rest, streams)
    place = I32.as_pointer()
    unpack = define(b.module, "mrg_unpack", (place, place, I64), _build_unpack)
    pack = define(b.module, "mrg_pack", (place,) * (1 + WORDS) + (I64, I64), _build_pack)
    reduce = define(b.module, "mrg_reduce", (place, I32, I64), _build_reduce)
    step = define(b.module, "mrg_step", (place,) * 5 + (I64,), _build_step)
    scale = define(b.module, f"mrg_scale_{dtype}", (place, samples.type, I64), partial(_build_scale, dtype))
    with b.goto_entry_block():
        scratch = b.alloca(ir.ArrayType(I32, TILE * (WORDS + 1)))
        scratch.align = 64
    places = [b.gep(scratch, [I32(0), I32(TILE * k)]) for k in range(WORDS + 1)]
    integers = places.pop()

    def draw_row(state: list[Register], size: Register, target: Register) -> list[Register]:
        """Draw from `size` streams; where their states then are."""
        b.call(step, [*(state[k] for k in _READ), integers, size])
        b.call(scale, [integers, target, size])
        return [state[2], state[0], state[1], state[5], state[3], state[4]]

    with counted(b, I64(0), drawn, I64(TILE)) as first:
        size = minimum(b, I64(TILE), b.sub(drawn, first))
        here = element(b, states, b.mul(first, I64(WORDS)))
        numbers = element(b, samples, first)
        b.call(unpack, [here, places[0], size])
        for k, vector in enumerate(places):
            b.call(reduce, [vector, I32(M1 if k < 3 else M2), size])
        state = [Variable(b, vector) for vector in places]
        with counted(b, I64(0), rounds) as k:
            after = draw_row([vector.get() for vector in state], size, element(b, numbers, b.mul(k, streams)))
            for vector, pointer in zip(state, after, strict=True):
                vector.set(pointer)
        reached = [vector.get() for vector in state]
        more = maximum(b, I64(0), minimum(b, size, b.sub(rest, first)))
        after = draw_row(reached, more, element(b, numbers, b.mul(rounds, streams)))
        b.call(pack, [here, *after, I64(0), more])
        b.call(pack, [here, *reached, more, size])


def _in_words(b: ir.IRBuilder) -> None:
    """Don't let LLVM make vectors of moves six words apart: they save nothing, and take long to compile."""
    b.function.attributes.add("noimplicitfloat")


def _build_unpack(b: ir.IRBuilder, states: ir.Argument, places: ir.Argument, size: Register) -> None:
    """A vector for each place in the states, `TILE` elements apart."""
    _in_words(b)
    states.add_attribute("noalias")
    places.add_attribute("noalias")
    with counted(b, I64(0), size) as i:
        stream = element(b, states, b.mul(i, I64(WORDS)))
        for k in range(WORDS):
            b.store(b.load(element(b, stream, I64(k))), element(b, places, b.add(i, I64(TILE * k))))


def _build_pack(b: ir.IRBuilder, states: ir.Argument, *args: Register) -> None:
    """The way back, for the streams from a first one to a last one."""
    *places, start, stop = args
    _in_words(b)
    states.add_attribute("noalias")
    with counted(b, start, stop) as i:
        stream = element(b, states, b.mul(i, I64(WORDS)))
        for k, place in enumerate(places):
            b.store(b.load(element(b, place, i)), element(b, stream, I64(k)))


def _build_reduce(b: ir.IRBuilder, place: ir.Argument, modulus: Register, size: Register) -> None:
    """Any integers as residues."""
    with counted(b, I64(0), size) as i:
        x = b.load(element(b, place, i))
        for _ in range(2):
            x = b.select(b.icmp_signed("<", x, I32(0)), b.add(x, modulus), x)
        b.store(_reduced(b, x, modulus), element(b, place, i))


def _reduced(b: ir.IRBuilder, x: Register, modulus: Register) -> Register:
    """The residue of a number below twice the modulus: below 0 it wraps around to a large one."""
    less = b.sub(x, modulus)
    return b.select(b.icmp_unsigned("<", x, less), x, less)


def _build_step(
    b: ir.IRBuilder,
    x2: ir.Argument,
    x3: ir.Argument,
    y1: ir.Argument,
    y3: ir.Argument,
    integers: ir.Argument,
    size: Register,
) -> None:
    """The next numbers of both recurrences, in the places of the oldest, and what is drawn, of ``1 .. M1``."""
    for argument in (x2, x3, y1, y3, integers):
        argument.add_attribute("noalias")
    first, second = I32(M1), I32(M2)

    def low_up(x: Register, mask: int, shift: int) -> Register:
        return b.shl(b.and_(x, I32(mask)), I32(shift))

    with counted(b, I64(0), size) as i:
        old = [b.load(element(b, place, i)) for place in (x2, x3, y1, y3)]
        # 2^22 x2 and 2^7 x3 modulo 2^31 - 1 are rotations of 31 bits
        x = b.add(low_up(old[0], MASK12, 22), b.lshr(old[0], I32(9)))
        x = b.add(x, b.add(low_up(old[1], MASK13, 7), b.lshr(old[1], I32(24))))
        x = _reduced(b, b.add(_reduced(b, x, first), old[1]), first)
        # modulo 2^31 - 21069, 2^31 is 21069
        scaled = [
            _reduced(b, b.add(low_up(y, MASK2, 15), b.mul(I32(MULT2), b.lshr(y, I32(16)))), second) for y in old[2:]
        ]
        y = _reduced(b, b.add(_reduced(b, b.add(scaled[1], old[3]), second), scaled[0]), second)
        b.store(x, element(b, x3, i))
        b.store(y, element(b, y3, i))
        drawn = b.sub(x, y)
        drawn = b.select(b.icmp_signed("<", I32(0), drawn), drawn, b.add(drawn, first))
        b.store(drawn, element(b, integers, i))


def _build_scale(dtype: str, b: ir.IRBuilder, integers: ir.Argument, numbers: ir.Argument, size: Register) -> None:
    integers.add_attribute("noalias")
    numbers.add_attribute("noalias")
    mask, offset, norm = SCALES[dtype]
    with counted(b, I64(0), size) as i:
        integer = b.load(element(b, integers, i))
        if mask < M1:
            integer = b.and_(integer, I32(mask))
        if offset:
            integer = b.add(integer, I32(offset))
        number = b.fmul(b.sitofp(integer, F64), F64(norm))
        if dtype == "float16":
            # rounding twice makes no difference to any of the integers
            number = b.fptrunc(number, F32)
        if dtype != "float64":
            number = b.fptrunc(number, register_type(dtype))
        store(b, number, element(b, numbers, i), dtype)
