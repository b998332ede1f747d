"""Sums, products, quotients, powers and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aesaralite.scalar.comparison import eq, ge, le, neq
from aesaralite.scalar.dtypes import is_complex
from aesaralite.scalar.exponential import log
from aesaralite.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp, float_zeros
from aesaralite.scalar.output_types import (
    float_out,
    quotient_out,
    real_out,
    same_out,
    same_out_nobool,
    upcast_out_integer_nobool,
    upcast_out_min8,
    upcast_out_no_complex,
    upcast_out_nobool,
    upgrade_to_float,
    upgrade_to_float_no_complex,
)
from aesaralite.scalar.selection import switch


class Add(ScalarOp, symbol="add", nfunc="add", commutative=True, associative=True, identity=0):
    """The sum of one or more numbers; of bools, whether any is true."""

    def pull(self, g: Any, *args: Any) -> Any:
        return [g] * (len(args) - 1)


class Mul(ScalarOp, symbol="mul", nfunc="multiply", commutative=True, associative=True, identity=1):
    """The product of one or more numbers; of bools, whether all are true."""

    def pull(self, g: Any, *args: Any) -> Any:
        factors = args[:-1]
        if len(factors) == 1:
            return [g]
        return [mul(g, *factors[:i], *factors[i + 1 :]) for i in range(len(factors))]


class Mean(ScalarOp, symbol="mean", types=float_out, commutative=True):
    """The mean of one or more numbers."""

    def compute(self, *values: Any) -> Any:
        total = np.asarray(values[0], dtype="float64")
        for value in values[1:]:
            total = total + value
        return total / len(values)

    def pull(self, g: Any, *args: Any) -> Any:
        return [g / (len(args) - 1)] * (len(args) - 1)


class Sub(BinaryScalarOp, symbol="sub", types=upcast_out_nobool, nfunc="subtract"):
    """The difference of two numbers."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g, -g


class TrueDivide(BinaryScalarOp, symbol="true_divide", types=quotient_out, nfunc="true_divide"):
    """The quotient of two numbers; a float for integers too."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g / y, -(g * x) / (y * y)


class FloorDivide(BinaryScalarOp, symbol="floor_divide", types=upcast_out_no_complex, nfunc="floor_divide"):
    """The largest integer not above the quotient of two numbers."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return float_zeros(x), float_zeros(y)


class Mod(BinaryScalarOp, symbol="mod", types=upcast_out_no_complex, nfunc="mod"):
    """The remainder of a floor division; it has the sign of the divisor."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g, -(x // y) * g


class Fmod(BinaryScalarOp, symbol="fmod", types=upcast_out_no_complex, nfunc="fmod"):
    """The remainder of a division rounded towards zero; it has the sign of the dividend."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        # x - out is a multiple of y, but for rounding
        return g, -((x - out) / y) * g


class Pow(BinaryScalarOp, symbol="pow", types=upcast_out_min8, nfunc="power"):
    """The first number to the power of the second."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        one = np.int16(1) if y.type.dtype == "int8" else 1
        by_base = g * y * x ** (y - one)
        by_exponent = switch(eq(x, 0), 0, g * log(x) * x**y)
        return by_base, by_exponent

    def _as_floats(self, inputs: Sequence[Any], dtype: str) -> list[Any]:
        base, exponent = super()._as_floats(inputs, dtype)
        # the exponents that users write stay integers: powers become products
        return [base, inputs[1] if inputs[1].type.dtype in ("int8", "int64") else exponent]


class Neg(UnaryScalarOp, symbol="neg", types=same_out_nobool, nfunc="negative"):
    """The number with the other sign."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g


class Positive(UnaryScalarOp, symbol="positive", types=same_out_nobool, nfunc="positive"):
    """The number itself."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g


class Abs(UnaryScalarOp, symbol="abs", types=real_out, nfunc="abs"):
    """The absolute value."""

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        (x,), (out,), (g,) = inputs, outputs, output_gradients
        if is_complex(x.type.dtype) and hasattr(g.type, "dtype"):
            # not holomorphic: the gradient points along x, and is taken to be zero at zero
            return [switch(eq(out, 0), 0, g / out).astype(out.type.dtype) * x]
        return super().L_op(inputs, outputs, output_gradients)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * sgn(x)


class Sgn(UnaryScalarOp, symbol="sgn", types=same_out_nobool, nfunc="sign"):
    """The sign: -1, 0 or 1; of a complex number, the one of modulus 1 in its direction."""

    def L_op(self, inputs: Any, outputs: Any, output_gradients: Any) -> Any:
        (x,), (out,), (g,) = inputs, outputs, output_gradients
        if is_complex(x.type.dtype) and hasattr(g.type, "dtype"):
            # moving along x changes nothing: what is left is the part of g across x
            across = (g * out.conj()).imag
            direction = out * complex(0, 1)
            return [switch(eq(x, 0), 0, direction * across / abs(x))]
        return super().L_op(inputs, outputs, output_gradients)

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return float_zeros(x)


class Sqr(UnaryScalarOp, symbol="square", types=same_out, nfunc="square"):
    """The square."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g * x * 2


