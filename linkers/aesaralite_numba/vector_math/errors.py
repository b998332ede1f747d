"""The error function, its complement and its inverse.

Near 0 a polynomial.  Farther from it the complement is small: it's exp of a polynomial where only its difference to 1
counts, and ``exp(-x^2) G / (1 + 2x)`` where its own last places do; G is between 1 and 1.3.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import coefficients as tables
from .code import DOUBLE, SINGLE, Code, Operand, Value
from .exponential import growth, halves, power
from .logarithms import log_parts

#: Where the formulas change.
_NEAR = 0.75


def _near(c: Code, x: Value) -> Value:
    """``erf(x) / x - 1``."""
    square = c.mul(x, x)
    return c.polynomial(square, c.table(tables.ERF))


def erf(c: Code, x: Value) -> Value:
    size = c.magnitude(x)
    near = c.fma(x, _near(c, x), x)
    far = c.polynomial(c.at_most(size, 6.0), c.table(tables.ERF_FAR))
    far = c.with_sign(c.sub(1.0, growth(c, far)), x)
    return c.select(c.compare("olt", size, _NEAR), near, far)


def _complement(c: Code, x: Value) -> Value:
    """erfc of a number that isn't near to 0, or negative."""
    x = c.at_most(x, 28.0)
    square, square_low = c.two_product(x, x)
    # exp(-x^2) = 2^n (1 + r + t)
    log2_e, high, low = c.table(tables.LN2)
    shifter = c.format.shifter + 2 * c.format.bias
    raised = c.fma(c.neg(square), log2_e, shifter)
    minus = c.sub(shifter, raised)
    r, lost = c.quick_two_sum(c.fma(minus, high, c.neg(square)), c.fma(minus, low, c.neg(square_low)))
    r2 = c.mul(r, r)
    t = c.fma(r2, c.polynomial(r, c.table(tables.EXP), r2), lost)
    e, e_low = c.quick_two_sum(1.0, r)
    e_low = c.add(e_low, t)
    # G in two parts, from (x - 4) / (x + 4)
    middle, slope, *rest = c.table(tables.ERFC)
    q, q_low = c.quotient((c.sub(x, 4.0), None), c.two_sum(x, 4.0))
    g, g_low = c.quick_two_sum(middle, c.mul(q, c.fma(q, c.polynomial(q, rest), slope)))
    g_low = c.fma(q_low, slope, g_low)
    top, top_low = c.two_product(e, g)
    top_low = c.fma(e, g_low, c.fma(e_low, g, top_low))
    value = c.add(*c.quotient((top, top_low), c.two_sum(c.add(x, x), 1.0)))
    first, second = halves(c, raised)
    return c.mul(c.mul(value, first), second)


def _short_complement(c: Code, x: Value) -> Value:
    """erfc of a float32 that isn't near to 0, or negative, by way of float64."""
    w = c.wide()
    x = c.widened(c.at_most(x, 11.0))
    square = w.mul(x, x)
    log2_e, high, low = w.table(tables.LN2)
    shifter = w.format.shifter + 2 * w.format.bias
    raised = w.fma(w.neg(square), log2_e, shifter)
    minus = w.sub(shifter, raised)
    r = w.fma(minus, low, w.fma(minus, high, w.neg(square)))
    factor = power(w, raised)
    e = w.fma(w.mul(factor, r), w.polynomial(r, w.table(tables.EXP_SHORT)), factor)
    below = w.fma(x, 2.0, 1.0)
    inverse = w.div(1.0, w.mul(w.add(x, 3.0), below))
    q = w.mul(w.mul(w.sub(x, 3.0), below), inverse)
    g = w.polynomial(q, w.table(tables.ERFC_SHORT))
    return c.narrowed(w.mul(w.mul(e, g), w.mul(w.add(x, 3.0), inverse)))


def erfc(c: Code, x: Value) -> Value:
    size = c.magnitude(x)
    high, low = c.quick_two_sum(1.0, c.neg(x))
    near = c.add(high, c.fma(c.neg(x), _near(c, x), low))
    far = (_short_complement if c.format is SINGLE else _complement)(c, size)
    far = c.select(c.compare("olt", x, 0.0), c.sub(2.0, far), far)
    return c.select(c.compare("olt", size, _NEAR), near, far)


def erfinv(c: Code, x: Value) -> Value:
    """`x` times a polynomial in ``w = -log(1 - x^2)`` or its root (Giles, Approximating the erfinv function)."""
    size = c.magnitude(x)
    high, low = log_parts(c, c.fma(c.neg(x), x, 1.0))
    w = c.neg(c.add(high, low))
    far = c.compare("oge", w, 6.25)
    coefficients: list[Operand] = list(c.table(tables.ERFINV))
    middle: Operand = 3.25
    _replace(c, coefficients, far, c.table(tables.ERFINV_FAR))
    if c.format is DOUBLE:
        end = c.compare("oge", w, 16.0)
        middle = c.select(end, 5.05, middle)
        _replace(c, coefficients, end, c.table(tables.ERFINV_END))
    t = c.select(far, c.sub(c.sqrt(w), middle), c.neg(c.add(c.add(high, 3.125), low)))
    value, low = c.quick_two_sum(coefficients[0], c.mul(t, c.polynomial(t, coefficients[1:])))
    result = c.with_sign(c.fma(x, value, c.mul(x, low)), x)
    end = c.select(c.compare("oeq", size, 1.0), c.with_sign(float("inf"), x), float("nan"))
    return c.select(c.compare("olt", size, 1.0), result, end)


def _replace(c: Code, coefficients: list[Operand], condition: Value, others: Sequence[float]) -> None:
    """Other coefficients where the condition is met."""
    for k, coefficient in enumerate(coefficients):
        coefficients[k] = c.select(condition, others[k] if k < len(others) else 0.0, coefficient)
