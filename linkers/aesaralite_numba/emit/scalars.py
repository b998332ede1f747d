"""Scalar operations in LLVM: arithmetic, comparison, logic, conversion, complex numbers.

``SCALARS[name](b, args, dtypes, dtype)`` builds the operation on registers; `dtypes` are the arguments' and `dtype`
the result's.  What needs a mathematical function is in :mod:`.mathematics`.  Meanings are NumPy's: integers wrap,
division by zero of integers gives 0, shifts by more than the width give 0 or the sign.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir

from .dtypes import (
    F32,
    F64,
    I1,
    I32,
    I64,
    Kind,
    Register,
    constant,
    is_complex,
    is_float,
    is_signed,
    real_dtype,
    register_type,
)

Builder = ir.IRBuilder
Scalar = Callable[[Builder, list, tuple[str, ...], str], Register]
SCALARS: dict[str, Scalar] = {}


def scalar(*names: str) -> Callable[[Scalar], Scalar]:
    def register(function: Scalar) -> Scalar:
        for name in names:
            SCALARS[name] = function
        return function

    return register


def intrinsic(b: Builder, name: str, result: Kind, args: list, suffix: Kind | None = None) -> Register:
    """Call the LLVM intrinsic or library function `name`, declared where it isn't yet."""
    if suffix is not None:
        name = f"{name}.{ {F32: 'f32', F64: 'f64'}.get(suffix) or 'i' + str(suffix.width) }"
    module = b.module
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(result, [a.type for a in args]), name)
        if not name.startswith("llvm."):
            function.attributes.add("nounwind")
    return b.call(function, args)


def in_float32(function: Scalar) -> Scalar:
    """float16 is computed in float32 and rounded, as NumPy does."""

    def wrapped(b: Builder, args: list, dtypes: tuple[str, ...], dtype: str) -> Register:
        if "float16" not in dtypes and dtype != "float16":
            return function(b, args, dtypes, dtype)
        args = [b.fpext(a, F32) if d == "float16" else a for a, d in zip(args, dtypes, strict=True)]
        dtypes = tuple("float32" if d == "float16" else d for d in dtypes)
        result = function(b, args, dtypes, "float32" if dtype == "float16" else dtype)
        return b.fptrunc(result, register_type("float16")) if dtype == "float16" else result

    return wrapped


def parts(b: Builder, value: Register) -> tuple[Register, Register]:
    return b.extract_value(value, 0), b.extract_value(value, 1)


def pair(b: Builder, real: Register, imag: Register) -> Register:
    empty = ir.Constant(ir.LiteralStructType((real.type, imag.type)), ir.Undefined)
    return b.insert_value(b.insert_value(empty, real, 0), imag, 1)


