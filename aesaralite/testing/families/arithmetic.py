"""Families of what is computed element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aesaralite.graph.variable import Variable
from aesaralite.scalar.dtypes import is_discrete, upcast
from aesaralite.tensor import pointwise
from aesaralite.testing.families.base import Built, Family, Member, Part, Pick, elementwise

__all__ = ["BINARY", "CAST", "CHOICE", "COMPARISON", "COMPLEX", "INTEGER", "LOGIC", "ROUNDING", "SPECIAL", "UNARY"]


def _unary(function: Callable[[Any], Variable], **kwargs: Any) -> Member:
    return Member(elementwise(function), **kwargs)


def _binary(function: Callable[[Any, Any], Variable], **kwargs: Any) -> Member:
    return Member(elementwise(function), arity=2, **kwargs)


def _of_integers(function: Callable[[Any, Any], Variable], **kwargs: Any) -> Member:
    """Of two integers that one dtype of integers holds: uint64 and int8 aren't."""
    build = elementwise(function)

    def build_if_held(pick: Pick, *parts: Part) -> Built:
        held = is_discrete(upcast(*(part.variable.type.dtype for part in parts)))
        return build(pick, *parts) if held else None

    return Member(build_if_held, arity=2, smooth=False, **kwargs)


UNARY = Family(
    (
        _unary(pointwise.tanh, kinds="iuf"),
        _unary(pointwise.sigmoid, kinds="iuf"),
        _unary(pointwise.softplus, kinds="iuf"),
        _unary(pointwise.arctan, kinds="iuf"),
        _unary(pointwise.erf, kinds="iuf"),
        _unary(pointwise.neg, kinds="if"),
        _unary(lambda x: pointwise.log1p(pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.sqrt(1 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(pointwise.exp, kinds="f", on_inputs=True),
        _unary(pointwise.expm1, kinds="f", on_inputs=True),
        _unary(pointwise.sin, kinds="f", on_inputs=True),
        _unary(pointwise.cos, kinds="f", on_inputs=True),
        _unary(pointwise.sqr, kinds="f", on_inputs=True),
        _unary(lambda x: x * 0.5, kinds="f"),
        _unary(lambda x: 1 - x, kinds="if"),
        _unary(pointwise.abs, kinds="if", smooth=False),
        _unary(pointwise.floor, kinds="f", smooth=False, on_inputs=True),
        _unary(pointwise.sgn, kinds="if", smooth=False, on_inputs=True),
        _unary(pointwise.log, kinds="f", smooth=False, on_inputs=True),
        _unary(pointwise.sqrt, kinds="f", smooth=False, on_inputs=True),
        _unary(pointwise.sinh, kinds="f", on_inputs=True),
        _unary(pointwise.cosh, kinds="f", on_inputs=True),
        _unary(pointwise.arcsinh, kinds="f"),
        _unary(pointwise.exp2, kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.reciprocal(2 + pointwise.cos(x)), kinds="f"),
        _unary(lambda x: pointwise.arcsin(0.9 * pointwise.tanh(x)), kinds="f"),
        _unary(lambda x: pointwise.arccos(0.9 * pointwise.tanh(x)), kinds="f"),
        _unary(lambda x: pointwise.arctanh(0.9 * pointwise.tanh(x)), kinds="f"),
        _unary(lambda x: pointwise.log2(2 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.log10(2 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(pointwise.deg2rad, kinds="f"),
    )
)

BINARY = Family(
    (
        _binary(pointwise.add, kinds="iuf"),
        _binary(pointwise.sub, kinds="iuf"),
        _binary(pointwise.mul, kinds="iuf", on_inputs=True),
        _binary(lambda a, b: a * pointwise.tanh(b), kinds="f"),
        _binary(lambda a, b: a / (1 + pointwise.sqr(pointwise.tanh(b))), kinds="f"),
        _binary(pointwise.arctan2, kinds="f", smooth=False, on_inputs=True),
        _binary(pointwise.maximum, kinds="iuf", smooth=False),
        _binary(pointwise.minimum, kinds="iuf", smooth=False),
        _binary(lambda a, b: pointwise.hypot(a, 1 + pointwise.sqr(b)), kinds="f", on_inputs=True),
        _binary(pointwise.logaddexp2, kinds="f", on_inputs=True),
        _binary(lambda a, b: pointwise.pow(1 + pointwise.sqr(a), pointwise.tanh(b)), kinds="f", on_inputs=True),
        _binary(pointwise.fmax, kinds="f", smooth=False),
        _binary(pointwise.fmin, kinds="f", smooth=False),
        _binary(pointwise.copysign, kinds="f", smooth=False, on_inputs=True),
        _binary(lambda a, b: pointwise.true_div(a, 1 + b), kinds="u", on_inputs=True),
        _binary(pointwise.second),
    )
)

CHOICE = Family(
    (
        _binary(lambda a, b: pointwise.switch(a > b, a, -b), kinds="if", smooth=False, on_inputs=True),
        _unary(lambda a: pointwise.switch(a > 0, a, a * 2), kinds="iuf", smooth=False, on_inputs=True),
        _unary(lambda a: pointwise.clip(a, -1, 1), kinds="if", smooth=False),
        Member(elementwise(pointwise.switch), arity=3, kinds="b", smooth=False),
    )
)

COMPARISON = Family(
    (
        _binary(pointwise.lt, kinds="biuf", smooth=False, on_inputs=True),
        _binary(pointwise.ge, kinds="biuf", smooth=False, on_inputs=True),
        _binary(pointwise.eq, smooth=False, on_inputs=True),
        _binary(pointwise.neq, smooth=False, on_inputs=True),
        _unary(pointwise.isnan, kinds="f", smooth=False),
        _unary(pointwise.isfinite, kinds="f", smooth=False, on_inputs=True),
        _unary(pointwise.signbit, kinds="f", smooth=False, on_inputs=True),
    )
)

LOGIC = Family(
    (
        _of_integers(pointwise.and_, kinds="biu"),
        _of_integers(pointwise.or_, kinds="biu"),
        _of_integers(pointwise.xor, kinds="biu"),
        _unary(pointwise.invert, kinds="biu", smooth=False),
    )
)

INTEGER = Family(
    (
        _binary(lambda a, b: pointwise.int_div(a, pointwise.maximum(b, 1)), kinds="iu", smooth=False),
        _binary(lambda a, b: pointwise.mod(a, pointwise.maximum(b, 1)), kinds="iu", smooth=False),
        _of_integers(lambda a, b: pointwise.left_shift(a, b & 3), kinds="iu"),
        _of_integers(lambda a, b: pointwise.right_shift(a, b & 3), kinds="iu"),
        _binary(pointwise.gcd, kinds="i", smooth=False, on_inputs=True),
        _unary(pointwise.abs, kinds="i", smooth=False),
        _unary(pointwise.sqr, kinds="iu", smooth=False),
    )
)

ROUNDING = Family(
    tuple(
        _unary(function, kinds="f", smooth=False, on_inputs=True)
        for function in (
            pointwise.ceil,
            pointwise.trunc,
            pointwise.round_half_to_even,
            pointwise.round_half_away_from_zero,
        )
    )
)

SPECIAL = Family(
    (
        _unary(lambda x: pointwise.gammaln(1 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.psi(1 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(pointwise.erfc, kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.erfinv(0.9 * pointwise.tanh(x)), kinds="f"),
        _unary(pointwise.j0, kinds="f", on_inputs=True),
        _unary(pointwise.j1, kinds="f", on_inputs=True),
        _unary(pointwise.i0, kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.log1mexp(-1 - pointwise.sqr(x)), kinds="f", on_inputs=True),
        _unary(lambda x: pointwise.xlogx(1 + pointwise.sqr(x)), kinds="f", on_inputs=True),
        _binary(lambda a, b: pointwise.xlogy(a, 1 + pointwise.sqr(b)), kinds="f", on_inputs=True),
        _binary(lambda a, b: pointwise.gammainc(1 + pointwise.sqr(a), 1 + pointwise.sqr(b)), kinds="f", on_inputs=True),
    )
)

COMPLEX = Family(
    (
        _unary(pointwise.real, kinds="c"),
        _unary(pointwise.imag, kinds="c"),
        _unary(pointwise.conjugate, kinds="c"),
        _unary(pointwise.abs, kinds="c", smooth=False),
        _binary(pointwise.add, kinds="fc"),
        _binary(pointwise.mul, kinds="c", on_inputs=True),
        _unary(pointwise.exp, kinds="c", on_inputs=True),
    )
)

CAST = Family(
    (
        _unary(lambda x: x.astype("float32"), kinds="iuf"),
        _unary(lambda x: x.astype("float64"), kinds="iuf"),
        _unary(lambda x: x.astype("int32"), kinds="biu", on_inputs=True),
    )
)
