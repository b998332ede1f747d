"""Scalar Ops as expressions: one table from the class of a scalar Op to what it is.

An entry takes the context, the Op, the arguments with the dtypes they have, and the dtype of the result, and gives an
expression of that dtype.  :func:`scalar_expression` looks it up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce as fold
from typing import Any

import numpy as np

from aesaralite.scalar import (
    arithmetic,
    bitwise,
    casting,
    comparison,
    complex_numbers,
    composite,
    exponential,
    rounding,
    selection,
    special,
    trigonometric,
)

from ..emit.dtypes import is_complex, is_float, is_integer, is_signed, real_dtype
from ..expr import INDEX, Expr
from .context import Lowering

Entry = Callable[[Lowering, Any, tuple[Expr, ...], str], Expr]
SCALAR_OPS: dict[type, Entry] = {}


class NotLowered(Exception):
    """This scalar Op, with these dtypes, has no expression."""


def entry(*classes: type) -> Callable[[Entry], Entry]:
    """Register the decorated function for those classes of scalar Ops."""

    def register(function: Entry) -> Entry:
        for scalar_class in classes:
            SCALAR_OPS[scalar_class] = function
        return function

    return register


def scalar_expression(ctx: Lowering, op: Any, args: tuple[Expr, ...], dtype: str) -> Expr:
    """The value of scalar Op `op`.

    Raises
    ------
    NotLowered
        If there is none; the node is to be called back.
    """
    for scalar_class in type(op).__mro__:
        found = SCALAR_OPS.get(scalar_class)
        if found is not None:
            return found(ctx, op, args, dtype)
        if "impl" in scalar_class.__dict__ or "compute" in scalar_class.__dict__:
            break
    raise NotLowered(f"{op}")


def _number(ctx: Lowering, value: float, dtype: str) -> Expr:
    return ctx.e.const(complex(value) if is_complex(dtype) else float(value) if is_float(dtype) else value, dtype)


def _in_result_dtype(name: str) -> Entry:
    """All arguments and the result have one dtype."""

    def build(ctx, op, args, dtype):
        return ctx.op(name, dtype, *(ctx.cast(arg, dtype) for arg in args))

    return build


def _real(name: str) -> Entry:
    plain = _in_result_dtype(name)

    def build(ctx, op, args, dtype):
        if is_complex(dtype) or any(is_complex(arg.dtype) for arg in args):
            raise NotLowered(f"{op} of complex numbers")
        return plain(ctx, op, args, dtype)

    return build


def _folded(name: str) -> Entry:
    def build(ctx, op, args, dtype):
        return fold(lambda x, y: ctx.op(name, dtype, x, y), (ctx.cast(arg, dtype) for arg in args))

    return build


_SAME_DTYPE = {
    arithmetic.Sub: "sub", arithmetic.TrueDivide: "true_div", arithmetic.Neg: "neg", bitwise.Invert: "invert",
}  # fmt: skip
_REAL = {
    arithmetic.FloorDivide: "floor_div", arithmetic.Mod: "mod", arithmetic.Fmod: "fmod", arithmetic.Sqrt: "sqrt",
    arithmetic.Cbrt: "cbrt", arithmetic.Hypot: "hypot", arithmetic.CopySign: "copysign",
    bitwise.LeftShift: "shl", bitwise.RightShift: "shr",
    exponential.Exp: "exp", exponential.Exp2: "exp2", exponential.Expm1: "expm1", exponential.Log: "log",
    exponential.Log2: "log2", exponential.Log10: "log10", exponential.Log1p: "log1p",
    exponential.Sigmoid: "sigmoid", exponential.Softplus: "softplus", exponential.Log1mexp: "log1mexp",
    exponential.LogAddExp: "logaddexp",
    trigonometric.Sin: "sin", trigonometric.Cos: "cos", trigonometric.Tan: "tan", trigonometric.ArcSin: "arcsin",
    trigonometric.ArcCos: "arccos", trigonometric.ArcTan: "arctan", trigonometric.ArcTan2: "arctan2",
    trigonometric.Sinh: "sinh", trigonometric.Cosh: "cosh", trigonometric.Tanh: "tanh",
    trigonometric.ArcSinh: "arcsinh", trigonometric.ArcCosh: "arccosh", trigonometric.ArcTanh: "arctanh",
    special.Erf: "erf", special.Erfc: "erfc", special.Erfinv: "erfinv", special.Erfcinv: "erfcinv",
    special.GammaLn: "gammaln", special.Psi: "psi", special.Erfcx: "erfcx", special.OwensT: "owens_t",
    special.Gamma: "gamma", special.GammaInc: "gammainc", special.GammaIncC: "gammaincc",
    special.GammaIncInv: "gammaincinv", special.GammaIncCInv: "gammainccinv", special.BetaInc: "betainc",
    special.BetaIncInv: "betaincinv", special.Jv: "jv", special.Iv: "iv", special.Kv: "kv", special.Ive: "ive",
    special.Kve: "kve", special.J0: "j0", special.J1: "j1", special.I0: "i0", special.I1: "i1",
    special.XlogY0: "xlogy",
}  # fmt: skip
for _class, _name in _SAME_DTYPE.items():
    SCALAR_OPS[_class] = _in_result_dtype(_name)
for _class, _name in _REAL.items():
    SCALAR_OPS[_class] = _real(_name)
for _class, _name in {
    arithmetic.Add: "add", arithmetic.Mul: "mul", bitwise.AND: "and", bitwise.OR: "or", bitwise.XOR: "xor",
    arithmetic.ScalarMaximum: "maximum", arithmetic.ScalarMinimum: "minimum",
}.items():  # fmt: skip
    SCALAR_OPS[_class] = _folded(_name)


@entry(arithmetic.ScalarMaximum, arithmetic.ScalarMinimum)
def _extremum(ctx, op, args, dtype):
    if is_complex(dtype):
        raise NotLowered(f"{op} of complex numbers")
    name = "maximum" if isinstance(op, arithmetic.ScalarMaximum) else "minimum"
    if dtype == INDEX:
        return fold(getattr(ctx.e, name), (ctx.cast(arg, dtype) for arg in args))
    return _folded(name)(ctx, op, args, dtype)


@entry(arithmetic.Pow)
def _power(ctx, op, args, dtype):
    base, exponent = args
    if is_complex(dtype):
        raise NotLowered(f"{op} of complex numbers")
    if is_integer(dtype) and is_signed(exponent.dtype) and not (exponent.is_const and exponent.attr >= 0):
        # a negative exponent is an error, which the Op raises
        raise NotLowered(f"{op} of integers")
    return ctx.op("pow", dtype, ctx.cast(base, dtype), ctx.cast(exponent, dtype))


@entry(arithmetic.NextAfter)
def _next_after(ctx, op, args, dtype):
    if dtype == "float16":
        # computed in another precision, its neighbours are other numbers
        raise NotLowered(f"{op} of half floats")
    return _in_result_dtype("nextafter")(ctx, op, args, dtype)


@entry(arithmetic.Mean)
def _mean(ctx, op, args, dtype):
    total = _folded("add")(ctx, op, args, dtype)
    return ctx.op("true_div", dtype, total, _number(ctx, len(args), dtype))


@entry(arithmetic.Sgn)
def _sign(ctx, op, args, dtype):
    return _real("sign")(ctx, op, args, dtype)


@entry(arithmetic.Abs)
def _absolute(ctx, op, args, dtype):
    (x,) = args
    return ctx.op("abs", dtype, x if is_complex(x.dtype) else ctx.cast(x, dtype))


@entry(arithmetic.Sqr)
def _square(ctx, op, args, dtype):
    x = ctx.cast(args[0], dtype)
    return ctx.op("mul", dtype, x, x)


@entry(arithmetic.Reciprocal)
def _reciprocal(ctx, op, args, dtype):
    return ctx.op("true_div", dtype, _number(ctx, 1, dtype), ctx.cast(args[0], dtype))


@entry(arithmetic.Positive, selection.Identity)
def _identity(ctx, op, args, dtype):
    return ctx.cast(args[0], dtype)


@entry(casting.Cast)
def _cast(ctx, op, args, dtype):
    return ctx.cast(args[0], dtype)


# --------------------------------------------------------------- comparison
_COMPARISONS = {
    comparison.EQ: "eq", comparison.NEQ: "ne", comparison.LT: "lt", comparison.GT: "gt", comparison.LE: "le",
    comparison.GE: "ge",
}  # fmt: skip


def compare(ctx: Lowering, name: str, x: Expr, y: Expr) -> Expr:
    """A comparison in a dtype that holds both exactly, as NumPy compares."""
    kinds = {x.dtype, y.dtype}
    if len(kinds) > 1 and "uint64" in kinds and any(is_integer(k) and is_signed(k) for k in kinds):
        raise NotLowered("comparison of uint64 with a signed integer")
    common = np.result_type(x.dtype, y.dtype).name
    if common == INDEX and name in ("eq", "lt", "le"):
        return getattr(ctx.e, name)(ctx.cast(x, common), ctx.cast(y, common))
    return ctx.op(name, "bool", ctx.cast(x, common), ctx.cast(y, common))


def _comparison(name: str) -> Entry:
    return lambda ctx, op, args, dtype: compare(ctx, name, *args)


for _class, _name in _COMPARISONS.items():
    SCALAR_OPS[_class] = _comparison(_name)


@entry(comparison.IsNan, comparison.IsInf)
def _classification(ctx, op, args, dtype):
    return ctx.op("isnan" if isinstance(op, comparison.IsNan) else "isinf", "bool", args[0])


@entry(comparison.IsFinite)
def _is_finite(ctx, op, args, dtype):
    (x,) = args
    beyond = ctx.op("or", "bool", ctx.op("isnan", "bool", x), ctx.op("isinf", "bool", x))
    return ctx.op("invert", "bool", beyond)


@entry(comparison.SignBit)
def _sign_bit(ctx, op, args, dtype):
    (x,) = args
    if is_float(x.dtype):
        return ctx.op("signbit", "bool", x)
    return ctx.op("lt", "bool", x, ctx.e.const(0, x.dtype))


@entry(comparison.InRange)
def _in_range(ctx, op, args, dtype):
    x, low, high = args
    above = compare(ctx, "gt" if op.openlow else "ge", x, low)
    return ctx.op("and", "bool", above, compare(ctx, "lt" if op.openhi else "le", x, high))


# ---------------------------------------------------------------- selection
@entry(selection.Switch)
def _switch(ctx, op, args, dtype):
    condition, yes, no = args
    if dtype == INDEX and condition is ctx.e.eq(no, ctx.e.one) and ctx.assume_equal(no, yes):
        return no  # the joint size of two that are broadcast together
    return ctx.e.select(ctx.cast(condition, "bool"), ctx.cast(yes, dtype), ctx.cast(no, dtype))


@entry(selection.Second)
def _second(ctx, op, args, dtype):
    return ctx.cast(args[1], dtype)


@entry(selection.Clip)
def _clip(ctx, op, args, dtype):
    if is_complex(dtype):
        raise NotLowered(f"{op} of complex numbers")
    x, low, high = (ctx.cast(arg, dtype) for arg in args)
    return ctx.op("minimum", dtype, ctx.op("maximum", dtype, x, low), high)


# ----------------------------------------------------------------- rounding
@entry(rounding.Floor, rounding.Ceil, rounding.Trunc)
def _round_directed(ctx, op, args, dtype):
    name = {rounding.Floor: "floor", rounding.Ceil: "ceil", rounding.Trunc: "trunc"}[type(op)]
    x = ctx.cast(args[0], dtype)
    return ctx.op(name, dtype, x) if is_float(dtype) else x


@entry(rounding.RoundHalfToEven, rounding.RoundHalfAwayFromZero)
def _round_nearest(ctx, op, args, dtype):
    name = "rint" if isinstance(op, rounding.RoundHalfToEven) else "round_half_away"
    x = ctx.cast(args[0], dtype)
    return ctx.op(name, dtype, x) if is_float(dtype) else x


# ---------------------------------------------------------- complex numbers
@entry(complex_numbers.Real, complex_numbers.Imag)
def _part(ctx, op, args, dtype):
    (x,) = args
    if not is_complex(x.dtype):
        return ctx.cast(x, dtype) if isinstance(op, complex_numbers.Real) else _number(ctx, 0, dtype)
    name = "real" if isinstance(op, complex_numbers.Real) else "imag"
    return ctx.cast(ctx.op(name, real_dtype(x.dtype), x), dtype)


@entry(complex_numbers.Conj)
def _conjugate(ctx, op, args, dtype):
    x = ctx.cast(args[0], dtype)
    return ctx.op("conj", dtype, x) if is_complex(dtype) else x


@entry(complex_numbers.Angle)
def _angle(ctx, op, args, dtype):
    (x,) = args
    return ctx.op("angle", dtype, x if is_complex(x.dtype) else ctx.cast(x, dtype))


@entry(complex_numbers.Complex, complex_numbers.ComplexFromPolar)
def _complex(ctx, op, args, dtype):
    name = "complex" if isinstance(op, complex_numbers.Complex) else "polar"
    return ctx.op(name, dtype, *(ctx.cast(arg, real_dtype(dtype)) for arg in args))


# --------------------------------------------------------------------- others
@entry(special.XlogX)
def _xlogx(ctx, op, args, dtype):
    x = ctx.cast(args[0], dtype)
    return ctx.op("xlogy", dtype, x, x)


@entry(arithmetic.Heaviside)
def _heaviside(ctx, op, args, dtype):
    x, y = (ctx.cast(arg, dtype) for arg in args)
    zero, one = _number(ctx, 0, dtype), _number(ctx, 1, dtype)
    step = ctx.e.select(ctx.op("gt", "bool", x, zero), one, ctx.e.select(ctx.op("eq", "bool", x, zero), y, zero))
    return ctx.e.select(ctx.op("isnan", "bool", x), x, step)


@entry(arithmetic.Fmax, arithmetic.Fmin)
def _extremum_of_numbers(ctx, op, args, dtype):
    if is_complex(dtype):
        raise NotLowered(f"{op} of complex numbers")
    x, y = (ctx.cast(arg, dtype) for arg in args)
    plain = ctx.op("maximum" if isinstance(op, arithmetic.Fmax) else "minimum", dtype, x, y)
    if not is_float(dtype):
        return plain
    return ctx.e.select(ctx.op("isnan", "bool", x), y, ctx.e.select(ctx.op("isnan", "bool", y), x, plain))


@entry(exponential.LogAddExp2)
def _logaddexp2(ctx, op, args, dtype):
    factor = _number(ctx, math.log(2.0), dtype)
    x, y = (ctx.op("mul", dtype, ctx.cast(arg, dtype), factor) for arg in args)
    return ctx.op("true_div", dtype, ctx.op("logaddexp", dtype, x, y), factor)


@entry(trigonometric.Deg2Rad, trigonometric.Rad2Deg)
def _degrees(ctx, op, args, dtype):
    factor = math.pi / 180 if isinstance(op, trigonometric.Deg2Rad) else 180 / math.pi
    return ctx.op("mul", dtype, ctx.cast(args[0], dtype), _number(ctx, factor, dtype))


@entry(composite.Composite)
def _composite(ctx, op, args, dtype):
    return composite_expressions(ctx, op, args)[0]


def composite_expressions(ctx: Lowering, op: Any, args: tuple[Expr, ...]) -> list[Expr]:
    """The outputs of a composite, its steps one after another."""
    steps, _ = op.apply_to(op.inputs)
    dtypes = [[variable.type.dtype for variable in outputs] for outputs in steps]
    computed: list[list[Expr]] = []

    def read(reference: tuple) -> Expr:
        if reference[0] == "input":
            return args[reference[1]]
        if reference[0] == "step":
            return computed[reference[1]][reference[2]]
        dtype = reference[1].dtype
        return ctx.e.const(np.frombuffer(reference[2], dtype)[0].item(), dtype)

    for (inner, references), outputs in zip(op.steps, dtypes, strict=True):
        inputs = tuple(read(reference) for reference in references)
        computed.append([scalar_expression(ctx, inner, inputs, dtype) for dtype in outputs])
    return [read(result) for result in op.results]