# ---------------------------------------------------------------- arithmetic
@scalar("add")
@in_float32
def _add(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return b.fadd(x, y)
    if is_complex(dtype):
        (a, c), (d, e) = parts(b, x), parts(b, y)
        return pair(b, b.fadd(a, d), b.fadd(c, e))
    return b.or_(x, y) if dtype == "bool" else b.add(x, y)


@scalar("sub")
@in_float32
def _sub(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return b.fsub(x, y)
    if is_complex(dtype):
        (a, c), (d, e) = parts(b, x), parts(b, y)
        return pair(b, b.fsub(a, d), b.fsub(c, e))
    return b.sub(x, y)


@scalar("mul")
@in_float32
def _mul(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return b.fmul(x, y)
    if is_complex(dtype):
        (a, c), (d, e) = parts(b, x), parts(b, y)
        real = b.fsub(b.fmul(a, d), b.fmul(c, e))
        return pair(b, real, b.fadd(b.fmul(a, e), b.fmul(c, d)))
    return b.and_(x, y) if dtype == "bool" else b.mul(x, y)


@scalar("true_div")
@in_float32
def _true_div(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return b.fdiv(x, y)
    # Smith's method: no overflow for operands whose quotient is representable.
    (a, c), (d, e) = parts(b, x), parts(b, y)
    wide = b.fcmp_ordered(">=", _fabs(b, d), _fabs(b, e))
    small, large = b.select(wide, e, d), b.select(wide, d, e)
    ratio = b.fdiv(small, large)
    scale = b.fadd(large, b.fmul(small, ratio))
    first, second = b.select(wide, a, c), b.select(wide, c, a)
    real = b.fdiv(b.fadd(first, b.fmul(second, ratio)), scale)
    imag = b.fdiv(b.fsub(second, b.fmul(first, ratio)), scale)
    imag = b.select(wide, imag, b.fneg(imag))
    # by zero: each part on its own, as NumPy does
    size = b.fadd(_fabs(b, d), _fabs(b, e))
    by_zero = b.fcmp_ordered("==", size, size.type(0.0))
    return pair(b, b.select(by_zero, b.fdiv(a, size), real), b.select(by_zero, b.fdiv(c, size), imag))


def _fabs(b: Builder, x: Register) -> Register:
    return intrinsic(b, "llvm.fabs", x.type, [x], x.type)


@scalar("neg")
@in_float32
def _neg(b, args, dtypes, dtype):
    (x,) = args
    if is_float(dtype):
        return b.fneg(x)
    if is_complex(dtype):
        real, imag = parts(b, x)
        return pair(b, b.fneg(real), b.fneg(imag))
    return b.not_(x) if dtype == "bool" else b.neg(x)


@scalar("abs")
@in_float32
def _abs(b, args, dtypes, dtype):
    (x,) = args
    if is_float(dtypes[0]):
        return _fabs(b, x)
    if is_complex(dtypes[0]):
        real, imag = parts(b, x)
        name = "hypot" if real.type == F64 else "hypotf"
        return intrinsic(b, name, real.type, [real, imag])
    if is_signed(dtype):
        return b.select(b.icmp_signed("<", x, x.type(0)), b.neg(x), x)
    return x


@scalar("sign")
@in_float32
def _sign(b, args, dtypes, dtype):
    (x,) = args
    kind = x.type
    if is_float(dtype):
        unit = b.select(b.fcmp_ordered("<", x, kind(0.0)), kind(-1.0), kind(0.0))
        unit = b.select(b.fcmp_ordered(">", x, kind(0.0)), kind(1.0), unit)
        return b.select(b.fcmp_unordered("uno", x, x), x, unit)
    if is_signed(dtype):
        negative = b.select(b.icmp_signed("<", x, kind(0)), kind(-1), kind(0))
        return b.select(b.icmp_signed(">", x, kind(0)), kind(1), negative)
    return x if dtype == "bool" else b.select(b.icmp_unsigned("!=", x, kind(0)), kind(1), kind(0))


def _divide(b: Builder, x: Register, y: Register, dtype: str) -> tuple[Register, Register, Register]:
    """Floor quotient and remainder of integers; quotient and remainder are 0 where `y` is 0."""
    zero, one = x.type(0), x.type(1)
    is_zero = b.icmp_unsigned("==", y, zero)
    safe = b.select(is_zero, one, y)
    if not is_signed(dtype):
        return is_zero, b.udiv(x, safe), b.urem(x, safe)
    # min / -1 overflows in the machine; x / -1 is -x, which wraps.
    minus = b.icmp_signed("==", safe, x.type(-1))
    safe = b.select(minus, one, safe)
    quotient, remainder = b.sdiv(x, safe), b.srem(x, safe)
    quotient = b.select(minus, b.neg(x), quotient)
    differ = b.icmp_signed("<", b.xor(remainder, safe), zero)
    adjust = b.and_(b.icmp_signed("!=", remainder, zero), differ)
    return (
        is_zero,
        b.select(adjust, b.sub(quotient, one), quotient),
        b.select(adjust, b.add(remainder, safe), remainder),
    )


@scalar("floor_div")
@in_float32
def _floor_div(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        # NumPy: from the exact remainder, so that a quotient next to an integer isn't rounded across it.
        remainder = b.frem(x, y)
        quotient = b.fdiv(b.fsub(x, remainder), y)
        lower = b.fsub(quotient, x.type(1.0))
        quotient = b.select(_signs_differ(b, remainder, y), lower, quotient)
        floor = intrinsic(b, "llvm.floor", x.type, [quotient], x.type)
        nearer = b.fcmp_ordered(">", b.fsub(quotient, floor), x.type(0.5))
        floor = b.select(nearer, b.fadd(floor, x.type(1.0)), floor)
        plain = b.fdiv(x, y)
        by_zero = b.fcmp_ordered("==", y, x.type(0.0))
        zero = intrinsic(b, "llvm.copysign", x.type, [x.type(0.0), plain], x.type)
        floor = b.select(b.fcmp_ordered("==", floor, x.type(0.0)), zero, floor)
        return b.select(by_zero, plain, floor)
    is_zero, quotient, _ = _divide(b, x, y, dtype)
    return b.select(is_zero, x.type(0), quotient)


def _signs_differ(b: Builder, remainder: Register, y: Register) -> Register:
    """Whether a remainder isn't zero and has another sign than the divisor."""
    zero = y.type(0.0)
    differ = b.xor(b.fcmp_ordered("<", remainder, zero), b.fcmp_ordered("<", y, zero))
    return b.and_(b.fcmp_unordered("!=", remainder, zero), differ)


def _float_mod(b: Builder, x: Register, y: Register) -> Register:
    remainder = b.frem(x, y)
    zero = x.type(0.0)
    adjusted = b.select(_signs_differ(b, remainder, y), b.fadd(remainder, y), remainder)
    signed_zero = intrinsic(b, "llvm.copysign", x.type, [zero, y], x.type)
    return b.select(b.fcmp_ordered("==", remainder, zero), signed_zero, adjusted)


@scalar("mod")
@in_float32
def _mod(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return _float_mod(b, x, y)
    is_zero, _, remainder = _divide(b, x, y, dtype)
    return b.select(is_zero, x.type(0), remainder)


@scalar("fmod")
@in_float32
def _fmod(b, args, dtypes, dtype):
    x, y = args
    if is_float(dtype):
        return b.frem(x, y)
    zero, one = x.type(0), x.type(1)
    skip = b.icmp_unsigned("==", y, zero)
    if is_signed(dtype):
        skip = b.or_(skip, b.icmp_signed("==", y, x.type(-1)))
    safe = b.select(skip, one, y)
    return b.srem(x, safe) if is_signed(dtype) else b.urem(x, safe)


# --------------------------------------------------- comparison and selection
_FLOAT_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def _comparison(name: str) -> None:
    sign = _FLOAT_ORDER[name]

    @scalar(name)
    @in_float32
    def compare(b, args, dtypes, dtype):
        x, y = args
        kind = dtypes[0]
        if is_float(kind):
            return b.fcmp_unordered(sign, x, y) if name == "ne" else b.fcmp_ordered(sign, x, y)
        if is_complex(kind):
            (a, c), (d, e) = parts(b, x), parts(b, y)
            if name == "eq":
                return b.and_(b.fcmp_ordered("==", a, d), b.fcmp_ordered("==", c, e))
            if name == "ne":
                return b.or_(b.fcmp_unordered("!=", a, d), b.fcmp_unordered("!=", c, e))
            strict = "<" if name in ("lt", "le") else ">"
            # as in NumPy, a NaN in either part keeps numbers from having an order
            further = b.and_(b.fcmp_ordered(strict, a, d), b.fcmp_ordered("ord", c, e))
            return b.or_(further, b.and_(b.fcmp_ordered("==", a, d), b.fcmp_ordered(sign, c, e)))
        return b.icmp_signed(sign, x, y) if is_signed(kind) else b.icmp_unsigned(sign, x, y)


for _name in _FLOAT_ORDER:
    _comparison(_name)


@scalar("select")
def _select(b, args, dtypes, dtype):
    condition, yes, no = args
    return b.select(condition, yes, no)


def _extremum(name: str, sign: str) -> None:
    @scalar(name)
    @in_float32
    def extremum(b, args, dtypes, dtype):
        x, y = args
        if is_float(dtype):
            better = b.fcmp_ordered(sign, x, y)
            # NaN wins on either side, as in NumPy.
            keep = b.or_(better, b.fcmp_unordered("uno", x, x))
            return b.select(keep, x, y)
        if is_complex(dtype):
            raise NotImplementedError("order of complex numbers")
        compare = b.icmp_signed if is_signed(dtype) else b.icmp_unsigned
        return b.select(compare(sign, x, y), x, y)


_extremum("maximum", ">=")
_extremum("minimum", "<=")


# ----------------------------------------------------------------- bits, logic
@scalar("and")
def _and(b, args, dtypes, dtype):
    return b.and_(*args)


@scalar("or")
def _or(b, args, dtypes, dtype):
    return b.or_(*args)


@scalar("xor")
def _xor(b, args, dtypes, dtype):
    return b.xor(*args)


@scalar("invert")
def _invert(b, args, dtypes, dtype):
    return b.not_(args[0])


def _shift(name: str) -> None:
    @scalar(name)
    def shift(b, args, dtypes, dtype):
        x, y = args
        width = x.type.width
        inside = b.icmp_unsigned("<", y, y.type(width))
        safe = b.select(inside, y, y.type(0))
        if name == "shl":
            return b.select(inside, b.shl(x, safe), x.type(0))
        if is_signed(dtype):
            return b.ashr(x, b.select(inside, y, y.type(width - 1)))
        return b.select(inside, b.lshr(x, safe), x.type(0))


_shift("shl")
_shift("shr")


@scalar("isnan")
@in_float32
def _isnan(b, args, dtypes, dtype):
    (x,) = args
    if is_complex(dtypes[0]):
        real, imag = parts(b, x)
        return b.or_(b.fcmp_unordered("uno", real, real), b.fcmp_unordered("uno", imag, imag))
    return b.fcmp_unordered("uno", x, x) if is_float(dtypes[0]) else I1(0)


@scalar("isinf")
@in_float32
def _isinf(b, args, dtypes, dtype):
    (x,) = args

    def one(v):
        return b.fcmp_ordered("==", _fabs(b, v), v.type(float("inf")))

    if is_complex(dtypes[0]):
        real, imag = parts(b, x)
        return b.or_(one(real), one(imag))
    return one(x) if is_float(dtypes[0]) else I1(0)


# --------------------------------------------------------------- conversions
@scalar("cast")
def _cast(b, args, dtypes, dtype):
    return convert(b, args[0], dtypes[0], dtype)


def convert(b: Builder, x: Register, source: str, dtype: str) -> Register:
    """`x` as another dtype, by NumPy's (C's) rules; the imaginary part is dropped."""
    if source == dtype:
        return x
    target = register_type(dtype)
    if is_complex(source):
        real, imag = parts(b, x)
        part = real_dtype(source)
        if is_complex(dtype):
            inner = real_dtype(dtype)
            return pair(b, convert(b, real, part, inner), convert(b, imag, part, inner))
        if dtype == "bool":
            return b.or_(convert(b, real, part, "bool"), convert(b, imag, part, "bool"))
        return convert(b, real, part, dtype)
    if is_complex(dtype):
        part = real_dtype(dtype)
        return pair(b, convert(b, x, source, part), constant(0, part))
    if is_float(source):
        if is_float(dtype):
            if source == "float64" and dtype == "float16":
                x = _single_for_half(b, x)
            order = ("float16", "float32", "float64")
            return b.fpext(x, target) if order.index(dtype) > order.index(source) else b.fptrunc(x, target)
        if dtype == "bool":
            return b.fcmp_unordered("!=", x, x.type(0.0))
        if dtype == "uint64":
            return b.fptoui(x, target)
        # through a wide signed integer: what C compilers make of an out-of-range float, and what NumPy shows
        wide = register_type("int64")
        if target.width < 64:
            wide = register_type("int32") if target.width < 32 or is_signed(dtype) else wide
        value = b.fptosi(x, wide)
        return b.trunc(value, target) if wide.width > target.width else value
    if is_float(dtype):
        return b.sitofp(x, target) if is_signed(source) else b.uitofp(x, target)
    if dtype == "bool":
        return b.icmp_unsigned("!=", x, x.type(0))
    if target.width < x.type.width:
        return b.trunc(x, target)
    if target.width > x.type.width:
        return b.sext(x, target) if is_signed(source) else b.zext(x, target)
    return x


def _single_for_half(b: Builder, x: Register) -> Register:
    """A double as a float, such that a half float made of it is the one nearest to the double.

    Processors have no way from double to half, and LLVM would call a function of its own library, which isn't there. An
    inexact float is made odd, towards zero: rounding it again then never meets a tie that isn't one.
    """
    single = b.fptrunc(x, F32)
    back = b.fpext(single, F64)
    sizes = [b.and_(b.bitcast(value, I64), I64(2**63 - 1)) for value in (back, x)]
    bits = b.bitcast(single, I32)
    towards_zero = b.select(b.icmp_unsigned(">", *sizes), b.sub(bits, I32(1)), bits)
    odd = b.or_(towards_zero, I32(1))
    return b.select(b.fcmp_ordered("!=", back, x), b.bitcast(odd, F32), single)


# ------------------------------------------------------------ complex numbers
@scalar("real")
def _real(b, args, dtypes, dtype):
    return b.extract_value(args[0], 0) if is_complex(dtypes[0]) else args[0]


@scalar("imag")
def _imag(b, args, dtypes, dtype):
    return b.extract_value(args[0], 1) if is_complex(dtypes[0]) else constant(0, dtype)


@scalar("conj")
def _conj(b, args, dtypes, dtype):
    if not is_complex(dtype):
        return args[0]
    real, imag = parts(b, args[0])
    return pair(b, real, b.fneg(imag))


@scalar("complex")
def _complex(b, args, dtypes, dtype):
    return pair(b, *args)


def neutral(monoid: str, dtype: str) -> Any:
    """The number that leaves others as they are."""
    if monoid in ("add", "or", "xor"):
        return 0
    if monoid == "mul":
        return 1
    if monoid == "and":
        return True if dtype == "bool" else -1
    if is_float(dtype):
        return float("-inf") if monoid == "maximum" else float("inf")
    if dtype == "bool":
        return monoid == "minimum"
    width = register_type(dtype).width
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if is_signed(dtype) else (0, (1 << width) - 1)
    return low if monoid == "maximum" else high
