"""Inverse hyperbolic functions: logarithms of 1 and a sum of two parts."""

from __future__ import annotations

from .code import DOUBLE, Code, Value
from .logarithms import exponent_of, log_sum, minus_number


def _log1p(c: Code, f: Value, low: Value, doubled: Value | None = None) -> Value:
    """``log(1 + f + low)``, or ``log(2 f)`` where `doubled`; `low` doesn't show beside f."""
    kind = c.format
    total = c.add(f, 1.0)
    if doubled is not None:
        total = c.select(doubled, f, total)
    exponent = exponent_of(c, total)
    # four times 2^-k, which is a normal number also for the largest k
    inverse = c.from_bits(c.integers("sub", (kind.bias + 2) << kind.mantissa, exponent))
    minus_k = minus_number(c, exponent)
    one = inverse
    if doubled is not None:
        one = c.select(doubled, 0.0, inverse)
        minus_k = c.select(doubled, c.sub(minus_k, 1.0), minus_k)
    fraction = c.mul(c.fma(f, inverse, c.sub(one, 4.0)), 0.25)
    # low / (1 + fraction), roughly
    less = c.mul(c.mul(low, c.mul(inverse, 0.25)), c.fma(fraction, c.sub(fraction, 1.0), 1.0))
    result = log_sum(c, fraction, minus_k, less)
    return c.select(c.compare("olt", total, float("inf")), result, total)


def _large(c: Code, size: Value) -> Value:
    """Whether 1 doesn't show beside the square."""
    return c.compare("ogt", size, 2.0**28 if c.format is DOUBLE else 2.0**13)


def arcsinh(c: Code, x: Value) -> Value:
    """``log(1 + x + x^2 / (1 + sqrt(1 + x^2)))``."""
    size = c.magnitude(x)
    large = _large(c, size)
    root = c.sqrt(c.fma(size, size, 1.0))
    f, low = c.quick_two_sum(size, c.div(c.mul(size, size), c.add(root, 1.0)))
    f, low = c.select(large, size, f), c.select(large, 0.0, low)
    return c.with_sign(_log1p(c, f, low, large), x)


def arccosh(c: Code, x: Value) -> Value:
    """``log(1 + u + sqrt(u^2 + 2 u))`` with ``u = x - 1``."""
    large = _large(c, x)
    u, lost = c.quick_two_sum(x, -1.0)
    square = c.select(c.compare("olt", x, 2.0), c.fma(u, u, c.add(u, u)), c.fma(x, x, -1.0))
    root = c.sqrt(square)
    error = c.mul(c.fma(c.neg(root), root, square), c.div(0.5, c.at_least(root, c.format.tiny)))
    f, low = c.quick_two_sum(root, u)
    f, low = c.select(large, x, f), c.select(large, 0.0, c.add(c.add(low, lost), error))
    return c.select(c.compare("olt", x, 1.0), float("nan"), _log1p(c, f, low, large))


def arctanh(c: Code, x: Value) -> Value:
    """Half of ``log(1 + 2 x / (1 - x))``."""
    size = c.magnitude(x)
    result = _log1p(c, *c.quotient((c.add(size, size), None), c.quick_two_sum(1.0, c.neg(size))))
    end = c.select(c.compare("oeq", size, 1.0), float("inf"), float("nan"))
    return c.with_sign(c.select(c.compare("olt", size, 1.0), c.mul(result, 0.5), end), x)
