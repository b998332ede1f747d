"""Arcs of sine, cosine and tangent: polynomials, after what is large has become its inverse or its complement."""

from __future__ import annotations

from . import coefficients as tables
from .code import Code, Operand, Value


def _offset(c: Code, high: Operand, low: Operand, arc: Value, rest: Value) -> Value:
    """``high + low + arc + rest``, where `high` is 0 or larger than `arc`, which is larger than the others."""
    total, lost = c.quick_two_sum(high, arc)
    return c.add(total, c.add(c.add(lost, low), rest))


def _arctan_rest(c: Code, t: Value) -> Value:
    """``arctan(t) - t`` for t up to 1."""
    square = c.mul(t, t)
    coefficients = c.table(tables.ATAN)
    # the signs alternate: halves side by side would cancel each other
    value = c.polynomial(square, coefficients[4:])
    for coefficient in coefficients[3::-1]:
        value = c.fma(value, square, coefficient)
    rest = c.mul(c.mul(t, square), value)
    return c.select(c.compare("oeq", t, 1.0), c.table(tables.TURNS)[4], rest)


def arctan(c: Code, x: Value) -> Value:
    quarter, quarter_low = c.table(tables.TURNS)[:2]
    size = c.magnitude(x)
    steep = c.compare("ogt", size, 1.0)
    t = c.select(steep, c.div(-1.0, size), size)
    high, low = c.select(steep, quarter, 0.0), c.select(steep, quarter_low, 0.0)
    result = _offset(c, high, low, t, _arctan_rest(c, t))
    return c.with_sign(result, x)


def arctan2(c: Code, y: Value, x: Value) -> Value:
    quarter, quarter_low, half, half_low = c.table(tables.TURNS)[:4]
    width, height = c.magnitude(x), c.magnitude(y)
    steep = c.compare("ogt", height, width)
    small, large = c.select(steep, width, height), c.select(steep, height, width)
    t = c.select(c.compare("oeq", small, large), 1.0, c.div(small, large))
    t = c.select(c.compare("oeq", small, 0.0), 0.0, t)
    left = c.compare_integers("slt", c.bits(x), 0)
    rest = _arctan_rest(c, t)
    down = c.differ(steep, left)
    t, rest = c.select(down, c.neg(t), t), c.select(down, c.neg(rest), rest)
    high = c.select(steep, quarter, c.select(left, half, 0.0))
    low = c.select(steep, quarter_low, c.select(left, half_low, 0.0))
    result = c.with_sign(_offset(c, high, low, t, rest), y)
    return c.select(c.compare("uno", x, y), float("nan"), result)


def _arcsin_parts(c: Code, size: Value, far: Value) -> tuple[Value, Value]:
    """s and ``arcsin(s) - s``; s is `size`, or ``sqrt((1 - size) / 2)`` if that's `far` from 0."""
    square = c.select(far, c.fma(size, -0.5, 0.5), c.mul(size, size))
    s = c.select(far, c.sqrt(square), size)
    return s, c.mul(c.mul(s, square), c.polynomial(square, c.table(tables.ASIN)))


def arcsin(c: Code, x: Value) -> Value:
    """``arcsin(x)``, or ``pi / 2 - 2 arcsin(sqrt((1 - x) / 2))``."""
    quarter, quarter_low = c.table(tables.TURNS)[:2]
    size = c.magnitude(x)
    far = c.compare("oge", size, 0.5)
    s, rest = _arcsin_parts(c, size, far)
    times = c.select(far, -2.0, 1.0)
    high, low = c.select(far, quarter, 0.0), c.select(far, quarter_low, 0.0)
    result = _offset(c, high, low, c.mul(s, times), c.mul(rest, times))
    return c.with_sign(result, x)


def arccos(c: Code, x: Value) -> Value:
    """``pi / 2 - arcsin(x)``, ``2 arcsin(sqrt((1 - x) / 2))``, or pi less that of -x."""
    quarter, quarter_low, half, half_low = c.table(tables.TURNS)[:4]
    size = c.magnitude(x)
    far = c.compare("oge", size, 0.5)
    negative = c.compare("olt", x, 0.0)
    s, rest = _arcsin_parts(c, size, far)
    times = c.select(far, c.select(negative, -2.0, 2.0), c.select(negative, 1.0, -1.0))
    high = c.select(far, c.select(negative, half, 0.0), quarter)
    low = c.select(far, c.select(negative, half_low, 0.0), quarter_low)
    return _offset(c, high, low, c.mul(s, times), c.mul(rest, times))
