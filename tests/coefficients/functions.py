"""What is approximated: functions, intervals, and how many coefficients each format needs.

`z` is the square of a variable.  Weights turn the error of what is approximated into the relative error of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import mpf

from tests.coefficients.minimax import Real, rounded

mpmath.mp.dps = 50
LOG2 = mpmath.log(2)


@dataclass(frozen=True)
class Approximation:
    """A polynomial, or a quotient of two, of minimal weighted error.

    Attributes
    ----------
    double, single
        How many coefficients; for a quotient, the degrees of its two polynomials.
    needed
        Bits of the result that are to be right in float64, if not three beyond the format.
    """

    about: str
    function: Real
    weight: Real
    low: mpf
    high: mpf
    double: int | tuple[int, int]
    single: int | tuple[int, int] = 0
    needed: int = 56


def _of_square(function: Real) -> Real:
    return lambda z: function(mpmath.sqrt(z))


def odd(about: str, function: Real, high: float | mpf, double, single, linear: int = 1) -> Approximation:
    """``(function(x) - linear x) / x^3`` as a function of z, for 0 < x < high."""
    return Approximation(
        about,
        _of_square(lambda x: (function(x) - linear * x) / x**3),
        _of_square(lambda x: x**3 / function(x) if x else mpf(0)),
        mpf(0),
        mpf(high) ** 2,
        double,
        single,
    )


def _scaled_complement(x: mpf) -> mpf:
    return mpmath.exp(x * x) * mpmath.erfc(x) * (1 + 2 * x)


def _stirling_rest(x: mpf) -> mpf:
    return (mpmath.loggamma(x) - (x - mpf(1) / 2) * mpmath.log(x) + x - mpmath.log(2 * mpmath.pi) / 2) * x


with mpmath.workdps(150):
    #: Where psi is 0.
    PSI_ZERO = mpmath.findroot(lambda x: mpmath.psi(0, x), mpf("1.46"))


def _inverse_error(
    about: str, w: Callable[[mpf], mpf], middle: str, low: str, high: str, double: int, single: int
) -> Approximation:
    """``erfinv(x) / x`` with ``w = -log(1 - x^2)``."""

    def function(t: mpf) -> mpf:
        x = mpmath.sqrt(-mpmath.expm1(-w(t + mpf(middle))))
        return mpmath.erfinv(x) / x if x else mpmath.sqrt(mpmath.pi) / 2

    return Approximation(
        f"erfinv(x) / x in {about} - {middle}, with w = -log(1 - x^2), between {low} and {high}",
        function,
        lambda t: 1 / function(t),
        mpf(low),
        mpf(high),
        double,
        single,
        needed=52,
    )


#: Half of log(2), and a little.
_HALF = LOG2 / 2 * mpf("1.005")
#: An eighth of a turn, and a little.
_EIGHTH = mpmath.pi / 4 * mpf("1.005")
#: The largest s of logarithms, and a little.
_LOG_END = (mpmath.sqrt(2) - 1) ** 2 * mpf("1.0001")

APPROXIMATIONS = {
    "EXP": Approximation(
        "(exp(r) - 1 - r) / r^2 for |r| < log(2) / 2",
        lambda r: (mpmath.expm1(r) - r) / r**2,
        lambda r: r * r,
        -_HALF,
        _HALF,
        10,
        5,
    ),
    "EXP2": Approximation(
        "(2^r - 1) / r for |r| < 1 / 2",
        lambda r: mpmath.expm1(r * LOG2) / r,
        lambda r: r,
        mpf("-0.5001"),
        mpf("0.5001"),
        11,
        6,
    ),
    "LOG": odd(
        "(log((1 + s) / (1 - s)) - 2 s) / s^3 in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1)",
        lambda s: 2 * mpmath.atanh(s),
        _LOG_END,
        7,
        4,
        linear=2,
    ),
    "TANH": odd("(tanh(x) - x) / x^3 in z = x^2, for |x| < 0.6", mpmath.tanh, 0.6, (2, 3), (1, 1)),
    "SINH": odd("(sinh(x) - x) / x^3 in z = x^2, for |x| < 1", mpmath.sinh, 1, 7, 4),
    "SIN": odd("(sin(r) - r) / r^3 in z = r^2, for |r| < pi / 4", mpmath.sin, _EIGHTH, 6, 3),
    "COS": Approximation(
        "(cos(r) - 1 + r^2 / 2) / r^4 in z = r^2, for |r| < pi / 4",
        _of_square(lambda r: (mpmath.cos(r) - 1 + r**2 / 2) / r**4),
        _of_square(lambda r: r**4 / mpmath.cos(r)),
        mpf(0),
        _EIGHTH**2,
        6,
        3,
    ),
    "LOG_REST": Approximation(
        "(atanh(s) / s - 1 - s^2 / 3) / s^4 in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1)",
        _of_square(lambda s: (mpmath.atanh(s) / s - 1 - s**2 / 3) / s**4),
        _of_square(lambda s: s**5 / mpmath.atanh(s) if s else mpf(0)),
        mpf(0),
        _LOG_END**2,
        7,
        needed=65,
    ),
    "LOG_SHORT": Approximation(
        "atanh(s) / s in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1), for float32",
        _of_square(lambda s: mpmath.atanh(s) / s),
        _of_square(lambda s: s / mpmath.atanh(s) if s else mpf(0)),
        mpf(0),
        _LOG_END**2,
        6,
        needed=40,
    ),
    "EXP2_SHORT": Approximation(
        "(2^r - 1) / r for |r| < 1 / 2, for float32",
        lambda r: mpmath.expm1(r * LOG2) / r,
        lambda r: r,
        mpf("-0.5001"),
        mpf("0.5001"),
        7,
        needed=30,
    ),
    "EXP2_REST": Approximation(
        "(2^r - 1 - log(2) r) / r^2 for |r| < 1 / 2",
        lambda r: (mpmath.expm1(r * LOG2) - r * LOG2) / r**2,
        lambda r: r * r,
        mpf("-0.5001"),
        mpf("0.5001"),
        10,
    ),
    "EXP_SHORT": Approximation(
        "(exp(r) - 1) / r for |r| < log(2) / 2, for float32",
        lambda r: mpmath.expm1(r) / r,
        lambda r: r,
        -_HALF,
        _HALF,
        7,
        needed=30,
    ),
    "ERF": Approximation(
        "erf(x) / x - 1 in z = x^2, for |x| < 0.75",
        _of_square(lambda x: mpmath.erf(x) / x - 1),
        _of_square(lambda x: x / mpmath.erf(x) if x else mpf(0)),
        mpf(0),
        mpf("0.75") ** 2,
        11,
        6,
    ),
    "ERF_FAR": Approximation(
        "log(erfc(x)) for x from 0.75 on, as far as it shows beside 1",
        lambda x: mpmath.log(mpmath.erfc(x)),
        lambda x: mpmath.erfc(x) / mpmath.erf(x),
        mpf("0.75"),
        mpf(6),
        20,
        9,
    ),
    "ERFC": Approximation(
        "exp(x^2) erfc(x) (1 + 2x) in q = (x - 4) / (x + 4), for x from 0.75 to 28",
        lambda q: _scaled_complement(4 * (1 + q) / (1 - q)),
        lambda q: 1 / _scaled_complement(4 * (1 + q) / (1 - q)),
        (mpf("0.75") - 4) / (mpf("0.75") + 4),
        mpf(24) / 32,
        22,
        needed=54,
    ),
    "ERFC_SHORT": Approximation(
        "exp(x^2) erfc(x) (1 + 2x) in q = (x - 3) / (x + 3), for x from 0.75 to 11, for float32",
        lambda q: _scaled_complement(3 * (1 + q) / (1 - q)),
        lambda q: 1 / _scaled_complement(3 * (1 + q) / (1 - q)),
        (mpf("0.75") - 3) / (mpf("0.75") + 3),
        mpf(8) / 14,
        11,
        needed=28,
    ),
    "ATAN": odd("(arctan(t) - t) / t^3 in z = t^2, for |t| < 1", mpmath.atan, 1, 20, 9),
    "ASIN": odd("(arcsin(s) - s) / s^3 in z = s^2, for |s| < 1 / 2", mpmath.asin, 0.5, 13, 5),
    "GAMMALN": Approximation(
        "(gammaln(2 + t) - psi(2) t) / t^2 for |t| < 1 / 2",
        lambda t: (mpmath.loggamma(2 + t) - mpmath.psi(0, 2) * t) / t**2,
        lambda t: t**2 / mpmath.loggamma(2 + t),
        mpf("-0.5"),
        mpf("0.5"),
        19,
        9,
    ),
    "STIRLING": Approximation(
        "(gammaln(x) - (x - 1/2) log(x) + x - log(2 pi) / 2) x in z = 1 / x^2, for x from 8 on",
        lambda z: _stirling_rest(1 / mpmath.sqrt(z)),
        lambda z: mpmath.sqrt(z) / mpmath.loggamma(1 / mpmath.sqrt(z)) if z else mpf(0),
        mpf(0),
        mpf(1) / 64,
        6,
        2,
    ),
    "PSI": Approximation(
        "psi(1.5 + t) / (1.5 + t - zero) for |t| < 1 / 2",
        lambda t: mpmath.psi(0, t + 1.5) / (t + 1.5 - PSI_ZERO),
        lambda t: (t + 1.5 - PSI_ZERO) / mpmath.psi(0, t + 1.5),
        mpf("-0.5"),
        mpf("0.5"),
        22,
        11,
        needed=53,
    ),
    "PSI_LARGE": Approximation(
        "(log(x) - 1 / (2 x) - psi(x)) x^2 in z = 1 / x^2, for x from 5 on",
        lambda z: (-mpmath.log(z) / 2 - mpmath.sqrt(z) / 2 - mpmath.psi(0, 1 / mpmath.sqrt(z))) / z,
        lambda z: z / mpmath.psi(0, 1 / mpmath.sqrt(z)) if z else mpf(0),
        mpf(0),
        mpf(1) / 25,
        9,
        4,
    ),
    "ERFINV": _inverse_error("w", lambda w: w, "3.125", "-3.125", "3.126", 25, 13),
    "ERFINV_FAR": _inverse_error("sqrt(w)", lambda u: u * u, "3.25", "-0.751", "0.751", 20, 9),
    "ERFINV_END": _inverse_error("sqrt(w)", lambda u: u * u, "5.05", "-1.051", "1.051", 18, 0),
    "CBRT": Approximation(
        "(1 + f)^(-1/3) for 1 + f between sqrt(1/2) and sqrt(2), improved upon later",
        lambda f: 1 / mpmath.cbrt(1 + f),
        lambda f: mpmath.cbrt(1 + f),
        mpmath.sqrt(mpf(1) / 2) - 1,
        mpmath.sqrt(2) - 1,
        6,
        4,
        needed=12,
    ),
}


def parts(value: mpf, bits: int, *lengths: int) -> list[mpf]:
    """A number as a sum of parts, of as many bits as `lengths` say, and a last one of `bits`."""
    found = []
    for length in (*lengths, bits):
        found.append(rounded(value, length))
        value -= found[-1]
    return found


#: About, and the numbers for a format of so many bits.
CONSTANTS: dict[str, tuple[str, Callable[[int], list[mpf]]]] = {
    "LN2": (
        "1 / log(2); log(2) in two parts, of which the first times an exponent is exact",
        lambda bits: [rounded(1 / LOG2, bits), *parts(LOG2, bits, bits - 11)],
    ),
    "LN2_WHOLE": ("log(2)", lambda bits: [rounded(LOG2, bits)]),
    "LOG2_E": ("1 / log(2) in two parts", lambda bits: parts(1 / LOG2, bits, bits)),
    "QUARTER_TURN": (
        "2 / pi; pi / 2 in three parts",
        lambda bits: [rounded(2 / mpmath.pi, bits), *parts(mpmath.pi / 2, bits, bits, bits)],
    ),
    "TURNS": (
        "pi / 2 and pi, each in two parts; pi / 4 - 1",
        lambda bits: [
            *(p for x in (mpmath.pi / 2, +mpmath.pi) for p in parts(x, bits, bits)),
            rounded(mpmath.pi / 4 - 1, bits),
        ],
    ),
    "GAMMA": (
        "(log(2 pi) - 1) / 2; psi(2) and the zero of psi, each in two parts",
        lambda bits: [
            rounded((mpmath.log(2 * mpmath.pi) - 1) / 2, bits),
            *(p for x in (mpmath.psi(0, 2), PSI_ZERO) for p in parts(x, bits, bits)),
        ],
    ),
    "POW": (
        "1/3, 2 / log(2) and log(2), each in two parts",
        lambda bits: [p for x in (mpf(1) / 3, 2 / LOG2, LOG2) for p in parts(x, bits, bits)],
    ),
    "LOG10": (
        "1 / log(10) in two parts; log10(2) in two, of which the first times an exponent is exact",
        lambda bits: [*parts(1 / mpmath.log(10), bits, bits), *parts(mpmath.log10(2), bits, bits - 11)],
    ),
}
