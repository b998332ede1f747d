"""One draw of one element: uniforms, integers, normals and exponentials in line, the other distributions by NumPy's C
functions.

Normals and exponentials take the short way of the ziggurat (:mod:`..ziggurat`) in line, 99 times out of 100, with the
state in registers.  Otherwise NumPy's function is called with the state as it was before, and finds the same layer
again.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from functools import partial

import llvmlite.ir as ir

from ..ziggurat import Ziggurat, exponential, normal
from .distributions import DRAWS, FUNCTIONS, random_function
from .dtypes import F64, I32, I64, PTR, Register
from .generators import I128, GeneratorCode
from .loops import Variable, repeat_while

#: Whether NumPy's C code rounds a product before it adds: compilers for other processors contract the two.
_ROUNDS_PRODUCTS = platform.machine().lower() in ("x86_64", "amd64")

#: The largest width of an interval of integers for which 32 random bits are drawn.
_MOST_32 = (1 << 32) - 1


def draw_element(b: ir.IRBuilder, generator: GeneratorCode, name: str, args: Sequence[Register]) -> Register:
    """Draw `name` of :data:`.distributions.DRAWS` with parameters `args`."""
    in_line = _IN_LINE.get(name)
    if in_line is None or not generator.in_line:
        return DRAWS[name](b, generator, list(args))
    return in_line(b, generator, *args)


def _standard_uniform(b: ir.IRBuilder, generator: GeneratorCode) -> Register:
    return generator.next_double(b)


def _standard_normal(b: ir.IRBuilder, generator: GeneratorCode) -> Register:
    def short(bits: Register) -> tuple[Register, Register, Register]:
        layer = b.and_(bits, I64(0xFF))
        r = b.and_(b.lshr(bits, I64(9)), I64((1 << 52) - 1))
        x = b.fmul(b.uitofp(r, F64), _entry(b, "standard_normal_width", normal().width, layer))
        negative = b.icmp_unsigned("!=", b.and_(bits, I64(0x100)), I64(0))
        return layer, r, b.select(negative, b.fneg(x), x)

    return _by_ziggurat(b, generator, "standard_normal", normal(), short)


def _standard_exponential(b: ir.IRBuilder, generator: GeneratorCode) -> Register:
    def short(bits: Register) -> tuple[Register, Register, Register]:
        layer = b.and_(b.lshr(bits, I64(3)), I64(0xFF))
        r = b.lshr(bits, I64(11))
        return layer, r, b.fmul(b.uitofp(r, F64), _entry(b, "standard_exponential_width", exponential().width, layer))

    return _by_ziggurat(b, generator, "standard_exponential", exponential(), short)


def _by_ziggurat(
    b: ir.IRBuilder,
    generator: GeneratorCode,
    sampler: str,
    tables: Ziggurat,
    short: Callable[[Register], tuple[Register, Register, Register]],
) -> Register:
    before = generator.load(b)
    bits, after = generator.step(b, before)
    layer, r, x = short(bits)
    accepted = b.icmp_unsigned("<", r, _entry(b, f"{sampler}_limit", tables.limit, layer))
    generator.store(b, after)
    start = b.block
    long_way, done = b.append_basic_block("long_way"), b.append_basic_block("drawn")
    b.cbranch(accepted, done, long_way).set_weights([1000, 10])
    b.position_at_end(long_way)
    result = b.call(_long_way(b.module, generator, sampler, before), before)
    generator.store(b, [b.extract_value(result, 1 + k) for k in range(len(before))])
    other = b.extract_value(result, 0)
    b.branch(done)
    b.position_at_end(done)
    chosen = b.phi(F64)
    chosen.add_incoming(x, start)
    chosen.add_incoming(other, long_way)
    return chosen


def _long_way(module: ir.Module, generator: GeneratorCode, sampler: str, numbers: Sequence[Register]) -> ir.Function:
    """``function(numbers...) -> draw, numbers...``: NumPy's function, with the state passed by value so that the
    caller can keep it in registers.
    """
    name = f"{sampler}_{generator.kind}"
    known = module.globals.get(name)
    if known is not None:
        return known
    kinds = [number.type for number in numbers]
    returned = ir.LiteralStructType((F64, *kinds))
    function = ir.Function(module, ir.FunctionType(returned, kinds), name)
    function.linkage = "internal"
    for attribute in ("noinline", "nounwind"):
        function.attributes.add(attribute)
    b = ir.IRBuilder(function.append_basic_block("entry"))
    # these samplers never ask for 32 bits, so that the half left over is of no account
    empty = b.alloca(ir.ArrayType(I64, generator.form.words))
    own = GeneratorCode(b, generator.kind, b.bitcast(empty, PTR))
    own.store(b, list(function.args))
    drawn = random_function(b, FUNCTIONS[sampler], [own.bitgen(b)])
    result = b.insert_value(ir.Constant(returned, ir.Undefined), drawn, 0)
    for k, number in enumerate(own.load(b)):
        result = b.insert_value(result, number, 1 + k)
    b.ret(result)
    return function


def _entry(b: ir.IRBuilder, name: str, numbers: Sequence[float], position: Register) -> Register:
    """An entry of a table of constants."""
    kind = F64 if isinstance(numbers[0], float) else I64
    table = b.module.globals.get(name)
    if table is None:
        array = ir.ArrayType(kind, len(numbers))
        table = ir.GlobalVariable(b.module, array, name)
        table.initializer = ir.Constant(array, [kind(number) for number in numbers])
        table.global_constant = True
        table.linkage = "internal"
    return b.load(b.gep(table, [I32(0), position], inbounds=True))


def _uniform(b: ir.IRBuilder, generator: GeneratorCode, low: Register, width: Register) -> Register:
    return b.fadd(low, b.fmul(width, generator.next_double(b)))


def _normal(b: ir.IRBuilder, generator: GeneratorCode, loc: Register, scale: Register) -> Register:
    return b.fadd(loc, b.fmul(scale, _standard_normal(b, generator)))


def _exponential(b: ir.IRBuilder, generator: GeneratorCode, scale: Register) -> Register:
    return b.fmul(scale, _standard_exponential(b, generator))


def _integers(b: ir.IRBuilder, generator: GeneratorCode, low: Register, width: Register) -> Register:
    """Uniform on ``low`` to ``low + width``, both included: Lemire's method (2019, doi:10.1145/3230636)."""
    result = Variable(b, I64(0))
    narrow = b.icmp_unsigned("<=", width, I64(_MOST_32))
    with b.if_then(b.icmp_unsigned("!=", width, I64(0))), b.if_else(narrow) as (short, long):
        with short:
            bits = partial(generator.next_uint32, b)
            result.set(b.zext(_bounded(b, bits, b.trunc(width, I32), I64), I64))
        with long:
            result.set(_bounded(b, partial(generator.next_uint64, b), width, I128))
    return b.add(low, result.get())


