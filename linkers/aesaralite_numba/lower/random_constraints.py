"""What NumPy demands of the parameters of distributions, as conditions that a whole array meets.

Each function takes the context and a value of float64 or int64 and returns a boolean expression.  NumPy lets NaN pass
in some places; so do these, there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..expr import Expr
from ..values import Value
from .context import Lowering

Constraint = Callable[[Lowering, Value], Expr]

_LARGEST = float(np.iinfo("int64").max)
#: The largest mean of a Poisson distribution.
POISSON_LIMIT = _LARGEST - np.sqrt(_LARGEST) * 10
#: Urns of hypergeometric distributions hold fewer balls of a kind.
URN_LIMIT = 10**9


def everywhere(ctx: Lowering, x: Value, test: Callable[[Expr], Expr]) -> Expr:
    """Whether `test` holds for every element."""
    return everywhere_together(ctx, (x,), test)


def everywhere_together(ctx: Lowering, values: tuple[Value, ...], test: Callable[..., Expr]) -> Expr:
    """Whether `test` holds for every set of elements of values that are broadcast together."""
    dims = ctx.broadcast(*(x.dims for x in values))

    def holds(*indices: Expr) -> Expr:
        return test(*(ctx.stretch(x, dims, indices) for x in values))

    return ctx.scalar(ctx.reduce("and", dims, [True] * len(dims), holds, "bool"))


def _compare(ctx: Lowering, sign: str, x: Expr, limit: float) -> Expr:
    return ctx.op(sign, "bool", x, ctx.e.const(int(limit) if x.dtype == "int64" else float(limit), x.dtype))


def _negate(ctx: Lowering, condition: Expr) -> Expr:
    return ctx.op("invert", "bool", condition)


def non_negative(ctx: Lowering, x: Value) -> Expr:
    """No sign, not that of -0.0 either; NaN passes."""

    def test(value: Expr) -> Expr:
        if value.dtype == "int64":
            return _compare(ctx, "ge", value, 0)
        return ctx.e.any(ctx.op("isnan", "bool", value), _negate(ctx, ctx.op("signbit", "bool", value)))

    return everywhere(ctx, x, test)


def positive(ctx: Lowering, x: Value) -> Expr:
    """Above 0; NaN passes."""
    return everywhere(ctx, x, lambda value: _negate(ctx, _compare(ctx, "le", value, 0)))


def positive_number(ctx: Lowering, x: Value) -> Expr:
    """Above 0."""
    return everywhere(ctx, x, lambda value: _compare(ctx, "gt", value, 0))


def above_one(ctx: Lowering, x: Value) -> Expr:
    """Above 1."""
    return everywhere(ctx, x, lambda value: _compare(ctx, "gt", value, 1))


def at_least_zero(ctx: Lowering, x: Value) -> Expr:
    """At least 0, which -0.0 is."""
    return everywhere(ctx, x, lambda value: _compare(ctx, "ge", value, 0))


def _within(lowest: str, least: float, highest: str, most: float) -> Constraint:
    def constraint(ctx: Lowering, x: Value) -> Expr:
        def test(value: Expr) -> Expr:
            return ctx.e.all(_compare(ctx, lowest, value, least), _compare(ctx, highest, value, most))

        return everywhere(ctx, x, test)

    return constraint


#: Of [0, 1].
probability = _within("ge", 0, "le", 1)
#: Of (0, 1].
positive_probability = _within("gt", 0, "le", 1)
#: Of [0, 1).
not_certain = _within("ge", 0, "lt", 1)
#: A mean that a Poisson distribution may have.
poisson_mean = _within("ge", 0, "le", POISSON_LIMIT)
#: A number of balls.
urn = _within("ge", 0, "lt", URN_LIMIT)


def uniform(ctx: Lowering, low: Value, width: Value) -> list[Expr]:
    """A finite width, and not a negative one."""
    infinity = float("inf")
    return [non_negative(ctx, width), everywhere(ctx, width, lambda value: _compare(ctx, "lt", value, infinity))]


def triangular(ctx: Lowering, left: Value, mode: Value, right: Value) -> list[Expr]:
    """In order, and not all the same; NaN passes."""

    def pair(x: Value, y: Value, sign: str) -> Expr:
        return everywhere_together(ctx, (x, y), lambda a, b: _negate(ctx, ctx.op(sign, "bool", a, b)))

    return [pair(left, mode, "gt"), pair(mode, right, "gt"), pair(left, right, "eq")]


def hypergeometric(ctx: Lowering, good: Value, bad: Value, sample: Value) -> list[Expr]:
    """No more balls drawn than an urn holds."""

    def test(a: Expr, b: Expr, drawn: Expr) -> Expr:
        return ctx.e.le(drawn, ctx.e.add(a, b))

    enough = everywhere_together(ctx, (good, bad, sample), test)
    return [urn(ctx, good), urn(ctx, bad), non_negative(ctx, sample), enough]


def negative_binomial(ctx: Lowering, n: Value, p: Value) -> list[Expr]:
    """A distribution whose Poisson means, ten standard deviations included, aren't too large."""

    def test(count: Expr, chance: Expr) -> Expr:
        def op(name: str, *args: Expr) -> Expr:
            return ctx.op(name, "float64", *args)

        one, ten = ctx.e.const(1.0, "float64"), ctx.e.const(10.0, "float64")
        odds = op("true_div", op("sub", one, chance), chance)
        largest = op("mul", odds, op("add", count, op("mul", ten, op("sqrt", count))))
        return _negate(ctx, _compare(ctx, "gt", largest, POISSON_LIMIT))

    return [positive_number(ctx, n), positive_probability(ctx, p), everywhere_together(ctx, (n, p), test)]
