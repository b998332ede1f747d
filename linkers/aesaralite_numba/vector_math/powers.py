"""Powers and cube roots.

``x^y = 2^(y log2(x))``, where the logarithm has some ten bits more than the format: in two parts, or in float64.
"""

from __future__ import annotations

from . import coefficients as tables
from .code import SINGLE, Code, Pair, Value
from .exponential import halves, power
from .logarithms import exponent_of, minus_number, normal


def _log2_parts(c: Code, x: Value) -> Pair:
    """The logarithm of a positive number as a sum.

    With s and its square z in two parts, ``log(1 + f) = 2 s (1 + z (1/3 + z (...)))``.
    """
    f, minus_k = normal(c, x)
    s, s_low = c.quotient((f, None), c.quick_two_sum(2.0, f))
    z, z_low = c.two_product(s, s)
    z_low = c.fma(c.add(s, s), s_low, z_low)
    third, third_low, unit, unit_low = c.table(tables.POW)[:4]
    inner, inner_low = c.quick_two_sum(third, c.mul(z, c.polynomial(z, c.table(tables.LOG_REST))))
    inner_low = c.add(inner_low, third_low)
    more, more_low = c.two_product(z, inner)
    more_low = c.fma(z, inner_low, c.fma(z_low, inner, more_low))
    factor, factor_low = c.quick_two_sum(1.0, more)
    factor_low = c.add(factor_low, more_low)
    s2, s2_low = c.two_product(s, unit)
    s2_low = c.fma(s, unit_low, c.fma(s_low, unit, s2_low))
    high, low = c.two_product(s2, factor)
    low = c.fma(s2, factor_low, c.fma(s2_low, factor, low))
    total, error = c.quick_two_sum(c.neg(minus_k), high)
    return total, c.add(error, low)


def _positive_power(c: Code, x: Value, y: Value) -> Value:
    """``x^y`` of a positive `x`."""
    high, low = _log2_parts(c, x)
    product, rest = c.two_product(y, high)
    rest = c.fma(y, low, rest)
    beyond = c.compare("ogt", c.magnitude(product), 1100.0)
    product = c.select(beyond, c.with_sign(1100.0, product), product)
    rest = c.select(beyond, 0.0, rest)
    shifter = c.format.shifter + 2 * c.format.bias
    raised = c.add(product, shifter)
    r, rest = c.quick_two_sum(c.sub(product, c.sub(raised, shifter)), rest)
    # 1 + log(2) r + r^2 (...), where all but the last sum is in two parts: so whole results are exact
    log_2, log_2_low = c.table(tables.POW)[4:]
    linear, error = c.two_product(r, log_2)
    error = c.fma(rest, log_2, c.fma(r, log_2_low, error))
    square = c.mul(r, r)
    high, low = c.quick_two_sum(1.0, linear)
    tail = c.fma(square, c.polynomial(r, c.table(tables.EXP2_REST), square), c.add(low, error))
    first, second = halves(c, raised)
    return c.mul(c.mul(c.add(high, tail), first), second)


def _short_power(c: Code, x: Value, y: Value) -> Value:
    """``x^y`` of a positive `x` in float32, by way of float64."""
    w = c.wide()
    x = c.widened(x)
    exponent = exponent_of(w, x)
    f, minus_k = w.sub(w.from_bits(w.integers("sub", w.bits(x), exponent)), 1.0), minus_number(w, exponent)
    s = w.div(f, w.add(f, 2.0))
    z = w.mul(s, s)
    unit = w.table(tables.POW)[2]
    log2 = w.fma(w.mul(s, unit), w.polynomial(z, w.table(tables.LOG_SHORT)), w.neg(minus_k))
    product = w.at_least(w.at_most(w.mul(c.widened(y), log2), 200.0), -200.0)
    shifter = w.format.shifter + 2 * w.format.bias
    raised = w.add(product, shifter)
    r = w.sub(product, w.sub(raised, shifter))
    factor = power(w, raised)
    return c.narrowed(w.fma(w.mul(factor, r), w.polynomial(r, w.table(tables.EXP2_SHORT)), factor))


def pow(c: Code, x: Value, y: Value) -> Value:
    size = c.magnitude(x)
    # more makes no difference, and would overflow
    limited = c.at_least(c.at_most(y, 2.0**80), -(2.0**80))
    result = (_short_power if c.format is SINGLE else _positive_power)(c, size, limited)
    # 0 and infinity
    zero = c.compare("oeq", size, 0.0)
    infinite = c.compare("oeq", size, float("inf"))
    same = c.differ(c.compare("olt", y, 0.0), zero)
    result = c.select(c.either(zero, infinite), c.select(same, 0.0, float("inf")), result)
    # negative numbers
    whole = c.compare("oeq", c.rounded(y), y)
    half = c.mul(y, 0.5)
    odd = c.both(whole, c.compare("one", c.rounded(half), half))
    result = c.with_sign(result, c.select(odd, x, 1.0))
    no_power = c.both(c.compare("olt", x, 0.0), c.compare("une", c.rounded(y), y))
    result = c.select(c.both(no_power, c.compare("olt", size, float("inf"))), float("nan"), result)
    result = c.select(c.compare("uno", x, y), float("nan"), result)
    return c.select(c.either(c.compare("oeq", y, 0.0), c.compare("oeq", x, 1.0)), 1.0, result)


def cbrt(c: Code, x: Value) -> Value:
    """From an approximation of ``m^(-1/3)``, improved twice, the last time with the cube in two parts."""
    size = c.magnitude(x)
    f, minus_k = normal(c, size)
    third = c.sub(c.fma(minus_k, -1.0 / 3.0, c.format.shifter), c.format.shifter)
    rest = c.neg(c.fma(third, 3.0, minus_k))
    up, down = c.compare("ogt", rest, 0.5), c.compare("olt", rest, -0.5)
    factor = c.select(up, 2.0, c.select(down, 0.5, 1.0))
    root = c.select(up, 2.0 ** (-1 / 3), c.select(down, 2.0 ** (1 / 3), 1.0))
    m = c.mul(c.add(f, 1.0), factor)
    w = c.mul(c.polynomial(f, c.table(tables.CBRT)), root)
    error = c.fma(c.mul(c.neg(m), w), c.mul(w, w), 1.0)
    w = c.fma(c.mul(w, error), c.fma(error, 2.0 / 9.0, 1.0 / 3.0), w)
    square = c.mul(w, w)
    value = c.mul(m, square)
    product, lost = c.two_product(value, value)
    off = c.fma(c.neg(lost), value, c.fma(c.neg(product), value, m))
    value = c.fma(c.mul(off, 1.0 / 3.0), square, value)
    bits = c.integers("shl", c.bits(c.add(third, c.format.shifter + c.format.bias)), c.format.mantissa)
    result = c.mul(value, c.from_bits(bits))
    result = c.select(c.compare("olt", size, float("inf")), c.with_sign(result, x), x)
    return c.select(c.compare("oeq", x, 0.0), x, result)
