"""The logarithm of the gamma function, and its derivative.

For large numbers Stirling's series; below, the functional equation leads to an interval with a polynomial, and what it
takes off on the way is one logarithm or one quotient.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import coefficients as tables
from .code import Code, Pair, Value
from .logarithms import log_parts
from .trigonometric import cotangent_of_turns


def _product(
    c: Code, x: tuple[Value, Value | None], constant: tuple[float, float | None], t: Value, rest: Sequence[float]
) -> Pair:
    """`x` times the polynomial in `t`, whose constant term is by far the largest, as a sum."""
    value, low = c.quick_two_sum(constant[0], c.mul(t, c.polynomial(t, rest)))
    if constant[1] is not None:
        low = c.add(low, constant[1])
    product, error = c.two_product(x[0], value)
    error = c.fma(x[0], low, error)
    return product, error if x[1] is None else c.fma(x[1], value, error)


def gammaln(c: Code, x: Value) -> Value:
    """``log(gamma(2 + t))`` and the logarithm of a product; the C library's for negative numbers."""
    infinity = float("inf")
    c.aside(c.both(c.compare("olt", x, 0.0), c.compare("ogt", x, -infinity)), "lgamma")
    large = c.compare("oge", x, 8.0)
    whole = c.rounded(x)
    t = c.sub(x, whole)
    # (x - 1) (x - 2) ..., down to a number between 1.5 and 2.5; or x, or x (x + 1), which count the other way
    following, lost = c.quick_two_sum(1.0, x)
    two, two_low = c.two_product(x, following)
    two_low = c.fma(x, lost, two_low)
    none = c.compare("olt", whole, 0.5)
    product = c.select(none, two, c.select(c.compare("olt", whole, 1.5), x, 1.0))
    for k in range(1, 7):
        product = c.mul(product, c.select(c.compare("ogt", whole, k + 1.5), c.sub(x, float(k)), 1.0))
    product = c.select(large, x, product)
    inverse = c.div(1.0, c.at_least(product, 4 * c.format.tiny))
    high, low = log_parts(c, product)
    # what rounding has taken off x (x + 1)
    low = c.add(low, c.select(none, c.mul(two_low, inverse), 0.0))
    up = c.compare("olt", whole, 1.5)
    constant, unit, unit_low = c.table(tables.GAMMA)[:3]
    term, term_low = _product(c, (t, None), (unit, unit_low), t, c.table(tables.GAMMALN))
    total, rest = c.quick_two_sum(c.select(up, c.neg(high), high), term)
    small = c.add(total, c.add(c.add(rest, term_low), c.select(up, c.neg(low), low)))
    # (x - 1/2) (log(x) - 1) + (log(2 pi) - 1) / 2 + ...
    less, less_low = c.quick_two_sum(high, -1.0)
    times = c.sub(x, 0.5)
    main, error = c.two_product(times, less)
    series = c.polynomial(c.mul(inverse, inverse), c.table(tables.STIRLING))
    rest = c.fma(inverse, series, c.add(constant, error))
    result = c.select(large, c.add(main, c.fma(times, c.add(less_low, low), rest)), small)
    beyond = c.either(c.compare("oeq", x, 0.0), c.both(large, c.compare("oge", main, infinity)))
    result = c.select(beyond, infinity, result)
    result = c.select(c.compare("oeq", x, infinity), infinity, result)
    # as SciPy has it
    return c.select(c.compare("oeq", x, -infinity), -infinity, result)


def psi(c: Code, x: Value) -> Value:
    c.aside(c.compare("olt", x, 0.0), _reflected_psi)
    return _positive_psi(c, x)


def _positive_psi(c: Code, x: Value) -> Value:
    """psi between 1 and 2, and a sum of inverses."""
    infinity = float("inf")
    large = c.compare("oge", x, 5.0)
    first = c.compare("olt", x, 1.0)
    whole = c.floor(x)
    following, lost = c.quick_two_sum(1.0, x)
    r = c.select(first, following, c.add(c.sub(x, whole), 1.0))
    top, below = c.select(first, -1.0, 0.0), c.select(first, x, 1.0)
    for k in range(1, 4):
        more = c.compare("ogt", whole, k + 0.5)
        factor = c.sub(x, float(k))
        top = c.select(more, c.fma(top, factor, below), top)
        below = c.select(more, c.mul(below, factor), below)
    quotient, quotient_low = c.quotient((c.select(large, 1.0, top), None), (c.select(large, x, below), None))
    zero, zero_low = c.table(tables.GAMMA)[3:]
    middle, *slopes = c.table(tables.PSI)
    distance = c.quick_two_sum(c.sub(r, zero), c.sub(c.select(first, lost, 0.0), zero_low))
    term, term_low = _product(c, distance, (middle, None), c.sub(r, 1.5), slopes)
    total, rest = c.two_sum(quotient, term)
    small = c.add(total, c.add(rest, c.add(quotient_low, term_low)))
    small = c.select(c.compare("oeq", c.magnitude(quotient), infinity), quotient, small)
    high, low = log_parts(c, x)
    square = c.mul(quotient, quotient)
    series = c.fma(square, c.polynomial(square, c.table(tables.PSI_LARGE)), c.mul(quotient, 0.5))
    result = c.select(large, c.add(high, c.sub(low, series)), small)
    return c.select(c.compare("oeq", x, infinity), infinity, result)


def _reflected_psi(c: Code, x: Value) -> Value:
    """``psi(1 - x) - pi cot(pi x)``, of negative numbers."""
    fraction = c.sub(x, c.rounded(x))
    result = c.sub(_positive_psi(c, c.sub(1.0, x)), cotangent_of_turns(c, fraction))
    return c.select(c.compare("oeq", fraction, 0.0), float("nan"), result)
