"""Exponentials, and what follows from them in a few operations.

``exp(x) = 2^n exp(r)`` with the integer n that is nearest to ``x / log(2)``; r by subtracting n times log(2) in two
parts (Cody and Waite, Software Manual for the Elementary Functions).
"""

from __future__ import annotations

from dataclasses import dataclass

from . import coefficients as tables
from .code import DOUBLE, Code, Value


@dataclass(frozen=True)
class Reduced:
    """``exp(x) = 2^n (1 + r + t)``: t is at most a fifth of r.

    `raised` holds, in its last bits, n plus twice the exponent's bias.
    """

    raised: Value
    n: Value
    r: Value
    t: Value


def reduced(c: Code, x: Value, exactly: bool = False) -> Reduced:
    """Split off the power of two; `exactly` also says in t what rounding has done to r."""
    log2_e, high, low = c.table(tables.LN2)
    shifter = c.format.shifter + 2 * c.format.bias
    raised = c.fma(x, log2_e, shifter)
    n = c.sub(raised, shifter)
    minus = c.neg(n)
    whole = c.fma(minus, high, x)
    r = c.fma(minus, low, whole)
    square = c.mul(r, r)
    tail = c.polynomial(r, c.table(tables.EXP), square)
    if exactly:
        t = c.fma(square, tail, c.fma(minus, low, c.sub(whole, r)))
    else:
        t = c.mul(square, tail)
    return Reduced(raised, n, r, t)


def _last_bits_up(c: Code, x: Value) -> Value:
    """The last bits as an exponent."""
    return c.from_bits(c.integers("shl", x, c.format.mantissa))


def halves(c: Code, raised: Value) -> tuple[Value, Value]:
    """Two powers of two whose product is ``2^n``, for any n; `raised` is that of `reduced`."""
    both = c.bits(raised)
    half = c.integers("lshr", both, 1)
    return _last_bits_up(c, half), _last_bits_up(c, c.integers("sub", both, half))


def scaled(c: Code, raised: Value, fraction: Value) -> Value:
    """``2^n (1 + fraction)``, for any n, rounded once."""
    first, second = halves(c, raised)
    return c.mul(c.fma(first, fraction, first), second)


def power(c: Code, raised: Value, less: int = 0) -> Value:
    """``2^(n - less)``, which must be a normal number."""
    return _last_bits_up(c, c.integers("sub", c.bits(raised), c.format.bias + less))


def growth(c: Code, x: Value) -> Value:
    """exp of an `x` that isn't too large or too small for it."""
    found = reduced(c, x)
    return scaled(c, found.raised, c.add(found.r, found.t))


def _limits(c: Code) -> tuple[float, float]:
    """Beyond these, exp is 0 and infinity."""
    return (-750.0, 711.0) if c.format is DOUBLE else (-105.0, 90.0)


def exp(c: Code, x: Value) -> Value:
    low, high = _limits(c)
    return growth(c, c.at_least(c.at_most(x, high), low))


def decay(c: Code, x: Value) -> Value:
    """``exp(-|x|)``."""
    return growth(c, c.at_least(c.neg(c.magnitude(x)), _limits(c)[0]))


def exp2(c: Code, x: Value) -> Value:
    low, high = (-1080.0, 1030.0) if c.format is DOUBLE else (-155.0, 130.0)
    x = c.at_least(c.at_most(x, high), low)
    shifter = c.format.shifter + 2 * c.format.bias
    raised = c.add(x, shifter)
    r = c.sub(x, c.sub(raised, shifter))
    return scaled(c, raised, c.mul(r, c.polynomial(r, c.table(tables.EXP2))))


def expm1(c: Code, x: Value) -> Value:
    least = -38.0 if c.format is DOUBLE else -18.0
    found = reduced(c, c.at_least(c.at_most(x, _limits(c)[1] - 1.0), least), exactly=True)
    # half of it: the whole may overflow on the way
    half = power(c, found.raised, less=1)
    result = c.fma(half, found.t, c.fma(half, found.r, c.sub(half, 0.5)))
    # also keeps -0, and subnormal numbers, which have no half
    small = c.compare("olt", c.magnitude(x), c.format.negligible)
    return c.select(small, x, c.add(result, result))


def sigmoid(c: Code, x: Value) -> Value:
    """``1 / (1 + e)`` or ``e / (1 + e)`` with ``e = exp(-|x|)``, whose error counts in the numerator only."""
    found = reduced(c, c.at_least(c.neg(c.magnitude(x)), _limits(c)[0]))
    first, second = halves(c, found.raised)
    high, low = c.quick_two_sum(1.0, c.add(found.r, found.t))
    e = c.mul(c.mul(high, first), second)
    negative = c.compare("olt", x, 0.0)
    top, lost = c.select(negative, e, 1.0), c.select(negative, low, 0.0)
    quotient, error = c.quotient((top, c.mul(c.mul(lost, first), second)), (c.add(e, 1.0), None))
    return c.add(quotient, error)


def tanh(c: Code, x: Value) -> Value:
    """``1 - 2 / (exp(2x) + 1)``, or near 0 a quotient of polynomials; both with one division."""
    size = c.magnitude(x)
    small = c.compare("olt", size, 0.6)
    limited = c.at_most(size, 20.0 if c.format is DOUBLE else 10.0)
    found = reduced(c, c.add(limited, limited))
    factor = power(c, found.raised)
    e = c.fma(factor, c.add(found.r, found.t), factor)
    square = c.mul(x, x)
    cube = c.mul(size, square)
    top = c.mul(cube, c.horner(square, c.table(tables.TANH_TOP)))
    below = c.horner(square, c.table(tables.TANH_BELOW))
    rest = c.div(c.select(small, top, -2.0), c.select(small, below, c.add(e, 1.0)))
    return c.with_sign(c.add(c.select(small, size, 1.0), rest), x)


def _half_growth(c: Code, size: Value) -> Value:
    """Half of exp of a number that isn't negative."""
    found = reduced(c, c.at_most(size, _limits(c)[1]))
    less = c.from_bits(c.integers("sub", c.bits(found.raised), 1))
    return scaled(c, less, c.add(found.r, found.t))


def cosh(c: Code, x: Value) -> Value:
    half = _half_growth(c, c.magnitude(x))
    return c.add(half, c.div(0.25, half))


def sinh(c: Code, x: Value) -> Value:
    size = c.magnitude(x)
    half = _half_growth(c, size)
    large = c.sub(half, c.div(0.25, half))
    square = c.mul(x, x)
    near = c.fma(c.mul(size, square), c.polynomial(square, c.table(tables.SINH)), size)
    return c.with_sign(c.select(c.compare("olt", size, 1.0), near, large), x)
