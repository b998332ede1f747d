"""Sine, cosine and tangent.

``x = q pi / 2 + r + t`` with the integer q that is nearest to ``2 x / pi``; r and t by subtracting q times pi / 2 in
three parts (Cody and Waite, Software Manual for the Elementary Functions), with fused multiply-adds, so that r is exact
but for t, up to large numbers.  Beyond those the C library is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import coefficients as tables
from .code import DOUBLE, Code, Value


@dataclass(frozen=True)
class _Turned:
    """Below a quarter turn: q, in the last bits of `raised`; r and what rounding has done to it; the square of r."""

    raised: Value
    r: Value
    t: Value
    square: Value


def _turned(c: Code, x: Value, name: str) -> _Turned:
    """What is left of `x` after so many quarter turns; the C library's `name` is for large numbers."""
    c.aside(c.compare("ogt", c.magnitude(x), 2.0**30 if c.format is DOUBLE else 2.0**16), name)
    inverse, high, middle, low = c.table(tables.QUARTER_TURN)
    raised = c.fma(x, inverse, c.format.shifter)
    minus = c.sub(c.format.shifter, raised)
    # exact
    rest = c.fma(minus, high, x)
    product, lost = c.two_product(minus, middle)
    r, error = c.two_sum(rest, product)
    t = c.fma(minus, low, c.add(error, lost))
    return _Turned(raised, r, t, c.mul(r, r))


def _sine_rest(c: Code, found: _Turned) -> Value:
    """``sin(r + t) - r``."""
    cube = c.mul(found.r, found.square)
    return c.fma(cube, c.polynomial(found.square, c.table(tables.SIN)), found.t)


def _cosine_parts(c: Code, found: _Turned) -> tuple[Value, Value]:
    """``cos(r + t)`` as a sum; the larger part is ``1 - r^2 / 2`` rounded."""
    high, low = c.quick_two_sum(1.0, c.mul(found.square, -0.5))
    fourth = c.mul(found.square, found.square)
    rest = c.fma(fourth, c.polynomial(found.square, c.table(tables.COS)), low)
    return high, c.fma(c.neg(found.r), found.t, rest)


def _odd(c: Code, raised: Value) -> Value:
    return c.compare_integers("ne", c.integers("and", c.bits(raised), 1), 0)


def _negated(c: Code, x: Value, turns: Value) -> Value:
    """`x` with the other sign if the second last bit is set."""
    sign = c.integers("shl", c.integers("and", turns, 2), c.format.width - 2)
    return c.from_bits(c.integers("xor", c.bits(x), sign))


def sin(c: Code, x: Value) -> Value:
    found = _turned(c, x, "sin")
    sine = c.add(found.r, _sine_rest(c, found))
    result = c.select(_odd(c, found.raised), c.add(*_cosine_parts(c, found)), sine)
    result = _negated(c, result, c.bits(found.raised))
    # the sign of -0
    return c.select(c.compare("oeq", x, 0.0), x, result)


def cos(c: Code, x: Value) -> Value:
    found = _turned(c, x, "cos")
    sine = c.add(found.r, _sine_rest(c, found))
    result = c.select(_odd(c, found.raised), sine, c.add(*_cosine_parts(c, found)))
    return _negated(c, result, c.integers("add", c.bits(found.raised), 1))


def tan(c: Code, x: Value) -> Value:
    found = _turned(c, x, "tan")
    sine = c.quick_two_sum(found.r, _sine_rest(c, found))
    cosine = c.quick_two_sum(*_cosine_parts(c, found))
    odd = _odd(c, found.raised)
    top = [c.select(odd, c.neg(b), a) for a, b in zip(sine, cosine, strict=True)]
    below = [c.select(odd, a, b) for a, b in zip(sine, cosine, strict=True)]
    result = c.add(*c.quotient((top[0], top[1]), (below[0], below[1])))
    # subnormal numbers have no remainder
    return c.select(c.compare("olt", c.magnitude(x), c.format.negligible), x, result)


def cotangent_of_turns(c: Code, x: Value) -> Value:
    """``pi cot(pi x)`` for x between -1/2 and 1/2."""
    half_turn, half_turn_low = c.table(tables.TURNS)[2:4]
    size = c.magnitude(x)
    far = c.compare("ogt", size, 0.25)
    near = c.select(far, c.sub(0.5, size), size)
    r, t = c.two_product(near, half_turn)
    found = _Turned(r, r, c.fma(near, half_turn_low, t), c.mul(r, r))
    sine, cosine = c.add(r, _sine_rest(c, found)), c.add(*_cosine_parts(c, found))
    quotient = c.div(c.select(far, sine, cosine), c.select(far, cosine, sine))
    return c.with_sign(c.mul(quotient, half_turn), x)