class Sqrt(UnaryScalarOp, symbol="sqrt", types=upgrade_to_float, nfunc="sqrt"):
    """The square root."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return (g * 0.5) / sqrt(x)


class Cbrt(UnaryScalarOp, symbol="cbrt", types=upgrade_to_float_no_complex, nfunc="cbrt"):
    """The cube root."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return g / (3 * out * out)


class Reciprocal(UnaryScalarOp, symbol="reciprocal", types=upgrade_to_float, nfunc="reciprocal"):
    """One over the number."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return -g / (x * x)


class ScalarMaximum(
    BinaryScalarOp, symbol="maximum", nfunc="maximum", commutative=True, associative=True, identity=-np.inf
):
    """The larger of two numbers; NaN if either is.

    Where they are equal, the gradient goes to the first.
    """

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        first = ge(x, y)
        return switch(first, g, 0), switch(first, 0, g)


class ScalarMinimum(
    BinaryScalarOp, symbol="minimum", nfunc="minimum", commutative=True, associative=True, identity=np.inf
):
    """The smaller of two numbers; NaN if either is.

    Where they are equal, the gradient goes to the first.
    """

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        first = le(x, y)
        return switch(first, g, 0), switch(first, 0, g)


class Fmax(
    BinaryScalarOp, symbol="fmax", types=upcast_out_no_complex, nfunc="fmax", commutative=True, associative=True
):
    """The larger of two numbers; the other one if one is NaN."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        first = ge(x, y) | neq(y, y)
        return switch(first, g, 0), switch(first, 0, g)


class Fmin(
    BinaryScalarOp, symbol="fmin", types=upcast_out_no_complex, nfunc="fmin", commutative=True, associative=True
):
    """The smaller of two numbers; the other one if one is NaN."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        first = le(x, y) | neq(y, y)
        return switch(first, g, 0), switch(first, 0, g)


class Hypot(BinaryScalarOp, symbol="hypot", types=upgrade_to_float_no_complex, nfunc="hypot", commutative=True):
    """The root of the sum of two squares, without overflow on the way."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        scale = switch(eq(out, 0), 0, g / out)
        return scale * x, scale * y


class CopySign(BinaryScalarOp, symbol="copysign", types=upgrade_to_float_no_complex, nfunc="copysign"):
    """The magnitude of the first number with the sign of the second."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g * sgn(x) * copysign(1, y).astype(g.type.dtype), float_zeros(y)


class NextAfter(BinaryScalarOp, symbol="nextafter", types=upgrade_to_float_no_complex, nfunc="nextafter"):
    """The next float after the first number, towards the second."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return g, float_zeros(y)


class Spacing(UnaryScalarOp, symbol="spacing", types=upgrade_to_float_no_complex, nfunc="spacing"):
    """The distance to the nearest other float."""

    def pull(self, g: Any, x: Any, out: Any) -> Any:
        return float_zeros(x)


class Heaviside(BinaryScalarOp, symbol="heaviside", types=upgrade_to_float_no_complex, nfunc="heaviside"):
    """Zero for a negative first number, one for a positive one, the second number at zero."""

    def pull(self, g: Any, x: Any, y: Any, out: Any) -> Any:
        return float_zeros(x), switch(eq(x, 0), g, 0)


class Gcd(
    BinaryScalarOp, symbol="gcd", types=upcast_out_integer_nobool, nfunc="gcd", commutative=True, associative=True
):
    """The greatest common divisor of two integers."""


class Lcm(
    BinaryScalarOp, symbol="lcm", types=upcast_out_integer_nobool, nfunc="lcm", commutative=True, associative=True
):
    """The least common multiple of two integers."""


add = Add()
mul = Mul()
mean = Mean()
sub = Sub()
true_div = true_divide = divide = TrueDivide()
int_div = floor_div = floor_divide = FloorDivide()
mod = Mod()
fmod = Fmod()
pow = Pow()
neg = negative = Neg()
positive = Positive()
abs = Abs()
sgn = Sgn()
sqr = square = Sqr()
sqrt = Sqrt()
cbrt = Cbrt()
reciprocal = inv = Reciprocal()
scalar_maximum = maximum = ScalarMaximum()
scalar_minimum = minimum = ScalarMinimum()
fmax = Fmax()
fmin = Fmin()
hypot = Hypot()
copysign = CopySign()
nextafter = NextAfter()
spacing = Spacing()
heaviside = Heaviside()
gcd = Gcd()
lcm = Lcm()
