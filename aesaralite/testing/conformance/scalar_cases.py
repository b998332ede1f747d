"""The scalar Ops, each with the numbers at which linkers are compared and gradients are checked.

Every Op is applied to arrays of every dtype that its type rule allows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import aesaralite.scalar as aes
from aesaralite.scalar.dtypes import all_dtypes
from aesaralite.scalar.op import ScalarOp
from aesaralite.testing.conformance.case import DTYPES, ScalarCase

__all__ = ["SCALAR_CASES"]

REAL = (-3.5, -1.0, -0.5, -0.0, 0.0, 0.3, 1.0, 2.0, 7.25, np.nan, np.inf, -np.inf)
POSITIVE = (0.1, 0.5, 1.0, 2.5, 8.0)
UNIT = (-0.9, -0.5, 0.0, 0.25, 0.99)
PROBABILITY = (0.01, 0.3, 0.5, 0.9)
COUNT = (0.0, 1.0, 2.0, 3.0)

# Where the gradient is compared with finite differences, off the points at which it jumps
SMOOTH = (-2.2, -0.7, 0.4, 1.3)
SMOOTH_POSITIVE = (0.3, 0.8, 1.7, 3.1)
SMOOTH_UNIT = (-0.8, -0.3, 0.2, 0.7)
SMOOTH_PROBABILITY = (0.15, 0.4, 0.7)


def _unary(op: ScalarOp, domain: Any = REAL, smooth: Any = SMOOTH, **kwargs: Any) -> ScalarCase:
    return ScalarCase(op, (domain,), None if smooth is None else (smooth,), **kwargs)


def _binary(
    op: ScalarOp, first: Any = REAL, second: Any = REAL, smooth: Any = (SMOOTH, SMOOTH), **kw: Any
) -> ScalarCase:
    return ScalarCase(op, (first, second), smooth, **kw)


def _composite() -> aes.Composite:
    x, y = aes.float64("x"), aes.float64("y")
    return aes.Composite([x, y], [aes.add(aes.mul(x, y), aes.exp(x))])


_REAL_DTYPES = tuple(dtype for dtype in DTYPES if np.dtype(dtype).kind != "c")
_FLOATS = ("float32", "float64")
_OF_ORDER = (aes.jv, aes.iv, aes.kv, aes.ive, aes.kve, aes.polygamma)

SCALAR_CASES: list[ScalarCase] = [
    # arithmetic
    _binary(aes.add),
    ScalarCase(aes.add, (SMOOTH, SMOOTH, SMOOTH), (SMOOTH, SMOOTH, SMOOTH)),
    _binary(aes.mul),
    ScalarCase(aes.mul, (SMOOTH, SMOOTH, SMOOTH), (SMOOTH, SMOOTH, SMOOTH)),
    _binary(aes.sub),
    _binary(aes.true_div),
    _binary(aes.int_div, smooth=((5.3, -2.6), (0.8, 1.7))),
    _binary(aes.mod, smooth=((5.3, -2.6), (0.8, 1.7))),
    _binary(aes.fmod, smooth=((5.3, -2.6), (0.8, 1.7))),
    _binary(aes.pow, first=(*POSITIVE, 0.0), second=(0.0, 1.0, 2.0, 3.0), smooth=(SMOOTH_POSITIVE, SMOOTH)),
    _binary(aes.pow, smooth=None, dtypes=_FLOATS),
    _unary(aes.neg),
    _unary(aes.positive),
    _unary(aes.abs),
    _unary(aes.sgn),
    _unary(aes.sqr),
    _unary(aes.sqrt, smooth=SMOOTH_POSITIVE),
    _unary(aes.cbrt, smooth=SMOOTH_POSITIVE),
    _unary(aes.reciprocal),
    _binary(aes.scalar_maximum, smooth=((-2.0, 1.0), (0.3, 3.0))),
    _binary(aes.scalar_minimum, smooth=((-2.0, 1.0), (0.3, 3.0))),
    _binary(aes.fmax, smooth=((-2.0, 1.0), (0.3, 3.0))),
    _binary(aes.fmin, smooth=((-2.0, 1.0), (0.3, 3.0))),
    _binary(aes.hypot),
    _binary(aes.copysign),
    _binary(aes.nextafter),
    _unary(aes.spacing, smooth=None),
    _binary(aes.heaviside),
    _binary(aes.gcd, first=(-6.0, 0.0, 4.0, 9.0), second=(-4.0, 0.0, 6.0), smooth=None),
    _binary(aes.lcm, first=(-6.0, 0.0, 4.0, 9.0), second=(-4.0, 0.0, 6.0), smooth=None),
    _binary(aes.mean, first=SMOOTH, second=SMOOTH),
    *(
        _binary(op, smooth=None, dtypes=("int16", "uint16", "uint32"))
        for op in (aes.add, aes.mul, aes.int_div, aes.mod, aes.and_)
    ),
    # comparison
    *(_binary(op, smooth=None) for op in (aes.eq, aes.neq, aes.lt, aes.gt, aes.le, aes.ge)),
    *(_unary(op, smooth=None) for op in (aes.isnan, aes.isinf, aes.isfinite, aes.signbit)),
    ScalarCase(aes.inopenrange, (SMOOTH, (-0.7, 0.0), (0.4, 2.0))),
    ScalarCase(aes.inclosedrange, (SMOOTH, (-0.7, 0.0), (0.4, 2.0))),
    # bits
    *(_binary(op, smooth=None) for op in (aes.and_, aes.or_, aes.xor)),
    _unary(aes.invert, smooth=None),
    _binary(aes.left_shift, second=(0.0, 1.0, 3.0), smooth=None),
    _binary(aes.right_shift, second=(0.0, 1.0, 3.0), smooth=None),
    # selection
    _unary(aes.identity),
    _binary(aes.second),
    ScalarCase(aes.switch, ((0.0, 1.0), REAL, REAL), ((1.0,), SMOOTH, SMOOTH), fixed={0: "bool"}),
    ScalarCase(aes.clip, (SMOOTH, (-1.0,), (1.0,)), ((-2.0, 0.5, 2.0), (-1.0,), (1.0,)), dtypes=_REAL_DTYPES),
    *(
        _unary(
            aes.cast_op(dtype),
            domain=(-1.0, 0.0, 0.3, 1.0, 2.7),
            smooth=None if dtype != "float64" else SMOOTH,
            dtypes=all_dtypes,
        )
        for dtype in all_dtypes
    ),
    # exponentials and logarithms
    *(_unary(op) for op in (aes.exp, aes.exp2, aes.expm1, aes.sigmoid, aes.softplus)),
    *(_unary(op, smooth=SMOOTH_POSITIVE) for op in (aes.log, aes.log2, aes.log10, aes.log1p)),
    _unary(aes.log1mexp, smooth=(-2.2, -0.7, -0.1)),
    _binary(aes.logaddexp),
    _binary(aes.logaddexp2),
    # trigonometry
    *(
        _unary(op)
        for op in (
            aes.sin,
            aes.cos,
            aes.tan,
            aes.arctan,
            aes.sinh,
            aes.cosh,
            aes.tanh,
            aes.arcsinh,
            aes.deg2rad,
            aes.rad2deg,
        )
    ),
    *(_unary(op, smooth=SMOOTH_UNIT) for op in (aes.arcsin, aes.arccos, aes.arctanh)),
    _unary(aes.deg2rad),
    _unary(aes.rad2deg),
    _unary(aes.arccosh, smooth=(1.2, 3.0)),
    _binary(aes.arctan2),
    # rounding
    *(
        _unary(op, domain=(*REAL, 0.5, 1.5, 2.5, -2.5))
        for op in (aes.ceil, aes.floor, aes.trunc, aes.round_half_to_even, aes.round_half_away_from_zero)
    ),
    # complex numbers
    *(_unary(op, smooth=None) for op in (aes.real, aes.imag, aes.conj, aes.angle)),
    _binary(aes.complex, smooth=None),
    _binary(aes.complex_from_polar, first=POSITIVE, second=SMOOTH, smooth=None),
    # special functions
    _unary(aes.erf),
    _unary(aes.erfc),
    _unary(aes.erfcx),
    _unary(aes.erfinv, domain=(*UNIT, -1.0, 1.0, np.nan), smooth=SMOOTH_UNIT),
    _unary(aes.erfcinv, domain=(0.0, 0.2, 1.0, 1.9, 2.0, np.nan), smooth=(0.3, 1.2, 1.7)),
    _binary(aes.owens_t, first=SMOOTH, second=SMOOTH),
    _unary(aes.gamma, domain=(*POSITIVE, -0.5, -1.5), smooth=SMOOTH_POSITIVE),
    _unary(aes.gammaln, domain=(*POSITIVE, 0.0, -0.5), smooth=SMOOTH_POSITIVE),
    _unary(aes.psi, domain=(*POSITIVE, -0.5), smooth=SMOOTH_POSITIVE),
    _unary(aes.tri_gamma, domain=POSITIVE, smooth=SMOOTH_POSITIVE),
    _binary(aes.gammainc, first=POSITIVE, second=POSITIVE, smooth=(SMOOTH_POSITIVE, SMOOTH_POSITIVE)),
    _binary(aes.gammaincc, first=POSITIVE, second=POSITIVE, smooth=(SMOOTH_POSITIVE, SMOOTH_POSITIVE)),
    _binary(aes.gammal, first=POSITIVE, second=POSITIVE, smooth=(SMOOTH_POSITIVE, SMOOTH_POSITIVE)),
    _binary(aes.gammau, first=POSITIVE, second=POSITIVE, smooth=(SMOOTH_POSITIVE, SMOOTH_POSITIVE)),
    _binary(aes.gammaincinv, first=POSITIVE, second=PROBABILITY, smooth=(SMOOTH_POSITIVE, SMOOTH_PROBABILITY)),
    _binary(aes.gammainccinv, first=POSITIVE, second=PROBABILITY, smooth=(SMOOTH_POSITIVE, SMOOTH_PROBABILITY)),
    _binary(aes.gammainc_der, first=POSITIVE, second=POSITIVE, smooth=None, dtypes=_FLOATS),
    _binary(aes.gammaincc_der, first=POSITIVE, second=POSITIVE, smooth=None, dtypes=_FLOATS),
    _binary(aes.chi2sf, first=POSITIVE, second=POSITIVE, smooth=(SMOOTH_POSITIVE, SMOOTH_POSITIVE)),
    ScalarCase(
        aes.betainc,
        (POSITIVE, POSITIVE, PROBABILITY),
        (SMOOTH_POSITIVE, SMOOTH_POSITIVE, SMOOTH_PROBABILITY),
        dtypes=_FLOATS,
    ),
    ScalarCase(
        aes.betaincinv,
        (POSITIVE, POSITIVE, PROBABILITY),
        (SMOOTH_POSITIVE, SMOOTH_POSITIVE, SMOOTH_PROBABILITY),
        dtypes=_FLOATS,
    ),
    ScalarCase(aes.betainc_der, (POSITIVE, POSITIVE, PROBABILITY, (0.0, 1.0)), dtypes=_FLOATS, fixed={3: "bool"}),
    ScalarCase(
        aes.hyp2f1,
        ((0.5, 1.2), (0.7, 2.0), (1.5, 3.0), (-0.5, 0.2, 0.6)),
        ((0.5, 1.2), (0.7, 2.0), (1.5, 3.0), (-0.5, 0.2, 0.6)),
        dtypes=_FLOATS,
    ),
    ScalarCase(
        aes.hyp2f1_der,
        ((0.5, 1.2), (0.7, 2.0), (1.5, 3.0), (-0.5, 0.2, 0.6), (0.0, 1.0, 2.0)),
        dtypes=_FLOATS,
        fixed={4: "int8"},
    ),
    *(_unary(op) for op in (aes.j0, aes.j1, aes.i0, aes.i1)),
    *(ScalarCase(op, (COUNT, POSITIVE), None, dtypes=_FLOATS) for op in _OF_ORDER),
    *(ScalarCase(op, (COUNT, POSITIVE), (COUNT, SMOOTH_POSITIVE), _FLOATS, {0: "uint8"}) for op in _OF_ORDER),
    _unary(aes.xlogx, domain=(*POSITIVE, 0.0), smooth=SMOOTH_POSITIVE),
    _binary(aes.xlogy0, first=(*POSITIVE, 0.0), second=(*POSITIVE, 0.0), smooth=(SMOOTH, SMOOTH_POSITIVE)),
    # several in one
    ScalarCase(_composite(), (SMOOTH, SMOOTH), (SMOOTH, SMOOTH), dtypes=("float64",)),
]