def _bounded(b: ir.IRBuilder, bits: Callable[[], Register], width: Register, twice: ir.IntType) -> Register:
    """The upper half of random bits times the number of results, drawn again where that would not be uniform."""
    kind = width.type
    count = b.add(width, kind(1))
    half = twice(kind.width)

    def product() -> Register:
        return b.mul(b.zext(bits(), twice), b.zext(count, twice))

    with b.if_else(b.icmp_unsigned("==", count, kind(0)), likely=False) as (everything, part):
        with everything:
            all_bits = bits()
            all_block = b.block
        with part:
            found = Variable(b, product())
            with b.if_then(b.icmp_unsigned("<", b.trunc(found.get(), kind), count), likely=False):
                threshold = b.urem(b.sub(kind(-1), width), count)
                with repeat_while(b, lambda: b.icmp_unsigned("<", b.trunc(found.get(), kind), threshold)):
                    found.set(product())
            some_bits = b.trunc(b.lshr(found.get(), half), kind)
            some_block = b.block
    result = b.phi(kind)
    result.add_incoming(all_bits, all_block)
    result.add_incoming(some_bits, some_block)
    return result


_IN_LINE: dict[str, Callable[..., Register]] = {
    "standard_uniform": _standard_uniform,
    "standard_normal": _standard_normal,
    "standard_exponential": _standard_exponential,
    "exponential": _exponential,
    "integers": _integers,
}
if _ROUNDS_PRODUCTS:
    _IN_LINE |= {"uniform": _uniform, "normal": _normal}
