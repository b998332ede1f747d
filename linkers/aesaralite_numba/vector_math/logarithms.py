"""Logarithms, and functions that end in one.

``log(x) = k log(2) + log(1 + f)`` with 1 + f between sqrt(1/2) and sqrt(2), and the latter from s = f / (2 + f), whose
``log((1 + s) / (1 - s))`` is odd (Muller, Elementary Functions, chapter on logarithms).
"""

from __future__ import annotations

from . import coefficients as tables
from .code import DOUBLE, Code, Pair, Value
from .exponential import decay, power, reduced


def exponent_of(c: Code, x: Value) -> Value:
    """The exponent, in place, of the number as which `x` is written with a significand from sqrt(1/2) on."""
    sqrt_half = 0x3FE6A09E667F3BCD if c.format is DOUBLE else 0x3F3504F3
    return c.integers("and", c.integers("sub", c.bits(x), sqrt_half), -(1 << c.format.mantissa))


def minus_number(c: Code, exponent: Value, plus: Value | float = 0.0) -> Value:
    """`plus` minus the exponent, by way of the last bits of a number: vectors of integers may have no conversion."""
    f = c.format
    offset = 1 << (f.width - f.mantissa - 2)
    last = c.integers("lshr", c.integers("add", exponent, offset << f.mantissa), f.mantissa)
    number = c.from_bits(c.integers("or", last, (f.mantissa + f.bias) << f.mantissa))
    start = 2.0**f.mantissa + offset
    return c.sub(c.number(start) if isinstance(plus, float) else plus, number)


def log1p_parts(c: Code, f: Value) -> tuple[Value, Value]:
    """``log(1 + f) = f - (half - product)`` for 1 + f between sqrt(1/2) and sqrt(2): half is half the square of f."""
    s = c.div(f, c.add(f, 2.0))
    square = c.mul(s, s)
    tail = c.mul(square, c.polynomial(square, c.table(tables.LOG)))
    half = c.mul(c.mul(f, 0.5), f)
    return half, c.mul(s, c.add(half, tail))


def log_sum(c: Code, f: Value, minus_k: Value, more: Value | None = None) -> Value:
    """``k log(2) + log(1 + f)``, and `more`; keeps the sign of an f of 0 if k is 0."""
    high, low = c.table(tables.LN2)[1:]
    half, product = log1p_parts(c, f)
    k = c.neg(minus_k)
    rest = c.sub(half, c.fma(k, low, product))
    if more is not None:
        rest = c.sub(rest, more)
    return c.fma(k, high, c.sub(f, rest))


def log_parts(c: Code, x: Value) -> Pair:
    """The logarithm of a positive number as a sum of a large and a small part."""
    f, minus_k = normal(c, x)
    high, low = c.table(tables.LN2)[1:]
    half, product = log1p_parts(c, f)
    k = c.neg(minus_k)
    total, lost = c.quick_two_sum(c.mul(k, high), f)
    return total, c.add(lost, c.sub(c.fma(k, low, product), half))


def _ends(c: Code, result: Value, x: Value) -> Value:
    """`result` as the logarithm of `x`, but for 0, infinity, NaN and negative numbers."""
    result = c.select(c.compare("olt", x, float("inf")), result, x)
    special = c.select(c.compare("oeq", x, 0.0), float("-inf"), float("nan"))
    return c.select(c.compare("ole", x, 0.0), special, result)


def normal(c: Code, x: Value, low: Value | None = None) -> tuple[Value, Value]:
    """f and -k with ``x = 2^k (1 + f)``, subnormal numbers too; `low` is added to an `x` below 1."""
    f = c.format
    shift = float(f.mantissa + 2)
    small = c.compare("olt", x, f.tiny)
    x = c.select(small, c.mul(x, 2.0**shift), x)
    exponent = exponent_of(c, x)
    start = 2.0**f.mantissa + (1 << (f.width - f.mantissa - 2))
    minus_k = minus_number(c, exponent, c.select(small, start + shift, start))
    fraction = c.sub(c.from_bits(c.integers("sub", c.bits(x), exponent)), 1.0)
    if low is not None:
        inverse = c.from_bits(c.integers("sub", f.bias << f.mantissa, exponent))
        fraction = c.fma(low, inverse, fraction)
    return fraction, minus_k


