"""Mathematical functions of real numbers: the one table that says how each is computed.

Functions are our own, which vectorise (:mod:`.vector_math`), or come from LLVM's intrinsics, the C library, or SciPy
(:data:`SCIPY`, loaded when a program uses one).
"""

from __future__ import annotations

import math

import llvmlite.ir as ir

from ..symbols import SCIPY_PREFIX
from .dtypes import F64, I32, I64, Register, is_complex, is_float, is_signed, real_dtype
from .scalars import SCALARS, in_float32, intrinsic, pair, parts, scalar
from .vector_math import FUNCTIONS, vector_function

#: LLVM's intrinsics: some become one instruction, the others a call of the C library.
INTRINSICS = {
    "sqrt": "llvm.sqrt", "floor": "llvm.floor", "ceil": "llvm.ceil", "trunc": "llvm.trunc", "rint": "llvm.rint",
    "sin": "llvm.sin", "cos": "llvm.cos", "round_half_away": "llvm.round",
}  # fmt: skip

#: The C library's, with an f at the end for float32.
C_LIBRARY = {
    **{name: name for name in ("tan", "sinh", "cosh", "erf", "erfc")},
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "cbrt": "cbrt", "arctan2": "atan2", "hypot": "hypot", "nextafter": "nextafter",
}  # fmt: skip

#: SciPy's, in float64: functions of ``scipy.special.cython_special``.
SCIPY = (
    "erfinv", "erfcinv", "erfcx", "owens_t", "gamma", "gammaln", "psi", "gammainc", "gammaincc", "gammaincinv",
    "gammainccinv", "betainc", "betaincinv", "jv", "iv", "kv", "ive", "kve", "j0", "j1", "i0", "i1", "xlogy",
)  # fmt: skip


def _from_ours(name: str) -> None:
    @scalar(name)
    @in_float32
    def function(b, args, dtypes, dtype):
        _real_only(name, dtypes)
        return vector_function(b, name, args[0])


def _from_intrinsic(name: str, target: str) -> None:
    @scalar(name)
    @in_float32
    def function(b, args, dtypes, dtype):
        (x,) = args
        _real_only(name, dtypes)
        return intrinsic(b, target, x.type, [x], x.type)


def _from_c(name: str, target: str) -> None:
    @scalar(name)
    @in_float32
    def function(b, args, dtypes, dtype):
        _real_only(name, dtypes)
        kind = args[0].type
        return intrinsic(b, target if kind == F64 else target + "f", kind, list(args))


def _from_scipy(name: str) -> None:
    @scalar(name)
    @in_float32
    def function(b, args, dtypes, dtype):
        _real_only(name, dtypes)
        kind = args[0].type
        wide = [x if x.type == F64 else b.fpext(x, F64) for x in args]
        # Cython's functions take another, hidden argument: whether the caller skips dispatch.
        result = intrinsic(b, SCIPY_PREFIX + name, F64, [*wide, I32(0)])
        return result if kind == F64 else b.fptrunc(result, kind)


def _real_only(name: str, dtypes: tuple[str, ...]) -> None:
    if any(is_complex(d) for d in dtypes):
        raise NotImplementedError(f"{name} of complex numbers")


for _name in FUNCTIONS:
    _from_ours(_name)
for _name, _target in INTRINSICS.items():
    _from_intrinsic(_name, _target)
for _name, _target in C_LIBRARY.items():
    _from_c(_name, _target)
for _name in SCIPY:
    _from_scipy(_name)


def call(b: ir.IRBuilder, name: str, x: Register) -> Register:
    """The function `name` of a float32 or float64 register."""
    dtype = "float64" if x.type == F64 else "float32"
    return SCALARS[name](b, [x], (dtype,), dtype)


@scalar("log1mexp")
@in_float32
def _log1mexp(b, args, dtypes, dtype):
    _real_only("log1mexp", dtypes)
    (x,) = args
    near = call(b, "log", b.fneg(call(b, "expm1", x)))
    far = call(b, "log1p", b.fneg(call(b, "exp", x)))
    return b.select(b.fcmp_ordered(">", x, x.type(-math.log(2.0))), near, far)


@scalar("logaddexp")
@in_float32
def _logaddexp(b, args, dtypes, dtype):
    _real_only("logaddexp", dtypes)
    x, y = args
    difference = b.fsub(x, y)
    magnitude = intrinsic(b, "llvm.fabs", x.type, [difference], x.type)
    larger = SCALARS["maximum"](b, [x, y], dtypes, dtype)
    result = b.fadd(larger, call(b, "log1p", call(b, "exp", b.fneg(magnitude))))
    # equal infinities have no difference
    return b.select(b.fcmp_ordered("==", x, y), b.fadd(x, x.type(math.log(2.0))), result)


@scalar("pow")
@in_float32
def _pow(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return intrinsic(b, "llvm.pow", x.type, [x, y], x.type)
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
