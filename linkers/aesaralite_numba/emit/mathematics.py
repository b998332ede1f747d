"""Mathematical functions of real numbers: the one table that says how each is computed.

Functions are our own, which vectorise (:mod:`..vector_math`), or come from LLVM's intrinsics, the C library, or SciPy
(:data:`SCIPY`, loaded when a program uses one).  Without fused multiply-add all are from libraries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import llvmlite.ir as ir

from .. import machine
from ..symbols import SCIPY_PREFIX
from ..vector_math.code import DOUBLE, SINGLE
from ..vector_math.functions import FUNCTIONS
from ..vector_math.linking import PREFIX, symbol
from .dtypes import F64, I32, I64, Register, is_complex, is_float, is_signed, real_dtype
from .scalars import SCALARS, in_float32, intrinsic, pair, parts, scalar

#: LLVM's intrinsics: some become one instruction, the others a call of the C library.
INTRINSICS = {
    **{name: f"llvm.{name}" for name in ("sqrt", "floor", "ceil", "trunc", "rint", "exp", "exp2")},
    **{name: f"llvm.{name}" for name in ("log", "log2", "log10", "sin", "cos")},
    "round_half_away": "llvm.round",
}  # fmt: skip

#: The C library's, with an f at the end for float32.
C_LIBRARY = {
    **{name: name for name in ("tan", "sinh", "cosh", "tanh", "erf", "erfc", "expm1", "log1p", "cbrt", "hypot")},
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "arctan2": "atan2", "nextafter": "nextafter",
}  # fmt: skip

#: SciPy's, in float64: functions of ``scipy.special.cython_special``.
SCIPY = (
    "erfinv", "erfcinv", "erfcx", "owens_t", "gamma", "gammaln", "psi", "gammainc", "gammaincc", "gammaincinv",
    "gammainccinv", "betainc", "betaincinv", "jv", "iv", "kv", "ive", "kve", "j0", "j1", "i0", "i1", "xlogy",
)  # fmt: skip

#: Builds a function of registers that are all float32 or all float64.
Build = Callable[[ir.IRBuilder, Sequence[Register]], Register]
LIBRARY: dict[str, Build] = {}


def _from_intrinsic(name: str, target: str) -> None:
    LIBRARY[name] = lambda b, args: intrinsic(b, target, args[0].type, list(args), args[0].type)


def _from_c(name: str, target: str) -> None:
    def build(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
        kind = args[0].type
        return intrinsic(b, target if kind == F64 else target + "f", kind, list(args))

    LIBRARY[name] = build


def _from_scipy(name: str) -> None:
    def build(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
        kind = args[0].type
        wide = [x if x.type == F64 else b.fpext(x, F64) for x in args]
        # Cython's functions take another, hidden argument: whether the caller skips dispatch.
        result = intrinsic(b, SCIPY_PREFIX + name, F64, [*wide, I32(0)])
        return result if kind == F64 else b.fptrunc(result, kind)

    LIBRARY[name] = build


for _name, _target in INTRINSICS.items():
    _from_intrinsic(_name, _target)
for _name, _target in C_LIBRARY.items():
    _from_c(_name, _target)
for _name in SCIPY:
    _from_scipy(_name)


def _composed(build: Build) -> None:
    LIBRARY[build.__name__.removeprefix("_")] = build


def _decay(b: ir.IRBuilder, x: Register) -> Register:
    """``exp(-|x|)``."""
    return LIBRARY["exp"](b, [b.fneg(intrinsic(b, "llvm.fabs", x.type, [x], x.type))])


@_composed
def _sigmoid(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
    (x,) = args
    one = x.type(1.0)
    e = _decay(b, x)
    return b.fdiv(b.select(b.fcmp_ordered("<", x, x.type(0.0)), e, one), b.fadd(one, e))


@_composed
def _softplus(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
    (x,) = args
    zero = x.type(0.0)
    above = b.select(b.fcmp_ordered("<", x, zero), zero, x)
    return b.fadd(above, LIBRARY["log1p"](b, [_decay(b, x)]))


@_composed
def _log1mexp(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
    (x,) = args
    near = LIBRARY["log"](b, [b.fneg(LIBRARY["expm1"](b, [x]))])
    far = LIBRARY["log1p"](b, [b.fneg(LIBRARY["exp"](b, [x]))])
    return b.select(b.fcmp_ordered(">", x, x.type(-math.log(2.0))), near, far)


@_composed
def _logaddexp(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
    x, y = args
    larger = b.select(b.fcmp_ordered(">", x, y), x, y)
    result = b.fadd(larger, LIBRARY["log1p"](b, [_decay(b, b.fsub(x, y))]))
    # equal infinities have no difference
    return b.select(b.fcmp_ordered("==", x, y), b.fadd(x, x.type(math.log(2.0))), result)


def _ours(name: str) -> Build:
    def build(b: ir.IRBuilder, args: Sequence[Register]) -> Register:
        kind = args[0].type
        format = DOUBLE if kind == F64 else SINGLE
        return intrinsic(b, symbol(name, format), kind, list(args))

    return build


OURS = {name: _ours(name) for name in FUNCTIONS}


def _real_only(name: str, dtypes: tuple[str, ...]) -> None:
    if any(is_complex(d) for d in dtypes):
        raise NotImplementedError(f"{name} of complex numbers")


def _register(name: str) -> None:
    @scalar(name)
    @in_float32
    def function(b, args, dtypes, dtype):
        _real_only(name, dtypes)
        table = OURS if name in OURS and machine.fused() else LIBRARY
        return table[name](b, args)


for _name in LIBRARY:
    _register(_name)


def prefer_vectors(branch: ir.Instruction, body: ir.Block) -> None:
    """Have a loop that calls our functions made into vectors first, before it's unrolled, and one of each a turn.

    LLVM takes the calls for short, and would copy them.

    Parameters
    ----------
    branch
        From the end of the loop to its beginning.
    body
        The block at its end.
    """
    calls = (i for i in body.instructions if isinstance(i, ir.CallInstr))
    if any(call.callee.name.startswith(PREFIX) for call in calls):
        module = body.function.module
        hints = [
            module.add_metadata(["llvm.loop.interleave.count", I32(1)]),
            module.add_metadata(["llvm.loop.unroll.disable"]),
        ]
        loop = ir.MDValue(module, (), str(len(module.metadata)))
        loop.operands = (loop, *hints)
        branch.set_metadata("llvm.loop", loop)


@scalar("pow")
@in_float32
def _pow(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return OURS["pow"](b, args) if machine.fused() else intrinsic(b, "llvm.pow", x.type, [x, y], x.type)
    _real_only("pow", dtypes)
    return b.call(_integer_power(b.module, x.type, is_signed(dtype)), [x, y])


def _integer_power(module: ir.Module, kind: ir.IntType, signed: bool) -> ir.Function:
    """Power by squaring, wrapping as integers do; 0 for a negative exponent unless the base is 1 or -1."""
    name = f"integer_power_{'s' if signed else 'u'}{kind.width}"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(kind, (kind, kind)), name)
    function.linkage = "internal"
    entry, loop, done = (function.append_basic_block(n) for n in ("entry", "loop", "done"))
    b = ir.IRBuilder(entry)
    base, exponent = function.args
    one, zero = kind(1), kind(0)
    if signed:
        negative = b.icmp_signed("<", exponent, zero)
        unit = b.or_(b.icmp_signed("==", base, one), b.icmp_signed("==", base, kind(-1)))
        base = b.select(b.and_(negative, b.not_(unit)), zero, base)
        exponent = b.select(negative, b.and_(exponent, one), exponent)
        # 0 to a negative power becomes 0 to the power 1
        exponent = b.select(b.and_(negative, b.not_(unit)), one, exponent)
    b.cbranch(b.icmp_unsigned("==", exponent, zero), done, loop)
    b.position_at_end(loop)
    result, power, rest = b.phi(kind), b.phi(kind), b.phi(kind)
    odd = b.icmp_unsigned("!=", b.and_(rest, one), zero)
    product = b.select(odd, b.mul(result, power), result)
    squared, halved = b.mul(power, power), b.lshr(rest, one)
    for phi, first, following in ((result, one, product), (power, base, squared), (rest, exponent, halved)):
        phi.add_incoming(first, entry)
        phi.add_incoming(following, loop)
    b.cbranch(b.icmp_unsigned("==", halved, zero), done, loop)
    b.position_at_end(done)
    final = b.phi(kind)
    final.add_incoming(one, entry)
    final.add_incoming(product, loop)
    b.ret(final)
    return function


@scalar("signbit")
@in_float32
def _signbit(b, args, dtypes, dtype):
    (x,) = args
    bits = b.bitcast(x, I64 if x.type == F64 else I32)
    return b.icmp_signed("<", bits, bits.type(0))


@scalar("copysign")
@in_float32
def _copysign(b, args, dtypes, dtype):
    x, y = args
    return intrinsic(b, "llvm.copysign", x.type, [x, y], x.type)


@scalar("angle")
@in_float32
def _angle(b, args, dtypes, dtype):
    (x,) = args
    if is_complex(dtypes[0]):
        real, imag = parts(b, x)
        part = real_dtype(dtypes[0])
        return SCALARS["arctan2"](b, [imag, real], (part, part), part)
    pi, zero = x.type(math.pi), x.type(0.0)
    negative = SCALARS["signbit"](b, [x], (dtype,), "bool")
    result = b.select(negative, pi, zero)
    return b.select(b.fcmp_unordered("uno", x, x), x, result)


@scalar("polar")
def _polar(b, args, dtypes, dtype):
    radius, angle = args
    part = dtypes[0]
    cosine = SCALARS["cos"](b, [angle], (part,), part)
    sine = SCALARS["sin"](b, [angle], (part,), part)
    return pair(b, b.fmul(radius, cosine), b.fmul(radius, sine))