def log(c: Code, x: Value) -> Value:
    return _ends(c, log_sum(c, *normal(c, x)), x)


def log2(c: Code, x: Value) -> Value:
    f, minus_k = normal(c, x)
    half, product = log1p_parts(c, f)
    unit, unit_low = c.table(tables.LOG2_E)
    scaled, error = c.two_product(f, unit)
    rest = c.fma(c.sub(product, half), unit, c.fma(f, unit_low, error))
    return _ends(c, c.add(c.sub(scaled, minus_k), rest), x)


def log10(c: Code, x: Value) -> Value:
    """With products and sums in two parts, so that powers of 10 come out exact."""
    unit, unit_low, two, two_low = c.table(tables.LOG10)
    f, minus_k = normal(c, x)
    k = c.neg(minus_k)
    half, product = log1p_parts(c, f)
    lost = c.fma(c.mul(f, 0.5), f, c.neg(half))
    high, low = c.quick_two_sum(f, c.neg(half))
    low = c.add(c.sub(low, lost), product)
    scaled, error = c.two_product(high, unit)
    error = c.fma(low, unit, c.fma(high, unit_low, error))
    total, rest = c.quick_two_sum(c.mul(k, two), scaled)
    return _ends(c, c.add(total, c.fma(k, two_low, c.add(rest, error))), x)


def log1p(c: Code, x: Value) -> Value:
    f = c.format
    total = c.add(x, 1.0)
    exponent = exponent_of(c, total)
    # four times 2^-k, which is a normal number also for the largest k
    inverse = c.from_bits(c.integers("sub", (f.bias + 2) << f.mantissa, exponent))
    fraction = c.mul(c.fma(x, inverse, c.neg(c.sub(4.0, inverse))), 0.25)
    return _ends(c, log_sum(c, fraction, minus_number(c, exponent)), total)


def _log_of_growth(c: Code, e: Value) -> Value:
    """``log(1 + e)`` for e between 0 and 1."""
    large = c.compare("ogt", e, 2.0**0.5 - 1.0)
    return log_sum(c, c.select(large, c.fma(e, 0.5, -0.5), e), c.select(large, -1.0, 0.0))


def softplus(c: Code, x: Value) -> Value:
    return c.add(c.at_least(x, 0.0), _log_of_growth(c, decay(c, x)))


def logaddexp(c: Code, x: Value, y: Value) -> Value:
    larger = c.select(c.compare("ogt", x, y), x, y)
    result = c.add(larger, _log_of_growth(c, decay(c, c.sub(x, y))))
    # equal infinities have no difference
    return c.select(c.compare("oeq", x, y), c.add(x, c.table(tables.LN2_WHOLE)[0]), result)


def log1mexp(c: Code, x: Value) -> Value:
    """From ``1 - exp(x)`` in two parts."""
    limit = -750.0 if c.format is DOUBLE else -105.0
    found = reduced(c, c.at_least(x, limit), exactly=True)
    # near 0, where n is 0 or -1: -(r + t) / 2^-n and what is missing to 1, exact for n = 0
    near = c.compare("ogt", x, -1.5 * 0.6931471805599453)
    factor = power(c, c.select(near, found.raised, c.number(c.format.shifter + 2 * c.format.bias)))
    first, lost = c.quick_two_sum(c.sub(1.0, factor), c.neg(c.mul(factor, found.r)))
    high, low = c.quick_two_sum(first, c.neg(c.mul(factor, found.t)))
    low = c.add(low, lost)
    # far from it exp(x) is small
    e = decay(c, x)
    total, error = c.quick_two_sum(1.0, c.neg(e))
    high, low = c.select(near, high, total), c.select(near, low, error)
    fraction, minus_k = normal(c, high, low)
    result = c.neg(c.magnitude(_ends(c, log_sum(c, fraction, minus_k), high)))
    # exp of a large number isn't what is found above
    return c.select(c.compare("ogt", x, 0.0), float("nan"), result)
