"""What mathematical functions are, in many digits; where to look at them; and how far off a result is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

INF, NAN = math.inf, math.nan
#: Enough for differences of numbers that agree in all of their own digits.
BITS = 240


def _clipped(function: Callable[..., mpf]) -> Callable[..., mpf]:
    """Beyond 2000 what grows or shrinks exponentially differs by nothing that a float shows."""
    return lambda x: function(max(min(x, mpf(2000)), mpf(-2000)))


def _softplus(x: mpf) -> mpf:
    return x if x > 2000 else mpmath.log1p(mpmath.exp(x))


def _log1mexp(x: mpf) -> mpf:
    return mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x))


def _logaddexp(x: mpf, y: mpf) -> mpf:
    return max(x, y) + _clipped(_softplus)(-abs(x - y))


@dataclass(frozen=True)
class Case:
    """A function and where it is looked at.

    Attributes
    ----------
    exact
        The function of numbers in the domain.
    intervals
        Where most of the arguments are taken from, evenly.
    places
        Numbers whose surroundings matter.
    low, high
        The domain, without its ends where the function is infinite.
    special
        Arguments and results that are exact.
    worst
        Units in the last place that a result may be off.
    """

    exact: Callable[..., mpf]
    intervals: Sequence[tuple[float, float]]
    places: Sequence[float] = ()
    low: float = -INF
    high: float = INF
    special: Sequence[tuple[float, float]] = ()
    worst: float = 2.0
    odd: bool = False

    def inside(self, x: Any) -> Any:
        return np.isfinite(x) & (x > self.low) & (x < self.high)


_LN2 = math.log(2.0)
_LOGARITHM = {"low": 0.0, "special": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-INF, NAN), (-1.0, NAN)]}
_EXPONENTIAL = [(-3.0, 3.0), (-110.0, 95.0), (-760.0, 715.0)]
_EXTREMES = [
    s * v for s in (-1, 1) for v in (*(k * _LN2 / 2 for k in range(10)), 17.3, 37.5, 88.0, 104.0, 709.0, 745.5)
]
#: Angles: few and many turns, multiples of an eighth of a turn, and one of which much cancels.
_TURNS = (
    [(-2.0, 2.0), (-10.0, 10.0), (-1e5, 1e5), (-(2.0**30), 2.0**30)],
    [*(k * math.pi / 4 for k in range(-9, 10)), 2.0**16, 2.0**30, 1e5 * math.pi, 16367173.0 * 2.0**72],
)
_NO_LIMITS = [(INF, NAN), (-INF, NAN)]
_QUARTER = math.pi / 2
_BEYOND_1 = [(1.5, NAN), (-1.5, NAN), (INF, NAN), (-INF, NAN)]
CASES = {
    "exp": Case(
        _clipped(mpmath.exp),
        _EXPONENTIAL,
        _EXTREMES,
        special=[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0)],
    ),
    "exp2": Case(
        _clipped(lambda x: mpf(2) ** x),
        [(-3.0, 3.0), (-155.0, 130.0), (-1080.0, 1030.0)],
        [0.5, 1.5, -0.5, 1023.5, -1074.5, -149.5],
        special=[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0), (3.0, 8.0), (-3.0, 0.125)],
    ),
    "expm1": Case(
        _clipped(mpmath.expm1),
        _EXPONENTIAL,
        _EXTREMES,
        special=[(INF, INF), (-INF, -1.0), (-100.0, -1.0), (1e4, INF)],
        odd=True,
    ),
    "sigmoid": Case(
        _clipped(lambda x: 1 / (1 + mpmath.exp(-x))),
        _EXPONENTIAL,
        _EXTREMES,
        special=[(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (1e4, 1.0), (-1e4, 0.0)],
    ),
    "tanh": Case(
        _clipped(mpmath.tanh),
        [(-1.0, 1.0), (-10.0, 10.0), (-25.0, 25.0)],
        [0.6, -0.6, 9.0, 19.0, 22.0],
        special=[(INF, 1.0), (-INF, -1.0), (100.0, 1.0), (-100.0, -1.0)],
        odd=True,
    ),
    "sinh": Case(
        _clipped(mpmath.sinh),
        [(-2.0, 2.0), (-95.0, 95.0), (-715.0, 715.0)],
        [1.0, -1.0, *_EXTREMES],
        special=[(INF, INF), (-INF, -INF), (1e4, INF), (-1e4, -INF)],
        odd=True,
    ),
    "cosh": Case(
        _clipped(mpmath.cosh),
        [(-2.0, 2.0), (-95.0, 95.0), (-715.0, 715.0)],
        _EXTREMES,
        special=[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (-1e4, INF)],
    ),
    "log": Case(mpmath.log, [(0.0, 4.0), (0.99, 1.01)], [2**0.5, 0.5**0.5], **_LOGARITHM),
    "log2": Case(lambda x: mpmath.log(x) / mpmath.log(2), [(0.0, 4.0), (0.99, 1.01)], [2**0.5, 0.5**0.5], **_LOGARITHM),
    "log10": Case(
        lambda x: mpmath.log(x) / mpmath.log(10), [(0.0, 4.0), (0.99, 1.01)], [2**0.5, 0.5**0.5], **_LOGARITHM
    ),
    "log1p": Case(
        mpmath.log1p,
        [(-1.0, 2.0), (-0.01, 0.01)],
        [2**0.5 - 1, 0.5**0.5 - 1, -1.0],
        low=-1.0,
        special=[(-1.0, -INF), (INF, INF), (-INF, NAN), (-1.5, NAN)],
        odd=True,
    ),
    "softplus": Case(
        _softplus,
        _EXPONENTIAL,
        [-0.881373587, *_EXTREMES],
        special=[(INF, INF), (-INF, 0.0), (1e4, 1e4), (-1e4, 0.0)],
    ),
    "log1mexp": Case(
        lambda x: _clipped(_log1mexp)(x),
        [(-2.0, 0.0), (-110.0, 0.0), (-760.0, 0.0)],
        [-1.5 * _LN2, *_EXTREMES],
        high=0.0,
        special=[(0.0, -INF), (-0.0, -INF), (-INF, -0.0), (-1e4, -0.0), (1.0, NAN), (1e4, NAN), (INF, NAN)],
    ),
    "logaddexp": Case(_logaddexp, []),
    "pow": Case(mpmath.power, []),
    "cbrt": Case(
        lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        [(-10.0, 10.0)],
        [0.5**0.5, 2**0.5, 2 * 2**0.5],
        special=[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (27.0, 3.0), (-1e6, -100.0)],
    ),
    "sin": Case(mpmath.sin, *_TURNS, special=_NO_LIMITS, odd=True),
    "cos": Case(mpmath.cos, *_TURNS, special=[(0.0, 1.0), (-0.0, 1.0), *_NO_LIMITS]),
    "tan": Case(mpmath.tan, *_TURNS, special=_NO_LIMITS, odd=True),
    "erf": Case(
        _clipped(mpmath.erf),
        [(-1.0, 1.0), (-6.0, 6.0)],
        [0.75, -0.75, 3.92, 5.93],
        special=[(INF, 1.0), (-INF, -1.0), (0.0, 0.0), (-0.0, -0.0), (1e4, 1.0), (-1e4, -1.0)],
    ),
    "erfc": Case(
        _clipped(mpmath.erfc),
        [(-1.0, 1.0), (-6.0, 6.0), (0.0, 10.2), (0.0, 27.3)],
        [0.75, -0.75, 9.19, 10.05, 26.5, 27.2],
        special=[(INF, 0.0), (-INF, 2.0), (0.0, 1.0), (-0.0, 1.0), (1e4, 0.0), (-1e4, 2.0)],
    ),
    "erfinv": Case(
        mpmath.erfinv,
        [(-1.0, 1.0), (0.99, 1.0), (-1.0, -0.9999)],
        [0.9990347, -0.9990347, 0.99999994, 1 - 2e-16],
        low=-1.0,
        high=1.0,
        special=[(1.0, INF), (-1.0, -INF), (0.0, 0.0), (-0.0, -0.0), *_BEYOND_1],
        worst=2.25,
    ),
    "arctan": Case(
        mpmath.atan,
        [(-1.0, 1.0), (-5.0, 5.0)],
        special=[(INF, _QUARTER), (-INF, -_QUARTER), (1.0, _QUARTER / 2), (-1.0, -_QUARTER / 2)],
        odd=True,
    ),
    "arctan2": Case(mpmath.atan2, []),
    "arcsin": Case(
        mpmath.asin,
        [(-1.0, 1.0)],
        low=-1.0,
        high=1.0,
        special=[(1.0, _QUARTER), (-1.0, -_QUARTER), *_BEYOND_1],
        odd=True,
    ),
    "arccos": Case(
        mpmath.acos,
        [(-1.0, 1.0)],
        low=-1.0,
        high=1.0,
        special=[(1.0, 0.0), (-1.0, 2 * _QUARTER), (0.0, _QUARTER), (-0.0, _QUARTER), *_BEYOND_1],
    ),
    "arcsinh": Case(
        mpmath.asinh, [(-1.0, 1.0), (-9.0, 9.0)], [2.0**13, 2.0**28], special=[(INF, INF), (-INF, -INF)], odd=True
    ),
    "arccosh": Case(
        mpmath.acosh,
        [(1.0, 2.0), (1.0, 9.0)],
        [2.0**13, 2.0**28],
        low=1.0,
        special=[(1.0, 0.0), (INF, INF), (-INF, NAN), (0.5, NAN), (-3.0, NAN)],
    ),
    "arctanh": Case(
        mpmath.atanh, [(-1.0, 1.0)], low=-1.0, high=1.0, special=[(1.0, INF), (-1.0, -INF), *_BEYOND_1], odd=True
    ),
    "gammaln": Case(
        mpmath.loggamma,
        [(0.0, 3.0), (0.0, 12.0)],
        [1.5, 2.5, 7.5, 8.0],
        low=0.0,
        special=[(0.0, INF), (-0.0, INF), (1.0, 0.0), (2.0, 0.0), (INF, INF), (-INF, -INF), (-1.0, INF), (-20.0, INF)],
        worst=2.25,
    ),
    "psi": Case(
        lambda x: mpmath.psi(0, x),
        [(0.0, 3.0), (0.0, 7.0)],
        [1.4616321449683623, 3.0, 4.0, 5.0],
        low=0.0,
        special=[(0.0, -INF), (-0.0, INF), (INF, INF), (-INF, NAN), (-1.0, NAN), (-20.0, NAN)],
    ),
}  # fmt: skip


def neighbours(values: Sequence[float], dtype: Any) -> np.ndarray:
    array = np.array(values, dtype)
    with np.errstate(all="ignore"):
        return np.concatenate([np.nextafter(array, dtype(-INF)), array, np.nextafter(array, dtype(INF))])


def arguments(case: Case, dtype: Any, count: int, seed: int = 3) -> np.ndarray:
    """Numbers of every size, subnormal ones too, and those where formulas change."""
    rng = np.random.default_rng(seed)
    info = np.finfo(dtype)
    unsigned = np.dtype(f"u{np.dtype(dtype).itemsize}")
    where = [0, 1, -1, 2, -2, 0.5, -0.5, 10, 0.1, info.tiny, info.eps, info.eps / 4, info.max, *case.places]
    sizes = np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp, count))
    parts = [
        rng.integers(0, 2 ** (8 * unsigned.itemsize) - 1, count, dtype=unsigned).view(dtype),
        rng.integers(1, 2**info.nmant, count // 5, dtype=unsigned).view(dtype),
        *(rng.uniform(low, high, 2 * count) for low, high in case.intervals),
        sizes * rng.choice([-1, 1], count),
        np.exp2(rng.uniform(-60, 6, count)) * rng.choice([-1, 1], count),
        1 + 0.001 * rng.normal(size=count // 2),
        neighbours(where, np.dtype(dtype).type),
    ]
    with np.errstate(all="ignore"):
        x = np.concatenate([part.astype(dtype) for part in parts])
        return x[case.inside(x)]


def units_off(case: Case, arguments: Sequence[np.ndarray], results: np.ndarray) -> tuple[float, Any]:
    """How many units in the last place of the exact result the results are away at the worst; and where."""
    info = np.finfo(results.dtype)
    with mpmath.workprec(BITS):
        half_beyond = mpf(float(info.max)) * (1 + mpmath.ldexp(1, -info.nmant - 2))
        worst: tuple[float, Any] = 0.0, None
        for *x, got in zip(*(a.tolist() for a in arguments), results.tolist(), strict=True):
            exact = case.exact(*map(mpf, x))
            exponent = max(int(mpmath.frexp(exact)[1]) - info.nmant - 1, info.minexp - info.nmant)
            if math.isinf(got):
                error = 0.0 if got * exact > 0 and abs(exact) >= half_beyond else INF
            else:
                error = float(abs(mpf(got) - exact) / mpmath.ldexp(1, exponent))
            if not error <= worst[0]:
                worst = error, tuple(x)
    return worst
