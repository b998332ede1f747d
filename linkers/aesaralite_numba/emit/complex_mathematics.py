"""Functions of complex numbers: those of the C library, as NumPy's are, computed in complex128."""

from __future__ import annotations

import math

import llvmlite.ir as ir

from .dtypes import F64
from .scalars import SCALARS, pair, parts, scalar

#: Name of a function of one complex number, and the C library's name for it.
C_LIBRARY = {
    "exp": "cexp", "log": "clog", "sqrt": "csqrt", "sin": "csin", "cos": "ccos", "tan": "ctan", "sinh": "csinh",
    "cosh": "ccosh", "tanh": "ctanh", "arcsin": "casin", "arccos": "cacos", "arctan": "catan", "arcsinh": "casinh",
    "arccosh": "cacosh", "arctanh": "catanh",
}  # fmt: skip
#: Those that are another one, times a number before or after.
_SCALED = {
    "log2": ("log", 1.0, 1 / math.log(2.0)),
    "log10": ("log", 1.0, 1 / math.log(10.0)),
    "exp2": ("exp", math.log(2.0), 1.0),
}
FUNCTIONS = (*C_LIBRARY, *_SCALED, "expm1", "log1p", "pow")
PREFIX = "complex_"
_PAIR = ir.LiteralStructType((F64, F64))


def _wide(b: ir.IRBuilder, value: ir.Value) -> list[ir.Value]:
    return [x if x.type == F64 else b.fpext(x, F64) for x in parts(b, value)]


def _narrow(b: ir.IRBuilder, real: ir.Value, imag: ir.Value, kind: ir.LiteralStructType) -> ir.Value:
    part = kind.elements[0]
    return pair(b, *(x if part == F64 else b.fptrunc(x, part) for x in (real, imag)))


def _library(b: ir.IRBuilder, name: str, *args: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Call a function of the C library, which takes and gives the parts in registers of their own."""
    function = b.module.globals.get(name)
    if function is None:
        function = ir.Function(b.module, ir.FunctionType(_PAIR, (F64,) * len(args)), name)
        function.attributes.add("nounwind")
    return parts(b, b.call(function, args))


def _real(b: ir.IRBuilder, name: str, *args: ir.Value) -> ir.Value:
    return SCALARS[name](b, list(args), ("float64",) * len(args), "float64")


def _from_c(name: str, target: str) -> None:
    @scalar(PREFIX + name)
    def function(b: ir.IRBuilder, args: list, dtypes: tuple[str, ...], dtype: str) -> ir.Value:
        return _narrow(b, *_library(b, target, *_wide(b, args[0])), args[0].type)


def _from_scaled(name: str, target: str, before: float, after: float) -> None:
    @scalar(PREFIX + name)
    def function(b: ir.IRBuilder, args: list, dtypes: tuple[str, ...], dtype: str) -> ir.Value:
        inner = [b.fmul(x, F64(before)) for x in _wide(b, args[0])]
        real, imag = (b.fmul(x, F64(after)) for x in _library(b, C_LIBRARY[target], *inner))
        return _narrow(b, real, imag, args[0].type)


for _name, _target in C_LIBRARY.items():
    _from_c(_name, _target)
for _name, (_inner, _before, _after) in _SCALED.items():
    _from_scaled(_name, _inner, _before, _after)


@scalar(PREFIX + "expm1")
def _expm1(b: ir.IRBuilder, args: list, dtypes: tuple[str, ...], dtype: str) -> ir.Value:
    real, imag = _wide(b, args[0])
    half = _real(b, "sin", b.fmul(imag, F64(0.5)))
    first = b.fmul(_real(b, "expm1", real), _real(b, "cos", imag))
    first = b.fsub(first, b.fmul(F64(2.0), b.fmul(half, half)))
    return _narrow(b, first, b.fmul(_real(b, "exp", real), _real(b, "sin", imag)), args[0].type)


@scalar(PREFIX + "log1p")
def _log1p(b: ir.IRBuilder, args: list, dtypes: tuple[str, ...], dtype: str) -> ir.Value:
    real, imag = _wide(b, args[0])
    real = b.fadd(real, F64(1.0))
    size = _real(b, "log", _real(b, "hypot", real, imag))
    return _narrow(b, size, _real(b, "arctan2", imag, real), args[0].type)


@scalar(PREFIX + "pow")
def _pow(b: ir.IRBuilder, args: list, dtypes: tuple[str, ...], dtype: str) -> ir.Value:
    x, y = (_wide(b, arg) for arg in args)
    real, imag = _library(b, "cpow", *x, *y)

    def both_zero(z: list) -> ir.Value:
        return b.and_(*(b.fcmp_ordered("==", part, F64(0.0)) for part in z))

    # what the logarithm of 0 would make NaN
    of_zero = both_zero(x)
    vanishing = b.fcmp_ordered(">", y[0], F64(0.0))
    zero_power = b.select(vanishing, F64(0.0), F64(math.nan))
    real, imag = (b.select(of_zero, zero_power, part) for part in (real, imag))
    to_zero = both_zero(y)
    return _narrow(b, b.select(to_zero, F64(1.0), real), b.select(to_zero, F64(0.0), imag), args[0].type)
